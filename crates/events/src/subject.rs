//! Who or what an event is about: subject identifiers (RFC 9493) and complex subjects (SSF 1.0).

use serde::Deserialize;
use serde_json::{Map, Value};

/// Bytes of one part of an identifier; the engine's limit for keys of sessions.
const IDENTIFIER_BYTES_MAX: usize = 1024;

/// Identifiers that may stand for one subject as aliases.
const ALIASES_MAX: usize = 16;

/// The format of a subject identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// An `acct` URI.
    Account,
    /// An address of electronic mail.
    Email,
    /// Issuer and subject of a token.
    IssSub,
    /// A name that says nothing of itself.
    Opaque,
    /// A telephone number.
    PhoneNumber,
    /// A decentralized identifier.
    Did,
    /// A URI.
    Uri,
}

/// One subject identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// Its format.
    pub format: Format,
    /// The identifier; for [`Format::IssSub`] the subject.
    pub name: String,
    /// The issuer, for [`Format::IssSub`] alone.
    pub issuer: Option<String>,
}

/// What of a complex subject an identifier names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Member {
    /// The subject as a whole, which is not complex.
    Whole,
    /// The user.
    User,
    /// The device.
    Device,
    /// The session.
    Session,
    /// The application.
    Application,
    /// The tenant.
    Tenant,
    /// The organizational unit.
    OrgUnit,
    /// The group.
    Group,
}

/// Who or what an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    // INVARIANT: bounded; no two identifiers of one member have the same format.
    members: Vec<(Member, Identifier)>,
}

impl Subject {
    /// The identifier of a member in this format.
    pub fn identifier(&self, member: Member, format: Format) -> Option<&Identifier> {
        let mut members = self.members.iter();
        members.find(|(own, id)| *own == member && id.format == format).map(|(_, id)| id)
    }

    /// Reads `sub_id`; the error is what is wrong.
    pub(crate) fn read(value: &Value) -> Result<Self, &'static str> {
        let object = value.as_object().ok_or("not an object")?;
        let mut subject = Self { members: Vec::new() };
        match object.get("format").and_then(Value::as_str) {
            Some("complex") | None => {
                for (name, value) in object.iter().filter(|(name, _)| *name != "format") {
                    subject.add(member(name)?, value)?;
                }
            }
            Some(_) => subject.add(Member::Whole, value)?,
        }
        if subject.members.is_empty() {
            return Err("it names nothing");
        }
        Ok(subject)
    }

    fn add(&mut self, member: Member, value: &Value) -> Result<(), &'static str> {
        let object = value.as_object().ok_or("a member is not an object")?;
        if text(object, "format")? != "aliases" {
            return self.push(member, identifier(object)?);
        }
        let list = object.get("identifiers").and_then(Value::as_array);
        let list = list.ok_or("aliases without identifiers")?;
        if list.len() > ALIASES_MAX {
            return Err("too many aliases");
        }
        for value in list {
            let object = value.as_object().ok_or("an alias is not an object")?;
            self.push(member, identifier(object)?)?;
        }
        Ok(())
    }

    fn push(&mut self, member: Member, identifier: Identifier) -> Result<(), &'static str> {
        if self.identifier(member, identifier.format).is_some() {
            return Err("two identifiers of one format");
        }
        self.members.push((member, identifier));
        Ok(())
    }
}

fn member(name: &str) -> Result<Member, &'static str> {
    Ok(match name {
        "user" => Member::User,
        "device" => Member::Device,
        "session" => Member::Session,
        "application" => Member::Application,
        "tenant" => Member::Tenant,
        "org_unit" => Member::OrgUnit,
        "group" => Member::Group,
        _ => return Err("unknown member"),
    })
}

fn identifier(object: &Map<String, Value>) -> Result<Identifier, &'static str> {
    let (format, name) = match text(object, "format")? {
        "account" => (Format::Account, "uri"),
        "email" => (Format::Email, "email"),
        "iss_sub" => (Format::IssSub, "sub"),
        "opaque" => (Format::Opaque, "id"),
        "phone_number" => (Format::PhoneNumber, "phone_number"),
        "did" => (Format::Did, "url"),
        "uri" => (Format::Uri, "uri"),
        _ => return Err("unknown format"),
    };
    let issuer = match format {
        Format::IssSub => Some(text(object, "iss")?.to_owned()),
        Format::Account
        | Format::Email
        | Format::Opaque
        | Format::PhoneNumber
        | Format::Did
        | Format::Uri => None,
    };
    Ok(Identifier { format, name: text(object, name)?.to_owned(), issuer })
}

fn text<'o>(object: &'o Map<String, Value>, name: &str) -> Result<&'o str, &'static str> {
    match object.get(name).and_then(Value::as_str) {
        Some("") | None => Err("an identifier lacks its text"),
        Some(text) if text.len() > IDENTIFIER_BYTES_MAX => Err("an identifier is too long"),
        Some(text) => Ok(text),
    }
}
