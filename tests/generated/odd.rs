// Requests of the schema `odd.cedarschema` as structs.
// Written by `trapkey generate rust`; write it anew when the schema changes.

/// Name of the schema.
pub const SCHEMA: &str = "odd.cedarschema";

/// The layout that follows from the schema.
pub const LAYOUT: trapkey::LayoutDigest =
    trapkey::LayoutDigest(0xdeac_cd23_447a_74b7_77b1_9c0c_cb9c_1b3b_u128.to_be_bytes());

/// Id of an entity of the type `A::One`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct One(pub String);

impl trapkey::EntityId for One {
    const TYPE: &'static str = "A::One";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `A::Zone`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone(pub String);

impl trapkey::EntityId for Zone {
    const TYPE: &'static str = "A::Zone";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `AZone`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AZone(pub String);

impl trapkey::EntityId for AZone {
    const TYPE: &'static str = "AZone";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Action`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action(pub String);

impl trapkey::EntityId for Action {
    const TYPE: &'static str = "Action";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `B::Action`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BAction(pub String);

impl trapkey::EntityId for BAction {
    const TYPE: &'static str = "B::Action";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `B::Zone`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BZone(pub String);

impl trapkey::EntityId for BZone {
    const TYPE: &'static str = "B::Zone";

    fn id(&self) -> &str {
        &self.0
    }
}

/// The entities of the type `Colour`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Colour {
    /// ``
    Unnamed,
    /// `Self`
    Self2,
    /// `'tick'`
    Tick,
    /// `a b`
    AB,
    /// `a very long id that no line of the module holds beside its variant, whatever its indentation may be`
    AVeryLongIdThatNoLineOfTheModuleHoldsBes,
    /// `a-b`
    AB2,
    /// `line\nbreak`
    LineBreak,
    /// `quo"te`
    QuoTe,
    /// `日本`
    Unnamed2,
}

impl trapkey::EntityId for Colour {
    const TYPE: &'static str = "Colour";

    fn id(&self) -> &str {
        match self {
            Self::Unnamed => "",
            Self::Self2 => "Self",
            Self::Tick => "`tick`",
            Self::AB => "a b",
            Self::AVeryLongIdThatNoLineOfTheModuleHoldsBes => {
                "a very long id that no line of the module holds beside its variant, whatever its indentation may be"
            }
            Self::AB2 => "a-b",
            Self::LineBreak => "line\nbreak",
            Self::QuoTe => "quo\"te",
            Self::Unnamed2 => "日本",
        }
    }
}

impl Colour {
    /// The entity with this id, if the schema has it.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "" => Some(Self::Unnamed),
            "Self" => Some(Self::Self2),
            "`tick`" => Some(Self::Tick),
            "a b" => Some(Self::AB),
            "a very long id that no line of the module holds beside its variant, whatever its indentation may be" => {
                Some(Self::AVeryLongIdThatNoLineOfTheModuleHoldsBes)
            }
            "a-b" => Some(Self::AB2),
            "line\nbreak" => Some(Self::LineBreak),
            "quo\"te" => Some(Self::QuoTe),
            "日本" => Some(Self::Unnamed2),
            _ => None,
        }
    }
}

/// Id of an entity of the type `L_A_Y_O_U_T`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LAYOUT2(pub String);

impl trapkey::EntityId for LAYOUT2 {
    const TYPE: &'static str = "L_A_Y_O_U_T";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Option`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Option2(pub String);

impl trapkey::EntityId for Option2 {
    const TYPE: &'static str = "Option";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `SCHEMA`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Schema(pub String);

impl trapkey::EntityId for Schema {
    const TYPE: &'static str = "SCHEMA";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `String`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct String2(pub String);

impl trapkey::EntityId for String2 {
    const TYPE: &'static str = "String";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Vec`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vec2(pub String);

impl trapkey::EntityId for Vec2 {
    const TYPE: &'static str = "Vec";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `type`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Type(pub String);

impl trapkey::EntityId for Type {
    const TYPE: &'static str = "type";

