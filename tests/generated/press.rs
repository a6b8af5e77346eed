// Requests of the schema `press.cedarschema` as structs.
// Written by `trapkey generate rust`; write it anew when the schema changes.

/// Name of the schema.
pub const SCHEMA: &str = "press.cedarschema";

/// The layout that follows from the schema.
pub const LAYOUT: trapkey::LayoutDigest =
    trapkey::LayoutDigest(0x7c12_90fe_afbd_4233_fd91_94dd_1adc_6c7f_u128.to_be_bytes());

/// Id of an entity of the type `Action`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action(pub String);

impl trapkey::EntityId for Action {
    const TYPE: &'static str = "Action";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Connector`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Connector(pub String);

impl trapkey::EntityId for Connector {
    const TYPE: &'static str = "Connector";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Machine`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Machine(pub String);

impl trapkey::EntityId for Machine {
    const TYPE: &'static str = "Machine";

    fn id(&self) -> &str {
        &self.0
    }
}

/// The context of `Action::"write"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteContext {
    /// `reason`: `String`.
    pub reason: Option<String>,
    /// `value`: `Long`, 0 to 65535.
    pub value: i64,
}

impl trapkey::FieldValue for WriteContext {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.optional("reason", self.reason.as_ref())?;
        record.field("value", &self.value)?;
        record.finish()
    }
}

/// A request for `Action::"write"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Who asks.
    pub principal: Connector,
    /// What is acted on.
    pub resource: Machine,
    /// Under which circumstances.
    pub context: WriteContext,
}

impl trapkey::TypedRequest for Write {
    type Context = WriteContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Action";
    const ACTION_ID: &'static str = "write";

    fn principal(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.principal)
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}
