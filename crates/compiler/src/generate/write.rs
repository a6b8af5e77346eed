//! The text of a module, laid out as `rustfmt` does.

use trapkey_abi::{Layout, Schema};

use super::plan::{Id, Party, Plan, Request, Struct, code};

/// Columns of a line.
const WIDTH_MAX: usize = 100;
/// Columns of the arguments of a call in one line.
const ARGUMENTS_WIDTH_MAX: usize = 60;

const DERIVE: &str = "#[derive(Clone, Debug, PartialEq, Eq)]";
const DERIVE_KEY: &str = "#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]";
const DERIVE_COPY: &str = "#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]";

pub(super) fn module(plan: &Plan<'_>, schema: &Schema, name: &str) -> String {
    let mut text = Text(String::new());
    let file = code(&name);
    // No inner comments: what is made by a build script comes in through `include!`.
    text.line(0, &format!("// Requests of the schema `{file}` as structs."));
    text.line(0, "// Written by `trapkey generate rust`; write it anew when the schema changes.");
    text.line(0, "");
    text.line(0, "/// Name of the schema.");
    text.literal(0, "pub const SCHEMA: &str =", name);
    text.line(0, "");
    text.line(0, "/// The layout that follows from the schema.");
    let digest = Layout::new(schema).digest.0;
    let (pairs, _) = digest.as_chunks::<2>();
    let digits: Vec<String> = pairs.iter().map(|[a, b]| format!("{a:02x}{b:02x}")).collect();
    let digits = digits.join("_");
    text.line(0, "pub const LAYOUT: trapkey::LayoutDigest =");
    text.line(1, &format!("trapkey::LayoutDigest(0x{digits}_u128.to_be_bytes());"));
    plan.ids.iter().for_each(|id| text.id(id));
    plan.parties.iter().for_each(|party| text.party(party));
    plan.records.iter().for_each(|record| text.record(record));
    plan.requests.iter().for_each(|request| text.request(request));
    text.0
}

struct Text(String);

