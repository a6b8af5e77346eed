//! Emitted code is what it was: the functions of each `tests/emit/*.cedar` as text, in the `.wat` beside it.
//!
//! `TRAPKEY_BLESS=1` writes the texts instead of comparing them.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use trapkey::{CompileOptions, Sources, compile, parse_links};
use trapkey_testkit::repository_dir;
use wasm_encoder::{IndirectNameMap, NameMap, NameSection, Section};
use wasmparser::{CompositeInnerType, Parser, Payload, ValType};
use wasmprinter::{Config, PrintFmtWrite};

/// Schema of the cases that bring none of their own.
const SCHEMA: &str = "emit";

/// The case of which the whole module is kept, with what every module carries.
const WHOLE: &str = "whole-module";

/// Lines shown around the first that differs.
const SHOWN: usize = 12;

/// The functions that every module carries, in their order; `whole-module.wat` shows what they do.
const INTRINSICS: [&str; 22] = [
    "note",
    "note_held",
    "product_overflows",
    "same_string",
    "is_at_most",
    "same_bytes",
    "has_entity",
    "has_int",
    "has_string",
    "in_range",
    "like",
    "tag",
    "directory",
    "dispatch",
    "dispatch_set",
    "turn",
    "less",
    "same",
    "step",
    "midnight",
    "drift",
    "is_before",
];

fn folder() -> PathBuf {
    repository_dir().join("tests/emit")
}

/// Extensions of the files of each name.
fn cases(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut cases: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let (stem, extension) = name.split_once('.').unwrap();
        cases.entry(stem.to_owned()).or_default().insert(extension.to_owned());
    }
    cases
}

/// What a reader needs of the module that a case compiles to.
fn text(folder: &Path, case: &str, extensions: &BTreeSet<String>) -> String {
    let read = |stem: &str, extension: &str| {
        fs::read_to_string(folder.join(format!("{stem}.{extension}"))).unwrap()
    };
    let has_schema = extensions.contains("cedarschema");
    let schema = read(if has_schema { case } else { SCHEMA }, "cedarschema");
    let links = if extensions.contains("json") {
        parse_links(&read(case, "json")).unwrap()
    } else {
        Vec::new()
    };
    let policies = read(case, "cedar");
    let sources = Sources { policies: &policies, schema: &schema, links: &links };
    let compiled = compile(&sources, CompileOptions::default())
        .unwrap_or_else(|error| panic!("{case}.cedar: {error:?}"));
    let functions = Functions::read(&compiled.module);
    let mut module = compiled.module;
    functions.names().append_to(&mut module);
    let mut text = String::new();
    let mut config = Config::new();
    config.fold_instructions(true);
    config.print(&module, &mut PrintFmtWrite(&mut text)).unwrap();
    excerpt(&text, case == WHOLE)
}

/// A function's parameters and results.
type Signature = (Vec<ValType>, Vec<ValType>);

/// Signatures and exports of a module's functions.
#[derive(Default)]
struct Functions {
    signatures: Vec<Signature>,
    exports: BTreeMap<usize, String>,
}

