//! One instance of a module: its memory and its `decide`.

use std::num::NonZeroU64;
use std::ops::Range;

use trapkey_abi::response::fields;
use trapkey_abi::{EncodeError, KeptRows, MemoryMap, export};
use wasmtime::{InstancePre, Memory, Store, Trap, TypedFunc};

use crate::DecideError;

/// One instance of a module.
pub(crate) struct Instance {
    store: Store<()>,
    memory: Memory,
    decide: TypedFunc<(u32, u32), ()>,
    decide_batch: TypedFunc<(u32, u32, u32, u32), ()>,
    kept: KeptRows,
}

/// The host's parts of a module's memory, found once per module.
pub(crate) struct Areas {
    frames: Range<usize>,
    /// Where a frame goes, from the start of `frames`.
    frame: Range<usize>,
    /// Where rows are kept, from the start of `frames`.
    kept: Range<usize>,
    responses: Range<usize>,
    response: Range<usize>,
    response_length: usize,
    /// Offset in bytes of the length in a response.
    length: usize,
    arguments: (u32, u32),
    /// Bytes from one response of a batch to the next.
    response_stride: usize,
}

/// What the host fills unused memory with where frames are poisoned: no valid length, count or
/// offset.
const POISON: u8 = 0xa5;

/// Fuel for an instantiation, which only fills a table and the memory: its size bounds the work.
const INSTANTIATION_FUEL: u64 = 1_000_000_000;

impl Areas {
    pub(crate) fn new(map: &MemoryMap) -> Option<Self> {
        let range = |offset: u32, len: u32| {
            let start = usize::try_from(offset).ok()?;
            Some(start..start.checked_add(usize::try_from(len).ok()?)?)
        };
        Some(Self {
            frames: range(map.frames_offset, map.frames_bytes)?,
            frame: range(0, map.frame_bytes_max)?,
            // The second half, or what the longest frame leaves.
            kept: range(map.frame_bytes_max.max(map.frames_bytes / 2), 0)?.start
                ..range(map.frames_bytes, 0)?.start,
            responses: range(map.responses_offset, map.responses_bytes)?,
            response: range(map.responses_offset, map.response_bytes_max)?,
            response_length: range(map.responses_offset.checked_add(fields::LENGTH)?, 4)?.start,
            length: usize::try_from(fields::LENGTH).ok()?,
            arguments: (map.frames_offset, map.responses_offset),
            response_stride: usize::try_from(map.response_bytes_max).ok()?,
        })
    }

    /// Longest frame in bytes.
    pub(crate) fn frame_bytes_max(&self) -> usize {
        self.frame.len()
    }

    /// How many frames, so many bytes apart, one call decides.
    pub(crate) fn frames_max(&self, stride: usize) -> usize {
        let frames = self.kept.start.checked_div(stride).unwrap_or(0);
        let responses = self.responses.len().checked_div(self.response_stride).unwrap_or(0);
        frames.min(responses)
    }
}

impl Instance {
    /// Makes an instance; absent if there is no memory for it.
    pub(crate) fn new(module: &InstancePre<()>, areas: &Areas) -> Result<Self, wasmtime::Error> {
        let mut store = Store::new(module.module().engine(), ());
        // Filling the module's table and memory counts as execution.
        store.set_fuel(INSTANTIATION_FUEL)?;
        let instance = module.instantiate(&mut store)?;
        let decide = instance.get_typed_func(&mut store, export::DECIDE)?;
        let decide_batch = instance.get_typed_func(&mut store, export::DECIDE_BATCH)?;
        let Some(memory) = instance.get_memory(&mut store, export::MEMORY) else {
            return Err(wasmtime::Error::msg("no memory"));
        };
        let kept = KeptRows::new(areas.kept.clone(), areas.frame_bytes_max());
        Ok(Self { store, memory, decide, decide_batch, kept })
    }

    /// Fills frames and responses with bytes that no module can take for its own.
    pub(crate) fn poison(&mut self, areas: &Areas) -> Result<(), DecideError> {
        let memory = self.memory.data_mut(&mut self.store);
        for area in [&areas.frames, &areas.responses] {
            memory.get_mut(area.clone()).ok_or(DecideError::Instance)?.fill(POISON);
        }
        self.kept.clear();
        Ok(())
    }

