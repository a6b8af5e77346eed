//! Frames of S7comm, made by hand from the protocol's descriptions.

/// Data of the transport in one packet: TPKT, COTP, and the last of its message.
pub(crate) fn packet(pdu: &[u8]) -> Vec<u8> {
    fragment(pdu, true)
}

/// The same, saying whether more of the message follows.
pub(crate) fn fragment(pdu: &[u8], is_last: bool) -> Vec<u8> {
    let len = u16::try_from(pdu.len() + 7).unwrap().to_be_bytes();
    let end = if is_last { 0x80 } else { 0 };
    [&[3, 0, len[0], len[1], 2, 0xf0, end], pdu].concat()
}

/// A PDU of a kind, with parameters and data.
pub(crate) fn pdu(kind: u8, parameters: &[u8], data: &[u8]) -> Vec<u8> {
    let [a, b] = u16::try_from(parameters.len()).unwrap().to_be_bytes();
    let [c, d] = u16::try_from(data.len()).unwrap().to_be_bytes();
    let errors: &[u8] = if kind == 2 || kind == 3 { &[0, 0] } else { &[] };
    [&[0x32, kind, 0, 0, 0, 7, a, b, c, d], errors, parameters, data].concat()
}

/// A job of a client, without data.
pub(crate) fn job(parameters: &[u8]) -> Vec<u8> {
    packet(&pdu(1, parameters, &[]))
}

/// Userdata: type and group in one byte, then the function.
pub(crate) fn userdata(group: u8, function: u8) -> Vec<u8> {
    packet(&pdu(7, &[0, 1, 0x12, 4, 0x11, group, function, 0], &[0x0a, 0, 0, 0]))
}

/// A program invocation with an argument and a name.
pub(crate) fn invocation(argument: &[u8], name: &str) -> Vec<u8> {
    let [a, b] = u16::try_from(argument.len()).unwrap().to_be_bytes();
    let len = u8::try_from(name.len()).unwrap();
    job(&[&[0x28, 0, 0, 0, 0, 0, 0, 0xfd, a, b], argument, &[len], name.as_bytes()].concat())
}

/// The stop of a controller.
pub(crate) fn stop() -> Vec<u8> {
    job(&[&[0x29, 0, 0, 0, 0, 0, 9], &b"P_PROGRAM"[..]].concat())
}

/// A variable: type, count, block, area, and address in bits (or the number of a counter or timer).
pub(crate) fn variable(kind: u8, count: u16, block: u16, area: u8, address: u32) -> [u8; 12] {
    let mut bytes = [0x12, 10, 0x10, kind, 0, 0, 0, 0, area, 0, 0, 0];
    bytes[4..6].copy_from_slice(&count.to_be_bytes());
    bytes[6..8].copy_from_slice(&block.to_be_bytes());
    bytes[9..].copy_from_slice(&address.to_be_bytes()[1..]);
    bytes
}

/// A read of variables.
pub(crate) fn read(variables: &[[u8; 12]]) -> Vec<u8> {
    let count = u8::try_from(variables.len()).unwrap();
    job(&[&[4, count], variables.concat().as_slice()].concat())
}

/// A write of variables with their values, each with its head.
pub(crate) fn write(variables: &[[u8; 12]], values: &[u8]) -> Vec<u8> {
    let count = u8::try_from(variables.len()).unwrap();
    let parameters = [&[5, count], variables.concat().as_slice()].concat();
    packet(&pdu(1, &parameters, values))
}

/// A frame, and what it asks for.
type Frame = (Vec<u8>, Vec<(&'static str, &'static str)>);

