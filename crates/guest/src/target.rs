//! What an HTTP request is for: its method, path and host.

use std::borrow::Cow;

use crate::deny::Deny;
use crate::headers::Headers;
use crate::plan::{Route, Segment, TEXT_BYTES_MAX};

/// Bytes of a host name at most.
const HOST_BYTES_MAX: usize = 255;

/// Segments of a path at most.
const SEGMENTS_MAX: usize = 128;

/// What a request is for; every part has one reading alone.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    method: &'a str,
    /// The segments of the path; none for `/`.
    segments: Vec<&'a str>,
    /// In lower case, without a port.
    pub(crate) host: Option<Cow<'a, str>>,
}

impl<'a> Target<'a> {
    /// Reads it from the headers.
    pub(crate) fn read(headers: &Headers<'a>) -> Result<Self, Deny> {
        headers.has_each_pseudo_once()?;
        let method = headers.single(":method")?.ok_or(Deny::Bad("method"))?;
        let path = headers.single(":path")?.ok_or(Deny::Bad("path"))?;
        let host = headers.single(":authority")?.map(host).transpose()?;
        Ok(Self { method, segments: path_segments(path)?, host })
    }

    /// Whether a route fits; gives the values of its parameters.
    pub(crate) fn fits(&self, route: &Route) -> Option<Vec<&'a str>> {
        let is_host = route.host.as_ref().is_none_or(|host| self.host.as_deref() == Some(host));
        if route.method != self.method || !is_host {
            return None;
        }
        parameters(&route.path, &self.segments)
    }
}

/// The values of a template's parameters, if all segments fit.
pub(crate) fn parameters<'a>(template: &[Segment], segments: &[&'a str]) -> Option<Vec<&'a str>> {
    if template.len() != segments.len() {
        return None;
    }
    let mut parameters = Vec::new();
    for (wanted, segment) in template.iter().zip(segments) {
        match wanted {
            Segment::Literal(text) if text == segment => {}
            Segment::Literal(_) => return None,
            Segment::Parameter => parameters.push(*segment),
        }
    }
    Some(parameters)
}

/// The segments of a path without its query. Whatever a server could read in another way is refused.
fn path_segments(path: &str) -> Result<Vec<&str>, Deny> {
    let bad = Deny::Bad("path");
    if path.len() > TEXT_BYTES_MAX {
        return Err(Deny::Bad("path_length"));
    }
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, query),
        None => (path, ""),
    };
    if !query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return Err(Deny::Bad("query"));
    }
    let is_plain = |byte: u8| match byte {
        b'%' | b'\\' | b';' | b'#' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
        byte => byte.is_ascii_graphic(),
    };
    match path.strip_prefix('/').ok_or(bad.clone())? {
        "" => Ok(Vec::new()),
        inner => segments(inner, is_plain).ok_or(bad),
    }
}

/// The parts between slashes, none of them empty or relative, of bytes that are allowed alone.
pub(crate) fn segments(path: &str, is_allowed: impl Fn(u8) -> bool) -> Option<Vec<&str>> {
    let mut segments = Vec::with_capacity(8);
    let mut start = 0;
    let mut add = |start: usize, end: usize| {
        let segment = path.get(start..end)?;
        let is_right = !matches!(segment, "" | "." | "..") && segments.len() < SEGMENTS_MAX;
        is_right.then(|| segments.push(segment))
    };
    for (at, byte) in path.bytes().enumerate() {
        if byte == b'/' {
            add(start, at)?;
            start = at + 1;
        } else if !is_allowed(byte) {
            return None;
        }
    }
    add(start, path.len())?;
    Some(segments)
}

/// The host of an authority, in lower case, without its port.
fn host(authority: &str) -> Result<Cow<'_, str>, Deny> {
    let (host, port) = parts(authority).ok_or(Deny::Bad("host"))?;
    let is_port = |port: &str| {
        (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
    };
    // With a dot at its end it is another host here and the same elsewhere.
    if host.ends_with('.') || host.len() > HOST_BYTES_MAX || !port.is_none_or(is_port) {
        return Err(Deny::Bad("host"));
    }
    let is_lower = !host.bytes().any(|byte| byte.is_ascii_uppercase());
    Ok(if is_lower { host.into() } else { host.to_ascii_lowercase().into() })
}

/// The host of an authority, which is a name or an address in brackets, and what follows its colon.
fn parts(authority: &str) -> Option<(&str, Option<&str>)> {
    let end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, after) = authority.split_at_checked(end)?;
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_address = |byte: u8| byte.is_ascii_hexdigit() || b":.".contains(&byte);
    let is_right = match inner {
        Some(address) => !address.is_empty() && address.bytes().all(is_address),
        None => !host.is_empty() && host.bytes().all(is_name),
    };
    let port = if after.is_empty() { None } else { Some(after.strip_prefix(':')?) };
    is_right.then_some((host, port))
}
