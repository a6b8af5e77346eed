//! Templates: texts and paths with names in braces.

use trapkey_guest::plan::{ModbusField, Piece, Segment};

use super::MappingErrorKind;

/// What the names of a text may stand for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'s> {
    /// Parameters of a path, in its order.
    pub(super) parameters: &'s [String],
    /// The name that stands for the whole, if there is one.
    pub(super) whole: Option<&'static str>,
    /// Whether there are headers and a host.
    pub(super) http: bool,
    /// Whether there is a Modbus request.
    pub(super) modbus: bool,
}

/// Reads a text.
pub(super) fn text(text: &str, scope: Scope<'_>) -> Result<Vec<Piece>, MappingErrorKind> {
    let mut pieces = Vec::new();
    for (part, is_name) in parts(text)? {
        if !is_name {
            pieces.push(Piece::Literal(part.to_owned()));
            continue;
        }
        let unknown = || MappingErrorKind::UnknownPiece { name: part.to_owned() };
        let parameter = scope.parameters.iter().position(|own| own == part);
        let piece = match (part.split_once(':'), parameter) {
            (_, Some(index)) => Piece::Parameter(u32::try_from(index).map_err(|_| unknown())?),
            (Some(("header", name)), None) if scope.http => Piece::Header(header(name)?),
            (Some(("modbus", name)), None) if scope.modbus => {
                Piece::Modbus(modbus(name).ok_or_else(unknown)?)
            }
            (None, None) if scope.whole == Some(part) => Piece::Whole,
            (None, None) if part == "host" && scope.http => Piece::Host,
            (None, None) if part == "sni" => Piece::Sni,
            (Some(_) | None, None) => return Err(unknown()),
        };
        pieces.push(piece);
    }
    Ok(pieces)
}

/// Reads the template of a path; gives its parameters too.
pub(super) fn path(text: &str) -> Result<(Vec<Segment>, Vec<String>), &'static str> {
    let rest = text.strip_prefix('/').ok_or("it does not begin with `/`")?;
    let (mut segments, mut parameters) = (Vec::new(), Vec::new());
    for part in rest.split('/') {
        let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        if let Some(name) = name {
            if name.is_empty()
                || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            {
                return Err("a parameter's name has letters, digits and `_`");
            }
            if parameters.iter().any(|own| own == name) {
                return Err("a parameter's name is there twice");
            }
            parameters.push(name.to_owned());
            segments.push(Segment::Parameter);
            continue;
        }
        // `/` alone is one empty segment.
        if part.is_empty() && rest.is_empty() {
            break;
        }
        if part.is_empty() || part == "." || part == ".." {
            return Err("a segment is empty, `.` or `..`");
        }
        if !part.bytes().all(is_plain) {
            return Err(
                "a segment has letters, digits and `-._~!$&'()*+,=:@`, or is a parameter in braces",
            );
        }
        segments.push(Segment::Literal(part.to_owned()));
    }
    Ok((segments, parameters))
}

/// Bytes that a path has without being encoded.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@".contains(&byte)
}

/// The name of a header by which requests may be judged, in lower case.
pub(super) fn header(name: &str) -> Result<String, MappingErrorKind> {
    const NONE: [&str; 6] =
        ["connection", "host", "te", "transfer-encoding", "upgrade", "x-forwarded-client-cert"];
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let name = name.to_ascii_lowercase();
    if name.is_empty() || !name.bytes().all(is_token) || NONE.contains(&name.as_str()) {
        return Err(MappingErrorKind::Header { name });
    }
    Ok(name)
}

/// A part of a Modbus request.
pub(super) fn modbus(name: &str) -> Option<ModbusField> {
    Some(match name {
        "unit" => ModbusField::Unit,
        "function" => ModbusField::Function,
        "address" => ModbusField::Address,
        "quantity" => ModbusField::Quantity,
        "value" => ModbusField::Value,
        "previous" => ModbusField::Previous,
        _ => return None,
    })
}

/// The parts of a text outside and inside braces.
fn parts(text: &str) -> Result<Vec<(&str, bool)>, MappingErrorKind> {
    let brace = || MappingErrorKind::Brace { text: text.to_owned() };
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').ok_or_else(brace)?;
        if before.contains('}') || name.contains('{') {
            return Err(brace());
        }
        if !before.is_empty() {
            parts.push((before, false));
        }
        parts.push((name, true));
        rest = behind;
    }
    if rest.contains('}') {
        return Err(brace());
    }
    if !rest.is_empty() {
        parts.push((rest, false));
    }
    Ok(parts)
}
