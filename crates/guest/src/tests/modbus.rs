//! Modbus over connections: however its bytes come, each request is decided on once.

use trapkey_abi::{EntityUid, Handle};

use super::fake::{Fake, Shared, allow, forbid};
use super::plans::{ROOT, SPIFFE, STREAM, connecting, modbus, started};
use crate::Guest;
use crate::host::{Action, Stream};
use crate::modbus::{Request, Split, split};
use crate::plan::{Denied, Duty, Plan};

/// A request of unit 7.
fn request(pdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(pdu.len() + 1).unwrap().to_be_bytes();
    [&[0, 1, 0, 0], &length[..], &[7], pdu].concat()
}

fn read(address: u8) -> Vec<u8> {
    request(&[3, 0, address, 0, 1])
}

fn write(address: u8, value: u8) -> Vec<u8> {
    request(&[6, 0, address, 0, value])
}

fn register(address: u32) -> Handle {
    EntityUid::new("Register", format!("7/{address}")).handle()
}

/// What a connection lets through of bytes that come in these parts; whether it is closed.
fn passed(guest: &mut Guest, fake: &mut Fake, parts: &[&[u8]]) -> (Vec<u8>, bool) {
    let mut passed = Vec::new();
    for part in parts {
        // What was paused is still there when more comes.
        fake.buffer.extend_from_slice(part);
        let len = fake.buffer.len();
        if guest.data(fake, STREAM, len, false) == Action::Continue {
            passed.append(&mut fake.buffer);
        }
        if !fake.closed.is_empty() {
            return (passed, true);
        }
    }
    (passed, false)
}

fn whole(plan: &Plan, fake: &mut Fake, parts: &[&[u8]]) -> (Vec<u8>, bool) {
    let mut guest = started(plan, fake);
    passed(&mut guest, fake, parts)
}

/// A proxy whose policies deny register 13.
fn denying() -> Fake {
    let mut fake = connecting();
    let denied = register(13);
    fake.decides = Box::new(move |frame| if frame.resource == denied { forbid() } else { allow() });
    fake
}

#[test]
fn requests_are_decided_however_they_are_cut() {
    let requests =
        [read(1), write(13, 5), write(2, 9), read(13), request(&[43, 14, 1, 0]), read(3)];
    let bytes = requests.concat();
    let want = [read(1), write(2, 9), request(&[43, 14, 1, 0]), read(3)].concat();
    let plan = modbus(Denied::Drop);
    let mut frames = None;
    let mut check = |parts: &[&[u8]]| {
        let mut fake = denying();
        assert_eq!(whole(&plan, &mut fake, parts), (want.clone(), false), "{parts:?}");
        let first = frames.get_or_insert_with(|| fake.frames.clone());
        assert_eq!(*first, fake.frames);
    };
    check(&[&bytes]);
    check(&bytes.chunks(1).collect::<Vec<_>>());
    for cut in 1..bytes.len() {
        check(&[&bytes[..cut], &bytes[cut..]]);
    }
    let mut state = 7_usize;
    for _ in 0..200 {
        let (mut parts, mut rest) = (Vec::new(), bytes.as_slice());
        while !rest.is_empty() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let (part, after) = rest.split_at((1 + (state >> 33) % 30).min(rest.len()));
            parts.push(part);
            rest = after;
        }
        check(&parts);
    }
}

#[test]
fn what_passes_whole_is_not_written_again() {
    let mut fake = denying();
    whole(&modbus(Denied::Drop), &mut fake, &[&read(1), &[read(1), read(2)].concat()]);
    let calls = [
        "shared", "buffer", "property", "property", "shared", "decide", "shared", "buffer",
        "shared", "decide", "shared", "decide",
    ];
    assert_eq!(fake.calls, calls);
}

