//! The open sessions of the shift: reported on, and polled every minute, so that they end by themselves.

use std::collections::BTreeMap;

use trapkey::{
    Datetime, Engine, EntityUid, Request, SessionId, SessionKeys, SessionLimits, SessionTerms,
    Sessions, SubjectKey, Value,
};

use super::plant::Plant;
use super::shift::{Opening, Posture};
use super::story::{Story, Tally};
use crate::error::CliError;

const MINUTE_MS: i64 = 60_000;
const HOUR_MINUTES: i64 = 60;
const DAY_MINUTES: i64 = 24 * HOUR_MINUTES;

/// Minutes between two reports: polls between them find what time alone has changed.
const REPORT_EVERY: i64 = 2;

/// What the gateway reports of each session: it is in use, its token is renewed in time, and the
/// facts are fresh.
const REPORTED: [(&str, i64); 4] = [
    ("session.idle", 0),
    ("cred.age", 0),
    ("cred.expiresIn", HOUR_MINUTES * MINUTE_MS),
    ("env.dataAge", 0),
];

/// The sessions, and the device of each.
pub(super) struct Watch {
    sessions: Sessions,
    devices: BTreeMap<SessionId, &'static str>,
    now: Datetime,
}

impl Watch {
    /// Watches no session yet, from the given time of day on.
    pub(super) fn new(engine: &Engine, time: &str) -> Result<Self, CliError> {
        let sessions = engine.sessions(SessionLimits::default());
        Ok(Self { sessions, devices: BTreeMap::new(), now: instant(time)? })
    }

    /// Opens a session.
    pub(super) fn open(&mut self, plant: &Plant, opening: &Opening) -> Result<(), CliError> {
        let Some(model) = self.sessions.engine().model() else {
            return Err(CliError::Demo { what: "nothing is published" });
        };
        let text = plant.request(&opening.question())?.to_string();
        let request = Request::from_json(&model, &text).map_err(|error| CliError::Request {
            path: opening.case.into(),
            error: Box::new(error),
        })?;
        let keys = SessionKeys { device: Some(opening.device.to_owned()), ..Default::default() };
        let opened = self.sessions.open(self.now, request, keys, SessionTerms::default());
        let Ok((id, _)) = opened else {
            return Err(CliError::Demo { what: "a session is not opened" });
        };
        self.devices.insert(id, opening.device);
        Ok(())
    }

    /// A device is found to be compliant, or not.
    pub(super) fn posture(&mut self, posture: &Posture) -> Result<(), CliError> {
        let state = EntityUid::new("Plant::Compliance", posture.compliance);
        self.update(posture.device, "device.compliance", &Value::Entity(state))
    }

    /// Lets the time pass, minute by minute.
    pub(super) fn until(
        &mut self,
        time: &str,
        (story, tally): (&mut Story<'_>, &mut Tally),
    ) -> Result<(), CliError> {
        let Datetime(until) = instant(time)?;
        self.poll((&mut *story, &mut *tally))?;
        while self.now.0 < until {
            self.now = Datetime(self.now.0.saturating_add(MINUTE_MS).min(until));
            if self.now.0.rem_euclid(REPORT_EVERY * MINUTE_MS) == 0 {
                self.report()?;
            }
            self.poll((&mut *story, &mut *tally))?;
        }
        Ok(())
    }

    /// Reports of all sessions.
    fn report(&mut self) -> Result<(), CliError> {
        let devices: Vec<&str> = self.devices.values().copied().collect();
        for device in devices {
            for (path, ms) in REPORTED {
                self.update(device, path, &Value::Duration(ms))?;
            }
        }
        Ok(())
    }

    /// Tells of the sessions that have ended.
    fn poll(&mut self, (story, tally): (&mut Story<'_>, &mut Tally)) -> Result<(), CliError> {
        let mut flips = Vec::new();
        self.sessions.poll(self.now, &mut flips);
        for flip in flips {
            let Some(device) = self.devices.remove(&flip.session) else {
                return Err(CliError::Demo { what: "a session flips that was not opened" });
            };
            let time = time_of_day(self.now);
            tally.ended(&time, device, &flip);
            story.ended(&time, device, &flip)?;
        }
        Ok(())
    }

    fn update(&mut self, device: &str, path: &str, value: &Value) -> Result<(), CliError> {
        let key = SubjectKey::Device(device.to_owned());
        match self.sessions.update(self.now, &key, path, value) {
            Ok(1..) => Ok(()),
            Ok(0) | Err(_) => Err(CliError::Demo { what: "a session cannot be updated" }),
        }
    }
}

/// The instant of a time of day of the shift.
fn instant(time: &str) -> Result<Datetime, CliError> {
    let parsed = format!("2026-10-05T{time}:00Z").parse();
    parsed.map_err(|_| CliError::Demo { what: "the script has a time that is none" })
}

fn time_of_day(Datetime(ms): Datetime) -> String {
    let minutes = ms.div_euclid(MINUTE_MS).rem_euclid(DAY_MINUTES);
    format!("{:02}:{:02}", minutes / HOUR_MINUTES, minutes % HOUR_MINUTES)
}
