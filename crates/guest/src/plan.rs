//! What a filter was built for: written by the builder, read once when the filter starts.

use serde::{Deserialize, Serialize};
use trapkey_abi::{GatherTable, MemoryMap, Schema};

/// Version of this form; a guest refuses another.
pub const PLAN_VERSION: u32 = 1;

/// Bytes of a request path, of a host name, and of any text that becomes an id, at most.
pub const TEXT_BYTES_MAX: usize = 2_048;

/// All that a filter knows but entities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub version: u32,
    /// The schema, from which the guest computes the layout.
    pub schema: Schema,
    /// Which rows go into frames.
    pub gather: GatherTable,
    /// Where frames and responses go.
    pub memory: MemoryMap,
    /// Digest of the bundle, in hexadecimal.
    pub digest: String,
    /// The policies, by the index in responses.
    pub policies: Vec<PolicyNote>,
    /// Whether a policy expires or reads a clock: then each frame says the instant.
    pub needs_time: bool,
    /// Whether denies are reported and let pass: whatever is wrong with a request, and no obligation is carried out.
    pub observes: bool,
    /// Whether each decision's policies are put into filter state, or only those of denies into details.
    pub records_allows: bool,
    /// Who asks.
    pub identity: Identity,
    /// What is asked.
    pub adapter: Adapter,
}

/// What the guest has to know of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyNote {
    /// The value of `@id`, else Cedar's own id.
    pub id: String,
    /// What the proxy does when it determines an allow.
    pub duties: Vec<Duty>,
    /// Whether it has an obligation that no proxy can honour: then an allow that it determines is a deny.
    pub is_unhonoured: bool,
}

/// An obligation that a proxy can honour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Duty {
    /// Adds a header to the request that goes upstream, in place of any of that name.
    AddHeader {
        /// In lower case.
        name: String,
        /// Its value.
        value: String,
    },
    /// Removes a header.
    RemoveHeader {
        /// In lower case.
        name: String,
    },
    /// Marks the request in filter state for access logs.
    Mark(String),
}

/// How the principal is found. Rules are tried in order; the first that fits gives the principal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Where all URIs of the peer's certificate are listed: the proxy's own property has the first alone.
    pub uris: UriList,
    /// By the one URI of the peer's certificate, which the proxy has validated.
    pub spiffe: Vec<SpiffeRule>,
    /// By a header that something before this filter has validated; none if there is another identity.
    pub headers: Vec<HeaderRule>,
}

/// Where all URIs of the peer's certificate are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum UriList {
    /// In `x-forwarded-client-cert`, which the proxy has to set itself and take from clients.
    #[default]
    Forwarded,
    /// In this key of filter state, with commas between them.
    FilterState(String),
}

/// Principals of one kind by their SPIFFE ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpiffeRule {
    /// The trust domain, as `plant-1.example`.
    pub trust_domain: String,
    /// What the path has to be.
    pub path: Vec<Segment>,
    /// The principal's type.
    pub entity_type: String,
    /// The principal's id.
    pub id: Vec<Piece>,
}

/// Principals of one kind by the value of a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderRule {
    /// In lower case.
    pub name: String,
    /// The principal's type.
    pub entity_type: String,
    /// The principal's id; [`Piece::Whole`] is the value.
    pub id: Vec<Piece>,
}

/// A part of a path between slashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Segment {
    /// Exactly this.
    Literal(String),
    /// Anything that is not empty; the next parameter.
    Parameter,
}

/// A part of a text that is put together for a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// This text.
    Literal(String),
    /// The parameter with this index: of the path, or of the SPIFFE id's path.
    Parameter(u32),
    /// The whole: the SPIFFE id, or the header's value.
    Whole,
    /// The only value of a header, by its name in lower case.
    Header(String),
    /// The host: `:authority` without its port.
    Host,
    /// The name that the client asked for in TLS.
    Sni,
    /// A part of a Modbus request, in decimal.
    Modbus(ModbusField),
}