impl Text {
    fn line(&mut self, depth: usize, text: &str) {
        for _ in 0..depth {
            self.0.push_str("    ");
        }
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn lines(&mut self, depth: usize, lines: &[&str]) {
        for line in lines {
            // An empty line has no indentation.
            self.line(if line.is_empty() { 0 } else { depth }, line);
        }
    }

    /// `head` and a string, which goes to a line of its own where it fits only there.
    fn literal(&mut self, depth: usize, head: &str, value: &str) {
        let literal = format!("{value:?};");
        let (len, indent) = (literal.chars().count(), depth * 4);
        let fits = indent + head.chars().count() + 1 + len <= WIDTH_MAX;
        let fits_alone = indent + 4 + len <= WIDTH_MAX;
        if fits || !fits_alone {
            self.line(depth, &format!("{head} {literal}"));
        } else {
            self.line(depth, head);
            self.line(depth + 1, &literal);
        }
    }

    /// An arm of a `match`.
    fn arm(&mut self, depth: usize, pattern: &str, body: &str) {
        let arm = format!("{pattern} => {body},");
        if depth * 4 + arm.chars().count() <= WIDTH_MAX {
            self.line(depth, &arm);
        } else {
            self.line(depth, &format!("{pattern} => {{"));
            self.line(depth + 1, body);
            self.line(depth, "}");
        }
    }

    /// A call with two arguments whose failure is passed on.
    fn call(&mut self, depth: usize, function: &str, [first, second]: [&str; 2]) {
        let arguments = format!("{first}, {second}");
        let call = format!("{function}({arguments})?;");
        let fits = arguments.chars().count() <= ARGUMENTS_WIDTH_MAX
            && depth * 4 + call.chars().count() <= WIDTH_MAX;
        if fits {
            self.line(depth, &call);
        } else {
            self.line(depth, &format!("{function}("));
            self.line(depth + 1, &format!("{first},"));
            self.line(depth + 1, &format!("{second},"));
            self.line(depth, ")?;");
        }
    }

    fn id(&mut self, id: &Id<'_>) {
        let Id { name, entity_type, variants } = id;
        let full = code(&entity_type.name);
        self.line(0, "");
        match variants {
            None => {
                self.line(0, &format!("/// Id of an entity of the type `{full}`."));
                self.line(0, DERIVE_KEY);
                self.line(0, &format!("pub struct {name}(pub String);"));
            }
            Some(variants) => {
                self.line(0, &format!("/// The entities of the type `{full}`."));
                self.line(0, DERIVE_COPY);
                self.line(0, &format!("pub enum {name} {{"));
                for (variant, id) in variants {
                    self.line(1, &format!("/// `{}`", code(id)));
                    self.line(1, &format!("{variant},"));
                }
                self.line(0, "}");
            }
        }
        self.line(0, "");
        self.line(0, &format!("impl trapkey::EntityId for {name} {{"));
        self.literal(1, "const TYPE: &'static str =", &entity_type.name);
        self.lines(1, &["", "fn id(&self) -> &str {"]);
        match variants {
            None => self.line(2, "&self.0"),
            Some(variants) => {
                self.line(2, "match self {");
                for (variant, id) in variants {
                    self.arm(3, &format!("Self::{variant}"), &format!("{id:?}"));
                }
                self.line(2, "}");
            }
        }
        self.line(1, "}");
        self.line(0, "}");
        if let Some(variants) = variants {
            self.reader(name, variants);
        }
    }

    fn reader(&mut self, name: &str, variants: &[(String, &str)]) {
        self.lines(0, &["", &format!("impl {name} {{")]);
        self.line(1, "/// The entity with this id, if the schema has it.");
        self.line(1, "pub fn from_id(id: &str) -> Option<Self> {");
        self.line(2, "match id {");
        for (variant, id) in variants {
            self.arm(3, &format!("{id:?}"), &format!("Some(Self::{variant})"));
        }
        self.line(3, "_ => None,");
        self.line(2, "}");
        self.line(1, "}");
        self.line(0, "}");
    }

    fn party(&mut self, party: &Party) {
        let Party { name, types } = party;
        self.line(0, "");
        self.line(0, "/// An entity of one of several types.");
        self.line(0, DERIVE_KEY);
        self.line(0, &format!("pub enum {name} {{"));
        for (full, ty) in types {
            self.line(1, &format!("/// Of the type `{}`.", code(full)));
            self.line(1, &format!("{ty}({ty}),"));
        }
        self.lines(0, &["}", "", &format!("impl {name} {{")]);
        self.line(1, "/// Type name and id.");
        self.line(1, "pub fn names(&self) -> (&str, &str) {");
        self.line(2, "match self {");
        for (_, ty) in types {
            self.arm(3, &format!("Self::{ty}(id)"), "trapkey::EntityId::names(id)");
        }
        self.line(2, "}");
        self.line(1, "}");
        self.line(0, "}");
        for (_, ty) in types {
            self.lines(0, &["", &format!("impl From<{ty}> for {name} {{")]);
            self.line(1, &format!("fn from(id: {ty}) -> Self {{"));
            self.line(2, &format!("Self::{ty}(id)"));
            self.line(1, "}");
            self.line(0, "}");
        }
    }

    fn record(&mut self, record: &Struct) {
        let Struct { name, about, fields } = record;
        self.line(0, "");
        self.line(0, &format!("/// {about}."));
        self.line(0, DERIVE);
        if fields.is_empty() {
            self.line(0, &format!("pub struct {name} {{}}"));
        } else {
            self.line(0, &format!("pub struct {name} {{"));
            for field in fields {
                self.line(1, &format!("/// {}.", field.about));
                let (name, ty) = (&field.name, &field.ty);
                if field.is_optional {
                    self.line(1, &format!("pub {name}: Option<{ty}>,"));
                } else {
                    self.line(1, &format!("pub {name}: {ty},"));
                }
            }
            self.line(0, "}");
        }
        self.line(0, "");
        self.line(0, &format!("impl trapkey::FieldValue for {name} {{"));
        let result = "Result<trapkey::Written, trapkey::RowError>";
        self.line(1, &format!("fn write(&self, to: trapkey::FieldWriter<'_>) -> {result} {{"));
        if fields.is_empty() {
            self.line(2, "to.record()?.finish()");
        } else {
            self.line(2, "let mut record = to.record()?;");
            for field in fields {
                let name = format!("{:?}", field.attribute);
                if field.is_optional {
                    let value = format!("self.{}.as_ref()", field.name);
                    self.call(2, "record.optional", [&name, &value]);
                } else {
                    self.call(2, "record.field", [&name, &format!("&self.{}", field.name)]);
                }
            }
            self.line(2, "record.finish()");
        }
        self.line(1, "}");
        self.line(0, "}");
    }

    fn request(&mut self, request: &Request<'_>) {
        let Request { name, action, principal, resource, context } = request;
        let uid = &action.uid;
        self.line(0, "");
        self.line(0, &format!("/// A request for `{}`.", code(uid)));
        self.line(0, DERIVE);
        self.line(0, &format!("pub struct {name} {{"));
        self.line(1, "/// Who asks.");
        self.line(1, &format!("pub principal: {principal},"));
        self.line(1, "/// What is acted on.");
        self.line(1, &format!("pub resource: {resource},"));
        self.line(1, "/// Under which circumstances.");
        self.line(1, &format!("pub context: {context},"));
        self.lines(0, &["}", "", &format!("impl trapkey::TypedRequest for {name} {{")]);
        self.line(1, &format!("type Context = {context};"));
        self.line(0, "");
        self.line(1, "const SCHEMA: &'static str = SCHEMA;");
        self.line(1, "const LAYOUT: trapkey::LayoutDigest = LAYOUT;");
        self.literal(1, "const ACTION_TYPE: &'static str =", &uid.type_name);
        self.literal(1, "const ACTION_ID: &'static str =", &uid.id);
        let parties = [("principal", &action.principals), ("resource", &action.resources)];
        for (party, types) in parties {
            self.lines(1, &["", &format!("fn {party}(&self) -> (&str, &str) {{")]);
            match types.len() {
                1 => self.line(2, &format!("trapkey::EntityId::names(&self.{party})")),
                _several => self.line(2, &format!("self.{party}.names()")),
            }
            self.line(1, "}");
        }
        self.lines(1, &["", "fn context(&self) -> &Self::Context {"]);
        self.line(2, "&self.context");
        self.line(1, "}");
        self.line(0, "}");
    }
}
