//! Text of the extension types, as Cedar reads it.

use core::fmt;
use core::net::IpAddr;

use crate::Ip;

/// Bytes of the longest address: eight groups of four digits, their colons, `/128`.
const IP_BYTES_MAX: usize = 43;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Why a text is not a value of its extension type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextError {
    /// The text does not have the type's form.
    Form,
    /// The value is outside the type's range.
    Range,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "text does not have the form of its type",
            Self::Range => "value is outside the range of its type",
        })
    }
}

impl core::error::Error for TextError {}

/// Reads an IPv4 or IPv6 address, optionally with `/` and a prefix length.
///
/// Leading zeros, zone ids and IPv4 inside IPv6 are refused; host bits are kept.
///
/// # Errors
///
/// [`TextError::Form`]; [`TextError::Range`] if the prefix is longer than the address.
pub fn parse_ip(text: &str) -> Result<Ip, TextError> {
    let mixes_families = text.matches(':').count() >= 2 && text.matches('.').count() >= 2;
    if text.len() > IP_BYTES_MAX || mixes_families {
        return Err(TextError::Form);
    }
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| TextError::Form)?;
    let (address, v6, bits) = match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), false, 32),
        IpAddr::V6(address) => (address.to_bits(), true, 128),
    };
    let prefix = match prefix {
        Some(prefix) => parse_prefix(prefix, bits)?,
        None => bits,
    };
    Ok(Ip { address, prefix, v6 })
}

fn parse_prefix(text: &str, bits: u8) -> Result<u8, TextError> {
    let has_leading_zero = text.len() > 1 && text.starts_with('0');
    if text.is_empty() || !is_digits(text) || has_leading_zero {
        return Err(TextError::Form);
    }
    match text.parse() {
        Ok(prefix) if prefix <= bits => Ok(prefix),
        _ => Err(TextError::Range),
    }
}

/// Reads digits, a point and one to four digits, with an optional minus sign; gives
/// ten-thousandths.
///
/// # Errors
///
/// [`TextError::Form`]; [`TextError::Range`] beyond ±922337203685477.5807 (-…5808).
pub fn parse_decimal(text: &str) -> Result<i64, TextError> {
    let (whole, fraction) = text.split_once('.').ok_or(TextError::Form)?;
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    if digits.is_empty() || !is_digits(digits) || fraction.is_empty() || !is_digits(fraction) {
        return Err(TextError::Form);
    }
    let scale = match fraction.len() {
        1 => 1_000,
        2 => 100,
        3 => 10,
        4 => 1,
        _ => return Err(TextError::Form),
    };
    let fraction: i64 = fraction.parse().map_err(|_| TextError::Range)?;
    let fraction = fraction * scale;
    let whole: i64 = whole.parse().map_err(|_| TextError::Range)?;
    let whole = whole.checked_mul(10_000).ok_or(TextError::Range)?;
    if text.starts_with('-') { whole.checked_sub(fraction) } else { whole.checked_add(fraction) }
        .ok_or(TextError::Range)
}

/// Reads `YYYY-MM-DD`, alone or followed by `Thh:mm:ss`, optional milliseconds `.SSS`, and `Z` or
/// an offset `±hhmm`; gives milliseconds since 1970-01-01T00:00:00Z.
///
/// # Errors
///
/// [`TextError::Form`]; [`TextError::Range`] if there is no such day, time or offset.
pub fn parse_datetime(text: &str) -> Result<i64, TextError> {
    let mut digits = Digits { rest: text.as_bytes() };
    let year = digits.number(4)?;
    digits.byte(b'-')?;
    let month = digits.number(2)?;
    digits.byte(b'-')?;
    let day = digits.number(2)?;
    if digits.rest.is_empty() {
        return Ok(days_since_epoch(year, month, day)? * DAY);
    }
    digits.byte(b'T')?;
    let hours = digits.number(2)?;
    digits.byte(b':')?;
    let minutes = digits.number(2)?;
    digits.byte(b':')?;
    let seconds = digits.number(2)?;
    let milliseconds = if digits.byte(b'.').is_ok() { digits.number(3)? } else { 0 };
    let offset = digits.offset()?;
    if !digits.rest.is_empty() {
        return Err(TextError::Form);
    }
    if hours >= 24 || minutes >= 60 || seconds >= 60 {
        return Err(TextError::Range);
    }
    let time = hours * HOUR + minutes * MINUTE + seconds * SECOND + milliseconds;
    Ok(days_since_epoch(year, month, day)? * DAY + time - offset)
}

