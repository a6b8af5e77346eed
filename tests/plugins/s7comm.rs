//! The protocol adapter for S7comm: what frames ask for, in pieces and in whatever company.

use trapkey_plugin::{CallError, Direction, Failure, Reading};

use super::frames::{asking, fragment, job, packet, pdu, read, silent, stop, userdata, variable};
use super::host::Adapter;

/// What the plugin says of bytes. Names are as Cedar writes them; actions are without their type, which is always the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Incomplete(usize),
    Message(usize, Vec<(String, String)>),
    Refused(String),
}

pub(crate) fn said(plugin: &Adapter, direction: Direction, bytes: &[u8]) -> Said {
    match plugin.read(direction, bytes) {
        Ok(Reading::Incomplete(more)) => Said::Incomplete(more),
        Ok(Reading::Message { len, questions }) => {
            let questions = questions.iter().map(|question| {
                assert_eq!(question.context(), "{}");
                (question.action().id.clone(), question.resource().to_string())
            });
            Said::Message(len, questions.collect())
        }
        Err(CallError::Failed(Failure::Invalid(complaint))) => Said::Refused(complaint),
        Err(error) => panic!("{error}"),
    }
}

/// Actions, and points in the controller or nothing.
type Asked<'a> = &'a [(&'a str, &'a str)];

fn wanted(asked: &[(&str, &str)]) -> Vec<(String, String)> {
    let one = |(action, point): &(&str, &str)| {
        let resource = match *point {
            "" => "Plant::Asset::\"controller\"".to_owned(),
            point => format!("Plant::Point::\"controller/{point}\""),
        };
        (String::from(*action), resource)
    };
    asked.iter().map(one).collect()
}

#[track_caller]
fn check(plugin: &Adapter, direction: Direction, bytes: &[u8], len: usize, want: &[(&str, &str)]) {
    let want = Said::Message(len, wanted(want));
    assert_eq!(said(plugin, direction, bytes), want, "{bytes:02x?}");
}

#[track_caller]
fn refused(plugin: &Adapter, direction: Direction, bytes: &[u8]) {
    let said = said(plugin, direction, bytes);
    assert!(matches!(said, Said::Refused(_)), "{bytes:02x?}: {said:?}");
}

#[test]
fn frames_of_clients_ask_for_what_they_do() {
    let Some(plugin) = Adapter::new("s7comm") else { return };
    for (frame, want) in asking() {
        check(&plugin, Direction::ToController, &frame, frame.len(), &want);
    }
    for frame in silent() {
        check(&plugin, Direction::ToController, &frame, frame.len(), &[]);
    }
    let lines = plugin.lines.lock().unwrap();
    assert!(lines.iter().any(|line| line.ends_with("Info: asks for plc.changeMode")), "{lines:?}");
}

#[test]
fn as_many_variables_as_fit_are_asked_about_one_by_one() {
    let Some(plugin) = Adapter::new("s7comm") else { return };
    let variables: Vec<_> = (0..255).map(|at| variable(2, 1, 1, 0x84, at * 8)).collect();
    let frame = read(&variables);
    let names: Vec<String> = (0..255).map(|at| format!("DB1.DBX{at}.0:BYTE")).collect();
    let want: Vec<_> = names.iter().map(|name| ("plc.read", name.as_str())).collect();
    check(&plugin, Direction::ToController, &frame, frame.len(), &want);
}

