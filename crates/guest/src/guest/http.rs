//! HTTP requests: one question each, asked again when the answer ends before the stream does.

use super::report::{self, Counted};
use super::{Guest, Phase, now};
use crate::deny::Deny;
use crate::facts::{Facts, Who};
use crate::headers::Headers;
use crate::host::{Action, Host, LocalResponse, Stream};
use crate::identity::{self, Known};
use crate::plan::{Adapter, Duty, Plan};
use crate::question::{Asked, Entity};
use crate::repeated::Repeated;
use crate::target::Target;
use crate::verdict::{self, Allowed};

/// Where decisions are found in filter state, below `wasm.`.
pub(super) const DECISION: &str = "trapkey.decision";

/// What was asked about a stream, whose answer ends.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    /// Index of the question.
    question: usize,
    asked: Asked,
    /// The first instant at which the answer may no longer hold.
    until: i64,
}

/// Decides on a request.
pub(super) fn request<H: Host>(guest: &mut Guest, host: &mut H, context: u32) -> Action {
    // Before anything else, so that the answer to a deny can repeat the request's id.
    let block = host.headers().unwrap_or_default();
    let headers = Headers::read(&block);
    let mut known = core::mem::take(&mut guest.known);
    let mut repeated = core::mem::take(&mut guest.repeated);
    let judged = match &headers {
        Ok(headers) => answer(guest, host, context, (headers, &mut known, &mut repeated)),
        Err(deny) => Err(deny.clone()),
    };
    guest.known = known;
    guest.repeated = repeated;
    let done = judged.and_then(|(allowed, watched)| {
        if !guest.plan.observes {
            honour(&guest.plan, host, &allowed)?;
        }
        if guest.plan.records_allows {
            host.set_property(DECISION, &report::allowed(&guest.plan, &allowed.policies))?;
        }
        Ok(watched)
    });
    match done {
        Ok(watched) => {
            guest.counts.add(Counted::Allowed);
            if let Some(stream) = guest.streams.get_mut(&context) {
                stream.watched = watched;
            }
            Action::Continue
        }
        Err(deny) => {
            let request_id = headers.as_ref().map_or("", Headers::request_id);
            refused(guest, host, context, &deny, request_id)
        }
    }
}

/// Decides again on a stream whose answer has ended.
pub(super) fn body<H: Host>(
    guest: &mut Guest,
    host: &mut H,
    context: u32,
    is_response: bool,
) -> Action {
    let Some(stream) = guest.streams.get_mut(&context) else { return Action::Pause };
    match stream.phase {
        Phase::Open | Phase::Lost => {}
        // The filter's own answer.
        Phase::Answered if is_response => return Action::Continue,
        Phase::Answered | Phase::Ended => return Action::Pause,
    }
    let Some(watched) = stream.watched.take() else { return Action::Continue };
    match again(guest, host, context, watched) {
        Ok(watched) => {
            if let Some(stream) = guest.streams.get_mut(&context) {
                stream.watched = watched;
            }
            Action::Continue
        }
        Err(deny) if is_response && !guest.plan.observes => {
            tell(guest, host, &deny);
            enter(guest, context, Phase::Ended);
            // The answer has begun, and nothing else can stop it.
            end(host, Stream::Response);
            Action::Pause
        }
        Err(deny) => refused(guest, host, context, &deny, ""),
    }
}

/// Decides again on the streams of a plugin whose answer has ended, though nothing goes by.
pub(super) fn overdue<H: Host>(guest: &mut Guest, host: &mut H, root: u32) {
    let is_watched = |stream: &super::Stream| {
        stream.root == root && stream.phase == Phase::Open && stream.watched.is_some()
    };
    let streams = guest.streams.iter().filter(|(_, stream)| is_watched(stream));
    let watched: Vec<u32> = streams.map(|(context, _)| *context).collect();
    if watched.is_empty() {
        return;
    }
    for context in watched {
        // A stream that cannot be selected is about to go; if not, the next tick or part of a body finds it.
        if host.select(context).is_err() {
            continue;
        }
        let watched = guest.streams.get_mut(&context).and_then(|stream| stream.watched.take());
        let Some(watched) = watched else { continue };
        match again(guest, host, context, watched) {
            Ok(watched) => {
                if let Some(stream) = guest.streams.get_mut(&context) {
                    stream.watched = watched;
                }
            }
            Err(deny) => {
                tell(guest, host, &deny);
                if !guest.plan.observes {
                    enter(guest, context, Phase::Ended);
                    end(host, Stream::Response);
                }
            }
        }
    }
    if host.select(root).is_err() {
        host.log("trapkey: the plugin's own context cannot be selected");
    }
}

/// Asks again if the answer has ended; gives what is to be watched from now on.
fn again<H: Host>(
    guest: &Guest,
    host: &mut H,
    context: u32,
    mut watched: Box<Watched>,
) -> Result<Option<Box<Watched>>, Deny> {
    let now = now(host)?;
    if now < watched.until {
        return Ok(Some(watched));
    }
    let prepared = guest.questions.get(watched.question).ok_or(Deny::Failed)?;
    prepared.advance(&mut watched.asked, now).ok_or(Deny::Bad("time"))?;
    let image = guest.image(context).ok_or(Deny::Failed)?.image();
    let action = prepared.question.action;
    let Allowed { until, .. } = verdict::decide(&guest.plan, &image, host, action, &watched.asked)?;
    Ok(until.map(|until| {
        watched.until = until;
        watched
    }))
}