#[test]
fn denied_request_closes_where_the_plan_says_so() {
    let bytes = [read(1), read(13), read(2)].concat();
    let parts: Vec<&[u8]> = bytes.chunks(1).collect();
    let mut fake = denying();
    assert_eq!(whole(&modbus(Denied::Close), &mut fake, &parts), (read(1), true));
    assert_eq!(fake.closed, [Stream::Downstream]);
    let details = "trapkey_denied{reason=forbidden,policies=never,bundle=0123456789abcdef}";
    assert_eq!(fake.state["trapkey.decision"], details);

    let mut fake = denying();
    let mut guest = started(&modbus(Denied::Close), &mut fake);
    assert_eq!(passed(&mut guest, &mut fake, &[&read(13)]), (vec![], true));
    fake.closed.clear();
    fake.buffer.clear();
    assert_eq!(
        passed(&mut guest, &mut fake, &[&read(1)]),
        (vec![], true),
        "went on after it was closed"
    );
}

#[test]
fn malformed_streams_are_closed() {
    let starts: [&[u8]; 5] = [
        &[0, 1, 0, 1],
        &[0, 1, 1, 0],
        &[0, 1, 0, 0, 0, 1],
        &[0, 1, 0, 0, 0, 0],
        &[0, 1, 0, 0, 0, 255],
    ];
    for bad in starts {
        for denied in [Denied::Drop, Denied::Close] {
            let mut fake = denying();
            let bytes = [&read(1), bad].concat();
            let (passed, is_closed) =
                whole(&modbus(denied), &mut fake, &bytes.chunks(1).collect::<Vec<_>>());
            assert_eq!((passed, is_closed), (read(1), true), "{bad:?}");
        }
    }
    assert!(matches!(split(&request(&[3; 254])), Split::Malformed));
    let longest = request(&[3; 253]);
    assert_eq!(longest.len(), 260);
    assert_eq!(split(&longest), Split::Whole(&longest, &[]));
}

fn range(function: u8, many: u16) -> Vec<u8> {
    [&[function, 0, 0][..], &many.to_be_bytes()].concat()
}

/// With so many bytes after their count.
fn counting(pdu: &[u8], count: usize) -> Vec<u8> {
    [pdu, &[u8::try_from(count).unwrap()], &vec![0; count]].concat()
}

/// Function 23 for so many registers to be read, and to be written from an address on.
fn both(reads: u16, address: u16, writes: u16) -> Vec<u8> {
    [range(23, reads), address.to_be_bytes().to_vec(), writes.to_be_bytes().to_vec()].concat()
}

#[test]
fn requests_within_the_limits_of_the_specification_are_read() {
    let good = [
        range(1, 1),
        range(1, 2_000),
        range(2, 2_000),
        range(3, 125),
        range(4, 125),
        vec![1, 255, 255, 0, 1],
        vec![5, 0, 1, 0, 0],
        vec![5, 0, 1, 255, 0],
        vec![6, 255, 255, 255, 255],
        counting(&range(15, 1_968), 246),
        counting(&range(15, 9), 2),
        counting(&range(16, 123), 246),
        vec![22, 0, 1, 0, 0, 0, 5],
        counting(&both(125, 9, 121), 242),
        vec![7],
        vec![17],
        vec![8, 0, 0, 165, 55],
        vec![20, 7, 6, 0, 4, 0, 1, 0, 2],
        vec![20, 14, 6, 0, 4, 0, 1, 0, 2, 6, 0, 3, 0, 9, 0, 2],
        vec![21, 9, 6, 0, 4, 0, 7, 0, 1, 6, 175],
        vec![24, 4, 222],
        vec![43, 14, 1, 0],
        vec![43, 14, 4, 9],
        vec![127],
    ];
    for pdu in &good {
        assert!(Request::read(&request(pdu)).is_some(), "{pdu:?}");
    }
}