/// What a filter understands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Adapter {
    /// HTTP requests.
    Http(HttpPlan),
    /// Modbus/TCP.
    Modbus(ModbusPlan),
}

/// HTTP requests by method and path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpPlan {
    /// Tried in order; a request that none fits is denied.
    pub routes: Vec<Route>,
}

/// Requests of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// As `GET`.
    pub method: String,
    /// The path without its query.
    pub path: Vec<Segment>,
    /// The host it has to be, without a port, in lower case; any if absent.
    pub host: Option<String>,
    /// What is asked.
    pub question: Question,
}

/// The action, the resource and the context of requests of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Index of the action in the schema.
    pub action: u32,
    /// The resource's type.
    pub resource_type: String,
    /// The resource's id.
    pub resource: Vec<Piece>,
    /// Attributes of the context, outer before inner; every required one is among them.
    pub context: Vec<Feature>,
}

impl Question {
    /// Whether it reads what was last let be written to a coil or register.
    pub(crate) fn reads_previous(&self) -> bool {
        let previous = Piece::Modbus(ModbusField::Previous);
        self.resource.contains(&previous)
            || self.context.iter().any(|feature| match &feature.source {
                Source::Modbus(field) => *field == ModbusField::Previous,
                Source::Text(pieces) => pieces.contains(&previous),
                _ => false,
            })
    }
}

/// One attribute of a context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// Names of attributes, one inside another.
    pub path: Vec<String>,
    /// Where its value comes from.
    pub source: Source,
    /// Whether a request without it is denied.
    pub is_required: bool,
}

/// Where the value of an attribute comes from. Texts are read as what the schema says it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// A text put together; absent if a piece of it is.
    Text(Vec<Piece>),
    /// A set, from the parts of the only value of a header between commas, without blanks around them.
    List {
        /// The header, in lower case.
        header: String,
    },
    /// The peer's IP address, without its port.
    PeerAddress,
    /// The version of TLS, as `TLSv1.3`.
    TlsVersion,
    /// The instant of the request.
    Now,
    /// What basis the identity has: one text for a certificate, another for a header.
    Basis {
        /// For a certificate.
        certificate: String,
        /// For a header.
        header: String,
    },
    /// A string of the route's metadata, below the key `trapkey`.
    RouteMetadata(String),
    /// A number of a Modbus request.
    Modbus(ModbusField),
}

/// A part of a Modbus request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModbusField {
    /// Unit identifier, 0 to 255.
    Unit,
    /// Function code, 1 to 127.
    Function,
    /// Address of the register or coil that is asked about, 0 to 65535.
    Address,
    /// How many registers or coils the request has.
    Quantity,
    /// What is written there; absent for reads, where only some bits are written, and where several addresses are asked
    /// about as one. Coils: 0 or 1.
    Value,
    /// What this filter last let be written there, by whichever worker; absent if it does not know, and where several
    /// addresses are asked about as one.
    Previous,
}

/// Modbus requests by function code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModbusPlan {
    /// The first that names a function and says the same of reads and writes. A function that none names is denied;
    /// 23 reads and writes, and is denied unless it is named for both; 22 sets bits of what it does not tell, and is
    /// asked about as a read too if it is named for that.
    pub rules: Vec<ModbusRule>,
    /// What becomes of a denied request.
    pub denied: Denied,
}

/// Requests of some functions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModbusRule {
    /// Function codes.
    pub functions: Vec<u8>,
    /// Whether this is asked about what they write, or about what they read.
    pub writes: bool,
    /// Whether each address is asked about, or the request as a whole, by its first.
    pub each_address: bool,
    /// What is asked.
    pub question: Question,
}

/// What becomes of a denied request on a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Denied {
    /// It is taken out of the stream.
    Drop,
    /// The connection is closed.
    Close,
}