/// The answer to a request, which may be that to an earlier one in the same words.
fn answer<H: Host>(
    guest: &Guest,
    host: &mut H,
    context: u32,
    (headers, known, repeated): (&Headers<'_>, &mut Known, &mut Repeated),
) -> Result<(Allowed, Option<Box<Watched>>), Deny> {
    let stream = guest.streams.get(&context).ok_or(Deny::Failed)?;
    // Before what is remembered, which goes by other headers.
    if headers.iter().any(|(name, _)| is_override(name)) {
        return Err(Deny::Bad("override_header"));
    }
    if let Some(allowed) = repeated.find(stream.root, headers)
        && identity::is_valid(host).is_ok()
    {
        return Ok((allowed.clone(), None));
    }
    // Without the other headers, so that none of them can have a say in what is remembered.
    let deciding = repeated.deciding(headers);
    let headers = deciding.as_ref().unwrap_or(headers);
    let (allowed, watched) = judge(guest, host, context, (headers, known))?;
    repeated.keep(&allowed);
    Ok((allowed, watched))
}

/// Headers by which servers take another method or path than the request's own.
const OVERRIDES: [&str; 5] = [
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];

fn is_override(name: &[u8]) -> bool {
    // Few names begin so.
    name.first().is_some_and(|first| first.eq_ignore_ascii_case(&b'x'))
        && OVERRIDES.iter().any(|own| own.as_bytes().eq_ignore_ascii_case(name))
}

/// Finds out what a request asks for, and asks it.
fn judge<H: Host>(
    guest: &Guest,
    host: &mut H,
    context: u32,
    (headers, known): (&Headers<'_>, &mut Known),
) -> Result<(Allowed, Option<Box<Watched>>), Deny> {
    let Guest { plan, questions, .. } = guest;
    let Adapter::Http(http) = &plan.adapter else { return Err(Deny::Failed) };
    let image = guest.image(context).ok_or(Deny::Failed)?.image();
    let target = Target::read(headers)?;
    let fits = |(index, route)| target.fits(route).map(|parameters| (index, parameters));
    let (question, parameters) =
        http.routes.iter().enumerate().find_map(fits).ok_or(Deny::NoRoute)?;
    let prepared = questions.get(question).ok_or(Deny::Failed)?;
    let instant = if plan.needs_time || prepared.needs_now { Some(now(host)?) } else { None };
    let authority = target.host.as_deref();
    let mut facts = Facts {
        host,
        headers: Some(headers),
        authority,
        modbus: None,
        now: instant,
        known: Some(known),
    };
    let principal = identity::find(&plan.identity, &mut facts)?;
    let entity = Entity::of(&plan.schema, principal.entity_type, &principal.id);
    let entity = entity.ok_or(Deny::NoIdentity)?;
    let who = Who { parameters: &parameters, whole: &principal.whole };
    let asked = prepared.ask(&plan.schema, (entity, principal.is_by_header), &mut facts, &who)?;
    let allowed = verdict::decide(plan, &image, host, prepared.question.action, &asked)?;
    let watched = allowed.until.map(|until| Box::new(Watched { question, asked, until }));
    Ok((allowed, watched))
}

/// Does what the policies of an allow ask for.
fn honour<H: Host>(plan: &Plan, host: &mut H, allowed: &Allowed) -> Result<(), Deny> {
    let mut marks = String::new();
    for policy in &allowed.policies {
        let note = usize::try_from(*policy).ok().and_then(|index| plan.policies.get(index));
        for duty in &note.ok_or(Deny::Failed)?.duties {
            match duty {
                Duty::AddHeader { name, value } => host.put_header(name, Some(value))?,
                Duty::RemoveHeader { name } => host.put_header(name, None)?,
                Duty::Mark(mark) => {
                    if !marks.is_empty() {
                        marks.push('|');
                    }
                    marks.push_str(mark);
                }
            }
        }
    }
    if !marks.is_empty() {
        host.set_property("trapkey.marks", &marks)?;
    }
    Ok(())
}

/// Answers a request that is denied; or lets it pass where denies are only observed.
fn refused<H: Host>(
    guest: &mut Guest,
    host: &mut H,
    context: u32,
    deny: &Deny,
    request_id: &str,
) -> Action {
    let details = tell(guest, host, deny);
    if guest.plan.observes {
        return Action::Continue;
    }
    enter(guest, context, Phase::Answered);
    let body = format!(r#"{{"error":"denied","request_id":"{request_id}"}}"#);
    let response = LocalResponse { status: 403, details: &details, body: &body };
    if host.respond(&response).is_err() {
        enter(guest, context, Phase::Ended);
        end(host, Stream::Request);
    }
    Action::Pause
}

/// Takes a stream to its next phase.
pub(super) fn enter(guest: &mut Guest, context: u32, phase: Phase) {
    if let Some(stream) = guest.streams.get_mut(&context) {
        stream.phase = phase;
    }
}

/// Counts a deny, puts it into filter state and gives its text.
pub(super) fn tell<H: Host>(guest: &mut Guest, host: &mut H, deny: &Deny) -> String {
    let observes = guest.plan.observes;
    guest.counts.add(if observes { Counted::WouldDeny } else { Counted::Denied });
    if *deny == Deny::Failed {
        guest.counts.add(Counted::Failed);
    }
    let text = report::denied(&guest.plan, deny, observes);
    if host.set_property(DECISION, &text).is_err() {
        host.log("trapkey: a deny cannot be recorded");
    }
    text
}

pub(super) fn end<H: Host>(host: &mut H, stream: Stream) {
    if host.close(stream).is_err() {
        host.log("trapkey: a denied stream cannot be ended");
    }
}
