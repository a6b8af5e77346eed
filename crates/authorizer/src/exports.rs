//! What the component model calls, and what the linker gives.

#![expect(
    unsafe_code,
    unreachable_pub,
    reason = "memory is shared with the policies, and exports are generated"
)]

use std::slice;
use std::sync::OnceLock;

use trapkey_abi::{EncodeError, MemoryMap};

use crate::answer::{Authorizer, Module};
use crate::bindings::{self, Guest, GuestEntityStore};
use crate::store::EntityStore;
use crate::types::{Decision, Entity, Failure, Request, Value};

#[link(wasm_import_module = "trapkey")]
unsafe extern "C" {
    fn decide(frame: u32, out: u32);
    fn plan() -> u32;
    fn plan_bytes() -> u32;
}

struct Component;

bindings::export!(Component with_types_in bindings);

/// Read once; none if the plan cannot be used.
static AUTHORIZER: OnceLock<Option<Authorizer>> = OnceLock::new();

fn authorizer() -> Result<&'static Authorizer, Failure> {
    let made = AUTHORIZER.get_or_init(|| {
        // SAFETY: the linker put the plan there, and nothing writes to it.
        let bytes = unsafe { slice::from_raw_parts(plan() as *const u8, plan_bytes() as usize) };
        Authorizer::new(bytes).ok()
    });
    made.as_ref().ok_or_else(|| Failure::Internal("the plan cannot be used".to_owned()))
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
        // SAFETY: the area belongs to the policies' memory below this guest's, which the linker checked; nothing else
        // refers to it while it is written.
        let frames = unsafe {
            slice::from_raw_parts_mut(
                memory.frames_offset as *mut u8,
                memory.frame_bytes_max as usize,
            )
        };
        if let Err(error) = encode(frames) {
            return Some(Err(error));
        }
        // SAFETY: as above, the area for responses.
        let out = unsafe {
            slice::from_raw_parts_mut(
                memory.responses_offset as *mut u8,
                memory.response_bytes_max as usize,
            )
        };
        // No response until one is written: its length is 0.
        out.get_mut(12..16)?.fill(0);
        // SAFETY: the frame was written by the one encoder, to where the policies expect it.
        unsafe { decide(memory.frames_offset, memory.responses_offset) };
        Some(Ok(out))
    }
}
