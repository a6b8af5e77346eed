//! Requests that overlap: each write is decided with the value that it meets, whatever else is under way.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::place::{BOTH, BOTH_2, HISTORIAN, PATIENCE, Place, Wire, World};

const READ: [u8; 5] = [3, 0, 12, 0, 1];

fn write(value: u8) -> [u8; 5] {
    [6, 0, 12, 0, value]
}

/// A request that a device got, and where its answer goes.
struct Asked {
    request: [u8; 12],
    stream: TcpStream,
}

impl Asked {
    fn answer(mut self, answer: &[u8]) {
        let [high, low, ..] = self.request;
        let len = u8::try_from(answer.len() + 1).unwrap();
        let head = [high, low, 0, 0, 0, len, self.request[6]];
        self.stream.write_all(&[&head, answer].concat()).unwrap();
    }
}

fn listen(mut stream: TcpStream, to: &Sender<Asked>) {
    let mut request = [0; 12];
    while stream.read_exact(&mut request).is_ok() {
        let asked = Asked { request, stream: stream.try_clone().unwrap() };
        // The test may be over.
        if to.send(asked).is_err() {
            return;
        }
    }
}

/// A device that answers when the test says so.
struct SlowDevice(Receiver<Asked>);

impl SlowDevice {
    #[track_caller]
    fn next(&self) -> Asked {
        self.0.recv_timeout(PATIENCE).expect("the device is not asked")
    }
}

fn slow_device() -> (u16, SlowDevice) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (to, from) = channel();
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let to = to.clone();
            thread::spawn(move || listen(stream, &to));
        }
    });
    (port, SlowDevice(from))
}

#[test]
fn write_waits_for_the_one_before_it() {
    let (port, device) = slow_device();
    let mut world = World::cell();
    world.device = Some(port);
    let Some(place) = Place::start(&world, &[BOTH, BOTH_2, HISTORIAN]) else { return };
    let [mut first, mut second] = [BOTH, BOTH_2].map(|source| place.connect(0, source));
    let mut reader = place.connect(0, HISTORIAN);
    let read_zero = |reader: &mut Wire| {
        let frame = reader.frame(1, &READ);
        reader.send(&frame);
        let read = device.next();
        assert_eq!(read.request[7..], READ);
        read.answer(&[3, 2, 0, 0]);
        assert_eq!(reader.receive().unwrap()[7..], [3, 2, 0, 0]);
    };
    read_zero(&mut reader);
    let frame = first.frame(1, &write(100));
    first.send(&frame);
    let asked = device.next();
    assert_eq!(asked.request[7..], write(100));
    // 190 is too far from 0, and near enough to 100. Who reads does not wait.
    let frame = second.frame(1, &write(190));
    second.send(&frame);
    read_zero(&mut reader);
    asked.answer(&write(100));
    assert_eq!(first.receive().unwrap()[7..], write(100));
    let asked = device.next();
    assert_eq!(asked.request[7..], write(190));
    asked.answer(&write(190));
    assert_eq!(second.receive().unwrap()[7..], write(190));
}

#[test]
fn late_answer_to_a_read_does_not_undo_a_write() {
    let (port, device) = slow_device();
    let mut world = World::cell();
    world.device = Some(port);
    let Some(place) = Place::start(&world, &[BOTH, HISTORIAN]) else { return };
    let (mut writer, mut reader) = (place.connect(0, BOTH), place.connect(0, HISTORIAN));
    let frame = reader.frame(1, &READ);
    reader.send(&frame);
    let read = device.next();
    let frame = writer.frame(1, &write(100));
    writer.send(&frame);
    device.next().answer(&write(100));
    assert_eq!(writer.receive().unwrap()[7..], write(100));
    read.answer(&[3, 2, 0, 0]);
    assert_eq!(reader.receive().unwrap()[7..], [3, 2, 0, 0]);
    // From 100 it is near enough, from 0 it would not be.
    let frame = writer.frame(1, &write(180));
    writer.send(&frame);
    device.next().answer(&write(180));
    assert_eq!(writer.receive().unwrap()[7..], write(180));
}

#[test]
fn what_is_no_answer_to_the_request_is_none() {
    let (port, device) = slow_device();
    let mut world = World::cell();
    world.device = Some(port);
    let Some(place) = Place::start(&world, &[HISTORIAN]) else { return };
    let mut reader = place.connect(0, HISTORIAN);
    // Other functions, too few values, another unit, an exception that is too long.
    for (answer, unit) in [
        (&[0x84, 2][..], 1),
        (&[4, 2, 0, 0], 1),
        (&[3, 1, 0], 1),
        (&[3, 4, 0, 0, 0, 0], 1),
        (&[3, 2, 0, 0], 2),
        (&[0x83, 2, 0], 1),
    ] {
        let frame = reader.frame(1, &READ);
        reader.send(&frame);
        let mut asked = device.next();
        asked.request[6] = unit;
        asked.answer(answer);
        assert_eq!(reader.receive().unwrap()[7..], [0x83, 0x0b], "{answer:?}");
    }
    let frame = reader.frame(1, &READ);
    reader.send(&frame);
    device.next().answer(&[0x83, 4]);
    assert_eq!(reader.receive().unwrap()[7..], [0x83, 4], "the device's own exception");
}
