//! What the component model calls, and what the linker gives.

use std::slice;
use std::sync::OnceLock;

use trapkey_abi::{EncodeError, MemoryMap};

use crate::answer::{Authorizer, Module};
use crate::bindings::{self, Guest, GuestEntityStore};
use crate::store::EntityStore;
use crate::types::{Decision, Entity, Failure, Request, Value};

#[expect(unsafe_code, reason = "the builder puts these functions in")]
#[link(wasm_import_module = "trapkey")]
unsafe extern "C" {
    safe fn decide(frame: usize, out: usize);
    safe fn plan() -> usize;
    safe fn plan_bytes() -> usize;
}

struct Component;

/// What the component model calls.
mod generated {
    #![expect(unsafe_code, unreachable_pub, reason = "written by a macro")]

    use super::Component;
    use crate::bindings;

    bindings::export!(Component with_types_in bindings);
}

/// Read once; none if the plan cannot be used.
static AUTHORIZER: OnceLock<Option<Authorizer>> = OnceLock::new();

fn authorizer() -> Result<&'static Authorizer, Failure> {
    let made = AUTHORIZER.get_or_init(|| Authorizer::new(plan_text()).ok());
    made.as_ref().ok_or_else(|| Failure::Internal("the plan cannot be used".to_owned()))
}

/// The postcard of the plan.
fn plan_text() -> &'static [u8] {
    let at = core::ptr::with_exposed_provenance(plan());
    #[expect(unsafe_code, reason = "the builder puts this there")]
    // SAFETY: the builder placed so many bytes there, apart from all that the guest and the policies write.
    let bytes = unsafe { slice::from_raw_parts(at, plan_bytes()) };
    bytes
}

/// The only answer of a list of one.
fn only(answers: Vec<Result<Decision, Failure>>) -> Result<Decision, Failure> {
    let none = || Failure::Internal("there is no answer".to_owned());
    answers.into_iter().next().ok_or_else(none)?
}

impl Guest for Component {
    type EntityStore = EntityStore;

    fn digest() -> String {
        authorizer().map(|authorizer| authorizer.digest().to_owned()).unwrap_or_default()
    }

    fn decide(
        values: Vec<Value>,
        entities: Vec<Entity>,
        request: Request,
    ) -> Result<Decision, Failure> {
        only(authorizer()?.decide(&mut Policies, (&values, &entities), &[request])?)
    }

    fn decide_batch(
        values: Vec<Value>,
        entities: Vec<Entity>,
        requests: Vec<Request>,
    ) -> Result<Vec<Result<Decision, Failure>>, Failure> {
        authorizer()?.decide(&mut Policies, (&values, &entities), &requests)
    }
}

impl GuestEntityStore for EntityStore {
    fn open(values: Vec<Value>, entities: Vec<Entity>) -> Result<bindings::StoreResource, Failure> {
        Ok(bindings::StoreResource::new(authorizer()?.store(&values, &entities)?))
    }

    fn decide(&self, values: Vec<Value>, request: Request) -> Result<Decision, Failure> {
        only(authorizer()?.decide_by(&mut Policies, self, &values, &[request])?)
    }

    fn decide_batch(
        &self,
        values: Vec<Value>,
        requests: Vec<Request>,
    ) -> Result<Vec<Result<Decision, Failure>>, Failure> {
        authorizer()?.decide_by(&mut Policies, self, &values, &requests)
    }
}

/// The policies that this is linked with.
struct Policies;

impl Module for Policies {
    fn decide(
        &mut self,
        memory: &MemoryMap,
        encode: &mut dyn FnMut(&mut [u8]) -> Result<usize, EncodeError>,
    ) -> Option<Result<&[u8], EncodeError>> {
        let areas = Areas::new(memory)?;
        if let Err(error) = encode(areas.frame()) {
            return Some(Err(error));
        }
        // No response until one is written: its length is 0.
        areas.response().get_mut(..16)?.fill(0);
        decide(areas.frame, areas.response);
        Some(Ok(area(areas.response, areas.response_bytes)))
    }
}

/// Where the guest's stack ends, and what belongs to the policies: the guest begins a MiB further on.
const POLICIES_END: usize = 31 * 1024 * 1024;

/// Where frames go if the area for them begins at 0, which is no address.
const FIRST: usize = 64;

/// Where a frame is written and its response is read.
struct Areas {
    // INVARIANT: both lie below the guest, do not overlap, and do not begin at 0.
    frame: usize,
    frame_bytes: usize,
    response: usize,
    response_bytes: usize,
}

impl Areas {
    fn new(memory: &MemoryMap) -> Option<Self> {
        let number = |number: u32| usize::try_from(number).ok();
        let (frames, response) = (number(memory.frames_offset)?, number(memory.responses_offset)?);
        let frames_end = frames.checked_add(number(memory.frames_bytes)?)?;
        let response_bytes = number(memory.response_bytes_max)?;
        let response_end = response.checked_add(response_bytes)?;
        let frame = frames.max(FIRST);
        let frame_bytes = number(memory.frame_bytes_max)?.min(frames_end.checked_sub(frame)?);
        let is_apart = frames_end <= response || response_end <= frame;
        let is_below = frames_end.max(response_end) <= POLICIES_END;
        (is_apart && is_below && response != 0).then_some(Self {
            frame,
            frame_bytes,
            response,
            response_bytes,
        })
    }

    #[expect(clippy::mut_from_ref, reason = "the memory is the policies'")]
    fn frame(&self) -> &mut [u8] {
        area(self.frame, self.frame_bytes)
    }

    #[expect(clippy::mut_from_ref, reason = "the memory is the policies'")]
    fn response(&self) -> &mut [u8] {
        area(self.response, self.response_bytes)
    }
}

/// An area of the policies' memory.
fn area<'m>(at: usize, len: usize) -> &'m mut [u8] {
    let at = core::ptr::with_exposed_provenance_mut(at);
    #[expect(unsafe_code, reason = "the policies share their memory")]
    // SAFETY: by the invariant it lies below all that is the guest's; its bytes are initialised, as all memory is, and
    // the policies write them in `decide` alone, while nothing refers to them.
    let area = unsafe { slice::from_raw_parts_mut(at, len) };
    area
}
