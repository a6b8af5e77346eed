//! The state of one instance of the filter, and what it does in each callback.

mod configuration;
mod http;
mod report;
mod tcp;

use core::fmt;
use std::borrow::Cow;
use std::collections::BTreeMap;

use trapkey_abi::Layout;

use crate::deny::Deny;
use crate::host::{Action, Host, LocalResponse};
use crate::identity::Known;
use crate::image::{ImageError, OwnedImage};
use crate::plan::{Adapter, PLAN_VERSION, Plan};
use crate::question::{Prepared, QuestionError};
use crate::repeated::Repeated;
use http::Watched;
use report::Counts;
use tcp::Connection;

/// Milliseconds between two times at which counters are told.
const TICK_MS: u32 = 1_000;

/// The filter: its plan, and what it knows of plugins and streams.
#[derive(Debug)]
pub struct Guest {
    plan: Plan,
    plan_digest: [u8; 32],
    /// The questions of the plan's routes or rules, in their order.
    questions: Vec<Prepared>,
    layout: Layout,
    built_in: OwnedImage,
    /// Plugins that share this instance, by the contexts that the proxy made for them.
    roots: BTreeMap<u32, Root>,
    /// Streams, by their contexts.
    streams: BTreeMap<u32, Stream>,
    counts: Counts,
    /// Certificates of connections that carry requests.
    known: Known,
    /// Allows of requests that repeat.
    /// Whether a question reads what was last let be written.
    reads_previous: bool,
    repeated: Repeated,
}

/// A plugin.
#[derive(Debug, Default)]
struct Root {
    /// Entities that were pushed in place of those that are built in.
    pushed: Option<OwnedImage>,
    /// What its policies and entities are, in one digest, and under which key all workers find what is in force.
    epoch: [u8; 32],
    epoch_key: String,
    /// Under which keys all workers find what it let be written, but for the place.
    written_key: String,
    /// Whether it has said that its own are in force.
    is_published: bool,
}

/// A request or a connection.
#[derive(Debug, Default)]
struct Stream {
    root: u32,
    phase: Phase,
    /// What was asked about it, if the answer ends.
    watched: Option<Box<Watched>>,
    /// What is known of it if it is a connection.
    connection: Connection,
}

/// How far a stream has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// It was not denied.
    #[default]
    Open,
    /// The proxy answers it for the filter: nothing goes upstream any more.
    Answered,
    /// It is only observed, and its requests cannot be told apart any more.
    Lost,
    /// It is being ended: nothing passes any more.
    Ended,
}

/// Why a plan cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// Its bytes are none.
    Unreadable,
    /// It has another version.
    Version(u32),
    /// Its gather table is of another schema.
    Layout,
    /// The built-in image of entities cannot be used.
    Image(ImageError),
    /// A question does not fit the schema.
    Question {
        /// Which route or rule asks it, from 0 on.
        index: usize,
        /// What does not fit.
        reason: String,
    },
    /// A type of principals that the schema does not have.
    Principal(String),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("unreadable plan"),
            Self::Version(version) => {
                write!(f, "plan has version {version}, expected {PLAN_VERSION}")
            }
            Self::Layout => f.write_str("gather table is of another schema than the plan"),
            Self::Image(error) => write!(f, "built in: {error}"),
            Self::Question { index, reason } => write!(f, "question {index}: {reason}"),
            Self::Principal(name) => write!(f, "the schema has no entity type `{name}`"),
        }
    }
}

impl core::error::Error for PlanError {}

