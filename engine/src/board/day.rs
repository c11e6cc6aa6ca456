//! A day of the calendar, without a time or a zone: what is due on a day is due on that day everywhere.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::CommandError;

/// A day from 0001-01-01 to 9999-12-31 of the Gregorian calendar, written `YYYY-MM-DD` (ISO 8601), so that days sort as
/// texts do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub struct Day {
    year: u16,
    month: u8,
    of_month: u8,
}

impl Day {
    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`CommandError::BadDay`] for another form, or a day that there is not.
    pub fn new(text: &str) -> Result<Self, CommandError> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next()?;
            let is_plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_plain { part.parse::<u16>().ok() } else { None }
        };
        let (year, month, day) = (number(4), number(2), number(2));
        let day = match (year, month, day, parts.next()) {
            (Some(year), Some(month), Some(day), None) => Self::of(year, month, day),
            (_, _, _, _) => None,
        };
        day.ok_or(CommandError::BadDay)
    }

    fn of(year: u16, month: u16, day: u16) -> Option<Self> {
        let is_leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u16::from(is_leap),
            _ => return None,
        };
        let is_there = (1..=9_999).contains(&year) && (1..=days).contains(&day);
        is_there.then_some(Self {
            year,
            month: month.try_into().ok()?,
            of_month: day.try_into().ok()?,
        })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.of_month)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for Day {
    type Error = CommandError;
    fn try_from(text: String) -> Result<Self, CommandError> {
        Self::new(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_there_are_are_read_as_they_are_written() {
        for text in ["0001-01-01", "2024-02-29", "2000-02-29", "2026-11-25", "9999-12-31"] {
            assert_eq!(Day::new(text).unwrap().to_string(), text);
        }
        assert!(Day::new("2026-09-30").unwrap() < Day::new("2026-10-01").unwrap());
    }

    #[test]
    fn other_texts_are_refused() {
        let table = [
            "",
            "2026",
            "2026-11",
            "2026-11-25T00:00",
            "2026-1-2",
            "26-01-02",
            "0000-01-01",
            "2026-00-01",
            "2026-13-01",
            "2026-01-00",
            "2026-01-32",
            "2026-04-31",
            "2025-02-29",
            "1900-02-29",
            "+026-01-01",
            "2026-01-01-01",
            "٢٠٢٦-01-01",
            "12026-01-01",
        ];
        for text in table {
            assert_eq!(Day::new(text), Err(CommandError::BadDay), "{text}");
        }
    }
}