/// Reads days, hours, minutes, seconds and milliseconds as `1d2h3m4s5ms`, at least one of them, in
/// this order, with an optional minus sign before all; gives milliseconds.
///
/// # Errors
///
/// [`TextError::Form`]; [`TextError::Range`] if it is no 64-bit number of milliseconds.
pub fn parse_duration(text: &str) -> Result<i64, TextError> {
    let (is_negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if rest.is_empty() {
        return Err(TextError::Form);
    }
    let mut total = 0_i64;
    let mut is_out_of_range = false;
    let units = [("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", 1)];
    for (unit, milliseconds) in units {
        let Some((number, after)) = split_quantity(rest, unit) else {
            continue;
        };
        rest = after;
        // Negative throughout, because the lowest duration has no positive counterpart.
        let sum = parse_negated(number)
            .and_then(|number| number.checked_mul(milliseconds))
            .and_then(|part| total.checked_add(part));
        match sum {
            Some(sum) => total = sum,
            None => is_out_of_range = true,
        }
    }
    if !rest.is_empty() {
        return Err(TextError::Form);
    }
    if is_out_of_range {
        return Err(TextError::Range);
    }
    if is_negative { Ok(total) } else { total.checked_neg().ok_or(TextError::Range) }
}

/// The digits before `unit` and the text after it, if `text` starts with such a quantity.
fn split_quantity<'t>(text: &'t str, unit: &str) -> Option<(&'t str, &'t str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)?;
    let (number, after) = text.split_at_checked(end)?;
    let after = after.strip_prefix(unit)?;
    let is_milliseconds = unit == "m" && after.starts_with('s');
    (!is_milliseconds).then_some((number, after))
}

/// Minus the number that `digits` write.
fn parse_negated(digits: &str) -> Option<i64> {
    digits.bytes().try_fold(0_i64, |number, digit| {
        number.checked_mul(10)?.checked_sub(i64::from(digit - b'0'))
    })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar, years 0 to 9999.
fn days_since_epoch(year: i64, month: i64, day: i64) -> Result<i64, TextError> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return Err(TextError::Range),
    };
    if day < 1 || day > days {
        return Err(TextError::Range);
    }
    // Years that start in March, so that the leap day is a year's last; 1970-01-01 is day 719,468
    // counted from 0000-03-01.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Ok(era * 146_097 + day_of_era - 719_468)
}

/// What is left of a datetime.
struct Digits<'t> {
    rest: &'t [u8],
}

