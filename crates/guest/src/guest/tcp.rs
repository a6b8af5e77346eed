//! Connections that carry Modbus: each request is decided on as soon as all of it is there.

use super::http::{DECISION, end, enter, tell};
use super::report::{self, Counted};
use super::{Guest, Phase, Root, now};
use crate::deny::Deny;
use crate::facts::{Facts, ModbusFacts, Who};
use crate::host::{Action, Buffer, Host, Stream};
use crate::identity;
use crate::modbus::{Place, REQUEST_BYTES_MAX, Request, Span, Split, split};
use crate::plan::{Adapter, Denied, Duty, ModbusPlan, ModbusRule, Plan};
use crate::question::Entity;
use crate::verdict;

/// Questions at most about the bytes that come at once: a worker serves other connections too.
const QUESTIONS_MAX: usize = 8_192;

/// What is known of a connection.
#[derive(Debug, Default)]
pub(super) struct Connection {
    /// Who asks, once that is known: a certificate does not change.
    principal: Option<Known>,
    /// The start of a request that is not all there.
    // INVARIANT: shorter than a request.
    rest: Vec<u8>,
}

/// A principal that was found.
#[derive(Clone, Debug)]
struct Known {
    entity: Entity,
    whole: String,
}

/// What becomes of the bytes that came.
#[derive(Default)]
struct Passing {
    /// Requests that go on.
    bytes: Vec<u8>,
    /// What they write, told to other workers once they go on.
    writes: Vec<(Place, Option<u16>)>,
    /// Questions that were asked about them.
    questions: usize,
    /// Whether the connection is closed.
    closes: bool,
}

/// Decides on the requests in what a client sent.
pub(super) fn data<H: Host>(
    guest: &mut Guest,
    host: &mut H,
    context: u32,
    len: usize,
    is_end: bool,
) -> Action {
    let mut connection = match guest.streams.get_mut(&context) {
        Some(stream) if stream.phase == Phase::Open => core::mem::take(&mut stream.connection),
        // Framing was lost on a connection that is only observed, as long as these policies are in force.
        Some(stream) if stream.phase == Phase::Lost => {
            return match in_force(guest, host, context) {
                Ok(()) => Action::Continue,
                Err(deny) => {
                    tell(guest, host, &deny);
                    closed(guest, host, context)
                }
            };
        }
        Some(_) | None => {
            end(host, Stream::Downstream);
            return Action::Pause;
        }
    };
    let mut passing = Passing::default();
    let decided = decide(guest, host, context, (&mut connection, &mut passing), len);
    if let Some(stream) = guest.streams.get_mut(&context) {
        stream.connection = connection;
    }
    match decided {
        Ok(()) if guest.plan.observes => Action::Continue,
        Ok(()) if !passing.closes => {
            let is_nothing = passing.bytes.is_empty() && !is_end;
            if is_nothing { Action::Pause } else { Action::Continue }
        }
        Ok(()) => closed(guest, host, context),
        Err(deny) => {
            tell(guest, host, &deny);
            // Old policies end even where they only observe, so that none goes on beside new ones that do more.
            if guest.plan.observes && deny != Deny::Stale {
                enter(guest, context, Phase::Lost);
                return Action::Continue;
            }
            closed(guest, host, context)
        }
    }
}

/// Reads what came, decides on it, and leaves in the proxy's buffer what goes on.
fn decide<H: Host>(
    guest: &mut Guest,
    host: &mut H,
    context: u32,
    (connection, passing): (&mut Connection, &mut Passing),
    len: usize,
) -> Result<(), Deny> {
    let bytes = read(guest, host, context, len)?;
    let had_rest = !connection.rest.is_empty();
    requests(guest, host, context, (connection, passing), &bytes)?;
    if passing.closes {
        return Ok(());
    }
    for (place, value) in core::mem::take(&mut passing.writes) {
        remember(guest, host, context, (place, value))?;
    }
    let is_same = !had_rest && passing.bytes == bytes;
    if !is_same && !guest.plan.observes {
        host.put_data(len, &passing.bytes)?;
    }
    Ok(())
}

/// Ends a connection, and what came with its last bytes. The proxy may forget it at once, so that this comes last.
fn closed<H: Host>(guest: &mut Guest, host: &mut H, context: u32) -> Action {
    enter(guest, context, Phase::Ended);
    end(host, Stream::Downstream);
    Action::Pause
}

/// The bytes that came, if the connection's policies are still in force.
fn read<H: Host>(guest: &Guest, host: &mut H, context: u32, len: usize) -> Result<Vec<u8>, Deny> {
    in_force(guest, host, context)?;
    let bytes = host.buffer(Buffer::Downstream, len)?;
    if bytes.len() == len { Ok(bytes) } else { Err(Deny::Failed) }
}