/// Frames that a client sends, with what they ask for: an action, and a point in the controller or nothing.
pub(crate) fn asking() -> Vec<Frame> {
    let one = |frame, action| (frame, vec![(action, "")]);
    let mut frames = vec![
        one(stop(), "plc.changeMode"),
        one(invocation(b"", "P_PROGRAM"), "plc.changeMode"),
        one(invocation(b"C ", "P_PROGRAM"), "plc.changeMode"),
        one(invocation(b"\x01\x000A00001P", "_INSE"), "plc.programDownload"),
        one(invocation(b"\x01\x000A00001B", "_DELE"), "plc.programDownload"),
        one(invocation(b"", "_GARB"), "plc.programDownload"),
        one(invocation(b"EP", "_MODU"), "plc.programDownload"),
        one(invocation(b"", "_N_SOMETHING"), "s7.unknown"),
        one(invocation(b"", "P_PROGRA"), "s7.unknown"),
        one(invocation(b"", ""), "s7.unknown"),
        one(job(b"\x1a\0\x01\0\0\0\0\0\x09_0A00001P\x0d1000500000040"), "plc.programDownload"),
        one(job(b"\x1b\0\0\0\0\0\0\0"), "plc.programDownload"),
        one(job(b"\x1c\0\0\0\0\0\0\0"), "plc.programDownload"),
        one(job(b"\x1d\0\0\0\0\0\0\0\x09_0A00001A"), "plc.programUpload"),
        one(job(b"\x1e\0\0\0\0\0\0\x07"), "plc.programUpload"),
        one(job(b"\x1f\0\0\0\0\0\0\x07"), "plc.programUpload"),
        one(job(&[0x00]), "s7.unknown"),
        one(job(&[0x7f, 1, 2]), "s7.unknown"),
        one(userdata(0x47, 1), "plc.read"),
        one(userdata(0x47, 2), "plc.setTime"),
        one(userdata(0x47, 3), "plc.read"),
        one(userdata(0x47, 4), "plc.setTime"),
        one(userdata(0x47, 5), "s7.unknown"),
        one(userdata(0x44, 1), "plc.read"),
        one(userdata(0x44, 0x0b), "s7.unknown"),
        one(userdata(0x43, 3), "plc.read"),
        one(userdata(0x42, 1), "plc.read"),
        one(userdata(0x42, 7), "s7.unknown"),
        one(userdata(0x41, 2), "plc.onlineEdit"),
        one(userdata(0x41, 8), "plc.onlineEdit"),
        one(userdata(0x41, 0x0c), "plc.reset"),
        one(userdata(0x45, 1), "s7.unknown"),
        one(userdata(0x46, 1), "s7.unknown"),
        one(userdata(0x7f, 1), "s7.unknown"),
        // A client has nothing to answer, and nothing to tell.
        one(userdata(0x87, 2), "s7.unknown"),
        one(userdata(0x07, 2), "s7.unknown"),
        one(packet(&pdu(3, &[0x1b, 0], &[0, 2, 0, 0xfb, 1, 2])), "plc.programDownload"),
        one(packet(&pdu(3, &[0x1c], &[])), "plc.programDownload"),
        one(packet(&pdu(3, &[0x04, 1], &[])), "s7.unknown"),
        one(packet(&pdu(2, &[], &[1])), "s7.unknown"),
        // Another kind of PDU, and another protocol on the same transport.
        one(packet(&pdu(8, &[4, 0], &[])), "s7.unknown"),
        one(packet(&[0x72, 1, 0, 4, 0x31, 0, 0, 4, 0xca]), "s7.unknown"),
        one(packet(&[0]), "s7.unknown"),
    ];
    frames.extend(variables());
    frames
}

/// Reads and writes of variables.
fn variables() -> Vec<Frame> {
    let mut symbolic = variable(2, 1, 1, 0x84, 0);
    symbolic[2] = 0xb2;
    let byte = variable(2, 1, 1, 0x84, 0);
    vec![
        (
            read(&[
                variable(8, 1, 1, 0x84, 32),
                variable(4, 10, 0, 0x81, 0),
                variable(28, 1, 0, 28, 5),
                variable(29, 2, 0, 29, 3),
                variable(1, 1, 7, 0x85, 13),
                variable(2, 4, 0, 0x80, 256 * 8),
            ]),
            vec![
                ("plc.read", "DB1.DBX4.0:REAL"),
                ("plc.read", "I0.0:WORD*10"),
                ("plc.read", "C5:COUNTER"),
                ("plc.read", "T3:TIMER*2"),
                ("plc.read", "DI7.DIX1.5:BIT"),
                ("plc.read", "P256.0:BYTE*4"),
            ],
        ),
        (
            // A bit fills a byte, and that is filled up to two; three bytes to four.
            write(
                &[
                    variable(1, 1, 0, 0x83, 83),
                    variable(2, 3, 65535, 0x84, 0x00ff_fff8),
                    variable(8, 1, 0, 0x82, 0),
                ],
                b"\0\x03\0\x01\x01\0\0\x04\0\x18abc\0\0\x07\0\x04\x3f\x80\0\0",
            ),
            vec![
                ("plc.write", "M10.3:BIT"),
                ("plc.write", "DB65535.DBX2097151.0:BYTE*3"),
                ("plc.write", "Q0.0:REAL"),
            ],
        ),
        (write(&[byte], b"\0\x04\0\x08a"), vec![("plc.write", "DB1.DBX0.0:BYTE")]),
        (write(&[byte], b"\0\x04\0\x08a\0"), vec![("plc.write", "DB1.DBX0.0:BYTE")]),
        (read(&[byte, symbolic]), vec![("s7.unknown", "")]),
        (
            read(&[variable(2, 1, 1, 0x84, 0), variable(99, 1, 1, 0x84, 0)]),
            vec![("s7.unknown", "")],
        ),
        (read(&[variable(2, 1, 1, 0x03, 0)]), vec![("s7.unknown", "")]),
        (read(&[variable(1, 2, 1, 0x84, 0)]), vec![("s7.unknown", "")]),
        (write(&[byte], b"\0\x63\0\x08a"), vec![("s7.unknown", "")]),
    ]
}

/// Frames that a client sends and that ask for nothing.
pub(crate) fn silent() -> Vec<Vec<u8>> {
    vec![
        // Connect, with three options.
        b"\x03\0\0\x16\x11\xe0\0\0\0\x07\0\xc1\x02\x01\0\xc2\x02\x01\x02\xc0\x01\x0a".to_vec(),
        // Disconnect, and an error of the transport.
        b"\x03\0\0\x0b\x06\x80\0\0\0\0\0".to_vec(),
        b"\x03\0\0\x09\x04\x70\0\0\0".to_vec(),
        // An acknowledgement: a fragment of nothing.
        fragment(&[], false),
        fragment(&[], true),
        // Setup of communication, and an acknowledgement without anything.
        job(&[0xf0, 0, 0, 1, 0, 1, 1, 0xe0]),
        packet(&pdu(2, &[], &[])),
    ]
}
