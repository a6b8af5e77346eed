//! Requests of Modbus clients, read from captures of network traffic.

use std::net::Ipv4Addr;

/// Bytes that a capture may have.
pub const CAPTURE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Port of Modbus over TCP.
const MODBUS_PORT: u16 = 502;
/// Bytes of the header of a capture, of a packet in it, and of an Ethernet frame.
const FILE_HEADER: usize = 24;
const PACKET_HEADER: usize = 16;
const ETHERNET_HEADER: usize = 14;
/// Bytes of the Modbus header before the unit, and the most that may follow it.
const MODBUS_HEADER: usize = 6;
const MODBUS_BODY_MAX: usize = 254;

/// One request of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModbusRequest {
    /// When it was seen, in milliseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// Who asks.
    pub client: Ipv4Addr,
    /// Who is asked.
    pub server: Ipv4Addr,
    /// Unit behind the server.
    pub unit: u8,
    /// Function code.
    pub function: u8,
    /// The first two words of the function's data: address and quantity, or address and value.
    pub address: u16,
    /// See above.
    pub quantity: u16,
}

/// What one packet carries to a Modbus server: whole requests, parts of them, or anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModbusSegment<'a> {
    /// When it was seen, in milliseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// Who asks.
    pub client: Ipv4Addr,
    /// Who is asked.
    pub server: Ipv4Addr,
    /// The bytes, of which there is at least one.
    pub data: &'a [u8],
}

/// Why a capture cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The capture exceeds [`CAPTURE_BYTES_MAX`].
    #[error("capture is {len} bytes, the limit is {CAPTURE_BYTES_MAX}")]
    TooLarge {
        /// Its length in bytes.
        len: usize,
    },
    /// The bytes are no capture in the classic format.
    #[error("expected a capture in the classic pcap format")]
    Format,
    /// The packets are not of an Ethernet network.
    #[error("link type is {found}, expected 1")]
    LinkType {
        /// The type that was found.
        found: u32,
    },
}

/// Reads the requests to Modbus servers over IPv4, in order. What is no whole request is left out, as
/// is one that is split over packets.
///
/// # Errors
///
/// [`CaptureError`].
pub fn modbus_requests(capture: &[u8]) -> Result<Vec<ModbusRequest>, CaptureError> {
    let mut requests = Vec::new();
    for segment in modbus_segments(capture)? {
        let ModbusSegment { at, client, server, mut data } = segment;
        while let Some((request, rest)) = request(data, at, client, server) {
            requests.push(request);
            data = rest;
        }
    }
    Ok(requests)
}

/// Reads what is sent to Modbus servers over IPv4, in order and as it is.
///
/// # Errors
///
/// [`CaptureError`].
pub fn modbus_segments(capture: &[u8]) -> Result<Vec<ModbusSegment<'_>>, CaptureError> {
    if capture.len() > CAPTURE_BYTES_MAX {
        return Err(CaptureError::TooLarge { len: capture.len() });
    }
    let header = capture.first_chunk::<FILE_HEADER>().ok_or(CaptureError::Format)?;
    let (read, per_ms): (fn([u8; 4]) -> u32, u32) = match header.first_chunk() {
        Some([0xd4, 0xc3, 0xb2, 0xa1]) => (u32::from_le_bytes, 1_000),
        Some([0xa1, 0xb2, 0xc3, 0xd4]) => (u32::from_be_bytes, 1_000),
        Some([0x4d, 0x3c, 0xb2, 0xa1]) => (u32::from_le_bytes, 1_000_000),
        Some([0xa1, 0xb2, 0x3c, 0x4d]) => (u32::from_be_bytes, 1_000_000),
        _ => return Err(CaptureError::Format),
    };
    let word = |bytes: &[u8], at: usize| bytes.get(at..)?.first_chunk().map(|word| read(*word));
    match word(capture, 20) {
        Some(1) => {}
        found => return Err(CaptureError::LinkType { found: found.unwrap_or(0) }),
    }
    let mut segments = Vec::new();
    let mut rest = capture.get(FILE_HEADER..).unwrap_or_default();
    // A capture that was cut off ends with its last whole packet.
    while let (Some(seconds), Some(fraction), Some(len)) =
        (word(rest, 0), word(rest, 4), word(rest, 8))
    {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let end = PACKET_HEADER.saturating_add(len);
        let Some(packet) = rest.get(PACKET_HEADER..end) else { break };
        let at = i64::from(seconds) * 1_000 + i64::from(fraction / per_ms);
        if let Some((client, server, data)) = payload(packet)
            && !data.is_empty()
        {
            segments.push(ModbusSegment { at, client, server, data });
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    Ok(segments)
}

/// The plant's action for a request without its header, by its function code, and by the kind of
/// transport for function 43. A function that is not known is a vendor's.
#[must_use]
pub fn modbus_action(request: &[u8]) -> &'static str {
    match request {
        [1 | 2, ..] => "modbus.readBits",
        [3 | 4 | 24, ..] => "modbus.readRegisters",
        [5 | 15, ..] => "modbus.writeCoil",
        [6, ..] => "modbus.writeRegister",
        [16 | 23, ..] => "modbus.writeMultiple",
        [22, ..] => "modbus.maskWrite",
        [20 | 21, ..] => "modbus.fileRecord",
        [7 | 8 | 11 | 12, ..] => "modbus.diagnostics",
        [17, ..] | [43, 14, ..] => "modbus.identify",
        [..] => "modbus.vendor",
    }
}

