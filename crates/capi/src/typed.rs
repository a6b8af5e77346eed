//! Requests from the structs of a generated header.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_void};
use std::sync::Arc;

use trapkey::{
    Datetime, EntityUid, FieldValue, FieldWriter, Form, Ip, Model, Party, Request, RowError,
    RowErrorKind, RowValue, Written,
};

use crate::boundary::{Failure, guard};
use crate::decide::{deciding, trapkey_decider_t};
use crate::decision::{trapkey_decision_t, trapkey_verdict_t};
use crate::error::trapkey_error_t;
use crate::handle::{Object, give, null};
use crate::memory;
use crate::model::{trapkey_model_t, trapkey_party_t};
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// The presence of a field that is always there.
pub const TRAPKEY_FIELD_REQUIRED: usize = usize::MAX;

/// The instant of a request that says none.
pub const TRAPKEY_NO_INSTANT: i64 = i64::MIN;

/// Records inside one another.
const DEPTH_MAX: usize = 32;

/// Fields of one struct, ids of one type and actions of one schema.
const ENTRIES_MAX: usize = 65_536;

/// What a field of a generated struct is.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_field_kind_t {
    /// No field: the struct has none.
    TRAPKEY_FIELD_NONE = 0,
    /// `bool`.
    TRAPKEY_FIELD_BOOL = 1,
    /// `int64_t`.
    TRAPKEY_FIELD_LONG = 2,
    /// `int64_t`, in ten-thousandths.
    TRAPKEY_FIELD_DECIMAL = 3,
    /// `int64_t`, in milliseconds since 1970-01-01T00:00:00Z.
    TRAPKEY_FIELD_DATETIME = 4,
    /// `int64_t`, in milliseconds.
    TRAPKEY_FIELD_DURATION = 5,
    /// `trapkey_str_t`.
    TRAPKEY_FIELD_STRING = 6,
    /// `trapkey_ip_t`.
    TRAPKEY_FIELD_IP = 7,
    /// `const trapkey_party_t *`, not NULL.
    TRAPKEY_FIELD_ENTITY = 8,
    /// `uint32_t`, the number of an entity among those of its type.
    TRAPKEY_FIELD_ENUM = 9,
    /// A struct of its own.
    TRAPKEY_FIELD_RECORD = 10,
    /// `trapkey_array_t`.
    TRAPKEY_FIELD_SET = 11,
}

/// An address, or a range of them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_ip_t {
    /// In network order; an IPv4 address has the first four.
    pub bytes: [u8; 16],
    /// Bits of the address that count: 32 or 128 for one address.
    pub prefix: u8,
    /// 4 or 6.
    pub version: u8,
}

/// Elements that are lent, one behind the other.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_array_t {
    /// The first.
    pub data: *const c_void,
    /// How many.
    pub len: usize,
}

/// A field of a generated struct. Generated headers have tables of these; nobody else needs them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_field_t {
    /// The attribute, with a NUL behind it.
    pub name: *const c_char,
    /// Where the value is in the struct.
    pub offset: usize,
    /// Where the `bool` is that says whether the attribute is there, or TRAPKEY_FIELD_REQUIRED.
    pub presence: usize,
    /// A `trapkey_field_kind_t`.
    pub kind: u32,
    /// Size of the value.
    pub size: usize,
    /// Of a record, its `trapkey_record_t`.
    pub record: *const c_void,
    /// Of a set, the `trapkey_field_t` of its elements.
    pub element: *const c_void,
    /// Of an enumerated entity, the ids of its type, each with a NUL behind it.
    pub ids: *const *const c_char,
    /// How many ids.
    pub ids_len: usize,
    /// Of an enumerated entity, its type, with a NUL behind it.
    pub type_name: *const c_char,
}

/// A generated struct.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_record_t {
    /// Its fields, in the order of the attributes' names.
    pub fields: *const trapkey_field_t,
    /// How many.
    pub fields_len: usize,
    /// Its size.
    pub size: usize,
}

/// An action of a generated header.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_action_t {
    /// Its type, with a NUL behind it.
    pub type_name: *const c_char,
    /// Its id, with a NUL behind it.
    pub id: *const c_char,
    /// The struct of its context.
    pub context: *const trapkey_record_t,
}

