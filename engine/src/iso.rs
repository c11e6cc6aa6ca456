//! Moments as ISO 8601 writes them, always in UTC: `2026-01-31T18:05:09.123Z`.

/// Days from 0000-03-01 to 1970-01-01 in the Gregorian calendar.
const DAYS_TO_1970: i64 = 719_468;
/// Days of 400 years.
const ERA_DAYS: i64 = 146_097;
const DAY_MS: i64 = 86_400_000;

/// Writes milliseconds since 1970.
pub(crate) fn write(at: i64) -> String {
    let (year, month, day) = date_of(at.div_euclid(DAY_MS));
    let ms = at.rem_euclid(DAY_MS);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    let ms = ms % 1_000;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Reads what [`write`] writes; the time, its fraction and a zone (`Z`, `+02:00`) may be left out. None for anything else, or
/// for a moment before 1970.
pub(crate) fn read(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut number = |end: char| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at_checked(digits)?;
        rest = behind.strip_prefix(end).unwrap_or(behind);
        number.parse::<i64>().ok().filter(|_| digits <= 6)
    };
    let (year, month, day) = (number('-')?, number('-')?, number('T')?);
    let days = days_of(year, month, day);
    let is_date = date_of(days) == (year, month, day);
    let mut ms = days.checked_mul(DAY_MS).filter(|_| is_date)?;
    if let Some(hour) = number(':') {
        let minute = number(':').unwrap_or(0);
        let second = number('.').unwrap_or(0);
        // 60 is a leap second
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        ms += ((hour * 60 + minute) * 60 + second) * 1_000;
        let fraction: String = rest.chars().take_while(char::is_ascii_digit).collect();
        rest = rest.get(fraction.len()..)?;
        ms += format!("{fraction:0<3}").get(..3)?.parse::<i64>().ok()?;
    }
    ms -= zone_ms(rest)?;
    (ms >= 0).then_some(ms)
}

/// How far a zone is ahead of UTC.
fn zone_ms(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone == "Z" {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        (_, _) => return None,
    };
    let (hours, minutes) = rest.split_once(':').or_else(|| rest.split_at_checked(2))?;
    let minutes = if minutes.is_empty() { 0 } else { two_digits(minutes, 59)? };
    let hours = two_digits(hours, 14)?;
    Some(sign * (hours * 60 + minutes) * 60_000)
}

fn two_digits(text: &str, max: i64) -> Option<i64> {
    let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_two && *number <= max)
}

/// Days since 1970 of a date, by years that begin in March (so that the leap day is their last).
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970
}

/// The date of days since 1970: the other way round.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let (era, of_era) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_they_are_read() {
        let table = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_769_882_709_123, "2026-01-31T18:05:09.123Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (8_640_000_000_000_000, "275760-09-13T00:00:00.000Z"),
        ];
        for (at, text) in table {
            assert_eq!(write(at), text);
            assert_eq!(read(text), Some(at));
        }
        for day in (0..100_000).step_by(13) {
            let (year, month, of_month) = date_of(day);
            assert_eq!(days_of(year, month, of_month), day);
        }
    }

    #[test]
    fn other_forms_are_read_too_and_nonsense_is_not() {
        let noon = 1_769_860_800_000;
        for text in ["2026-01-31T12:00:00Z", "2026-01-31T14:00:00+02:00", "2026-01-31T07:00-0500"] {
            assert_eq!(read(text), Some(noon), "{text}");
        }
        assert_eq!(read("2026-01-31"), Some(noon - 43_200_000));
        for text in ["", "x", "2026", "2026-13-01", "2026-01-31Tx", "31.01.2026", "9999999-01-01"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn dates_times_and_zones_that_do_not_exist_are_not_read() {
        for text in [
            "2026-02-29",
            "2026-02-31",
            "2026-04-31",
            "2100-02-29",
            "2026-00-10",
            "2026-01-00",
            "2026-01-31T24:00Z",
            "2026-01-31T99:99:99Z",
            "2026-01-31T12:60Z",
            "2026-01-31T12:00:61Z",
            "2026-01-31T12:00+02:60",
            "2026-01-31T12:00+15:00",
            "2026-01-31T12:00+2:00",
            "2026-01-31T12:00+02:5",
            "2026-01-31T12:00+02:+5",
            "2026-01-31T12:00-00:153722867280913",
            "2026-01-31T12:00+02:9223372036854775807",
            "2026-01-31T12:00+02:-9223372036854775808",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("2024-02-29T23:59:60Z"), read("2024-03-01"));
        assert_eq!(read("2026-01-31T12:00+02"), read("2026-01-31T10:00Z"));
    }
}
