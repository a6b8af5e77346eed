//! Clients that say exactly what they are told: TLS connections for HTTP/1.1 and for frames.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::upstream::{head, value};

/// How long an answer may take, when others run on the same two cores.
const PATIENCE: Duration = Duration::from_mins(1);

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: Vec<String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        value(&self.head, name)
    }
}

/// A connection by TLS to a port of this machine.
pub(crate) struct Client {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
}

impl Client {
    pub(crate) fn connect(port: u16, config: &Arc<ClientConfig>) -> io::Result<Self> {
        let name = ServerName::try_from("localhost").unwrap();
        let tls = ClientConnection::new(Arc::clone(config), name).unwrap();
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(StreamOwned::new(tls, stream)) })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)?;
        self.stream.get_mut().flush()
    }

    /// The next response; an error where the connection ends before it.
    pub(crate) fn answer(&mut self) -> io::Result<Answer> {
        let head = head(&mut self.stream).ok_or(io::ErrorKind::UnexpectedEof)?;
        let line = head.first().ok_or(io::ErrorKind::InvalidData)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let length = value(&head, "content-length").map_or(Ok(0), str::parse);
        let mut body = vec![0; length.map_err(|_| io::ErrorKind::InvalidData)?];
        self.stream.read_exact(&mut body)?;
        let body = String::from_utf8(body).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(Answer { status, head, body })
    }

    pub(crate) fn ask(&mut self, bytes: &[u8]) -> io::Result<Answer> {
        self.send(bytes)?;
        self.answer()
    }

    /// So many bytes; an error where the connection ends before.
    pub(crate) fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether the other side closes without another byte.
    pub(crate) fn is_closed(&mut self) -> bool {
        match self.stream.read(&mut [0]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }
}
