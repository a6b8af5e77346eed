//! The host's clocks, as it tells the engine of them.

use std::time::Duration;

use trapkey::{ClockError, ClockReading, Datetime, TimeBounds, Trust};

use crate::boundary::{Failure, guard};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::status::trapkey_status_t;

/// How far a wall clock is to be trusted.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_trust_t {
    /// It may say anything.
    TRAPKEY_TRUST_UNTRUSTED = 0,
    /// It has lost its source, and is off by no more than `uncertainty_ms`.
    TRAPKEY_TRUST_HOLDOVER = 1,
    /// It is synchronised.
    TRAPKEY_TRUST_TRUSTED = 2,
}

/// What the host's clocks say at one moment.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_clock_reading_t {
    /// `sizeof(trapkey_clock_reading_t)`.
    pub struct_size: usize,
    /// The wall clock, in milliseconds since 1970-01-01T00:00:00Z.
    pub wall_ms: i64,
    /// A clock that never goes back, in nanoseconds from any moment on.
    pub monotonic_ns: u64,
    /// By how many milliseconds the wall clock may be off, in holdover.
    pub uncertainty_ms: u64,
    /// How far the wall clock is to be trusted: one of `trapkey_trust_t`.
    pub trust: u32,
    /// 0.
    pub reserved: u32,
}

/// What an engine takes the time to be.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_time_bounds_t {
    /// `sizeof(trapkey_time_bounds_t)`, set before the call.
    pub struct_size: usize,
    /// The earliest instant that it may be, in milliseconds since 1970-01-01T00:00:00Z.
    pub low_ms: i64,
    /// The latest instant that it may be.
    pub high_ms: i64,
    /// Not 0 if there is an earliest one: a trusted clock was read.
    pub has_low: u32,
    /// Not 0 if there is a latest one: the clock is not untrusted.
    pub has_high: u32,
}

versioned!(trapkey_clock_reading_t, trapkey_time_bounds_t);

impl trapkey_clock_reading_t {
    fn read(&self) -> Result<ClockReading, Failure> {
        let trust = if self.trust == trapkey_trust_t::TRAPKEY_TRUST_TRUSTED as u32 {
            Trust::Trusted
        } else if self.trust == trapkey_trust_t::TRAPKEY_TRUST_HOLDOVER as u32 {
            Trust::Holdover { uncertainty: Duration::from_millis(self.uncertainty_ms) }
        } else if self.trust == trapkey_trust_t::TRAPKEY_TRUST_UNTRUSTED as u32 {
            Trust::Untrusted
        } else {
            let text = format!("there is no trust {}", self.trust);
            return Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text));
        };
        let (wall, monotonic) = (Datetime(self.wall_ms), Duration::from_nanos(self.monotonic_ns));
        Ok(ClockReading { wall, monotonic, trust })
    }
}

impl From<TimeBounds> for trapkey_time_bounds_t {
    fn from(bounds: TimeBounds) -> Self {
        let ms = |at: Option<Datetime>| at.map_or(0, |Datetime(at)| at);
        Self {
            struct_size: 0,
            low_ms: ms(bounds.low),
            high_ms: ms(bounds.high),
            has_low: u32::from(bounds.low.is_some()),
            has_high: u32::from(bounds.high.is_some()),
        }
    }
}

/// Tells the engine what the host's clocks say. `bounds` may be NULL; it becomes what the engine then
/// takes the time to be. A clock that went back or jumped is refused, and the engine goes on with what
/// it knew.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_set_clock(
    engine: *const trapkey_engine_t,
    reading: *const trapkey_clock_reading_t,
    bounds: *mut trapkey_time_bounds_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let reading: trapkey_clock_reading_t = structure!(reading);
        let reading = reading.read()?;
        let place = if bounds.is_null() { None } else { Some(structure_place!(bounds)) };
        let taken = engine.set_clock(reading).map_err(|error| refused(&error))?;
        if let Some(place) = place {
            place.put(taken.into());
        }
        Ok(())
    })
}

/// As `trapkey_engine_set_clock`, where somebody answers for a jump forward.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_accept_clock(
    engine: *const trapkey_engine_t,
    reading: *const trapkey_clock_reading_t,
    bounds: *mut trapkey_time_bounds_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let reading: trapkey_clock_reading_t = structure!(reading);
        let reading = reading.read()?;
        let place = if bounds.is_null() { None } else { Some(structure_place!(bounds)) };
        let taken = engine.accept_clock(reading).map_err(|error| refused(&error))?;
        if let Some(place) = place {
            place.put(taken.into());
        }
        Ok(())
    })
}

/// What the engine takes the time to be; refused if it was never told.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_clock(
    engine: *const trapkey_engine_t,
    bounds: *mut trapkey_time_bounds_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = structure_place!(bounds);
        let status = trapkey_status_t::TRAPKEY_STATUS_CLOCK_REFUSED;
        let known = engine.clock();
        let known = known.ok_or_else(|| Failure::new(status, "no clock was ever read"))?;
        place.put(known.into());
        Ok(())
    })
}

fn refused(error: &ClockError) -> Failure {
    Failure::refused(trapkey_status_t::TRAPKEY_STATUS_CLOCK_REFUSED, error)
}
