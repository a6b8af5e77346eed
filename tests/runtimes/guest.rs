//! A host of its own, written from the contract alone, for runtimes that are Rust libraries.

use trapkey_abi::response::fields;

use crate::work::{Batch, Work};

/// The responses to all frames, each up to its own length.
pub(crate) struct Responses {
    /// From one instance for all frames.
    pub(crate) reused: Vec<Vec<u8>>,
    /// From a new instance for each frame.
    pub(crate) fresh: Vec<Vec<u8>>,
    /// From batches.
    pub(crate) batched: Vec<Vec<u8>>,
}

/// An instance of a module.
pub(crate) trait Guest {
    fn memory(&mut self) -> &mut [u8];
    fn decide(&mut self, frame: u32, out: u32);
    fn decide_batch(&mut self, first: u32, count: u32, stride: u32, out: u32);
}

/// Has instances that `start` makes decide all frames in each way.
pub(crate) fn respond<G: Guest>(work: &Work, start: impl Fn() -> G) -> Responses {
    let mut guest = start();
    let reused = work.frames.iter().map(|frame| single(work, &mut guest, frame)).collect();
    let fresh = work.frames.iter().map(|frame| single(work, &mut start(), frame)).collect();
    let batched = work.batches.iter().flat_map(|batch| several(work, &mut guest, batch)).collect();
    Responses { reused, fresh, batched }
}

fn single<G: Guest>(work: &Work, guest: &mut G, frame: &[u8]) -> Vec<u8> {
    write(guest, work.map.frames_offset, frame);
    write(guest, work.map.responses_offset + fields::LENGTH, &[0; 4]);
    guest.decide(work.map.frames_offset, work.map.responses_offset);
    response(work, guest, 0)
}

fn several<G: Guest>(work: &Work, guest: &mut G, batch: &Batch) -> Vec<Vec<u8>> {
    let (map, frames) = (&work.map, &work.frames[batch.frames.clone()]);
    let count = u32::try_from(frames.len()).unwrap();
    for (index, frame) in (0..count).zip(frames) {
        write(guest, map.frames_offset + index * batch.stride, frame);
        let out = map.responses_offset + index * map.response_bytes_max;
        write(guest, out + fields::LENGTH, &[0; 4]);
    }
    guest.decide_batch(map.frames_offset, count, batch.stride, map.responses_offset);
    (0..count).map(|index| response(work, guest, index)).collect()
}

fn write<G: Guest>(guest: &mut G, at: u32, bytes: &[u8]) {
    guest.memory()[at as usize..][..bytes.len()].copy_from_slice(bytes);
}

fn response<G: Guest>(work: &Work, guest: &mut G, index: u32) -> Vec<u8> {
    let max = work.map.response_bytes_max;
    let start = work.map.responses_offset + index * max;
    let bytes = &guest.memory()[start as usize..][..max as usize];
    let len = bytes[fields::LENGTH as usize..][..4].try_into().unwrap();
    bytes[..u32::from_le_bytes(len) as usize].to_vec()
}