/// The data of a segment that is sent to a Modbus server.
fn payload(packet: &[u8]) -> Option<(Ipv4Addr, Ipv4Addr, &[u8])> {
    let half = |bytes: &[u8], at: usize| {
        bytes.get(at..)?.first_chunk().map(|half| u16::from_be_bytes(*half))
    };
    let is_ipv4 = half(packet, 12)? == 0x0800;
    let ip = packet.get(ETHERNET_HEADER..).filter(|_| is_ipv4)?;
    let header = usize::from(ip.first()? & 0x0f) * 4;
    // Whole TCP packets alone; Ethernet pads short ones.
    // The two leading bits may be set: they say that a packet must not be split.
    let is_tcp = *ip.get(9)? == 6 && half(ip, 6)? << 2 == 0;
    let ip = ip.get(..usize::from(half(ip, 2)?)).filter(|_| is_tcp)?;
    let address =
        |at: usize| ip.get(at..)?.first_chunk().map(|bytes: &[u8; 4]| Ipv4Addr::from(*bytes));
    let (client, server) = (address(12)?, address(16)?);
    let tcp = ip.get(header..)?;
    if half(tcp, 2)? != MODBUS_PORT {
        return None;
    }
    let data = tcp.get(usize::from(tcp.get(12)? >> 4) * 4..)?;
    Some((client, server, data))
}

/// The first request of a segment's data, and what follows it.
fn request(
    data: &[u8],
    at: i64,
    client: Ipv4Addr,
    server: Ipv4Addr,
) -> Option<(ModbusRequest, &[u8])> {
    let [_, _, 0, 0, high, low, ..] = *data else { return None };
    let len = usize::from(u16::from_be_bytes([high, low]));
    if len > MODBUS_BODY_MAX {
        return None;
    }
    let body = data.get(MODBUS_HEADER..MODBUS_HEADER + len)?;
    let [unit, function, ref values @ ..] = *body else { return None };
    let value = |at: usize| values.get(at..).and_then(<[u8]>::first_chunk);
    let value = |at| value(at).map_or(0, |half| u16::from_be_bytes(*half));
    let (address, quantity) = (value(0), value(2));
    let request = ModbusRequest { at, client, server, unit, function, address, quantity };
    Some((request, data.get(MODBUS_HEADER + len..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet with this data of one segment to a port.
    fn packet(port: u16, data: &[u8]) -> Vec<u8> {
        let mut packet = vec![0; 12];
        packet.extend([8, 0]);
        let len = u16::try_from(40 + data.len()).unwrap();
        packet.extend([0x45, 0]);
        packet.extend(len.to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        packet.extend(40_000_u16.to_be_bytes());
        packet.extend(port.to_be_bytes());
        packet.extend([0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x18, 0, 0, 0, 0, 0, 0]);
        packet.extend(data);
        packet.extend([0; 7]);
        packet
    }

    fn capture(packets: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
        bytes.extend([0; 8]);
        bytes.extend([0xff, 0xff, 0, 0, 1, 0, 0, 0]);
        for packet in packets {
            let len = u32::try_from(packet.len()).unwrap().to_le_bytes();
            bytes.extend([2_u32.to_le_bytes(), 7_999_u32.to_le_bytes(), len, len].concat());
            bytes.extend(packet);
        }
        bytes
    }

    const READ: [u8; 12] = [0, 1, 0, 0, 0, 6, 17, 3, 0, 5, 0, 2];

    #[test]
    fn requests_are_read_one_after_the_other() {
        let two = [READ, READ].concat();
        let packets =
            [packet(502, &two), packet(503, &READ), packet(502, &READ[..7]), packet(502, &[])];
        let requests = modbus_requests(&capture(&packets)).unwrap();
        let want = ModbusRequest {
            at: 2_007,
            client: Ipv4Addr::new(10, 0, 0, 1),
            server: Ipv4Addr::new(10, 0, 0, 2),
            unit: 17,
            function: 3,
            address: 5,
            quantity: 2,
        };
        assert_eq!(requests, [want, want]);
    }

    #[test]
    fn what_is_no_capture_is_refused_and_what_is_cut_off_ends() {
        assert_eq!(modbus_requests(b"text"), Err(CaptureError::Format));
        let whole = capture(&[packet(502, &READ), packet(502, &READ)]);
        for len in FILE_HEADER..whole.len() {
            let requests = modbus_requests(&whole[..len]).unwrap();
            assert!(requests.len() < 2, "{len}");
        }
        let mut other = whole.clone();
        other[20] = 101;
        assert_eq!(modbus_requests(&other), Err(CaptureError::LinkType { found: 101 }));
        let len = CAPTURE_BYTES_MAX + 1;
        assert_eq!(modbus_requests(&vec![0; len]), Err(CaptureError::TooLarge { len }));
    }
}
