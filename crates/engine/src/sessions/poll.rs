//! A poll: which sessions are concerned, what is decided of them now, and who is told.

use std::collections::BTreeMap;

use trapkey_abi::Handle;

use crate::changes::Change;
use crate::snapshot::Snapshot;
use crate::{Datetime, Decision};

use super::session::Session;
use super::{Cause, Flip, SessionId, Sessions};

/// What has changed since the last poll, each with the number of the last snapshot that brought it.
#[derive(Default)]
struct News {
    published: Option<u64>,
    facts: Option<u64>,
    entities: BTreeMap<Handle, u64>,
    grants: BTreeMap<(Option<Handle>, Option<Handle>), u64>,
}

impl News {
    fn new(changes: Vec<(u64, Change)>) -> Self {
        let mut news = Self::default();
        // Numbers ascend, so the last stands.
        for (number, change) in changes {
            match change {
                Change::Published => news.published = Some(number),
                Change::All => news.facts = Some(number),
                Change::Entity(handle) => {
                    news.entities.insert(handle, number);
                }
                Change::Grant { principal, resource } => {
                    news.grants.insert((principal, resource), number);
                }
            }
        }
        news
    }

    /// When it is no longer known what has changed.
    fn lost(number: u64) -> Self {
        Self { facts: Some(number), ..Self::default() }
    }
}

impl Sessions {
    /// Finds out which sessions are no longer what they were at the last poll, adds them to `flips`
    /// and closes them, but for those whose terms say that they stay.
    ///
    /// Sessions that were revoked or whose time has run out end. Decided again, each by one snapshot
    /// and at `now`, are those that depend on what has changed since the last poll, whose context
    /// was updated, or whose horizon has come; after a publication all.
    pub fn poll(&mut self, now: Datetime, flips: &mut Vec<Flip>) {
        self.poll_each(now, |flip| flips.push(flip));
    }

    /// As [`Sessions::poll`], and calls `tell` with each flip.
    pub fn poll_with(&mut self, now: Datetime, mut tell: impl FnMut(&Flip)) {
        self.poll_each(now, |flip| tell(&flip));
    }

    fn poll_each(&mut self, now: Datetime, mut tell: impl FnMut(Flip)) {
        let now = self.reach(now);
        let (snapshot, changes) = self.engine.news(self.number);
        let news = match changes {
            Some(changes) => News::new(changes),
            None => News::lost(snapshot.number),
        };
        self.number = snapshot.number;
        for place in std::mem::take(&mut self.revoked) {
            let reason = self.at(place).and_then(|session| session.revoked.clone());
            self.end(place, Cause::Revoked { reason: reason.unwrap_or_default() }, &mut tell);
        }
        for (place, cause) in self.concerned(now, &news, &mut tell) {
            if let Some(flip) = self.reconsider(place, cause, &snapshot, now) {
                tell(flip);
            }
        }
    }

    /// Ends the sessions whose time has run out; gives those that have to be decided again.
    fn concerned(
        &mut self,
        now: Datetime,
        news: &News,
        tell: &mut impl FnMut(Flip),
    ) -> BTreeMap<u32, Cause> {
        let due: Vec<u32> = self.due.by(now).collect();
        let mut at_horizon = Vec::new();
        for place in due {
            let Some(session) = self.at(place) else { continue };
            match session.ends() {
                Some((end, cause)) if end <= now => self.end(place, cause, tell),
                Some(_) | None => {
                    if session.horizon.is_some_and(|horizon| horizon <= now) {
                        at_horizon.push(place);
                    }
                    // It may have been used since it was noted when it is due.
                    let due = session.due();
                    self.due.set(place, due);
                }
            }
        }
        let mut concerned = self.changed(news);
        for place in std::mem::take(&mut self.updated) {
            concerned.entry(place).or_insert(Cause::Context);
        }
        for place in at_horizon {
            concerned.entry(place).or_insert(Cause::Horizon);
        }
        concerned
    }

    /// The sessions that depend on what has changed since they were decided.
    fn changed(&self, news: &News) -> BTreeMap<u32, Cause> {
        let mut concerned = BTreeMap::new();
        let mut concern = |places: &mut dyn Iterator<Item = u32>, number: u64, cause: Cause| {
            for place in places {
                if self.at(place).is_some_and(|session| session.number < number) {
                    concerned.entry(place).or_insert_with(|| cause.clone());
                }
            }
        };
        let all = || (0..).zip(&self.slots).filter(|(_, slot)| slot.is_some());
        if let Some(number) = news.published {
            concern(&mut all().map(|(place, _)| place), number, Cause::Published);
        }
        if let Some(number) = news.facts {
            concern(&mut all().map(|(place, _)| place), number, Cause::Facts);
        }
        for (handle, number) in &news.entities {
            concern(&mut self.index.of_entity(*handle), *number, Cause::Entity(*handle));
        }
        for ((principal, resource), number) in &news.grants {
            concern(&mut self.index.of_grant(*principal, *resource), *number, Cause::Grant);
        }
        concerned
    }

    /// Decides a session again; gives its flip, if it does.
    fn reconsider(
        &mut self,
        place: u32,
        cause: Cause,
        snapshot: &Snapshot,
        now: Datetime,
    ) -> Option<Flip> {
        let slot = self.slots.get_mut(usize::try_from(place).ok()?)?;
        let session = slot.as_mut()?;
        if let Err(error) = session.reach(now) {
            let mut flip = None;
            self.end(place, Cause::Clock(error), &mut |end| flip = Some(end));
            return flip;
        }
        self.seen.clear();
        snapshot.decide_seeing(&session.request, &mut self.decision, &mut self.seen);
        self.counts.decided = self.counts.decided.wrapping_add(1);
        session.number = snapshot.number;
        let before = session.settle(session.stands, self.decision.clone());
        let is_allow = self.decision.is_allow();
        let has_flipped = before.is_allow() != is_allow;
        let is_over = has_flipped && !is_allow && !session.terms.stays;
        let id = SessionId::new(place, session.ordinal);
        let due = session.due();
        if is_over {
            self.remove(place);
        } else {
            let concerns = snapshot.concerns(&session.request, &mut self.seen);
            self.index.note(place, concerns);
            self.due.set(place, due);
        }
        if !has_flipped {
            return None;
        }
        self.counts.flipped = self.counts.flipped.wrapping_add(1);
        Some(Flip { session: id, before, after: Some(self.decision.clone()), cause, is_over })
    }

    /// Closes a session whatever would be decided of it.
    fn end(&mut self, place: u32, cause: Cause, tell: &mut impl FnMut(Flip)) {
        let Some(Session { ordinal, decision, .. }) = self.remove(place) else { return };
        self.counts.flipped = self.counts.flipped.wrapping_add(1);
        let session = SessionId::new(place, ordinal);
        tell(Flip { session, before: decision, after: None, cause, is_over: true });
    }
}

impl Snapshot {
    /// Decides a request, and adds to `seen` the entities that are looked up for it.
    pub(super) fn decide_seeing(
        &self,
        request: &crate::Request,
        decision: &mut Decision,
        seen: &mut Vec<crate::recorder::Seen>,
    ) {
        self.decide(request, decision, |loaded, request, facts, decision| {
            loaded.decide(request, &crate::recorder::Recorder::new(facts, seen), decision)
        });
    }
}
