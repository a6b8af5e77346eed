//! The attributes of a context and their sources.

use trapkey_abi::{Attribute, Record, Schema, Type};
use trapkey_guest::plan::{Feature, Piece, Source};

use super::super::file::{self, SourceTable};
use super::super::template::{self, Scope};
use super::super::{MappingError, MappingErrorKind};
use super::{Asked, part};

/// The context of a question.
pub(super) struct Context {
    pub(super) features: Vec<Feature>,
    pub(super) takes_time: bool,
}

/// Checks that the sources give each required attribute, and nothing that is not declared.
pub(super) fn features(
    schema: &Schema,
    record: &Record,
    asked: &Asked<'_>,
) -> Result<Context, MappingError> {
    let mut context = Context { features: Vec::new(), takes_time: false };
    for (path, source) in asked.context {
        let place = |kind| part(format!("{}, context {path}", asked.name), kind);
        let names: Vec<String> = path.split('.').map(str::to_owned).collect();
        let unknown = || MappingErrorKind::UnknownAttribute { path: path.clone() };
        let (attribute, is_required) = find(record, &names).ok_or_else(|| place(unknown()))?;
        let source = read(source, asked.scope, &attribute.ty).map_err(place)?;
        check(schema, &source, &attribute.ty).map_err(place)?;
        context.takes_time |= source == Source::Now;
        context.features.push(Feature { path: names, source, is_required });
    }
    let mut missing = Vec::new();
    needed(record, "", &context.features, &mut missing);
    match missing.into_iter().next() {
        Some(path) => Err(part(asked.name, MappingErrorKind::NoSource { path })),
        None => Ok(context),
    }
}

/// The attribute at the end of a path; a record has no source of its own. And whether it is always there: in a record
/// that may be absent it is not.
fn find<'r>(record: &'r Record, names: &[String]) -> Option<(&'r Attribute, bool)> {
    let (first, rest) = names.split_first()?;
    let attribute = record.attributes.get(first)?;
    match (&attribute.ty, rest) {
        (Type::Record(inner), [_, ..]) => {
            let (found, is_required) = find(inner, rest)?;
            Some((found, is_required && attribute.required))
        }
        (Type::Record(_), []) | (_, [_, ..]) => None,
        (_, []) => Some((attribute, attribute.required)),
    }
}

/// Required attributes without a source, in records that are there.
fn needed(record: &Record, prefix: &str, features: &[Feature], missing: &mut Vec<String>) {
    for (name, attribute) in &record.attributes {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let is_given = |feature: &Feature| feature.path.join(".") == path;
        let is_inside = |feature: &Feature| {
            feature.path.join(".").strip_prefix(&path).is_some_and(|rest| rest.starts_with('.'))
        };
        match &attribute.ty {
            Type::Record(inner) if attribute.required || features.iter().any(is_inside) => {
                needed(inner, &path, features, missing);
            }
            Type::Record(_) => {}
            _ if attribute.required && !features.iter().any(is_given) => missing.push(path),
            _ => {}
        }
    }
}

fn read(source: &file::Source, scope: Scope<'_>, ty: &Type) -> Result<Source, MappingErrorKind> {
    let unknown = |text: String| Err(MappingErrorKind::UnknownSource { text });
    match source {
        file::Source::Name(name) => Ok(match name.as_str() {
            "time" => Source::Now,
            "peer-address" => Source::PeerAddress,
            "tls-version" => Source::TlsVersion,
            _ => return unknown(name.clone()),
        }),
        file::Source::Table(table) => {
            let SourceTable { text, list, metadata, modbus, certificate, header } = table;
            Ok(match (text, list, metadata, modbus, certificate, header) {
                (Some(text), None, None, None, None, None) => {
                    Source::Text(template::text(text, scope)?)
                }
                (None, Some(list), None, None, None, None) if scope.http => {
                    Source::List { header: template::header(list)? }
                }
                (None, None, Some(key), None, None, None) if scope.http => {
                    Source::RouteMetadata(key.clone())
                }
                (None, None, None, Some(name), None, None) if scope.modbus => {
                    let missing = MappingErrorKind::UnknownPiece { name: name.clone() };
                    Source::Modbus(template::modbus(name).ok_or(missing)?)
                }
                (None, None, None, None, Some(certificate), header) => Source::Basis {
                    certificate: certificate.clone(),
                    header: header.clone().unwrap_or_default(),
                },
                _ => return unknown(format!("{table:?} for a value of type {ty}")),
            })
        }
    }
}

/// Whether a source can give a value of a type.
fn check(schema: &Schema, source: &Source, ty: &Type) -> Result<(), MappingErrorKind> {
    let is_scalar = !matches!(ty, Type::Set(_) | Type::Record(_));
    let (kind, fits) = match source {
        Source::Now => ("time", *ty == Type::Datetime),
        Source::PeerAddress => ("peer address", matches!(ty, Type::Ip | Type::String)),
        Source::TlsVersion => ("TLS version", *ty == Type::String),
        Source::Modbus(_) => ("number of a request", *ty == Type::Long),
        Source::List { .. } => {
            let fits = match ty {
                Type::Set(element) => !matches!(**element, Type::Set(_) | Type::Record(_)),
                _ => false,
            };
            ("list", fits)
        }
        Source::RouteMetadata(_) => ("text of metadata", is_scalar),
        Source::Text(_) | Source::Basis { .. } => ("text", is_scalar),
    };
    if !fits {
        let want = ty.to_string();
        return Err(MappingErrorKind::WrongSource { source_kind: kind, want });
    }
    let known = |id: &str| match ty {
        Type::Entity(name) if !schema.has_id(name, id) => {
            Err(MappingErrorKind::UnknownId { id: id.to_owned(), name: name.clone() })
        }
        _ => Ok(()),
    };
    match source {
        Source::Text(pieces) => match pieces.as_slice() {
            [Piece::Literal(text)] => known(text),
            _ => Ok(()),
        },
        Source::Basis { certificate, header } => {
            known(certificate).and_then(|()| if header.is_empty() { Ok(()) } else { known(header) })
        }
        _ => Ok(()),
    }
}