#[test]
fn requests_beyond_the_limits_of_the_specification_are_denied() {
    let bad = [
        // What is left behind a function without a body could be taken for another request.
        [vec![17], request(&[6, 0, 40, 0, 9])].concat(),
        vec![7, 0],
        vec![8, 0],
        vec![8, 0, 0, 1],
        vec![20, 0],
        vec![20, 7, 5, 0, 4, 0, 1, 0, 2],
        vec![20, 8, 6, 0, 4, 0, 1, 0, 2],
        vec![20, 7, 6, 0, 4, 0, 1, 0, 0],
        vec![21, 8, 6, 0, 4, 0, 7, 0, 1, 6],
        vec![24],
        vec![43],
        vec![43, 13, 1, 0],
        vec![43, 14, 5, 0],
        vec![43, 14, 1, 0, 0],
        vec![127, 1, 2, 3],
        vec![0],
        vec![128],
        vec![131, 2],
        range(1, 0),
        range(1, 2_001),
        range(2, 2_001),
        range(3, 0),
        range(3, 126),
        range(4, 126),
        vec![3],
        vec![3, 0, 1, 0],
        vec![3, 0, 1, 0, 1, 0],
        vec![1, 255, 255, 0, 2],
        vec![5, 0, 1, 0, 1],
        vec![5, 0, 1, 255, 255],
        vec![6, 0, 1, 0],
        vec![6, 0, 1, 0, 1, 0],
        counting(&range(15, 1_969), 247),
        counting(&range(15, 0), 0),
        counting(&range(15, 9), 1),
        counting(&range(15, 8), 2),
        counting(&range(16, 0), 0),
        counting(&range(16, 2), 3),
        counting(&range(16, 2), 6),
        [counting(&range(16, 1), 2), vec![0]].concat(),
        vec![16, 0, 0, 0, 1, 2, 0],
        vec![16, 0, 0, 0, 1, 3, 0, 0],
        vec![22, 0, 1, 0, 0],
        counting(&both(126, 9, 1), 2),
        counting(&both(1, 9, 0), 0),
        counting(&both(1, 65_535, 2), 4),
        range(23, 1),
    ];
    for pdu in &bad {
        assert!(Request::read(&request(pdu)).is_none(), "{pdu:?}");
        let mut fake = connecting();
        assert_eq!(
            whole(&modbus(Denied::Drop), &mut fake, &[&request(pdu)]),
            (vec![], false),
            "{pdu:?}"
        );
        assert!(fake.frames.is_empty());
    }
}

/// What the policies are asked about one request: environment and resource, each with value and previous value.
fn asked(pdu: &[u8]) -> Vec<(u32, Handle, Option<i64>, Option<i64>)> {
    let mut fake = connecting();
    whole(&modbus(Denied::Drop), &mut fake, &[&request(pdu)]);
    fake.frames
        .iter()
        .map(|frame| said(&frame.context, frame.environment, frame.resource))
        .collect()
}

fn said(
    context: &[u8],
    environment: u32,
    resource: Handle,
) -> (u32, Handle, Option<i64>, Option<i64>) {
    // In the order of names: previous, value, then the bytes that say which is there.
    let number = |at: usize| i64::from_le_bytes(context[at..at + 8].try_into().unwrap());
    let value = |at: usize| (context.get(16 + at / 8) == Some(&1)).then(|| number(at));
    (environment, resource, value(8), value(0))
}

#[test]
fn each_address_is_asked_about_with_its_value() {
    let write = |address, value| (1, register(address), Some(value), None);
    let read = |address| (0, register(address), None, None);
    assert_eq!(asked(&[3, 0, 40, 0, 3]), [read(40), read(41), read(42)]);
    assert_eq!(asked(&[6, 0, 40, 1, 2]), [write(40, 258)]);
    assert_eq!(asked(&[5, 0, 40, 255, 0]), [write(40, 1)]);
    assert_eq!(asked(&[16, 0, 40, 0, 2, 4, 0, 5, 0, 6]), [write(40, 5), write(41, 6)]);
    let coils: Vec<_> = [1, 0, 1, 1, 0, 0, 0, 0, 1]
        .into_iter()
        .zip(8..)
        .map(|(value, at)| write(at, value))
        .collect();
    assert_eq!(asked(&[15, 0, 8, 0, 9, 2, 0b1101, 1]), coils);
    // Reads before it writes, and is both.
    assert_eq!(asked(&[23, 0, 1, 0, 2, 0, 40, 0, 1, 2, 0, 9]), [read(1), read(2), write(40, 9)]);
    // Which bits there will be depends on what is there, but for a mask that keeps none.
    assert_eq!(asked(&[22, 0, 40, 0, 1, 0, 9]), [(1, register(40), None, None)]);
    assert_eq!(asked(&[22, 0, 40, 0, 0, 0, 9]), [write(40, 9)]);
    assert_eq!(
        asked(&[43, 14, 1, 0]),
        [(0, EntityUid::new("Register", "device").handle(), None, None)]
    );
    // Named by no rule.
    assert_eq!(asked(&[4, 0, 1, 0, 1]), []);
    assert_eq!(asked(&[8, 0, 0]), []);
}

