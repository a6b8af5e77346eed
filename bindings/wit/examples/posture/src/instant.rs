//! Instants in text, as `2026-10-05T07:00:00Z`.

/// Milliseconds since 1970-01-01T00:00:00Z; nothing if the text is no instant of the years 1970 to 9999.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let is_shaped = bytes.iter().zip(b"dddd-dd-ddTdd:dd:ddZ").all(|(byte, shape)| match shape {
        b'd' => byte.is_ascii_digit(),
        _ => byte == shape,
    });
    if !is_shaped {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = days.get(..usize::try_from(month - 1).ok()?)?;
    let of_month = *days.get(before.len())?;
    if year < 1970 || day < 1 || day > of_month || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
    let days = years + before.iter().sum::<i64>() + day - 1;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000)
}
