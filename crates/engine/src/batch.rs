//! Many decisions by few calls of a module.

use std::borrow::Borrow;

use trapkey_abi::encode_keeping;

use crate::instance::Instance;
use crate::snapshot::{Facts, Live};
use crate::{DecideError, Decision, Request};

/// Bytes between the frames of a batch at first: most frames are shorter.
const STRIDE: usize = 1024;

/// Requests and what is decided of them, by one snapshot.
pub(crate) struct Batch<'b, R> {
    // INVARIANT: each of `requests` has one of `decisions`, which is started.
    pub(crate) live: &'b Live,
    pub(crate) facts: Facts<'b>,
    pub(crate) requests: &'b [R],
    pub(crate) decisions: &'b mut [Decision],
}

/// The frames of one call.
struct Frames {
    /// The first request that is not among them.
    end: usize,
    count: usize,
    /// Bytes from one to the next.
    stride: usize,
}

impl<R: Borrow<Request>> Batch<'_, R> {
    /// Decides all requests with this instance of the module; whether it can decide again.
    pub(crate) fn decide(&mut self, instance: &mut Instance) -> bool {
        let frame_max = self.live.loaded().areas().frame_bytes_max();
        let (mut first, mut stride) = (0, STRIDE.min(frame_max));
        while first < self.requests.len() {
            let decided = self.encode(instance, first, stride).and_then(|frames| {
                self.call(instance, first..frames.end, &frames)?;
                Ok(frames)
            });
            let Ok(frames) = decided else {
                // One request that fails must not fail the others.
                self.decide_apart();
                return false;
            };
            (first, stride) = (frames.end, frames.stride);
        }
        true
    }

    /// Encodes frames from the request at `first` on, as many as there is room for.
    fn encode(
        &mut self,
        instance: &mut Instance,
        first: usize,
        stride: usize,
    ) -> Result<Frames, DecideError> {
        let loaded = self.live.loaded();
        let (areas, gather) = (loaded.areas(), loaded.contents().gather());
        if loaded.poisons_frames() {
            instance.poison(areas)?;
        }
        instance.start();
        let mut frames = Frames { end: first, count: 0, stride };
        while let Some(request) = self.requests.get(frames.end) {
            if frames.count >= areas.frames_max(frames.stride) {
                break;
            }
            let start = frames.count * frames.stride;
            let place = start..start + frames.stride;
            let decision = self.decisions.get(frames.end);
            let (at, granted) =
                decision.map_or((None, [].as_slice()), |own| (own.at(), own.granted()));
            let encoded = self.live.encodable(request.borrow(), at, granted).and_then(|request| {
                instance.encode(areas, place, |area, place, kept| {
                    encode_keeping(gather, &request, &self.facts, (area, place), kept)
                })
            });
            match encoded {
                Ok(_) => frames.count += 1,
                Err(DecideError::FrameTooLarge { .. })
                    if frames.stride < areas.frame_bytes_max() =>
                {
                    // It may fit with larger steps, for which there must be no frame yet.
                    if frames.count > 0 {
                        break;
                    }
                    frames.stride = (frames.stride * 2).min(areas.frame_bytes_max());
                    continue;
                }
                Err(error) if error.leaves_instance() => self.fail(frames.end, error),
                Err(error) => return Err(error),
            }
            frames.end += 1;
        }
        Ok(frames)
    }

    /// Calls the module and reads a response for each request that has a frame.
    fn call(
        &mut self,
        instance: &mut Instance,
        requests: std::ops::Range<usize>,
        frames: &Frames,
    ) -> Result<(), DecideError> {
        let loaded = self.live.loaded();
        instance.decide_batch(loaded.areas(), loaded.fuel(), frames.count, frames.stride)?;
        let open = self.decisions.get_mut(requests).unwrap_or_default().iter_mut();
        let mut result = Ok(());
        for (index, decision) in open.filter(|decision| decision.is_open()).enumerate() {
            let response = instance.response(loaded.areas(), index)?;
            let read = |granted: &[u64], decision: &mut Decision| {
                decision.read(response, loaded.expected(), granted)
            };
            if let Err(error) = decision.with_granted(read) {
                decision.reopen();
                result = Err(error);
            }
        }
        result
    }

    fn fail(&mut self, index: usize, error: DecideError) {
        if let Some(decision) = self.decisions.get_mut(index) {
            decision.fail(error);
        }
    }

    /// Decides what is not decided yet, each request by itself.
    fn decide_apart(&mut self) {
        for (request, decision) in self.requests.iter().zip(&mut *self.decisions) {
            if !decision.is_open() {
                continue;
            }
            let decided = decision.with_granted(|granted, decision| {
                let request = self.live.encodable(request.borrow(), decision.at(), granted)?;
                self.live.loaded().decide(&request, &self.facts, decision)
            });
            if let Err(error) = decided {
                decision.fail(error);
            }
        }
    }
}