impl Functions {
    fn read(module: &[u8]) -> Self {
        let mut types = Vec::new();
        let mut functions = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::TypeSection(section) => {
                    for ty in section.into_iter().flat_map(|group| group.unwrap().into_types()) {
                        let CompositeInnerType::Func(ty) = &ty.composite_type.inner else {
                            panic!("a type that is no function's");
                        };
                        types.push((ty.params().to_vec(), ty.results().to_vec()));
                    }
                }
                Payload::FunctionSection(section) => {
                    let signatures =
                        section.into_iter().map(|ty| types[ty.unwrap() as usize].clone());
                    functions.signatures = signatures.collect();
                }
                Payload::ExportSection(section) => {
                    for export in section.into_iter().map(Result::unwrap) {
                        if export.kind == wasmparser::ExternalKind::Func {
                            functions.exports.insert(export.index as usize, export.name.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        functions
    }

    /// Names of functions and of their parameters, by what each function is.
    fn names(&self) -> NameSection {
        let (condition, list) = ([ValType::I32].as_slice(), [ValType::I32; 2].as_slice());
        let (mut names, mut parameters) = (NameMap::new(), IndirectNameMap::new());
        let (mut conditions, mut lists) = (0, 0);
        for (index, (takes, gives)) in self.signatures.iter().enumerate() {
            let (name, locals): (String, &[&str]) = if let Some(name) = INTRINSICS.get(index) {
                ((*name).to_owned(), &[])
            } else if let Some(name) = self.exports.get(&index) {
                (name.clone(), &[])
            } else if takes == list && gives == condition {
                conditions += 1;
                (format!("condition_{}", conditions - 1), &["frame", "out"])
            } else if takes == list && gives.is_empty() {
                lists += 1;
                (format!("list_{}", lists - 1), &["frame", "out"])
            } else {
                panic!("function {index} is neither a condition nor a list");
            };
            let index = u32::try_from(index).unwrap();
            names.append(index, &name);
            let mut named = NameMap::new();
            (0..).zip(locals).for_each(|(local, name)| named.append(local, name));
            parameters.append(index, &named);
        }
        let mut section = NameSection::new();
        section.functions(&names);
        section.locals(&parameters);
        section
    }
}

/// Conditions, lists, the lists of the environments, constants; indexes, which repeat the names, are left out.
fn excerpt(text: &str, is_whole: bool) -> String {
    const KEPT: [&str; 4] = ["  (func $condition_", "  (func $list_", "  (elem ", "  (data "];
    const CUSTOM: &str = "  (@custom ";
    let mut excerpt = String::new();
    let mut is_kept = false;
    for line in text.lines() {
        // A closing parenthesis ends what is kept.
        if !line.starts_with("   ") && line != "  )" {
            is_kept = if is_whole {
                !line.starts_with(CUSTOM)
            } else {
                KEPT.iter().any(|start| line.starts_with(start))
            };
        }
        if is_kept {
            excerpt.push_str(&without_indexes(line));
            excerpt.push('\n');
        }
    }
    excerpt
}

fn without_indexes(line: &str) -> String {
    if !line.starts_with("  (func ") {
        return line.to_owned();
    }
    let mut line = line.to_owned();
    for (start, end) in [(" (;", ";)"), (" (type ", ")")] {
        if let Some((before, rest)) = line.split_once(start)
            && let Some((_, after)) = rest.split_once(end)
        {
            line = format!("{before}{after}");
        }
    }
    line
}

/// The first lines in which two texts differ, `None` if they are equal.
fn difference(want: &str, got: &str) -> Option<String> {
    let (want, got): (Vec<&str>, Vec<&str>) = (want.lines().collect(), got.lines().collect());
    if want == got {
        return None;
    }
    let same = want.iter().zip(&got).take_while(|(want, got)| want == got).count();
    let start = same.saturating_sub(3);
    let mut shown = vec![format!("line {}:", same + 1)];
    for (sign, lines) in [(' ', &want[start..same]), ('-', &want[same..]), ('+', &got[same..])] {
        shown.extend(lines.iter().take(SHOWN).map(|line| format!("  {sign} {line}")));
    }
    Some(shown.join("\n"))
}

/// What is wrong with a case; writes its text instead if `is_blessed`.
fn check(
    folder: &Path,
    case: &str,
    extensions: &BTreeSet<String>,
    is_blessed: bool,
) -> Option<String> {
    if !extensions.contains("cedar") {
        let is_shared = case == SCHEMA && extensions.iter().eq(["cedarschema"]);
        return (!is_shared).then(|| format!("{case}: {extensions:?} without {case}.cedar"));
    }
    let known = ["cedar", "cedarschema", "json", "wat"];
    if let Some(unknown) = extensions.iter().find(|extension| !known.contains(&extension.as_str()))
    {
        return Some(format!("{case}.{unknown}: no part of a case"));
    }
    let got = text(folder, case, extensions);
    let file = folder.join(format!("{case}.wat"));
    if is_blessed {
        fs::write(file, got).unwrap();
        return None;
    }
    match fs::read_to_string(file) {
        Ok(want) => difference(&want, &got).map(|shown| format!("{case}.wat, {shown}")),
        Err(error) => Some(format!("{case}.wat: {error}")),
    }
}

#[test]
fn emitted_code_is_what_it_was() {
    let is_blessed = std::env::var_os("TRAPKEY_BLESS").is_some_and(|value| value == "1");
    let folder = folder();
    let cases = cases(&folder);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(case, extensions)| check(&folder, case, extensions, is_blessed))
        .collect();
    println!("{} files of policies", cases.len() - 1);
    assert!(
        wrong.is_empty(),
        "{}\n`-` is kept, `+` is emitted; bless with TRAPKEY_BLESS=1 and read the diff",
        wrong.join("\n")
    );
}

#[test]
fn file_without_its_other_half_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let copy = |name: &str| fs::copy(self::folder().join(name), path.join(name)).unwrap();
    let wrong = |is_blessed: bool| -> Vec<String> {
        let cases = cases(path);
        let checks =
            cases.iter().map(|(case, extensions)| check(path, case, extensions, is_blessed));
        checks.flatten().collect()
    };
    copy("emit.cedarschema");
    copy("not.cedar");
    assert!(wrong(false)[0].starts_with("not.wat: "), "{:?}", wrong(false));
    assert_eq!(wrong(true), Vec::<String>::new());
    assert_eq!(wrong(false), Vec::<String>::new());
    fs::rename(path.join("not.wat"), path.join("and.wat")).unwrap();
    assert_eq!(wrong(false)[0], "and: {\"wat\"} without and.cedar");
}

#[test]
fn first_lines_that_differ_are_shown() {
    assert_eq!(difference("a\nb\nc\n", "a\nb\nc\n"), None);
    let shown = difference("a\nb\nc\n", "a\nB\nc\n").unwrap();
    assert_eq!(shown, "line 2:\n    a\n  - b\n  - c\n  + B\n  + c");
    assert!(difference("a\n", "a\nb\n").is_some());
}
