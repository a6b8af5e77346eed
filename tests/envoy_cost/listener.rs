//! The configuration of one Envoy: mutual TLS, HTTP, one filter or none, and an answer.

use serde_json::{Value, json};

/// What decides.
pub(crate) enum Decider<'a> {
    /// Nobody.
    Nobody,
    /// Envoy's own filter, with a rule for the peer, the method and the path.
    Rbac(&'a str),
    /// A WebAssembly filter, by its file.
    Wasm {
        /// Relative to Envoy's folder.
        file: &'a str,
        /// Whether the certificate's URIs are put into filter state.
        has_filter_state: bool,
    },
    /// A service on this port, by HTTP.
    Service(u16),
}

/// What answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// Envoy itself.
    Direct,
    /// An upstream on this port.
    Upstream(u16),
}

const TYPES: &str = "type.googleapis.com/envoy.extensions";

/// The whole configuration; ports are chosen by the system.
pub(crate) fn configuration(decider: &Decider<'_>, answer: Answer) -> String {
    let route = match answer {
        Answer::Direct => json!({ "match": { "prefix": "/" }, "direct_response":
            { "status": 200, "body": { "inline_string": "done" } } }),
        Answer::Upstream(_) => {
            json!({ "match": { "prefix": "/" }, "route": { "cluster": "plant" } })
        }
    };
    let mut filters = filters(decider);
    filters.push(json!({ "name": "envoy.filters.http.router",
        "typed_config": { "@type": format!("{TYPES}.filters.http.router.v3.Router") } }));
    let mut clusters = Vec::new();
    if let Answer::Upstream(port) = answer {
        clusters.push(cluster("plant", port));
    }
    if let Decider::Service(port) = decider {
        clusters.push(cluster("service", *port));
    }
    let http = json!({
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": format!("{TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager"),
            "stat_prefix": "http",
            "forward_client_cert_details": "SANITIZE_SET",
            "set_current_client_cert_details": { "uri": true },
            "use_remote_address": true,
            "normalize_path": true,
            "merge_slashes": true,
            "path_with_escaped_slashes_action": "REJECT_REQUEST",
            "http_filters": filters,
            "route_config": { "name": "all", "virtual_hosts": [
                { "name": "all", "domains": ["*"], "routes": [route] } ] },
        },
    });
    let mut network = Vec::new();
    if matches!(decider, Decider::Wasm { has_filter_state: true, .. }) {
        network.push(filter_state());
    }
    network.push(http);
    json!({
        "admin": { "address": address(0) },
        "static_resources": {
            "listeners": [{
                "name": "http",
                "address": address(0),
                "filter_chains": [{ "transport_socket": transport_socket(), "filters": network }],
            }],
            "clusters": clusters,
        },
    })
    .to_string()
}

fn filters(decider: &Decider<'_>) -> Vec<Value> {
    match decider {
        Decider::Nobody => Vec::new(),
        Decider::Rbac(peer) => vec![json!({
            "name": "envoy.filters.http.rbac",
            "typed_config": {
                "@type": format!("{TYPES}.filters.http.rbac.v3.RBAC"),
                "rules": { "action": "ALLOW", "policies": { "writes": {
                    "permissions": [{ "and_rules": { "rules": [
                        { "header": { "name": ":method", "string_match": { "exact": "PUT" } } },
                        { "url_path": { "path": { "safe_regex":
                            { "regex": "/units/[^/]+/registers/[^/]+" } } } },
                    ] } }],
                    "principals": [{ "authenticated": { "principal_name": { "exact": peer } } }],
                } } },
            },
        })],
        Decider::Wasm { file, .. } => vec![json!({
            "name": "filter",
            "typed_config": {
                "@type": format!("{TYPES}.filters.http.wasm.v3.Wasm"),
                "config": {
                    "name": "filter",
                    "root_id": "filter",
                    "failure_policy": "FAIL_CLOSED",
                    "vm_config": {
                        "vm_id": "filter",
                        "runtime": "envoy.wasm.runtime.v8",
                        "code": { "local": { "filename": file } },
                    },
                },
            },
        })],
        Decider::Service(_) => vec![json!({
            "name": "envoy.filters.http.ext_authz",
            "typed_config": {
                "@type": format!("{TYPES}.filters.http.ext_authz.v3.ExtAuthz"),
                "http_service": { "server_uri":
                    { "uri": "http://127.0.0.1", "cluster": "service", "timeout": "5s" } },
            },
        })],
    }
}

fn filter_state() -> Value {
    json!({
        "name": "envoy.filters.network.set_filter_state",
        "typed_config": {
            "@type": format!("{TYPES}.filters.network.set_filter_state.v3.Config"),
            "on_downstream_tls_handshake": [{
                "object_key": "trapkey.uris",
                "factory_key": "envoy.string",
                "format_string": { "text_format_source":
                    { "inline_string": "%DOWNSTREAM_PEER_URI_SAN%" } },
            }],
        },
    })
}

fn transport_socket() -> Value {
    json!({
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": format!("{TYPES}.transport_sockets.tls.v3.DownstreamTlsContext"),
            "require_client_certificate": true,
            "disable_stateless_session_resumption": true,
            "disable_stateful_session_resumption": true,
            "common_tls_context": {
                "alpn_protocols": ["http/1.1"],
                "tls_certificates": [{
                    "certificate_chain": { "filename": "trapkey/server.pem" },
                    "private_key": { "filename": "trapkey/server.key" },
                }],
                "validation_context": { "trusted_ca": { "filename": "trapkey/ca.pem" } },
            },
        },
    })
}

fn cluster(name: &str, port: u16) -> Value {
    json!({
        "name": name,
        "type": "STATIC",
        "connect_timeout": "2s",
        "load_assignment": { "cluster_name": name, "endpoints": [
            { "lb_endpoints": [{ "endpoint": { "address": address(port) } }] } ] },
    })
}

fn address(port: u16) -> Value {
    json!({ "socket_address": { "address": "127.0.0.1", "port_value": port } })
}