#[test]
fn one_address_denies_the_whole_request() {
    for pdu in [
        &[3, 0, 12, 0, 2][..],
        &[16, 0, 12, 0, 2, 4, 0, 5, 0, 6],
        &[23, 0, 13, 0, 1, 0, 1, 0, 1, 2, 0, 9],
        &[23, 0, 1, 0, 1, 0, 13, 0, 1, 2, 0, 9],
    ] {
        let mut fake = denying();
        assert_eq!(
            whole(&modbus(Denied::Drop), &mut fake, &[&request(pdu)]),
            (vec![], false),
            "{pdu:?}"
        );
    }
}

#[test]
fn function_23_has_to_be_named_for_both() {
    use crate::plan::{Adapter, ModbusPlan};
    for side in [0, 1] {
        let mut plan = modbus(Denied::Drop);
        if let Adapter::Modbus(ModbusPlan { rules, .. }) = &mut plan.adapter {
            rules[side].functions.retain(|function| *function != 23);
        }
        let mut fake = connecting();
        let both = request(&[23, 0, 1, 0, 1, 0, 2, 0, 1, 2, 0, 9]);
        assert_eq!(whole(&plan, &mut fake, &[&both]), (vec![], false));
        assert!(fake.frames.is_empty());
    }
}

#[test]
fn previous_is_what_was_let_through() {
    let previous = |fake: &Fake| {
        let last = fake.frames.last().unwrap();
        said(&last.context, 0, last.resource).3
    };
    let mut fake = denying();
    let mut guest = started(&modbus(Denied::Drop), &mut fake);
    let mut send = |bytes: &[u8]| {
        passed(&mut guest, &mut fake, &[bytes]);
        previous(&fake)
    };
    assert_eq!(send(&write(40, 5)), None);
    assert_eq!(send(&write(40, 6)), Some(5));
    assert_eq!(send(&[write(40, 7), write(40, 8)].concat()), Some(7), "in one piece");
    assert_eq!(send(&request(&[5, 0, 40, 0, 0])), None, "a coil is no register");
    assert_eq!(send(&request(&[22, 0, 40, 0, 1, 0, 9])), Some(8));
    assert_eq!(send(&write(40, 1)), None, "after bits were written");
    assert_eq!(send(&write(13, 1)), None);
    assert_eq!(send(&write(13, 2)), None, "what was denied was remembered");
    assert_eq!(send(&request(&[6, 0x20, 40, 0, 9])), None, "another register");
    assert_eq!(send(&write(40, 3)), Some(1));
    // Another worker, or the same plugin after a push, knows it too.
    let mut other = denying();
    other.shared = fake.shared.clone();
    let mut guest = started(&modbus(Denied::Drop), &mut other);
    passed(&mut guest, &mut other, &[&write(40, 4)]);
    assert_eq!(previous(&other), Some(3));
}

/// A write that cannot be told to other workers does not go on, and what is known stays.
#[test]
fn write_that_cannot_be_remembered_is_denied() {
    let mut fake = denying();
    let mut guest = started(&modbus(Denied::Drop), &mut fake);
    assert_eq!(passed(&mut guest, &mut fake, &[&write(40, 5)]), (write(40, 5), false));
    let before = fake.calls.len();
    assert_eq!(passed(&mut guest, &mut fake, &[&write(40, 6)]), (write(40, 6), false));
    let shares: Vec<usize> =
        (before..fake.calls.len()).filter(|at| fake.calls[*at] == "share").collect();
    assert_eq!(shares.len(), 1);
    fake.fails_at = Some(fake.calls.len() + shares[0] - before);
    assert_eq!(passed(&mut guest, &mut fake, &[&write(40, 7)]), (Vec::new(), true));
    let mut again = denying();
    again.shared = fake.shared.clone();
    let mut guest = started(&modbus(Denied::Drop), &mut again);
    passed(&mut guest, &mut again, &[&write(40, 8)]);
    let last = again.frames.last().unwrap();
    assert_eq!(said(&last.context, 0, last.resource).3, Some(6));
}

