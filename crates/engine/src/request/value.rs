//! Numbers with a unit, so that none is taken for another.

use trapkey_abi::{TextError, parse_datetime, parse_decimal, parse_duration};

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Datetime(pub i64);

/// A span of time, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

/// A number with four digits after the point, in ten-thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(pub i64);

impl std::str::FromStr for Datetime {
    type Err = TextError;

    /// Reads what Cedar's `datetime` reads, as `2026-11-24T08:00:00Z`.
    fn from_str(text: &str) -> Result<Self, TextError> {
        parse_datetime(text).map(Self)
    }
}

impl std::str::FromStr for Duration {
    type Err = TextError;

    /// Reads what Cedar's `duration` reads, as `1h30m`.
    fn from_str(text: &str) -> Result<Self, TextError> {
        parse_duration(text).map(Self)
    }
}

impl std::str::FromStr for Decimal {
    type Err = TextError;

    /// Reads what Cedar's `decimal` reads, as `-12.5`.
    fn from_str(text: &str) -> Result<Self, TextError> {
        parse_decimal(text).map(Self)
    }
}