/// The schema of a generated header.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_schema_t {
    /// Size of the struct.
    pub struct_size: usize,
    /// What it is called, with a NUL behind it.
    pub name: *const c_char,
    /// The layout that follows from it, in hexadecimal digits, with a NUL behind it.
    pub layout: *const c_char,
    /// Its actions, by their numbers.
    pub actions: *const trapkey_action_t,
    /// How many.
    pub actions_len: usize,
}

/// What is asked with a generated struct.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_question_t {
    /// Size of the struct.
    pub struct_size: usize,
    /// What `context` is.
    pub record: *const trapkey_record_t,
    /// The context.
    pub context: *const c_void,
    /// What decides, which nobody else uses meanwhile.
    pub decider: *mut trapkey_decider_t,
    /// Who asks.
    pub principal: *const trapkey_party_t,
    /// What is acted on.
    pub resource: *const trapkey_party_t,
    /// The instant of the request in milliseconds since 1970-01-01T00:00:00Z, or TRAPKEY_NO_INSTANT.
    pub at: i64,
    /// Number of the action in the header.
    pub action: u32,
    /// Zero.
    pub reserved: u32,
}

versioned!(trapkey_schema_t, trapkey_question_t);

/// Requests of one schema, made from the structs of its generated header. The caller frees it; one
/// thread at a time uses it.
pub struct trapkey_typed_t {
    _opaque: (),
}

impl Object for trapkey_typed_t {
    type Value = Typed;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeytyp");
}

/// The actions of a generated header, each with a request that is used again.
pub struct Typed {
    actions: Vec<Prepared>,
}

struct Prepared {
    form: Form,
    /// Address of what the header says of the context: tells whether a context is of the action.
    record: usize,
    plan: Arc<RecordPlan>,
    request: Option<Request>,
}

/// A struct, as its values are read.
struct RecordPlan {
    // INVARIANT: all fields lie within `size` bytes.
    fields: Vec<FieldPlan>,
    size: usize,
}

struct FieldPlan {
    name: String,
    offset: usize,
    presence: Option<usize>,
    kind: Kind,
}

/// What a value is, and so how many bytes of the caller's it takes.
enum Kind {
    Bool,
    Long,
    Decimal,
    Datetime,
    Duration,
    String,
    Ip,
    Entity,
    Enum(Vec<Party>),
    Record(Arc<RecordPlan>),
    Set(Box<Kind>),
}

impl Kind {
    fn size(&self) -> usize {
        match self {
            Self::Bool => size_of::<bool>(),
            Self::Long | Self::Decimal | Self::Datetime | Self::Duration => size_of::<i64>(),
            Self::String => size_of::<trapkey_str_t>(),
            Self::Ip => size_of::<trapkey_ip_t>(),
            Self::Entity => size_of::<*const trapkey_party_t>(),
            Self::Enum(_) => size_of::<u32>(),
            Self::Record(plan) => plan.size,
            Self::Set(_) => size_of::<trapkey_array_t>(),
        }
    }
}

/// Reads what a header says.
struct Reader<'m> {
    model: &'m Model,
}

fn broken(what: &str) -> Failure {
    let text = format!("the header is not as `trapkey generate c` writes it: {what}");
    Failure::new(trapkey_status_t::TRAPKEY_STATUS_SCHEMA_REFUSED, text)
}

/// A text of a header.
fn text<'a>(pointer: *const c_char, what: &'static str) -> Result<&'a str, Failure> {
    if pointer.is_null() {
        return Err(null(what));
    }
    // SAFETY: texts of headers end with NUL by the contract of pointers.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map_err(|_| broken("a name is not UTF-8"))
}

/// A table of a header.
fn table<'a, T>(pointer: *const T, len: usize, what: &'static str) -> Result<&'a [T], Failure> {
    if len > ENTRIES_MAX {
        return Err(broken(what));
    }
    // SAFETY: the contract of pointers.
    unsafe { memory::array(pointer, len, what) }
}