impl Guest {
    /// A filter that was built for this plan, with this image of entities built in.
    ///
    /// # Errors
    ///
    /// [`PlanError`]
    pub fn new(plan: &[u8], image: &'static [u8]) -> Result<Self, PlanError> {
        let plan_digest = *blake3::hash(plan).as_bytes();
        let plan: Plan = postcard::from_bytes(plan).map_err(|_| PlanError::Unreadable)?;
        if plan.version != PLAN_VERSION {
            return Err(PlanError::Version(plan.version));
        }
        let layout = Layout::new(&plan.schema);
        if plan.gather.layout != layout.digest {
            return Err(PlanError::Layout);
        }
        let types = plan.schema.entity_types.len();
        let built_in = OwnedImage::read(Cow::Borrowed(image), &layout.digest, types);
        let built_in = built_in.map_err(PlanError::Image)?;
        let spiffe = plan.identity.spiffe.iter().map(|rule| &rule.entity_type);
        let headers = plan.identity.headers.iter().map(|rule| &rule.entity_type);
        let is_unknown = |name: &&String| plan.schema.entity_type(name).is_none();
        if let Some(name) = spiffe.chain(headers).find(is_unknown) {
            return Err(PlanError::Principal(name.clone()));
        }
        let asked: Vec<_> = match &plan.adapter {
            Adapter::Http(http) => http.routes.iter().map(|route| &route.question).collect(),
            Adapter::Modbus(modbus) => modbus.rules.iter().map(|rule| &rule.question).collect(),
        };
        let mut questions = Vec::with_capacity(asked.len());
        for (index, question) in asked.into_iter().enumerate() {
            let wrong =
                |error: QuestionError| PlanError::Question { index, reason: error.to_string() };
            questions.push(Prepared::new(question, &plan.schema, &layout).map_err(wrong)?);
        }
        let repeated = Repeated::new(&plan);
        let reads_previous = questions.iter().any(|prepared| prepared.question.reads_previous());
        Ok(Self {
            plan,
            plan_digest,
            questions,
            layout,
            built_in,
            roots: BTreeMap::new(),
            streams: BTreeMap::new(),
            counts: Counts::default(),
            known: Known::default(),
            reads_previous,
            repeated,
        })
    }

    /// A context begins: of a plugin if `root` is 0, else of a stream of that plugin.
    pub fn create<H: Host>(&mut self, host: &mut H, context: u32, root: u32) {
        if root == 0 {
            self.repeated.clear();
            self.roots.insert(context, Root::default());
        } else {
            // The first stream shows that the plugin is in use.
            self.publish(host, root);
            self.streams.insert(context, Stream { root, ..Stream::default() });
        }
    }

    /// A context ends.
    pub fn delete(&mut self, context: u32) {
        self.roots.remove(&context);
        self.streams.remove(&context);
    }

    /// The instance starts; whether it can.
    pub fn start<H: Host>(&mut self, host: &mut H) -> bool {
        self.counts.define(host).is_ok()
    }

    /// A context is about to end: a plugin tells its counters before nobody asks it any more.
    pub fn done<H: Host>(&mut self, host: &mut H, context: u32) {
        if self.roots.contains_key(&context) {
            self.counts.tell(host);
        }
    }

    /// Time passed for a plugin: ends streams whose decision has ended, tells counters.
    pub fn tick<H: Host>(&mut self, host: &mut H, root: u32) {
        http::overdue(self, host, root);
        self.counts.tell(host);
        self.publish(host, root);
    }

    /// The headers of a request are there.
    pub fn request<H: Host>(&mut self, host: &mut H, context: u32) -> Action {
        http::request(self, host, context)
    }

    /// A part of a body goes by.
    pub fn body<H: Host>(&mut self, host: &mut H, context: u32, is_response: bool) -> Action {
        http::body(self, host, context, is_response)
    }

    /// Bytes come from a client.
    pub fn data<H: Host>(
        &mut self,
        host: &mut H,
        context: u32,
        len: usize,
        is_end: bool,
    ) -> Action {
        tcp::data(self, host, context, len, is_end)
    }

    /// Answers a request for which there is no plan.
    pub fn refuse<H: Host>(host: &mut H) {
        let response = LocalResponse {
            status: 403,
            details: "trapkey_denied{reason=failed,policies=,bundle=}",
            body: r#"{"error":"denied","request_id":""}"#,
        };
        if host.respond(&response).is_err() {
            host.log("trapkey: a request cannot be answered");
        }
    }

    fn root(&self, context: u32) -> Option<&Root> {
        self.roots.get(&self.streams.get(&context)?.root)
    }

    /// The entities of a stream's plugin; absent if there is no such stream or plugin.
    fn image(&self, context: u32) -> Option<&OwnedImage> {
        Some(self.root(context)?.pushed.as_ref().unwrap_or(&self.built_in))
    }
}

/// The instant, in milliseconds since 1970-01-01T00:00:00Z.
fn now<H: Host>(host: &mut H) -> Result<i64, Deny> {
    i64::try_from(host.now()? / 1_000_000).map_err(|_| Deny::Failed)
}