/// Whether a connection's policies are still in force.
fn in_force<H: Host>(guest: &Guest, host: &mut H, context: u32) -> Result<(), Deny> {
    let root = guest.root(context).ok_or(Deny::Failed)?;
    let epoch = host.shared(&root.epoch_key)?;
    if epoch.as_deref() == Some(root.epoch.as_slice()) { Ok(()) } else { Err(Deny::Stale) }
}

/// Decides on each request that is all there.
fn requests<H: Host>(
    guest: &mut Guest,
    host: &mut H,
    context: u32,
    (connection, passing): (&mut Connection, &mut Passing),
    bytes: &[u8],
) -> Result<(), Deny> {
    let Adapter::Modbus(modbus) = &guest.plan.adapter else { return Err(Deny::Failed) };
    let denied = modbus.denied;
    let mut all = core::mem::take(&mut connection.rest);
    all.extend_from_slice(bytes);
    let mut left = all.as_slice();
    loop {
        match split(left) {
            Split::Whole(request, rest) => {
                left = rest;
                match judged(guest, host, context, (connection, passing), request) {
                    Ok(()) => {
                        guest.counts.add(Counted::Allowed);
                        passing.bytes.extend_from_slice(request);
                    }
                    Err(deny) => {
                        tell(guest, host, &deny);
                        if guest.plan.observes
                            && let Some(request) = Request::read(request)
                        {
                            note(guest, passing, &request);
                        }
                        let is_closed = denied == Denied::Close || connection.principal.is_none();
                        if is_closed && !guest.plan.observes {
                            passing.closes = true;
                            return Ok(());
                        }
                    }
                }
            }
            Split::Incomplete => {
                debug_assert!(left.len() < REQUEST_BYTES_MAX);
                connection.rest = left.to_vec();
                return Ok(());
            }
            Split::Malformed => {
                tell(guest, host, &Deny::Bad("framing"));
                passing.closes = !guest.plan.observes;
                enter(guest, context, if passing.closes { Phase::Ended } else { Phase::Lost });
                return Ok(());
            }
        }
    }
}

/// Decides on one request, and remembers what it writes.
fn judged<H: Host>(
    guest: &mut Guest,
    host: &mut H,
    context: u32,
    (connection, passing): (&mut Connection, &mut Passing),
    request: &[u8],
) -> Result<(), Deny> {
    let principal = match connection.principal.clone() {
        Some(principal) => principal,
        None => connection.principal.insert(find(&guest.plan, host)?).clone(),
    };
    let request = Request::read(request).ok_or(Deny::Bad("modbus"))?;
    let sides = sides(guest, &request)?;
    let mut policies = Vec::new();
    for (index, span) in sides {
        let question = (index, span);
        policies.extend(ask(guest, host, context, (&principal, &request, passing), question)?);
    }
    policies.sort_unstable();
    policies.dedup();
    if !guest.plan.observes {
        mark(&guest.plan, host, &policies)?;
    }
    if guest.plan.records_allows {
        host.set_property(DECISION, &report::allowed(&guest.plan, &policies))?;
    }
    note(guest, passing, &request);
    Ok(())
}

/// Keeps what a request that goes on writes.
fn note(guest: &Guest, passing: &mut Passing, request: &Request) {
    let Some(span) = request.writes.as_ref().filter(|_| guest.reads_previous) else { return };
    let writes = span.each().map(|(address, value)| (place(request, span, address), value));
    passing.writes.extend(writes);
}

/// Tells all workers what is written to a place, or that it is not known.
fn remember<H: Host>(
    guest: &Guest,
    host: &mut H,
    context: u32,
    (place, value): (Place, Option<u16>),
) -> Result<(), Deny> {
    let root = guest.root(context).ok_or(Deny::Failed)?;
    let bytes = value.map(u16::to_le_bytes);
    Ok(host.share(&key(root, place), bytes.as_ref().map_or(&[], <[u8; 2]>::as_slice))?)
}

/// What was last let be written to a place; absent if that is not known.
fn previous<H: Host>(
    host: &mut H,
    root: &Root,
    passing: &Passing,
    place: Place,
) -> Result<Option<u16>, Deny> {
    if let Some((_, value)) = passing.writes.iter().rev().find(|(own, _)| *own == place) {
        return Ok(*value);
    }
    let bytes = host.shared(&key(root, place))?;
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes))
}

/// Under which key all workers find what was last let be written to a place.
fn key(root: &Root, place: Place) -> String {
    let Place { unit, is_coil, address } = place;
    let kind = if is_coil { "coil" } else { "register" };
    format!("{}/{unit}/{kind}/{address}", root.written_key)
}

/// Who is at the other end.
fn find<H: Host>(plan: &Plan, host: &mut H) -> Result<Known, Deny> {
    let mut facts =
        Facts { host, headers: None, authority: None, modbus: None, now: None, known: None };
    let principal = identity::find(&plan.identity, &mut facts)?;
    let entity = Entity::of(&plan.schema, principal.entity_type, &principal.id);
    let entity = entity.ok_or(Deny::NoIdentity)?;
    Ok(Known { entity, whole: principal.whole.into_owned() })
}