impl Digits<'_> {
    fn byte(&mut self, want: u8) -> Result<(), TextError> {
        match self.rest.split_first() {
            Some((byte, rest)) if *byte == want => {
                self.rest = rest;
                Ok(())
            }
            _ => Err(TextError::Form),
        }
    }

    /// A number of exactly `count` digits.
    fn number(&mut self, count: usize) -> Result<i64, TextError> {
        let (digits, rest) = self.rest.split_at_checked(count).ok_or(TextError::Form)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(TextError::Form);
        }
        self.rest = rest;
        Ok(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    /// `Z` or `±hhmm`, in milliseconds east of UTC.
    fn offset(&mut self) -> Result<i64, TextError> {
        if self.byte(b'Z').is_ok() {
            return Ok(0);
        }
        let sign = if self.byte(b'+').is_ok() { 1 } else { -1 };
        if sign < 0 {
            self.byte(b'-')?;
        }
        let (hours, minutes) = (self.number(2)?, self.number(2)?);
        if hours >= 24 || minutes >= 60 {
            return Err(TextError::Range);
        }
        Ok(sign * (hours * HOUR + minutes * MINUTE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: PartialEq + fmt::Debug>(
        parse: fn(&str) -> Result<T, TextError>,
        good: &[(&str, T)],
        bad: &[(&str, TextError)],
    ) {
        for (text, want) in good {
            assert_eq!(parse(text).as_ref(), Ok(want), "{text}");
        }
        for (text, want) in bad {
            assert_eq!(parse(text).as_ref(), Err(want), "{text}");
        }
    }

    use TextError::{Form, Range};

    #[test]
    fn decimals_have_one_to_four_digits_after_the_point() {
        check(
            parse_decimal,
            &[
                ("0.0", 0),
                ("-0.5", -5_000),
                ("0012.34", 123_400),
                ("1.2345", 12_345),
                ("922337203685477.5807", i64::MAX),
                ("-922337203685477.5808", i64::MIN),
            ],
            &[
                ("1", Form),
                ("1.", Form),
                (".5", Form),
                ("+1.0", Form),
                ("1.00000", Form),
                ("1e3.0", Form),
                ("--1.0", Form),
                ("1.-5", Form),
                ("1.0\n", Form),
                ("٣.0", Form),
                ("922337203685477.5808", Range),
                ("-922337203685477.5809", Range),
                ("92233720368547758070.0", Range),
            ],
        );
    }

    #[test]
    fn datetimes_are_gregorian_days_with_an_optional_time() {
        check(
            parse_datetime,
            &[
                ("1970-01-01", 0),
                ("2024-02-29", 19_782 * DAY),
                ("2000-02-29", 11_016 * DAY),
                ("0000-01-01", -719_528 * DAY),
                ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
                ("1970-01-01T00:00:00.001+0100", 1 - HOUR),
                ("1970-01-01T00:00:00-2359", 23 * HOUR + 59 * MINUTE),
            ],
            &[
                ("", Form),
                ("1970-1-01", Form),
                ("1970-01-01Z", Form),
                ("1970-01-01T00:00:00", Form),
                ("1970-01-01T00:00:00.01Z", Form),
                ("1970-01-01T00:00:00+01:00", Form),
                ("1970-01-01T00:00:00Z ", Form),
                ("1970-01-01t00:00:00Z", Form),
                ("+1970-01-01", Form),
                ("10000-01-01", Form),
                ("1900-02-29", Range),
                ("1970-00-01", Range),
                ("1970-13-01", Range),
                ("1970-04-31", Range),
                ("1970-01-00", Range),
                ("1970-01-01T24:00:00Z", Range),
                ("1970-01-01T23:59:60Z", Range),
                ("1970-01-01T00:00:00+2400", Range),
                ("1970-01-01T00:00:00-0060", Range),
            ],
        );
    }

    #[test]
    fn durations_have_their_parts_in_order() {
        check(
            parse_duration,
            &[
                ("0ms", 0),
                ("-0d", 0),
                ("1d2h3m4s5ms", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 5),
                ("5m", 5 * MINUTE),
                ("5ms", 5),
                ("5m5ms", 5 * MINUTE + 5),
                ("-1s1ms", -1_001),
                ("00000000000000000000000001h", HOUR),
                ("9223372036854775807ms", i64::MAX),
                ("-9223372036854775808ms", i64::MIN),
                ("-9223372036854775s808ms", i64::MIN),
            ],
            &[
                ("", Form),
                ("-", Form),
                ("1", Form),
                ("d", Form),
                ("1ms1s", Form),
                ("1h1d", Form),
                ("1d1d", Form),
                ("+1d", Form),
                ("1d ", Form),
                ("1.5h", Form),
                ("1M", Form),
                ("9223372036854775808ms", Range),
                ("-9223372036854775809ms", Range),
                ("106751991168d", Range),
                ("99999999999999999999999999d", Range),
            ],
        );
    }

    #[test]
    fn addresses_keep_their_host_bits() {
        let v4 = |address, prefix| Ip { address, prefix, v6: false };
        let v6 = |address, prefix| Ip { address, prefix, v6: true };
        check(
            parse_ip,
            &[
                ("10.0.0.1", v4(0x0a00_0001, 32)),
                ("10.0.0.1/0", v4(0x0a00_0001, 0)),
                ("10.0.0.1/24", v4(0x0a00_0001, 24)),
                ("::", v6(0, 128)),
                ("::1/128", v6(1, 128)),
                ("::ffff:7f00:1", v6(0xffff_7f00_0001, 128)),
                ("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789/128", {
                    v6(0xabcd_ef01_2345_6789_abcd_ef01_2345_6789, 128)
                }),
            ],
            &[
                ("", Form),
                ("10.0.0", Form),
                ("10.0.0.01", Form),
                ("10.0.0.256", Form),
                ("10.0.0.1/", Form),
                ("10.0.0.1/+8", Form),
                ("10.0.0.1/08", Form),
                ("10.0.0.1/8/8", Form),
                ("::ffff:127.0.0.1", Form),
                ("fe80::1%eth0", Form),
                ("[::1]", Form),
                ("0000:0000:0000:0000:0000:0000:0000:0001/0128", Form),
                ("10.0.0.1/33", Range),
                ("::/129", Range),
                ("::/999", Range),
            ],
        );
    }
}