    /// Lets `encode` write the frame into its part of the area for frames, calls `decide` and gives
    /// the bytes where its response is.
    pub(crate) fn decide(
        &mut self,
        areas: &Areas,
        fuel: NonZeroU64,
        encode: impl FnOnce((&mut [u8], Range<usize>), &mut KeptRows) -> Result<usize, EncodeError>,
    ) -> Result<&[u8], DecideError> {
        let memory = self.memory.data_mut(&mut self.store);
        // A module that writes nothing must not be answered by its last response.
        let length = memory.get_mut(areas.response_length..).and_then(<[u8]>::first_chunk_mut);
        *length.ok_or(DecideError::Instance)? = [0; 4];
        let frames = memory.get_mut(areas.frames.clone()).ok_or(DecideError::Instance)?;
        self.kept.start();
        encode((frames, areas.frame.clone()), &mut self.kept).map_err(encoding)?;
        self.store.set_fuel(fuel.get()).map_err(|_| DecideError::Instance)?;
        self.decide.call(&mut self.store, areas.arguments).map_err(|error| trap(&error))?;
        self.memory.data(&self.store).get(areas.response.clone()).ok_or(DecideError::Instance)
    }
}

impl Instance {
    /// Begins a batch: makes room for rows.
    pub(crate) fn start(&mut self) {
        self.kept.start();
    }

    /// Lets `encode` write a frame into a place of the area for frames.
    pub(crate) fn encode(
        &mut self,
        areas: &Areas,
        place: Range<usize>,
        encode: impl FnOnce(&mut [u8], Range<usize>, &mut KeptRows) -> Result<usize, EncodeError>,
    ) -> Result<usize, DecideError> {
        let memory = self.memory.data_mut(&mut self.store);
        let frames = memory.get_mut(areas.frames.clone()).ok_or(DecideError::Instance)?;
        encode(frames, place, &mut self.kept).map_err(encoding)
    }

    /// Calls `decide_batch` for frames from the start of the area on, with the budget of all.
    pub(crate) fn decide_batch(
        &mut self,
        areas: &Areas,
        fuel: NonZeroU64,
        count: usize,
        stride: usize,
    ) -> Result<(), DecideError> {
        let memory = self.memory.data_mut(&mut self.store);
        let responses = memory.get_mut(areas.responses.clone()).ok_or(DecideError::Instance)?;
        for response in responses.chunks_mut(areas.response_stride).take(count) {
            let length = response.get_mut(areas.length..).and_then(<[u8]>::first_chunk_mut);
            *length.ok_or(DecideError::Instance)? = [0; 4];
        }
        let narrow = |value: usize| u32::try_from(value).map_err(|_| DecideError::Instance);
        let all = u64::try_from(count).unwrap_or(u64::MAX).saturating_mul(fuel.get());
        self.store.set_fuel(all).map_err(|_| DecideError::Instance)?;
        let (frames, responses) = areas.arguments;
        let arguments = (frames, narrow(count)?, narrow(stride)?, responses);
        self.decide_batch.call(&mut self.store, arguments).map_err(|error| trap(&error))
    }

    /// The bytes where a response of the last batch is.
    pub(crate) fn response(&self, areas: &Areas, index: usize) -> Result<&[u8], DecideError> {
        let responses = self.memory.data(&self.store).get(areas.responses.clone());
        let mut responses = responses.unwrap_or_default().chunks(areas.response_stride);
        responses.nth(index).ok_or(DecideError::Instance)
    }
}

pub(crate) fn encoding(error: EncodeError) -> DecideError {
    match error {
        EncodeError::TooLarge { capacity } => DecideError::FrameTooLarge { capacity },
        EncodeError::UnknownEnvironment { .. } => DecideError::NoEnvironment,
        // `EncodeError` may grow: whatever else it says, there is no frame.
        _ => DecideError::Malformed,
    }
}

fn trap(error: &wasmtime::Error) -> DecideError {
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => DecideError::OutOfFuel,
        Some(_) => DecideError::Trap,
        None => DecideError::Instance,
    }
}
