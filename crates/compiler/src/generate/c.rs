//! A C header for the requests of one schema.

use std::collections::BTreeMap;

use trapkey_abi::{Action, Attribute, EntityType, Layout, Record, Schema, Type};

use super::names::{Names, cut, snake};
use super::plan::{code, kind, limits};

/// What a field of a context is called in none of the languages that include the header.
const KEYWORDS: [&str; 106] = [
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "errno",
    "explicit",
    "export",
    "extern",
    "false",
    "final",
    "float",
    "for",
    "friend",
    "goto",
    "i386",
    "if",
    "import",
    "inline",
    "int",
    "linux",
    "long",
    "module",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "null",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "override",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "stderr",
    "stdin",
    "stdout",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "union",
    "unix",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
];

/// The header, whose names all begin with `prefix`.
pub(super) fn header(schema: &Schema, name: &str, prefix: &str) -> String {
    let prefix = cut(snake(prefix), "requests", "n");
    let mut writer = Writer {
        text: String::new(),
        upper: prefix.to_ascii_uppercase(),
        names: Names::default(),
        constants: Names::default(),
        enums: BTreeMap::new(),
        records: BTreeMap::new(),
        prefix,
    };
    // What the header itself is made of.
    for own in ["action", "schema", "actions", "records", "question"] {
        writer.names.take(&[own.to_owned()]);
    }
    writer.start(name);
    writer.layout(schema);
    writer.types(schema);
    writer.actions(schema);
    for action in applicable(schema) {
        writer.context(action);
    }
    writer.description(schema, name);
    writer.end();
    writer.text
}

/// Groups apply to nothing: there are no requests for them.
fn applicable(schema: &Schema) -> impl Iterator<Item = &Action> {
    schema.actions.iter().filter(|action| is_applicable(action))
}

fn is_applicable(action: &Action) -> bool {
    !action.principals.is_empty() && !action.resources.is_empty()
}

struct Writer<'s> {
    text: String,
    prefix: String,
    upper: String,
    names: Names,
    constants: Names,
    /// By name of an enumerated entity type, what it is called.
    enums: BTreeMap<&'s str, String>,
    /// What is called what, contexts included.
    records: BTreeMap<&'s Record, String>,
}

/// An attribute as a field.
struct Field<'s> {
    name: String,
    presence: Option<String>,
    attribute: &'s str,
    declared: &'s Attribute,
}

impl<'s> Writer<'s> {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn comment(&mut self, indent: &str, text: &str) {
        self.line(&format!("{indent}/** {} */", text.replace("*/", "* /")));
    }

    fn start(&mut self, name: &str) {
        let guard = format!("{}_REQUESTS_H", self.upper);
        self.comment("", &format!("Requests of the schema `{}` as structs.", code(name)));
        self.line("/* Written by `trapkey generate c`; write it anew when the schema changes. */");
        self.line(&format!("#ifndef {guard}\n#define {guard}\n"));
        self.line("#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n");
        self.line("#include <trapkey.h>\n");
        self.line("#ifdef __cplusplus\nextern \"C\" {\n#endif");
    }

    fn end(&mut self) {
        self.line("\n#ifdef __cplusplus\n}\n#endif\n\n#endif");
    }

    fn layout(&mut self, schema: &Schema) {
        let digest = Layout::new(schema).digest;
        self.line("");
        self.comment(
            "",
            "The layout that follows from the schema, as `trapkey inspect` prints it.",
        );
        self.line(&format!("#define {}_LAYOUT \"{digest}\"", self.upper));
    }

    /// Names of entity types, and the entities of those that are enumerated.
    fn types(&mut self, schema: &'s Schema) {
        self.line("");
        for entity_type in &schema.entity_types {
            let name = short(&entity_type.name);
            let full = snake(&entity_type.name);
            let constant = self.constant(&[format!("type_{name}"), format!("type_{full}")]);
            let text = string(&entity_type.name);
            self.line(&format!("#define {constant} {text}"));
        }
        for entity_type in &schema.entity_types {
            if let Some(ids) = &entity_type.ids {
                self.enumeration(entity_type, ids);
            }
        }
    }