#[test]
fn each_failed_call_denies_a_request() {
    let mut plan = Plan { records_allows: true, ..modbus(Denied::Drop) };
    plan.policies[0].duties = vec![Duty::Mark("m".to_owned())];
    let bytes = [write(40, 5), read(13)].concat();
    let mut fake = denying();
    assert_eq!(whole(&plan, &mut fake, &[&bytes]), (write(40, 5), false));
    let calls = fake.calls.clone();
    for (at, call) in calls.iter().enumerate() {
        let mut fake = denying();
        let mut guest = started(&plan, &mut fake);
        fake.fails_at = Some(at);
        let (passed, is_closed) = passed(&mut guest, &mut fake, &[&bytes]);
        // The last two are about what goes on; before them are those of the second request, which is denied.
        let is_second = (calls.len() - 5..calls.len() - 2).contains(&at);
        let want = if is_second { write(40, 5) } else { Vec::new() };
        assert_eq!(passed, want, "{call} {at}, closed {is_closed}: {calls:?}");
    }
}

#[test]
fn header_obligations_have_no_place_on_connections() {
    let mut plan = modbus(Denied::Drop);
    plan.policies[0].duties = vec![Duty::RemoveHeader { name: "x".to_owned() }];
    let mut fake = connecting();
    assert_eq!(whole(&plan, &mut fake, &[&read(1)]), (vec![], false));
    assert!(fake.state["trapkey.decision"].contains("reason=unhonoured_obligation"));
}

#[test]
fn peer_that_is_not_known_is_closed() {
    for uris in ["", "spiffe://a.example/b", &format!("{SPIFFE},{SPIFFE}")] {
        let mut fake = connecting();
        fake.property_is(&["filter_state", "trapkey.uris"], uris.as_bytes());
        assert_eq!(whole(&modbus(Denied::Drop), &mut fake, &[&read(1)]), (vec![], true), "{uris}");
        assert!(fake.frames.is_empty());
    }
}

#[test]
fn observed_connections_pass_untouched() {
    let plan = Plan { observes: true, ..modbus(Denied::Close) };
    let bytes = [&read(1), &read(13), &[0, 0, 0, 9, 9, 9][..], &read(13)].concat();
    for size in [1, 7, bytes.len()] {
        let mut fake = denying();
        let mut guest = started(&plan, &mut fake);
        let parts: Vec<&[u8]> = bytes.chunks(size).collect();
        assert_eq!(passed(&mut guest, &mut fake, &parts), (bytes.clone(), false));
        guest.tick(&mut fake, ROOT);
        assert_eq!(fake.counters["trapkey.would_deny"], 2);
        assert_eq!(fake.counters["trapkey.allowed"], 1);
    }
}

/// A client that writes and spoils its own connection in one piece does not make the last value unknown.
#[test]
fn value_is_not_forgotten_with_a_connection() {
    let mut fake = denying();
    let mut guest = started(&modbus(Denied::Close), &mut fake);
    assert_eq!(passed(&mut guest, &mut fake, &[&write(40, 5)]), (write(40, 5), false));
    let spoiled = [write(40, 6), read(13)].concat();
    assert_eq!(passed(&mut guest, &mut fake, &[&spoiled]), (Vec::new(), true));
    let mut again = denying();
    again.shared = fake.shared.clone();
    let mut guest = started(&modbus(Denied::Close), &mut again);
    passed(&mut guest, &mut again, &[&write(40, 7)]);
    let last = again.frames.last().unwrap();
    assert_eq!(said(&last.context, 0, last.resource).3, Some(5));
}

/// What goes on though it would be denied is the last value as well.
#[test]
fn observed_writes_are_remembered() {
    let mut fake = denying();
    let plan = Plan { observes: true, ..modbus(Denied::Close) };
    let mut guest = started(&plan, &mut fake);
    for value in [5, 6] {
        passed(&mut guest, &mut fake, &[&write(13, value)]);
    }
    let last = fake.frames.last().unwrap();
    assert_eq!(said(&last.context, 0, last.resource).3, Some(5));
}