impl Reader<'_> {
    fn record(
        &self,
        pointer: *const trapkey_record_t,
        depth: usize,
    ) -> Result<Arc<RecordPlan>, Failure> {
        if depth > DEPTH_MAX {
            return Err(broken("records are too deep inside one another"));
        }
        let &[trapkey_record_t { fields, fields_len, size }] = table(pointer, 1, "record")? else {
            return Err(null("record"));
        };
        let mut plans = Vec::new();
        for field in table(fields, fields_len, "fields")? {
            let kind = self.kind(field, depth)?;
            let presence =
                Some(field.presence).filter(|presence| *presence != TRAPKEY_FIELD_REQUIRED);
            let ends = field.offset.checked_add(kind.size());
            let is_inside = ends.is_some_and(|end| end <= size)
                && presence.is_none_or(|presence| presence < size)
                && field.size == kind.size();
            if !is_inside {
                return Err(broken("a field is not inside its struct"));
            }
            let name = text(field.name, "name")?.to_owned();
            plans.push(FieldPlan { name, offset: field.offset, presence, kind });
        }
        Ok(Arc::new(RecordPlan { fields: plans, size }))
    }

    fn kind(&self, field: &trapkey_field_t, depth: usize) -> Result<Kind, Failure> {
        use trapkey_field_kind_t::{
            TRAPKEY_FIELD_BOOL, TRAPKEY_FIELD_DATETIME, TRAPKEY_FIELD_DECIMAL,
            TRAPKEY_FIELD_DURATION, TRAPKEY_FIELD_ENTITY, TRAPKEY_FIELD_ENUM, TRAPKEY_FIELD_IP,
            TRAPKEY_FIELD_LONG, TRAPKEY_FIELD_RECORD, TRAPKEY_FIELD_SET, TRAPKEY_FIELD_STRING,
        };
        let is = |kind: trapkey_field_kind_t| field.kind == kind as u32;
        let plain = [
            (TRAPKEY_FIELD_BOOL, Kind::Bool),
            (TRAPKEY_FIELD_LONG, Kind::Long),
            (TRAPKEY_FIELD_DECIMAL, Kind::Decimal),
            (TRAPKEY_FIELD_DATETIME, Kind::Datetime),
            (TRAPKEY_FIELD_DURATION, Kind::Duration),
            (TRAPKEY_FIELD_STRING, Kind::String),
            (TRAPKEY_FIELD_IP, Kind::Ip),
            (TRAPKEY_FIELD_ENTITY, Kind::Entity),
        ];
        if let Some((_, kind)) = plain.into_iter().find(|(kind, _)| is(*kind)) {
            return Ok(kind);
        }
        if is(TRAPKEY_FIELD_ENUM) {
            return self.enumeration(field).map(Kind::Enum);
        }
        if is(TRAPKEY_FIELD_RECORD) {
            return self.record(field.record.cast(), depth.saturating_add(1)).map(Kind::Record);
        }
        if is(TRAPKEY_FIELD_SET) && depth <= DEPTH_MAX {
            let [element] = table(field.element.cast::<trapkey_field_t>(), 1, "element")? else {
                return Err(null("element"));
            };
            let kind = self.kind(element, depth.saturating_add(1))?;
            if element.size != kind.size() {
                return Err(broken("an element has another size"));
            }
            return Ok(Kind::Set(Box::new(kind)));
        }
        Err(broken("a field is of no kind"))
    }

    fn enumeration(&self, field: &trapkey_field_t) -> Result<Vec<Party>, Failure> {
        let type_name = text(field.type_name, "type_name")?;
        let ids = table(field.ids, field.ids_len, "ids")?;
        let party = |id: &*const c_char| {
            let uid = EntityUid::new(type_name, text(*id, "id")?);
            Party::resolve(self.model, uid).map_err(|error| {
                Failure::refused(trapkey_status_t::TRAPKEY_STATUS_SCHEMA_REFUSED, &error)
            })
        };
        ids.iter().map(party).collect()
    }
}

/// A value of the caller's.
struct Given<'a> {
    // INVARIANT: `at` is where a value of this kind lies, by the contract of pointers.
    kind: &'a Kind,
    at: *const u8,
    /// Why a value could not be read.
    trouble: &'a Cell<Option<Failure>>,
}

impl<'a> Given<'a> {
    fn read<T: Copy>(&self) -> T {
        // SAFETY: a value of this kind lies there, and only types that its size fits are read.
        unsafe { self.at.cast::<T>().read_unaligned() }
    }

    fn fail(&self, failure: Failure) -> RowError {
        self.trouble.set(Some(failure));
        RowError { path: String::new(), kind: RowErrorKind::Missing }
    }

