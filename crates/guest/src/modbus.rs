//! Modbus/TCP: requests in a stream of bytes, and what they read and write.

/// Bytes of a header: transaction, protocol, length.
const HEADER_BYTES: usize = 6;

/// What the length of a header may be: unit, function and what belongs to it.
const LENGTHS: core::ops::RangeInclusive<usize> = 2..=254;

/// Bytes of a request at most.
pub(crate) const REQUEST_BYTES_MAX: usize = 260;

/// What a stream begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split<'a> {
    /// A request and what follows it.
    Whole(&'a [u8], &'a [u8]),
    /// A request that is not all there; or nothing.
    Incomplete,
    /// No request: what follows cannot be told apart.
    Malformed,
}

/// Takes the first request off a stream.
pub(crate) fn split(bytes: &[u8]) -> Split<'_> {
    let part = |at: usize| bytes.get(at..)?.first_chunk().map(|part| u16::from_be_bytes(*part));
    if part(2).is_some_and(|protocol| protocol != 0) {
        return Split::Malformed;
    }
    let Some(length) = part(4).map(usize::from) else { return Split::Incomplete };
    if !LENGTHS.contains(&length) {
        return Split::Malformed;
    }
    bytes
        .split_at_checked(HEADER_BYTES + length)
        .map_or(Split::Incomplete, |(request, rest)| Split::Whole(request, rest))
}

/// What a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) unit: u8,
    pub(crate) function: u8,
    pub(crate) reads: Option<Span>,
    pub(crate) writes: Option<Span>,
}

/// Neighbouring registers or coils.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) address: u16,
    pub(crate) quantity: u16,
    /// Coils and registers have addresses of their own.
    pub(crate) is_coils: bool,
    /// What is written, from the first address on; absent for reads, and where only bits of it are.
    pub(crate) values: Vec<u16>,
}

impl Request {
    /// Reads a whole request; absent if its parts contradict each other or the limits of the specification.
    pub(crate) fn read(request: &[u8]) -> Option<Self> {
        let (unit, function, body) = match request.get(HEADER_BYTES..)? {
            [unit, function @ 1..=127, body @ ..] => (*unit, *function, body),
            _ => return None,
        };
        let plain = Self { unit, function, reads: None, writes: None };
        Some(match function {
            1 | 2 => Self { reads: Some(range(body, 2_000, true)?), ..plain },
            3 | 4 => Self { reads: Some(range(body, 125, false)?), ..plain },
            5 | 6 => Self { writes: Some(single(body, function == 5)?), ..plain },
            15 => Self { writes: Some(coils(body)?), ..plain },
            16 => Self { writes: Some(registers(body, 123)?), ..plain },
            22 => {
                let written = masked(body)?;
                let read = Span { values: Vec::new(), ..written.clone() };
                Self { reads: Some(read), writes: Some(written), ..plain }
            }
            23 => {
                let (read, write) = body.split_at_checked(4)?;
                let reads = Some(range(read, 125, false)?);
                Self { reads, writes: Some(registers(write, 121)?), ..plain }
            }
            // The rest has no address here, but a shape: a controller may read less of a body than a header says, and
            // take what is left for another request.
            _ => shaped(function, body).then_some(plain)?,
        })
    }
}

/// Whether a body is one of a function without addresses. What the specification does not have is only taken alone.
fn shaped(function: u8, body: &[u8]) -> bool {
    match function {
        8 => (2..=252).contains(&body.len()) && body.len().is_multiple_of(2),
        20 => file(body, false).is_some(),
        21 => file(body, true).is_some(),
        24 => body.len() == 2,
        43 => matches!(body, [14, 1..=4, _]),
        _ => body.is_empty(),
    }
}

/// Reads records of files: each a reference, with what is written to it.
fn file(body: &[u8], writes: bool) -> Option<()> {
    let (count, mut parts) = body.split_first()?;
    if usize::from(*count) != parts.len() || parts.is_empty() {
        return None;
    }
    while !parts.is_empty() {
        let ([kind, _, _, _, _, words @ ..], rest) = parts.split_first_chunk::<7>()?;
        let words = usize::from(u16::from_be_bytes(*words));
        if *kind != 6 || words == 0 {
            return None;
        }
        (_, parts) = rest.split_at_checked(if writes { words * 2 } else { 0 })?;
    }
    Some(())
}

impl Span {
    /// A span of 1 to `most`, all of whose addresses exist.
    fn new(address: u16, quantity: u16, most: u16, is_coils: bool) -> Option<Self> {
        let fits = address.checked_add(quantity.checked_sub(1)?).is_some() && quantity <= most;
        fits.then_some(Self { address, quantity, is_coils, values: Vec::new() })
    }

    /// Each address, with what is written there.
    pub(crate) fn each(&self) -> impl Iterator<Item = (u16, Option<u16>)> {
        let values = self.values.iter().copied().map(Some).chain(core::iter::repeat(None));
        (0..self.quantity).map(|offset| self.address.saturating_add(offset)).zip(values)
    }
}

fn range(body: &[u8], most: u16, is_coils: bool) -> Option<Span> {
    let [address, quantity] = numbers(body)?;
    Span::new(address, quantity, most, is_coils)
}

fn single(body: &[u8], is_coil: bool) -> Option<Span> {
    let [address, value] = numbers(body)?;
    let value = match (is_coil, value) {
        (true, 0) => 0,
        (true, 0xff00) => 1,
        (true, _) => return None,
        (false, value) => value,
    };
    Some(Span { values: vec![value], ..Span::new(address, 1, 1, is_coil)? })
}

fn coils(body: &[u8]) -> Option<Span> {
    let (head, rest) = body.split_at_checked(4)?;
    let span = range(head, 1_968, true)?;
    let bits = counted(rest, usize::from(span.quantity).div_ceil(8))?;
    let bit = |index: u16| {
        let byte = bits.get(usize::from(index / 8))?;
        Some(u16::from(byte >> (index % 8) & 1))
    };
    Some(Span { values: (0..span.quantity).map(bit).collect::<Option<_>>()?, ..span })
}

fn registers(body: &[u8], most: u16) -> Option<Span> {
    let (head, rest) = body.split_at_checked(4)?;
    let span = range(head, most, false)?;
    let values = counted(rest, usize::from(span.quantity) * 2)?.as_chunks().0;
    Some(Span { values: values.iter().map(|value| u16::from_be_bytes(*value)).collect(), ..span })
}

/// A register of which bits are written; the whole of it only if no bit is kept.
fn masked(body: &[u8]) -> Option<Span> {
    let [address, kept, set] = numbers(body)?;
    let values = if kept == 0 { vec![set] } else { Vec::new() };
    Some(Span { values, ..Span::new(address, 1, 1, false)? })
}

/// So many bytes after the byte that counts them, and nothing more.
fn counted(bytes: &[u8], count: usize) -> Option<&[u8]> {
    let (said, bytes) = bytes.split_first()?;
    (usize::from(*said) == count && bytes.len() == count).then_some(bytes)
}

/// Exactly so many numbers.
fn numbers<const N: usize>(body: &[u8]) -> Option<[u16; N]> {
    let (parts, rest) = body.as_chunks::<2>();
    let parts: [[u8; 2]; N] = parts.try_into().ok()?;
    rest.is_empty().then(|| parts.map(u16::from_be_bytes))
}

/// A coil or register of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) unit: u8,
    pub(crate) is_coil: bool,
    pub(crate) address: u16,
}
