//! The functions that the proxy calls, by the interface proxy-wasm 0.2.1.

use core::cell::RefCell;

use super::calls::Proxy;
use super::{Action, Host, memory};
use crate::Guest;

thread_local! {
    /// One thread runs a proxy's instance of this code.
    static GUEST: RefCell<State> = const { RefCell::new(State::Unread) };
    /// Contexts that ended while the guest was acting: a proxy that closes a connection at once says so at once.
    static ENDED: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// What has become of the plan.
enum State {
    /// Nobody looked.
    Unread,
    /// It cannot be used: all is denied.
    Refused,
    /// It is in force.
    Ready(Box<Guest>),
}

/// Lets the guest act; absent if its plan cannot be used, or if it is acting already.
fn with<T>(act: impl FnOnce(&mut Guest, &mut Proxy) -> T) -> Option<T> {
    GUEST.with(|state| {
        let mut state = state.try_borrow_mut().ok()?;
        let proxy = &mut Proxy;
        if matches!(*state, State::Unread) {
            *state = match Guest::new(memory::plan_text(), memory::image_text()) {
                Ok(guest) => State::Ready(Box::new(guest)),
                Err(error) => {
                    proxy.log(&format!("trapkey: {error}"));
                    State::Refused
                }
            };
        }
        match &mut *state {
            State::Ready(guest) => {
                let done = act(guest, proxy);
                ENDED.take().into_iter().for_each(|context| guest.delete(context));
                Some(done)
            }
            State::Unread | State::Refused => None,
        }
    })
}

fn number(action: Option<Action>) -> u32 {
    match action {
        Some(Action::Continue) => 0,
        Some(Action::Pause) | None => 1,
    }
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_abi_version_0_2_1() {}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_memory_allocate(len: usize) -> *mut u8 {
    memory::allocate(len)
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_context_create(context: u32, root: u32) {
    // Without a plan there is nothing to remember: all is denied.
    with(|guest, proxy| guest.create(proxy, context, root)).unwrap_or_default();
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_vm_start(_root: u32, _configuration_bytes: usize) -> u32 {
    u32::from(with(Guest::start).unwrap_or(false))
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_configure(root: u32, bytes: usize) -> u32 {
    u32::from(with(|guest, proxy| guest.configure(proxy, root, bytes)).unwrap_or(false))
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_tick(root: u32) {
    with(|guest, proxy| guest.tick(proxy, root)).unwrap_or_default();
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_headers(context: u32, _headers: u32, _is_end: u32) -> u32 {
    let action = with(|guest, proxy| guest.request(proxy, context));
    number(action.or_else(|| {
        Guest::refuse(&mut Proxy);
        None
    }))
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_body(context: u32, _len: usize, _is_end: u32) -> u32 {
    number(with(|guest, proxy| guest.body(proxy, context, false)))
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_body(context: u32, _len: usize, _is_end: u32) -> u32 {
    // Without a plan no request went upstream: this is the filter's own answer.
    number(with(|guest, proxy| guest.body(proxy, context, true)).or(Some(Action::Continue)))
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_new_connection(_context: u32) -> u32 {
    // The peer's certificate is not there yet.
    number(Some(Action::Continue))
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_downstream_data(context: u32, len: usize, is_end: u32) -> u32 {
    number(with(|guest, proxy| guest.data(proxy, context, len, is_end != 0)))
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_downstream_connection_close(_context: u32, _peer: u32) {}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_done(context: u32) -> u32 {
    with(|guest, proxy| guest.done(proxy, context)).unwrap_or_default();
    1
}

#[expect(unsafe_code, reason = "its name is the interface's")]
#[unsafe(no_mangle)]
extern "C" fn proxy_on_delete(context: u32) {
    if with(|guest, _| guest.delete(context)).is_none() {
        ENDED.with(|ended| ended.borrow_mut().push(context));
    }
}