/// The rules that a request is asked about, by their indexes, each with what it reads or writes there.
fn sides<'r>(guest: &Guest, request: &'r Request) -> Result<Vec<(usize, Option<&'r Span>)>, Deny> {
    let Adapter::Modbus(ModbusPlan { rules, .. }) = &guest.plan.adapter else {
        return Err(Deny::Failed);
    };
    let named = |writes: Option<bool>| {
        rules.iter().position(|rule| {
            let is_side = writes.is_none_or(|writes| writes == rule.writes);
            is_side && rule.functions.contains(&request.function)
        })
    };
    let mut sides = Vec::new();
    for (span, writes) in [(&request.reads, false), (&request.writes, true)] {
        let Some(span) = span else { continue };
        match named(Some(writes)) {
            Some(rule) => sides.push((rule, Some(span))),
            // Nothing of the register is told to who sets bits of it.
            None if request.function == 22 && !writes => {}
            None => return Err(Deny::NoRoute),
        }
    }
    if sides.is_empty() {
        sides.push((named(None).ok_or(Deny::NoRoute)?, None));
    }
    Ok(sides)
}

/// Asks about a request by one rule: once, or about each address; gives the policies that allow it.
fn ask<H: Host>(
    guest: &Guest,
    host: &mut H,
    context: u32,
    (principal, request, passing): (&Known, &Request, &mut Passing),
    (index, span): (usize, Option<&Span>),
) -> Result<Vec<u32>, Deny> {
    let Adapter::Modbus(ModbusPlan { rules, .. }) = &guest.plan.adapter else {
        return Err(Deny::Failed);
    };
    let rule = rules.get(index).ok_or(Deny::Failed)?;
    let prepared = guest.questions.get(index).ok_or(Deny::Failed)?;
    let root = guest.root(context).ok_or(Deny::Failed)?;
    let needs_now = guest.plan.needs_time || prepared.needs_now;
    let instant = if needs_now { Some(now(host)?) } else { None };
    let mut policies = Vec::new();
    let questions = facts(rule, request, span);
    passing.questions = passing.questions.saturating_add(questions.len());
    if passing.questions > QUESTIONS_MAX {
        return Err(Deny::Bad("too_many_questions"));
    }
    for mut modbus in questions {
        if let (Some(span), Some(address)) = (span, modbus.address)
            && guest.reads_previous
            && is_each(rule, span)
        {
            modbus.previous = previous(host, root, passing, place(request, span, address))?;
        }
        let modbus = Some(modbus);
        let mut facts =
            Facts { host, headers: None, authority: None, modbus, now: instant, known: None };
        let image = guest.image(context).ok_or(Deny::Failed)?.image();
        let who = Who { parameters: &[], whole: &principal.whole };
        let asked =
            prepared.ask(&guest.plan.schema, (principal.entity, false), &mut facts, &who)?;
        let action = prepared.question.action;
        let allowed = verdict::decide(&guest.plan, &image, host, action, &asked)?;
        policies.extend(allowed.policies);
    }
    Ok(policies)
}

/// What each question about a request says of it.
fn facts(rule: &ModbusRule, request: &Request, span: Option<&Span>) -> Vec<ModbusFacts> {
    let plain =
        ModbusFacts { unit: request.unit, function: request.function, ..ModbusFacts::default() };
    let Some(span) = span else { return vec![plain] };
    let is_each = is_each(rule, span);
    let questions = span.each().take(if is_each { usize::from(span.quantity) } else { 1 });
    let question = |(address, value): (u16, Option<u16>)| ModbusFacts {
        address: Some(address),
        quantity: Some(span.quantity),
        value: value.filter(|_| is_each),
        ..plain
    };
    questions.map(question).collect()
}

/// Whether each question is about one address.
fn is_each(rule: &ModbusRule, span: &Span) -> bool {
    rule.each_address || span.quantity == 1
}

fn place(request: &Request, span: &Span, address: u16) -> Place {
    Place { unit: request.unit, is_coil: span.is_coils, address }
}

/// Marks a connection as the policies of an allow ask for; there are no headers that could be changed.
fn mark<H: Host>(plan: &Plan, host: &mut H, policies: &[u32]) -> Result<(), Deny> {
    let mut marks = Vec::new();
    for policy in policies {
        let note = usize::try_from(*policy).ok().and_then(|index| plan.policies.get(index));
        for duty in &note.ok_or(Deny::Failed)?.duties {
            match duty {
                Duty::Mark(mark) => marks.push(mark.as_str()),
                Duty::AddHeader { .. } | Duty::RemoveHeader { .. } => {
                    return Err(Deny::Unhonoured(policies.to_vec()));
                }
            }
        }
    }
    if marks.is_empty() {
        Ok(())
    } else {
        Ok(host.set_property("trapkey.marks", &marks.join("|"))?)
    }
}
