//! A proxy and policies that do what a test says, and note what they were asked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use trapkey_abi::response::fields;
use trapkey_abi::{Handle, MemoryMap, Reason, header};

use crate::host::{Buffer, Failed, Host, LocalResponse, Stream, WriteFrame};

/// What a frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) environment: u32,
    pub(super) principal: Handle,
    pub(super) resource: Handle,
    pub(super) now: Option<i64>,
    pub(super) context: Vec<u8>,
}

/// What policies answer: reason, policies with their classes and errors, and for how long.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) reason: Reason,
    pub(super) entries: Vec<(u32, u8, u8)>,
    pub(super) remaining: u64,
}

pub(super) fn allow() -> Answer {
    Answer { reason: Reason::Permitted, entries: vec![(0, 0, 0)], remaining: fields::NEVER_ENDS }
}

pub(super) fn forbid() -> Answer {
    Answer { reason: Reason::Forbidden, entries: vec![(1, 1, 0)], remaining: fields::NEVER_ENDS }
}

/// What all workers share.
pub(super) type Shared = Rc<RefCell<BTreeMap<String, Vec<u8>>>>;

pub(super) struct Fake {
    pub(super) headers: Vec<(String, String)>,
    pub(super) properties: BTreeMap<String, Vec<u8>>,
    pub(super) time_ms: u64,
    pub(super) decides: Box<dyn Fn(&Frame) -> Answer>,
    /// Which call fails, from 0 on.
    pub(super) fails_at: Option<usize>,
    pub(super) calls: Vec<&'static str>,
    pub(super) frames: Vec<Frame>,
    pub(super) answers: Vec<(u32, String, String)>,
    pub(super) state: BTreeMap<String, String>,
    pub(super) put: Vec<(String, Option<String>)>,
    pub(super) closed: Vec<Stream>,
    /// Contexts that calls were about, in their order.
    pub(super) selected: Vec<u32>,
    pub(super) configuration: Vec<u8>,
    pub(super) buffer: Vec<u8>,
    pub(super) shared: Shared,
    pub(super) counters: BTreeMap<String, i64>,
    pub(super) logs: Vec<String>,
    response: Vec<u8>,
}

impl Fake {
    pub(super) fn new() -> Self {
        Self {
            headers: Vec::new(),
            properties: BTreeMap::new(),
            time_ms: 1_700_000_000_000,
            decides: Box::new(|_| allow()),
            fails_at: None,
            calls: Vec::new(),
            frames: Vec::new(),
            answers: Vec::new(),
            state: BTreeMap::new(),
            put: Vec::new(),
            closed: Vec::new(),
            selected: Vec::new(),
            configuration: Vec::new(),
            buffer: Vec::new(),
            shared: Shared::default(),
            counters: BTreeMap::new(),
            logs: Vec::new(),
            response: Vec::new(),
        }
    }

    pub(super) fn property_is(&mut self, path: &[&str], value: &[u8]) {
        self.properties.insert(path.join("/"), value.to_vec());
    }

    fn call(&mut self, name: &'static str) -> Result<(), Failed> {
        self.calls.push(name);
        if self.fails_at == Some(self.calls.len() - 1) { Err(Failed) } else { Ok(()) }
    }

    /// The details of the only answer.
    #[track_caller]
    pub(super) fn details(&self) -> &str {
        assert_eq!(self.answers.len(), 1, "{:?}", self.answers);
        &self.answers[0].1
    }
}

impl Host for Fake {
    fn headers(&mut self) -> Result<Vec<u8>, Failed> {
        self.call("headers")?;
        let number = |len: usize| u32::try_from(len).unwrap().to_le_bytes();
        let mut block = number(self.headers.len()).to_vec();
        for (name, value) in &self.headers {
            block.extend(number(name.len()));
            block.extend(number(value.len()));
        }
        for text in self.headers.iter().flat_map(|(name, value)| [name, value]) {
            block.extend(text.as_bytes());
            block.push(0);
        }
        Ok(block)
    }

    fn property(&mut self, path: &[&str]) -> Result<Option<Vec<u8>>, Failed> {
        self.call("property")?;
        Ok(self.properties.get(&path.join("/")).cloned())
    }