    fn id(&self) -> &str {
        &self.0
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnnamedPrincipal {
    /// Of the type `A::Zone`.
    Zone(Zone),
    /// Of the type `B::Zone`.
    BZone(BZone),
    /// Of the type `String`.
    String2(String2),
    /// Of the type `type`.
    Type(Type),
}

impl UnnamedPrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::Zone(id) => trapkey::EntityId::names(id),
            Self::BZone(id) => trapkey::EntityId::names(id),
            Self::String2(id) => trapkey::EntityId::names(id),
            Self::Type(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<Zone> for UnnamedPrincipal {
    fn from(id: Zone) -> Self {
        Self::Zone(id)
    }
}

impl From<BZone> for UnnamedPrincipal {
    fn from(id: BZone) -> Self {
        Self::BZone(id)
    }
}

impl From<String2> for UnnamedPrincipal {
    fn from(id: String2) -> Self {
        Self::String2(id)
    }
}

impl From<Type> for UnnamedPrincipal {
    fn from(id: Type) -> Self {
        Self::Type(id)
    }
}

/// The context of `Action::""`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnnamedContext {
    /// ``: `Long`.
    pub unnamed: i64,
    /// `1`: `Long`.
    pub n1: i64,
    /// `a b`: `Long`.
    pub a_b: Option<i64>,
    /// `a_b`: `Long`.
    pub a_b2: i64,
    /// `an attribute with a name that is longer than any line of the module can be, in all layouts`: `Long`.
    pub an_attribute_with_a_name_that_is_longer: i64,
    /// `an attribute with a name that is longer than sixty columns`: `record`.
    pub an_attribute_with_a_name_that_is_longer2: Option<AnAttributeWithANameThatIsLongerThanSixt>,
    /// `colour`: `Colour`.
    pub colour: Colour,
    /// `inner`: `record`.
    pub inner: Inner,
    /// `pairs`: `Set<record>`.
    pub pairs: Option<Vec<Pairs>>,
    /// `quo"te`: `Long`.
    pub quo_te: i64,
    /// `self`: `String`.
    pub self_: String,
    /// `type`: `Bool`.
    pub r#type: bool,
    /// `what`: `Action`.
    pub what: Action,
    /// `zone`: `Long`, 0 to 9.
    pub zone: i64,
    /// `zones`: `Set<A::Zone>`.
    pub zones: Vec<Zone>,
    /// `é`: `decimal`.
    pub unnamed2: Option<trapkey::Decimal>,
}

impl trapkey::FieldValue for UnnamedContext {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("", &self.unnamed)?;
        record.field("1", &self.n1)?;
        record.optional("a b", self.a_b.as_ref())?;
        record.field("a_b", &self.a_b2)?;
        record.field(
            "an attribute with a name that is longer than any line of the module can be, in all layouts",
            &self.an_attribute_with_a_name_that_is_longer,
        )?;
        record.optional(
            "an attribute with a name that is longer than sixty columns",
            self.an_attribute_with_a_name_that_is_longer2.as_ref(),
        )?;
        record.field("colour", &self.colour)?;
        record.field("inner", &self.inner)?;
        record.optional("pairs", self.pairs.as_ref())?;
        record.field("quo\"te", &self.quo_te)?;
        record.field("self", &self.self_)?;
        record.field("type", &self.r#type)?;
        record.field("what", &self.what)?;
        record.field("zone", &self.zone)?;
        record.field("zones", &self.zones)?;
        record.optional("é", self.unnamed2.as_ref())?;
        record.finish()
    }
}

/// The record `an attribute with a name that is longer than sixty columns`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnAttributeWithANameThatIsLongerThanSixt {
    /// `if`: `Colour`.
    pub r#if: Colour,
}

impl trapkey::FieldValue for AnAttributeWithANameThatIsLongerThanSixt {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("if", &self.r#if)?;
        record.finish()
    }
}

/// The record `inner`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inner {
    /// `inner`: `record`.
    pub inner: InnerInner,
    /// `zone`: `B::Zone`.
    pub zone: BZone,
}

impl trapkey::FieldValue for Inner {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("inner", &self.inner)?;
        record.field("zone", &self.zone)?;
        record.finish()
    }
}

/// The record `inner`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InnerInner {
    /// `zone`: `A::Zone`.
    pub zone: Zone,
}

impl trapkey::FieldValue for InnerInner {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("zone", &self.zone)?;
        record.finish()
    }
}

/// The record `pairs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// `x`: `Long`.
    pub x: i64,
    /// `y`: `Set<Set<Long>>`.
    pub y: Option<Vec<Vec<i64>>>,
}

impl trapkey::FieldValue for Pairs {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("x", &self.x)?;
        record.optional("y", self.y.as_ref())?;
        record.finish()
    }
}

/// The context of `B::Action::"go"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoContext {}

impl trapkey::FieldValue for GoContext {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        to.record()?.finish()
    }
}

/// A request for `Action::""`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unnamed {
    /// Who asks.
    pub principal: UnnamedPrincipal,
    /// What is acted on.
    pub resource: AZone,
    /// Under which circumstances.
    pub context: UnnamedContext,
}

