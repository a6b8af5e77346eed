//! Plugins of the world `protocol-adapter`: they read what bytes of a protocol ask for.

use serde::Serialize;
use serde_json::value::RawValue;
use trapkey::{Datetime, EntityUid, Model, Request, RequestError};

use crate::bindings::protocol::ProtocolAdapterPre;
use crate::bindings::protocol::exports::trapkey::plugin::adapter;
use crate::plugin::Plugin;
use crate::state::State;
use crate::{CallError, Health, Manifest};

/// A plugin that reads a protocol. It keeps nothing between calls: whoever calls keeps the bytes that are not read yet.
pub struct ProtocolAdapter {
    plugin: Plugin<ProtocolAdapterPre<State>>,
}

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the controller.
    ToController,
    /// From the controller to the client.
    FromController,
}

/// What the first bytes are.
#[derive(Clone, Debug)]
pub enum Reading {
    /// Not the whole of a message: at least so many bytes more are needed, one or more.
    Incomplete(usize),
    /// A message.
    Message {
        /// How many of the bytes it has, from the first on: one at least, all at most.
        len: usize,
        /// What it asks for; nothing if it asks for nothing. Every question has to be allowed.
        questions: Vec<Question>,
    },
}

/// What a message asks for: an action and a resource of the types that the plugin was granted to ask about.
#[derive(Clone, Debug)]
pub struct Question {
    // INVARIANT: the types are granted, and the context is an object in JSON.
    action: EntityUid,
    resource: EntityUid,
    context: Box<RawValue>,
}

/// A request as [`Request::from_json`] reads it.
#[derive(Serialize)]
struct Asked<'q> {
    principal: Uid<'q>,
    action: Uid<'q>,
    resource: Uid<'q>,
    context: &'q RawValue,
}

#[derive(Serialize)]
struct Uid<'q> {
    #[serde(rename = "type")]
    type_name: &'q str,
    id: &'q str,
}

impl<'q> Uid<'q> {
    fn of(uid: &'q EntityUid) -> Self {
        Self { type_name: &uid.type_name, id: &uid.id }
    }
}

impl ProtocolAdapter {
    pub(crate) fn new(plugin: Plugin<ProtocolAdapterPre<State>>) -> Self {
        Self { plugin }
    }

    /// Reads the first message of what a connection has sent and nobody has read yet.
    ///
    /// # Errors
    ///
    /// [`CallError`]; nothing may pass. [`CallError::Failed`] with [`Failure::Invalid`](crate::Failure::Invalid) if the
    /// bytes are not of the protocol: the connection has to be ended.
    pub fn read(
        &self,
        direction: Direction,
        bytes: &[u8],
        now: Datetime,
    ) -> Result<Reading, CallError> {
        let direction = match direction {
            Direction::ToController => adapter::Direction::ToController,
            Direction::FromController => adapter::Direction::FromController,
        };
        self.plugin.call(
            now,
            bytes.len(),
            |pre, store| {
                let plugin = pre.instantiate(&mut *store)?;
                plugin.trapkey_plugin_adapter().call_read(&mut *store, direction, bytes)
            },
            |reading| self.take(reading, bytes.len()),
        )
    }

    fn take(&self, reading: adapter::Reading, given: usize) -> Result<Reading, CallError> {
        let size = |bytes: u32| usize::try_from(bytes).unwrap_or(usize::MAX);
        match reading {
            adapter::Reading::Incomplete(bytes) => {
                let max = self.plugin.limits.input_bytes_max;
                CallError::range("bytes that are missing", size(bytes), (1, usize::MAX))?;
                // A client announced that; it does not speak against the plugin.
                let len = given.saturating_add(size(bytes));
                if len > max {
                    return Err(CallError::InputTooLarge { len, max });
                }
                Ok(Reading::Incomplete(size(bytes)))
            }
            adapter::Reading::Message(message) => {
                CallError::range("bytes of a message", size(message.bytes), (1, given))?;
                let max = self.plugin.limits.items_max;
                CallError::range("questions", message.questions.len(), (0, max))?;
                let questions = message.questions.into_iter().map(|asked| self.question(asked));
                let questions = questions.collect::<Result<_, _>>()?;
                Ok(Reading::Message { len: size(message.bytes), questions })
            }
        }
    }

    fn question(&self, asked: adapter::Question) -> Result<Question, CallError> {
        let action = EntityUid::new(asked.action.type_name, asked.action.id);
        let resource = EntityUid::new(asked.resource.type_name, asked.resource.id);
        let granted = self.plugin.scope.asks.as_ref();
        if granted.is_none_or(|asks| *asks.actions != *action.type_name) {
            return Err(CallError::out_of_scope(&action.to_string()));
        }
        if granted.is_none_or(|asks| !asks.resources.contains(&*resource.type_name)) {
            return Err(CallError::out_of_scope(&resource.to_string()));
        }
        let not_an_object = || CallError::NotAnObject { what: "the context of a question" };
        let context = RawValue::from_string(asked.context).map_err(|_| not_an_object())?;
        if !context.get().starts_with('{') {
            return Err(not_an_object());
        }
        Ok(Question { action, resource, context })
    }

    /// How it behaves.
    pub fn health(&self) -> Health {
        self.plugin.health()
    }

    /// Ends its quarantine, if there is one.
    pub fn release(&self) {
        self.plugin.release();
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.plugin.manifest
    }
}

impl Question {
    /// The action.
    pub fn action(&self) -> &EntityUid {
        &self.action
    }

    /// The resource.
    pub fn resource(&self) -> &EntityUid {
        &self.resource
    }

    /// The context, an object in Cedar's JSON.
    pub fn context(&self) -> &str {
        self.context.get()
    }

    /// The request that `principal` makes with it.
    ///
    /// # Errors
    ///
    /// [`RequestError`], as if it had come from anywhere else: the question does not fit the schema, and nothing may pass.
    pub fn request(&self, model: &Model, principal: &EntityUid) -> Result<Request, RequestError> {
        let [principal, action, resource] = [principal, &self.action, &self.resource].map(Uid::of);
        let asked = Asked { principal, action, resource, context: &self.context };
        // Nothing of it can fail to be written; an empty text is refused.
        let text = serde_json::to_string(&asked).unwrap_or_default();
        Request::from_json(model, &text)
    }
}
