//! What a filter has for the proxy.

/// The module of the proxy's calls.
pub(crate) const PROXY: &str = "env";

/// Functions that a filter has for the proxy.
const CALLBACKS: [&str; 12] = [
    "proxy_abi_version_0_2_1",
    "proxy_on_configure",
    "proxy_on_context_create",
    "proxy_on_delete",
    "proxy_on_done",
    "proxy_on_downstream_connection_close",
    "proxy_on_downstream_data",
    "proxy_on_memory_allocate",
    "proxy_on_new_connection",
    "proxy_on_request_headers",
    "proxy_on_tick",
    "proxy_on_vm_start",
];

/// Callbacks for each part of a body.
const BODIES: [&str; 2] = ["proxy_on_request_body", "proxy_on_response_body"];

/// The callbacks; those for bodies where decisions may end.
pub(crate) fn all(ends: bool) -> Vec<&'static str> {
    let bodies = BODIES.into_iter().filter(|_| ends);
    CALLBACKS.into_iter().chain(bodies).collect()
}