    fn set_property(&mut self, name: &str, value: &str) -> Result<(), Failed> {
        self.call("set_property")?;
        self.state.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    fn now(&mut self) -> Result<u64, Failed> {
        self.call("now")?;
        Ok(self.time_ms * 1_000_000)
    }

    fn respond(&mut self, response: &LocalResponse<'_>) -> Result<(), Failed> {
        self.call("respond")?;
        let LocalResponse { status, details, body } = *response;
        self.answers.push((status, details.to_owned(), body.to_owned()));
        Ok(())
    }

    fn put_header(&mut self, name: &str, value: Option<&str>) -> Result<(), Failed> {
        self.call("put_header")?;
        self.put.push((name.to_owned(), value.map(str::to_owned)));
        Ok(())
    }

    fn close(&mut self, stream: Stream) -> Result<(), Failed> {
        self.call("close")?;
        self.closed.push(stream);
        Ok(())
    }

    fn select(&mut self, context: u32) -> Result<(), Failed> {
        self.call("select")?;
        self.selected.push(context);
        Ok(())
    }

    fn buffer(&mut self, buffer: Buffer, len: usize) -> Result<Vec<u8>, Failed> {
        self.call("buffer")?;
        let bytes = match buffer {
            Buffer::Configuration => &self.configuration,
            Buffer::Downstream => &self.buffer,
        };
        Ok(bytes.iter().copied().take(len).collect())
    }

    fn put_data(&mut self, len: usize, bytes: &[u8]) -> Result<(), Failed> {
        self.call("put_data")?;
        assert_eq!(len, self.buffer.len());
        self.buffer = bytes.to_vec();
        Ok(())
    }

    fn shared(&mut self, key: &str) -> Result<Option<Vec<u8>>, Failed> {
        self.call("shared")?;
        Ok(self.shared.borrow().get(key).cloned())
    }

    fn share(&mut self, key: &str, value: &[u8]) -> Result<(), Failed> {
        self.call("share")?;
        self.shared.borrow_mut().insert(key.to_owned(), value.to_vec());
        Ok(())
    }

    fn counter(&mut self, name: &str) -> Result<u32, Failed> {
        self.call("counter")?;
        self.counters.insert(name.to_owned(), 0);
        Ok(u32::try_from(self.counters.len()).unwrap() - 1)
    }

    fn count(&mut self, counter: u32, by: i64) -> Result<(), Failed> {
        self.call("count")?;
        let name = ["trapkey.allowed", "trapkey.denied", "trapkey.would_deny", "trapkey.failed"];
        *self.counters.get_mut(name[usize::try_from(counter).unwrap()]).unwrap() += by;
        Ok(())
    }

    fn tick_every(&mut self, _milliseconds: u32) -> Result<(), Failed> {
        self.call("tick_every")
    }

    fn log(&mut self, text: &str) {
        self.logs.push(text.to_owned());
    }

    fn decide(&mut self, map: &MemoryMap, frame: &mut WriteFrame<'_>) -> Result<&[u8], Failed> {
        self.call("decide")?;
        let mut bytes = vec![0; usize::try_from(map.frame_bytes_max).unwrap()];
        let len = frame(&mut bytes).map_err(|_| Failed)?;
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let handle = |at: usize| Handle::from_bytes(bytes[at..at + 16].try_into().unwrap());
        let now = i64::from_le_bytes(bytes[header::NOW..header::NOW + 8].try_into().unwrap());
        let frame = Frame {
            environment: word(header::ENVIRONMENT),
            principal: handle(header::PRINCIPAL),
            resource: handle(header::RESOURCE),
            now: (word(header::CLOCK) == 1).then_some(now),
            context: bytes[usize::try_from(word(header::CONTEXT)).unwrap()..len].to_vec(),
        };
        let answer = (self.decides)(&frame);
        self.frames.push(frame);
        self.response = written(&answer);
        Ok(&self.response)
    }
}

/// The response that says this.
fn written(answer: &Answer) -> Vec<u8> {
    let mut response = vec![0; 64];
    response[0] = u8::from(answer.reason == Reason::Permitted);
    response[1] = answer.reason.code();
    let count = u32::try_from(answer.entries.len()).unwrap();
    response[8..12].copy_from_slice(&count.to_le_bytes());
    response[12..16].copy_from_slice(&(64 + count * 8).to_le_bytes());
    response[16..24].copy_from_slice(&answer.remaining.to_le_bytes());
    for (policy, class, error) in &answer.entries {
        response.extend(policy.to_le_bytes());
        response.extend([*class, *error, 0, 0]);
    }
    response
}