    fn string(&self) -> Result<&'a str, Failure> {
        let text: trapkey_str_t = self.read();
        // SAFETY: the contract of pointers.
        unsafe { memory::text(text, "a text of the context") }
    }

    fn entity(&self) -> Result<&'a Party, Failure> {
        let party: *const trapkey_party_t = self.read();
        // SAFETY: the contract of pointers.
        unsafe { crate::handle::shared(party, "an entity of the context") }
    }

    fn enumerated(&self, parties: &'a [Party]) -> Result<&'a Party, Failure> {
        let number: u32 = self.read();
        let party = usize::try_from(number).ok().and_then(|number| parties.get(number));
        party.ok_or_else(|| {
            let text = format!("{number} is no entity of a type with {}", parties.len());
            Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text)
        })
    }

    fn ip(&self) -> Result<Ip, Failure> {
        let trapkey_ip_t { bytes, prefix, version } = self.read();
        let [b0, b1, b2, b3, ..] = bytes;
        let ip = if version == 4 {
            Ip { address: u32::from_be_bytes([b0, b1, b2, b3]).into(), prefix, v6: false }
        } else {
            Ip { address: u128::from_be_bytes(bytes), prefix, v6: true }
        };
        let bits = if ip.v6 { 128 } else { 32 };
        let is_address = matches!(version, 4 | 6) && prefix <= bits;
        if is_address { Ok(ip) } else { Err(address_refused(version, prefix)) }
    }

    fn record(&self, plan: &'a RecordPlan, to: FieldWriter<'_>) -> Result<Written, RowError> {
        let mut record = to.record()?;
        for field in &plan.fields {
            // SAFETY: fields lie within the struct.
            let is_there =
                field.presence.is_none_or(|presence| unsafe { self.at.add(presence).read() } != 0);
            // SAFETY: as above.
            let at = unsafe { self.at.add(field.offset) };
            let value = Given { kind: &field.kind, at, trouble: self.trouble };
            record.optional(&field.name, is_there.then_some(&value))?;
        }
        record.finish()
    }

    fn set(&self, kind: &'a Kind, to: FieldWriter<'_>) -> Result<Written, RowError> {
        let trapkey_array_t { data, len } = self.read();
        let bytes = len.saturating_mul(kind.size());
        // SAFETY: the contract of pointers.
        let bytes = unsafe { memory::array(data.cast::<u8>(), bytes, "a set of the context") };
        let bytes = bytes.map_err(|failure| self.fail(failure))?;
        let elements: Vec<Given<'_>> = bytes
            .chunks_exact(kind.size())
            .map(|chunk| Given { kind, at: chunk.as_ptr(), trouble: self.trouble })
            .collect();
        to.set(&elements)
    }
}

#[cold]
fn address_refused(version: u8, prefix: u8) -> Failure {
    let text = format!("an address of version {version} with a prefix of {prefix} bits");
    Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text)
}

impl FieldValue for Given<'_> {
    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
        match self.kind {
            Kind::Record(plan) => self.record(plan, to),
            Kind::Set(kind) => self.set(kind, to),
            Kind::Entity => self.entity().map_err(|failure| self.fail(failure))?.write(to),
            Kind::Enum(parties) => {
                self.enumerated(parties).map_err(|failure| self.fail(failure))?.write(to)
            }
            Kind::String => {
                to.plain(RowValue::String(self.string().map_err(|failure| self.fail(failure))?))
            }
            Kind::Ip => to.plain(RowValue::Ip(self.ip().map_err(|failure| self.fail(failure))?)),
            Kind::Bool => to.plain(RowValue::Bool(self.read::<u8>() != 0)),
            Kind::Long => to.plain(RowValue::Long(self.read())),
            Kind::Decimal => to.plain(RowValue::Decimal(self.read())),
            Kind::Datetime => to.plain(RowValue::Datetime(self.read())),
            Kind::Duration => to.plain(RowValue::Duration(self.read())),
        }
    }

    fn plain(&self) -> Option<RowValue<'_>> {
        Some(match self.kind {
            Kind::Bool => RowValue::Bool(self.read::<u8>() != 0),
            Kind::Long => RowValue::Long(self.read()),
            Kind::Decimal => RowValue::Decimal(self.read()),
            Kind::Datetime => RowValue::Datetime(self.read()),
            Kind::Duration => RowValue::Duration(self.read()),
            Kind::String => RowValue::String(self.string().ok()?),
            Kind::Ip => RowValue::Ip(self.ip().ok()?),
            Kind::Entity => self.entity().ok()?.plain()?,
            Kind::Enum(parties) => self.enumerated(parties).ok()?.plain()?,
            Kind::Record(_) | Kind::Set(_) => return None,
        })
    }
}

