//! What the guest asks of the proxy and of the policies: everything outside of it.

#[cfg(target_arch = "wasm32")]
mod calls;
#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(target_arch = "wasm32")]
mod memory;

use trapkey_abi::{EncodeError, MemoryMap};

/// The proxy did not do what was asked; whoever asked denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// What a proxy answers in place of the upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalResponse<'a> {
    /// Status code.
    pub status: u32,
    /// For access logs: the response code's details, without blanks.
    pub details: &'a str,
    /// JSON.
    pub body: &'a str,
}

/// Writes a frame into the area that it is given; gives its length.
pub type WriteFrame<'w> = dyn FnMut(&mut [u8]) -> Result<usize, EncodeError> + 'w;

/// The proxy and the policies.
pub trait Host {
    /// All headers of the request, in the form of the interface: a count, lengths, then texts with zeros after them.
    ///
    /// # Errors
    ///
    /// [`Failed`], as from every other call.
    fn headers(&mut self) -> Result<Vec<u8>, Failed>;

    /// A property by its path; absent if the proxy has none.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn property(&mut self, path: &[&str]) -> Result<Option<Vec<u8>>, Failed>;

    /// Puts text into filter state below `wasm.` and the name.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn set_property(&mut self, name: &str, value: &str) -> Result<(), Failed>;

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn now(&mut self) -> Result<u64, Failed>;

    /// Answers the request in place of the upstream.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn respond(&mut self, response: &LocalResponse<'_>) -> Result<(), Failed>;

    /// Sets a header of the request in place of any of that name, or takes them away.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn put_header(&mut self, name: &str, value: Option<&str>) -> Result<(), Failed>;

    /// Ends the stream.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn close(&mut self, stream: Stream) -> Result<(), Failed>;

    /// Lets what follows be about another context than the one that was called.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn select(&mut self, context: u32) -> Result<(), Failed>;

    /// Bytes of a buffer from its start.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn buffer(&mut self, buffer: Buffer, len: usize) -> Result<Vec<u8>, Failed>;

    /// Puts bytes in place of the first `len` that the client sent.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn put_data(&mut self, len: usize, bytes: &[u8]) -> Result<(), Failed>;

    /// What all workers share under a key.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn shared(&mut self, key: &str) -> Result<Option<Vec<u8>>, Failed>;

    /// Shares bytes with all workers under a key.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn share(&mut self, key: &str, value: &[u8]) -> Result<(), Failed>;

    /// The number of a counter.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn counter(&mut self, name: &str) -> Result<u32, Failed>;

    /// Adds to a counter.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn count(&mut self, counter: u32, by: i64) -> Result<(), Failed>;

    /// Asks for a tick every so many milliseconds.
    ///
    /// # Errors
    ///
    /// [`Failed`]
    fn tick_every(&mut self, milliseconds: u32) -> Result<(), Failed>;

    /// Writes a line to the proxy's log, as an error.
    fn log(&mut self, text: &str);

    /// Writes a frame, asks the policies and gives the bytes of their response.
    ///
    /// # Errors
    ///
    /// [`Failed`] if there is no frame.
    fn decide(&mut self, memory: &MemoryMap, frame: &mut WriteFrame<'_>) -> Result<&[u8], Failed>;
}

/// A buffer of the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buffer {
    /// The plugin's configuration.
    Configuration,
    /// What the client sent on a connection and nothing has taken yet.
    Downstream,
}

/// A stream that is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// The request of an HTTP stream.
    Request,
    /// The response of an HTTP stream.
    Response,
    /// A connection from a client.
    Downstream,
}

/// Whether a callback lets the proxy go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It does.
    Continue,
    /// The proxy waits, and keeps what it has.
    Pause,
}
