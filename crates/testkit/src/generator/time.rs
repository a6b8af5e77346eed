//! Instants and durations as counts of milliseconds, read by Cedar and written as Cedar reads them.

use std::collections::BTreeSet;

use cedar_policy::{
    Context, Entities, EntityUid, EvalResult, Expression, Request, RequestValidationError,
    eval_expression,
};

const DAY_MS: i64 = 86_400_000;

/// 0000-01-01 and 9999-12-31T23:59:59.999, the instants that four digits of a year can say.
const INSTANTS: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// Cedar's own reading of its literals.
pub(crate) struct Clock {
    request: Request,
}

impl Clock {
    pub(crate) fn new(anyone: &EntityUid) -> Result<Self, Box<RequestValidationError>> {
        let uid = || anyone.clone();
        let request = Request::new(uid(), uid(), uid(), Context::empty(), None)?;
        Ok(Self { request })
    }

    /// Milliseconds since 1970 of a datetime literal; `None` if it is none.
    pub(crate) fn instant(&self, text: &str) -> Option<i64> {
        self.long(&format!(
            "datetime({text:?}).durationSince(datetime(\"1970-01-01\")).toMilliseconds()"
        ))
    }

    /// Milliseconds of a duration literal; `None` if it is none.
    pub(crate) fn duration(&self, text: &str) -> Option<i64> {
        self.long(&format!("duration({text:?}).toMilliseconds()"))
    }

    fn long(&self, expression: &str) -> Option<i64> {
        let Ok(expression) = expression.parse::<Expression>() else {
            return None;
        };
        match eval_expression(&self.request, &Entities::empty(), &expression) {
            Ok(EvalResult::Long(value)) => Some(value),
            Ok(_) | Err(_) => None,
        }
    }
}

/// The datetime literal of an instant; `None` outside the years 0 to 9999.
pub(crate) fn datetime_text(instant: i64) -> Option<String> {
    if !INSTANTS.contains(&instant) {
        return None;
    }
    let (year, month, day) = date(instant.div_euclid(DAY_MS));
    let ms = instant.rem_euclid(DAY_MS);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        ms % 1000
    ))
}

pub(crate) fn duration_text(ms: i64) -> String {
    format!("{ms}ms")
}

/// `values`, and what lies one beside them.
pub(crate) fn neighbours(values: &BTreeSet<i64>) -> BTreeSet<i64> {
    values
        .iter()
        .flat_map(|&value| [value.saturating_sub(1), value, value.saturating_add(1)])
        .collect()
}

/// Year, month and day of a day counted from 1970-01-01 in the Gregorian calendar, by counting from 0000-03-01 in
/// eras of 400 years, so that the leap day ends a year.
fn date(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let day_of_era = day.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era + i64::from(month >= 10);
    (year, (month + 2) % 12 + 1, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cedar_reads_back_what_is_written() {
        let clock = Clock::new(&"A::\"a\"".parse().unwrap()).unwrap();
        let days = (-719_528..=2_932_896).step_by(997);
        for instant in days.map(|day| day * DAY_MS + 45_296_789) {
            let text = datetime_text(instant).unwrap();
            assert_eq!(clock.instant(&text), Some(instant), "{text}");
        }
        for instant in [*INSTANTS.start(), *INSTANTS.end(), -1, 0, 951_782_400_000] {
            let text = datetime_text(instant).unwrap();
            assert_eq!(clock.instant(&text), Some(instant), "{text}");
        }
        assert_eq!(clock.duration(&duration_text(-61_001)), Some(-61_001));
    }

    #[test]
    fn what_cedar_cannot_write_is_not_written() {
        assert_eq!(datetime_text(INSTANTS.start() - 1), None);
        assert_eq!(datetime_text(INSTANTS.end() + 1), None);
    }
}