impl Typed {
    fn new(model: &Arc<Model>, schema: trapkey_schema_t) -> Result<Self, Failure> {
        let refused = trapkey_status_t::TRAPKEY_STATUS_SCHEMA_REFUSED;
        let generated = text(schema.layout, "layout")?;
        let published = model.layout().digest.to_string();
        if generated != published {
            let name = text(schema.name, "name")?;
            let text = format!(
                "the header is of `{name}` with the layout {generated}, published is {published}"
            );
            return Err(Failure::new(refused, text));
        }
        let reader = Reader { model };
        let mut actions = Vec::new();
        for action in table(schema.actions, schema.actions_len, "actions")? {
            let uid = EntityUid::new(text(action.type_name, "type_name")?, text(action.id, "id")?);
            let form = model.form(&uid).map_err(|error| Failure::refused(refused, &error))?;
            let plan = reader.record(action.context, 0)?;
            actions.push(Prepared { form, record: action.context.addr(), plan, request: None });
        }
        Ok(Self { actions })
    }

    /// The request that is asked, in the memory of the one before it for the same action.
    fn request(
        &mut self,
        question: &trapkey_question_t,
        parties: (&Party, &Party),
    ) -> Result<&Request, Failure> {
        let number = usize::try_from(question.action).ok();
        let prepared = number.and_then(|number| self.actions.get_mut(number));
        let Some(prepared) = prepared.filter(|prepared| prepared.record == question.record.addr())
        else {
            let text = format!("action {} has no such context", question.action);
            return Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text));
        };
        if question.context.is_null() {
            return Err(null("context"));
        }
        if question.reserved != 0 {
            let status = trapkey_status_t::TRAPKEY_STATUS_STRUCT_SIZE;
            return Err(Failure::new(status, "`question->reserved` is not zero"));
        }
        let trouble = Cell::new(None);
        let kind = Kind::Record(Arc::clone(&prepared.plan));
        let context = Given { kind: &kind, at: question.context.cast(), trouble: &trouble };
        let filled = match &mut prepared.request {
            Some(request) => prepared.form.fill(parties, &context, request),
            none => prepared.form.request(parties, &context).map(|request| {
                *none = Some(request);
            }),
        };
        if let Err(error) = filled {
            let refused =
                || Failure::refused(trapkey_status_t::TRAPKEY_STATUS_REQUEST_REFUSED, &error);
            return Err(trouble.take().unwrap_or_else(refused));
        }
        let request = prepared.request.as_mut().ok_or_else(|| broken("no request was made"))?;
        request.set_at(Some(question.at).filter(|at| *at != TRAPKEY_NO_INSTANT).map(Datetime));
        Ok(request)
    }
}

/// Holds a generated header against the published schema, and keeps a request for each of its actions.
/// `schema` is the header's, and must stay where it is.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_typed_new(
    model: *const trapkey_model_t,
    schema: *const trapkey_schema_t,
    typed: *mut *mut trapkey_typed_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let model = shared!(model);
        let schema = structure!(schema);
        let place = place!(typed);
        place.put(give(Typed::new(model, schema)?));
        Ok(())
    })
}

/// Frees the requests of a header. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_typed_free(typed: *mut trapkey_typed_t) {
    free!(typed);
}

/// Decides what is asked. Generated headers have functions that call this with the right context.
/// `decision` and `verdict` are deny before anything can fail; they say allow only with
/// TRAPKEY_STATUS_OK. After a publication of another schema the status is TRAPKEY_STATUS_STALE.
///
/// Threads: one, with its own decider and decision. Allocates: at the first request for an action, for
/// ids and texts that are longer than any before, and for sets. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_typed_decide(
    typed: *mut trapkey_typed_t,
    question: *const trapkey_question_t,
    decision: *mut trapkey_decision_t,
    verdict: *mut trapkey_verdict_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    deciding((decision, verdict), error, |decision| {
        let typed = exclusive!(typed);
        let question = structure!(question);
        let trapkey_question_t { decider, principal, resource, .. } = question;
        let decider = exclusive!(decider);
        let request = typed.request(&question, (shared!(principal), shared!(resource)))?;
        decider.decide_into(request, decision);
        Ok(())
    })
}