#[test]
fn controllers_ask_for_blocks_and_for_nothing_else() {
    let Some(plugin) = Adapter::new("s7comm") else { return };
    let cases: Vec<(Vec<u8>, Asked<'_>)> = vec![
        (job(b"\x1b\0\0\0\0\0\0\0\x09_0A00001P"), &[("plc.programDownload", "")]),
        (job(b"\x1c\0\0\0\0\0\0\0\x09_0A00001P"), &[("plc.programDownload", "")]),
        (job(&[5, 0]), &[("s7.unknown", "")]),
        (stop(), &[("s7.unknown", "")]),
        (userdata(0x47, 2), &[("s7.unknown", "")]),
        (userdata(0xc7, 2), &[("s7.unknown", "")]),
        (packet(&[0x72, 1]), &[("s7.unknown", "")]),
        (packet(&pdu(9, &[1], &[])), &[("s7.unknown", "")]),
        // Answers and indications.
        (packet(&pdu(3, &[4, 1], &[0xff, 4, 0, 8, 1])), &[]),
        (packet(&pdu(3, &[0x1b], &[])), &[]),
        (packet(&pdu(2, &[], &[])), &[]),
        (userdata(0x84, 1), &[]),
        (userdata(0x04, 3), &[]),
        (b"\x03\0\0\x0b\x06\xd0\0\0\0\0\0".to_vec(), &[]),
        (fragment(&[], false), &[]),
    ];
    for (frame, want) in cases {
        check(&plugin, Direction::FromController, &frame, frame.len(), want);
    }
}

#[test]
fn frames_that_come_in_pieces_are_waited_for() {
    let Some(plugin) = Adapter::new("s7comm") else { return };
    let frames = asking().into_iter().map(|(frame, _)| frame).chain(silent());
    for frame in frames.filter(|frame| frame.len() <= 64) {
        for len in 0..frame.len() {
            let said = said(&plugin, Direction::ToController, &frame[..len]);
            let Said::Incomplete(more) = said else { panic!("{len} of {frame:02x?}: {said:?}") };
            assert!(more > 0 && len + more <= frame.len(), "{len} and {more} of {frame:02x?}");
        }
    }
}

#[test]
fn frames_that_come_at_once_are_read_one_by_one() {
    let Some(plugin) = Adapter::new("s7comm") else { return };
    let frames = asking();
    for pair in frames.windows(2) {
        let [(first, want), (second, _)] = pair else { continue };
        let both = [first.as_slice(), second].concat();
        check(&plugin, Direction::ToController, &both, first.len(), want);
        // What follows is not looked at: it may be anything.
        let garbage = [first.as_slice(), &[0xff; 9]].concat();
        check(&plugin, Direction::ToController, &garbage, first.len(), want);
    }
}

#[test]
fn fragments_are_one_message() {
    let Some(plugin) = Adapter::new("s7comm") else { return };
    let to = Direction::ToController;
    for (frame, want) in asking().into_iter().filter(|(frame, _)| frame.len() < 64) {
        let pdu = &frame[7..];
        for at in 1..pdu.len() {
            let parts = [fragment(&pdu[..at], false), fragment(&pdu[at..], true)];
            let both = parts.concat();
            check(&plugin, to, &both, both.len(), &want);
            let first = said(&plugin, to, &parts[0]);
            assert_eq!(first, Said::Incomplete(7), "{:02x?}", parts[0]);
        }
    }
    let pdu = &stop()[7..];
    let empty = fragment(&[], false);
    let parts = [
        fragment(&pdu[..3], false),
        empty.clone(),
        fragment(&pdu[3..], false),
        fragment(&[], true),
    ];
    let all = parts.concat();
    check(&plugin, to, &all, all.len(), &[("plc.changeMode", "")]);
    // Before a message, a fragment of nothing is a message of its own: it is not held back.
    let after = [empty.as_slice(), &stop()].concat();
    check(&plugin, to, &after, empty.len(), &[]);
    // Something else between fragments, and more of them than anybody sends.
    refused(&plugin, to, &[parts[0].as_slice(), &silent()[0]].concat());
    refused(&plugin, to, &[parts[0].as_slice(), b"GET / HTTP/1.1"].concat());
    refused(&plugin, to, &fragment(&[0x32], false).repeat(65));
    refused(&plugin, to, &fragment(&vec![0x32; 65_528], false).repeat(2));
}
