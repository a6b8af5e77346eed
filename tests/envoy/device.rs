//! A controller behind the filter: it answers each request with the request itself, and remembers it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Modbus/TCP that echoes.
pub(crate) struct Device {
    pub(crate) port: u16,
    received: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Device {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::default();
        let shared = Arc::clone(&received);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { port, received }
    }

    /// What came since this was asked last.
    pub(crate) fn take(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.received.lock().unwrap())
    }
}

/// Until the connection ends, in whatever way.
fn serve(mut stream: TcpStream, received: &Mutex<Vec<Vec<u8>>>) {
    loop {
        let mut frame = vec![0; 6];
        if stream.read_exact(&mut frame).is_err() {
            return;
        }
        let length = usize::from(frame[4]) * 256 + usize::from(frame[5]);
        frame.resize(6 + length, 0);
        if stream.read_exact(&mut frame[6..]).is_err() {
            return;
        }
        received.lock().unwrap().push(frame.clone());
        if stream.write_all(&frame).is_err() {
            return;
        }
    }
}