/// A connection on which framing was lost while it was observed ends with the policies that observe.
#[test]
fn lost_connections_end_with_their_policies() {
    let plan = Plan { observes: true, ..modbus(Denied::Close) };
    let malformed = [0, 0, 0, 9, 9, 9];
    let mut old = denying();
    let mut observing = started(&plan, &mut old);
    assert_eq!(passed(&mut observing, &mut old, &[&malformed]), (malformed.to_vec(), false));
    assert_eq!(passed(&mut observing, &mut old, &[&write(13, 1)]), (write(13, 1), false));
    let mut new = denying();
    new.shared = old.shared.clone();
    let mut enforcing = started(&modbus(Denied::Close), &mut new);
    enforcing.tick(&mut new, ROOT);
    assert_eq!(passed(&mut observing, &mut old, &[&write(13, 1)]), (Vec::new(), true));
}

#[test]
fn questions_at_once_are_bounded() {
    let mut fake = connecting();
    let mut guest = started(&modbus(Denied::Close), &mut fake);
    let many = request(&range(3, 125));
    let fit = 8_192 / 125;
    assert_eq!(passed(&mut guest, &mut fake, &[&many.repeat(fit)]), (many.repeat(fit), false));
    assert_eq!(passed(&mut guest, &mut fake, &[&many.repeat(fit + 1)]), (Vec::new(), true));
}

#[test]
fn end_of_a_stream_is_passed_on() {
    let mut fake = denying();
    let mut guest = started(&modbus(Denied::Drop), &mut fake);
    fake.buffer = read(13)[..5].to_vec();
    assert_eq!(guest.data(&mut fake, STREAM, 5, true), Action::Continue);
    assert!(fake.buffer.is_empty(), "a part of a request went on");
}

#[test]
fn connections_do_not_outlive_their_policies() {
    let shared = Shared::default();
    let on = |name: &str| {
        let mut fake = connecting();
        fake.property_is(&["plugin_name"], name.as_bytes());
        fake.shared = shared.clone();
        fake
    };
    let (mut old, mut same, mut other) = (on("a"), on("a"), on("b"));
    let plan = modbus(Denied::Drop);
    let mut first = started(&plan, &mut old);
    let mut worker = started(&plan, &mut same);
    let changed = Plan { digest: "other".to_owned(), ..plan };
    let mut listener = started(&changed, &mut other);
    for (guest, fake) in
        [(&mut first, &mut old), (&mut worker, &mut same), (&mut listener, &mut other)]
    {
        assert_eq!(passed(guest, fake, &[&read(1)]), (read(1), false));
    }
    // A plugin that is only tried out takes nothing's place.
    let mut tried = on("a");
    let mut canary = Guest::new(&postcard::to_allocvec(&changed).unwrap(), &[]).unwrap();
    canary.create(&mut tried, ROOT, 0);
    assert!(canary.start(&mut tried) && canary.configure(&mut tried, ROOT, 0));
    assert_eq!(passed(&mut first, &mut old, &[&read(2)]), (read(2), false));
    // One that is in use does.
    canary.tick(&mut tried, ROOT);
    for (guest, fake) in [(&mut first, &mut old), (&mut worker, &mut same)] {
        assert_eq!(passed(guest, fake, &[&read(3)]), (vec![], true));
        assert!(fake.state["trapkey.decision"].contains("reason=stale_policy"));
    }
    assert_eq!(passed(&mut listener, &mut other, &[&read(4)]), (read(4), false));
    canary.create(&mut tried, STREAM, ROOT);
    assert_eq!(passed(&mut canary, &mut tried, &[&read(5)]), (read(5), false));
}

#[test]
fn plugins_without_a_name_are_refused() {
    let mut fake = connecting();
    let mut guest = started(&modbus(Denied::Drop), &mut fake);
    fake.properties.remove("plugin_name");
    assert!(!guest.configure(&mut fake, ROOT, 0));
}