    fn enumeration(&mut self, entity_type: &'s EntityType, ids: &[String]) {
        let wanted = [short(&entity_type.name), snake(&entity_type.name)];
        let name = self.names.take(&wanted);
        let prefix = self.prefix.clone();
        self.line("");
        self.comment("", &format!("An entity of the type `{}`.", code(&entity_type.name)));
        self.line(&format!("typedef uint32_t {prefix}_{name};"));
        self.line("enum {");
        for (number, id) in ids.iter().enumerate() {
            self.comment("    ", &format!("`{}`", code(id)));
            let constant = self.constant(&[format!("{name}_{}", snake(id))]);
            self.line(&format!("    {constant} = {number},"));
        }
        self.line("};");
        self.line(&format!("static const char *const {prefix}_{name}_ids[] = {{"));
        for id in ids {
            self.line(&format!("    {},", string(id)));
        }
        self.line("};");
        self.enums.insert(&entity_type.name, name);
    }

    fn actions(&mut self, schema: &Schema) {
        self.line("");
        self.comment("", "An action that requests can be for.");
        self.line("enum {");
        for (number, action) in (0_u32..).zip(applicable(schema)) {
            self.comment("    ", &format!("`{}`", code(&action.uid)));
            let full = format!("action_{}_{}", snake(&action.uid.type_name), snake(&action.uid.id));
            let constant = self.constant(&[format!("action_{}", snake(&action.uid.id)), full]);
            self.line(&format!("    {constant} = {number},"));
        }
        self.line("};");
    }

    fn context(&mut self, action: &'s Action) {
        if self.records.contains_key(&action.context) {
            return;
        }
        let name = self.names.take(&[format!("{}_context", snake(&action.uid.id))]);
        let about = format!("The context of `{}`.", code(&action.uid));
        self.record(&action.context, name.clone(), &about);
        self.decide(&name);
    }

    /// The struct of a record, after those of the records inside it.
    fn record(&mut self, record: &'s Record, name: String, about: &str) {
        let mut names = Names::default();
        let mut fields = Vec::new();
        for (attribute, declared) in &record.attributes {
            let name = names.take(&[escaped(snake(attribute))]);
            let presence = (!declared.required).then(|| names.take(&[format!("has_{name}")]));
            fields.push(Field { name, presence, attribute, declared });
        }
        for field in &fields {
            self.inner(&field.declared.ty, field.attribute, &name);
        }
        let prefix = self.prefix.clone();
        self.line("");
        self.comment("", about);
        self.line(&format!("typedef struct {prefix}_{name} {{"));
        for field in &fields {
            let Field { name, presence, attribute, declared } = field;
            let optional = if presence.is_some() { ", if the flag before it is set" } else { "" };
            let (of, limits) = (kind(&declared.ty), limits(declared));
            if let Some(presence) = presence {
                self.line(&format!("    bool {presence};"));
            }
            self.comment("    ", &format!("`{}`: `{of}`{limits}{optional}.", code(attribute)));
            let declaration = self.declaration(&declared.ty, name);
            self.line(&format!("    {declaration};"));
        }
        if fields.is_empty() {
            self.comment("    ", "Not used: C has no struct without fields.");
            self.line("    uint8_t unused;");
        }
        self.line(&format!("}} {prefix}_{name};"));
        self.table(&name, &fields);
        self.records.insert(record, name);
    }

    /// The structs of the records in a value.
    fn inner(&mut self, ty: &'s Type, attribute: &str, owner: &str) {
        match ty {
            Type::Set(element) => self.inner(element, attribute, owner),
            Type::Record(record) => {
                if !self.records.contains_key(record) {
                    let (short, long) = (snake(attribute), snake(&format!("{owner} {attribute}")));
                    let name = self.names.take(&[short, long]);
                    self.record(record, name, &format!("The record `{}`.", code(attribute)));
                }
            }
            Type::Bool
            | Type::Long
            | Type::String
            | Type::Decimal
            | Type::Datetime
            | Type::Duration
            | Type::Ip
            | Type::Entity(_) => {}
        }
    }