impl trapkey::TypedRequest for Unnamed {
    type Context = UnnamedContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Action";
    const ACTION_ID: &'static str = "";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Action::"A"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct A {
    /// Who asks.
    pub principal: UnnamedPrincipal,
    /// What is acted on.
    pub resource: AZone,
    /// Under which circumstances.
    pub context: UnnamedContext,
}

impl trapkey::TypedRequest for A {
    type Context = UnnamedContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Action";
    const ACTION_ID: &'static str = "A";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Action::"String"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionString {
    /// Who asks.
    pub principal: UnnamedPrincipal,
    /// What is acted on.
    pub resource: AZone,
    /// Under which circumstances.
    pub context: UnnamedContext,
}

impl trapkey::TypedRequest for ActionString {
    type Context = UnnamedContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Action";
    const ACTION_ID: &'static str = "String";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Action::"a"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionA {
    /// Who asks.
    pub principal: UnnamedPrincipal,
    /// What is acted on.
    pub resource: AZone,
    /// Under which circumstances.
    pub context: UnnamedContext,
}

impl trapkey::TypedRequest for ActionA {
    type Context = UnnamedContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Action";
    const ACTION_ID: &'static str = "a";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Action::"an action whose name has a line of its own, and no more than it"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnActionWhoseNameHasALineOfItsOwnAndNoMo {
    /// Who asks.
    pub principal: UnnamedPrincipal,
    /// What is acted on.
    pub resource: AZone,
    /// Under which circumstances.
    pub context: UnnamedContext,
}

impl trapkey::TypedRequest for AnActionWhoseNameHasALineOfItsOwnAndNoMo {
    type Context = UnnamedContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Action";
    const ACTION_ID: &'static str =
        "an action whose name has a line of its own, and no more than it";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Action::"open the door of the cell that is nearest to the operator who asks, unless it is locked out"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTheDoorOfTheCellThatIsNearestToTheOp {
    /// Who asks.
    pub principal: UnnamedPrincipal,
    /// What is acted on.
    pub resource: AZone,
    /// Under which circumstances.
    pub context: UnnamedContext,
}

impl trapkey::TypedRequest for OpenTheDoorOfTheCellThatIsNearestToTheOp {
    type Context = UnnamedContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Action";
    const ACTION_ID: &'static str = "open the door of the cell that is nearest to the operator who asks, unless it is locked out";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Action::"type"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionType {
    /// Who asks.
    pub principal: UnnamedPrincipal,
    /// What is acted on.
    pub resource: AZone,
    /// Under which circumstances.
    pub context: UnnamedContext,
}

impl trapkey::TypedRequest for ActionType {
    type Context = UnnamedContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Action";
    const ACTION_ID: &'static str = "type";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `B::Action::"go"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Go {
    /// Who asks.
    pub principal: BZone,
    /// What is acted on.
    pub resource: Zone,
    /// Under which circumstances.
    pub context: GoContext,
}

impl trapkey::TypedRequest for Go {
    type Context = GoContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "B::Action";
    const ACTION_ID: &'static str = "go";

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