    /// A declaration of a value of this type.
    fn declaration(&self, ty: &Type, name: &str) -> String {
        match ty {
            Type::Bool => format!("bool {name}"),
            Type::Long | Type::Decimal | Type::Datetime | Type::Duration => {
                format!("int64_t {name}")
            }
            Type::String => format!("trapkey_str_t {name}"),
            Type::Ip => format!("trapkey_ip_t {name}"),
            Type::Entity(of) => match self.enums.get(of.as_str()) {
                Some(of) => format!("{}_{of} {name}", self.prefix),
                None => format!("const trapkey_party_t *{name}"),
            },
            Type::Set(element) => {
                let data = self.declaration(element, "const *data");
                format!("struct {{ {data}; size_t len; }} {name}")
            }
            Type::Record(record) => {
                let of = self.records.get(record).map_or("", String::as_str);
                format!("{}_{of} {name}", self.prefix)
            }
        }
    }

    /// What says where the fields of a struct are.
    fn table(&mut self, name: &str, fields: &[Field<'s>]) {
        let (prefix, mut rows) = (self.prefix.clone(), Vec::new());
        for field in fields {
            let at = |name: &str, of: &str| format!("offsetof({prefix}_{of}, {name})");
            let presence = field.presence.as_deref();
            let presence =
                presence.map_or_else(|| "TRAPKEY_FIELD_REQUIRED".to_owned(), |of| at(of, name));
            let ty = &field.declared.ty;
            let of = format!("{name}_{}", field.name);
            let rest = self.detail(ty, &of);
            let attribute = string(field.attribute);
            let at = at(&field.name, name);
            rows.push(format!("    {{{attribute}, {at}, {presence}, {rest}}},"));
        }
        self.line(&format!("static const trapkey_field_t {prefix}_{name}_fields[] = {{"));
        for row in &rows {
            self.line(row);
        }
        if rows.is_empty() {
            self.line("    {\"\", 0, 0, TRAPKEY_FIELD_NONE, 0, NULL, NULL, NULL, 0, NULL},");
        }
        self.line("};");
        let count = fields.len();
        self.line(&format!("static const trapkey_record_t {prefix}_{name}_record = {{"));
        self.line(&format!("    {prefix}_{name}_fields, {count}, sizeof({prefix}_{name})"));
        self.line("};");
    }

    /// Kind, size, record, element and ids of a value; the table of a set's elements goes before.
    fn detail(&mut self, ty: &Type, of: &str) -> String {
        let prefix = self.prefix.clone();
        let plain = |kind: &str, size: &str| {
            format!("TRAPKEY_FIELD_{kind}, sizeof({size}), NULL, NULL, NULL, 0, NULL")
        };
        match ty {
            Type::Bool => plain("BOOL", "bool"),
            Type::Long => plain("LONG", "int64_t"),
            Type::Decimal => plain("DECIMAL", "int64_t"),
            Type::Datetime => plain("DATETIME", "int64_t"),
            Type::Duration => plain("DURATION", "int64_t"),
            Type::String => plain("STRING", "trapkey_str_t"),
            Type::Ip => plain("IP", "trapkey_ip_t"),
            Type::Entity(name) => match self.enums.get(name.as_str()) {
                None => plain("ENTITY", "trapkey_party_t *"),
                Some(known) => format!(
                    "TRAPKEY_FIELD_ENUM, sizeof(uint32_t), NULL, NULL, {prefix}_{known}_ids, \
                     sizeof({prefix}_{known}_ids) / sizeof({prefix}_{known}_ids[0]), {}",
                    string(name)
                ),
            },
            Type::Set(element) => {
                let inner = self.detail(element, &format!("{of}_element"));
                let name = format!("{prefix}_{of}_element");
                self.line(&format!("static const trapkey_field_t {name} = {{"));
                self.line(&format!("    \"\", 0, TRAPKEY_FIELD_REQUIRED, {inner}"));
                self.line("};");
                format!("TRAPKEY_FIELD_SET, sizeof(trapkey_array_t), NULL, &{name}, NULL, 0, NULL")
            }
            Type::Record(record) => {
                let known = self.records.get(record).map_or("", String::as_str);
                format!(
                    "TRAPKEY_FIELD_RECORD, sizeof({prefix}_{known}), &{prefix}_{known}_record, \
                     NULL, NULL, 0, NULL"
                )
            }
        }
    }

    /// The function that decides with a context of this struct.
    fn decide(&mut self, name: &str) {
        let prefix = &self.prefix;
        let text = format!(
            "
/**
 * Decides a request for one of the actions whose context is `{prefix}_{name}`; another is refused.
 * `at` is the instant of the request, or TRAPKEY_NO_INSTANT. Threads, memory, blocking:
 * as `trapkey_typed_decide`.
 */
static inline trapkey_status_t {prefix}_decide_{name}(
    trapkey_typed_t *typed,
    trapkey_decider_t *decider,
    uint32_t action,
    const trapkey_party_t *principal,
    const trapkey_party_t *resource,
    const {prefix}_{name} *context,
    int64_t at,
    trapkey_decision_t *decision,
    trapkey_verdict_t *verdict,
    trapkey_error_t **error)
{{
    trapkey_question_t question;
    question.struct_size = sizeof(question);
    question.record = &{prefix}_{name}_record;
    question.context = context;
    question.decider = decider;
    question.principal = principal;
    question.resource = resource;
    question.at = at;
    question.action = action;
    question.reserved = 0;
    return trapkey_typed_decide(typed, &question, decision, verdict, error);
}}"
        );
        self.line(&text);
    }

    /// What `trapkey_typed_new` compares with the published schema.
    fn description(&mut self, schema: &'s Schema, name: &str) {
        let prefix = self.prefix.clone();
        self.line(&format!("\nstatic const trapkey_action_t {prefix}_actions[] = {{"));
        let mut count = 0_usize;
        for action in applicable(schema) {
            let record = self.records.get(&action.context).map_or("", String::as_str);
            let (type_name, id) = (string(&action.uid.type_name), string(&action.uid.id));
            self.line(&format!("    {{{type_name}, {id}, &{prefix}_{record}_record}},"));
            count += 1;
        }
        if count == 0 {
            self.line("    {\"\", \"\", NULL},");
        }
        self.line("};\n");
        self.comment("", "The schema, for `trapkey_typed_new`.");
        self.line(&format!("static const trapkey_schema_t {prefix}_schema = {{"));
        let (name, upper) = (string(name), &self.upper);
        let size = "sizeof(trapkey_schema_t)";
        let text = format!("    {size}, {name}, {upper}_LAYOUT, {prefix}_actions, {count}\n}};");
        self.line(&text);
    }

    fn constant(&mut self, wanted: &[String]) -> String {
        let name = self.constants.take(wanted).to_ascii_uppercase();
        format!("{}_{name}", self.upper)
    }
}

/// The last part of a type's name.
fn short(name: &str) -> String {
    snake(name.rsplit("::").next().unwrap_or(name))
}

fn escaped(name: String) -> String {
    if KEYWORDS.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// A string literal: ASCII, so that it is the same in any source character set.
fn string(text: &str) -> String {
    let mut literal = String::from("\"");
    for byte in text.bytes() {
        if let b'"' | b'\\' | b'?' = byte {
            literal.push('\\');
        }
        if let b' '..=b'~' = byte {
            literal.push(char::from(byte));
        } else {
            // Three digits: no digit after it can be taken for one of its own.
            literal.push('\\');
            for shift in [6, 3, 0] {
                literal.push(char::from(b'0' + ((byte >> shift) & 7)));
            }
        }
    }
    literal.push('"');
    literal
}
