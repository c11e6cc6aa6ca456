//! The run-length encodings of automerge's columns, read value by value, without expanding a run, and accepted only in
//! the one form that automerge writes.

use super::reader::Reader;
use crate::error::GuardError;
use crate::limits::KEY_BYTES_MAX;

const WHAT: &str = "column of a change";

/// A value that a column repeats.
pub(super) trait Cell<'a>: Copy + PartialEq {
    fn read(reader: &mut Reader<'a>) -> Result<Self, GuardError>;
}

impl Cell<'_> for u64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, GuardError> {
        reader.uleb()
    }
}

impl Cell<'_> for i64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, GuardError> {
        reader.leb()
    }
}

impl<'a> Cell<'a> for &'a str {
    fn read(reader: &mut Reader<'a>) -> Result<Self, GuardError> {
        let bytes = reader.prefixed("bytes of a key", KEY_BYTES_MAX)?;
        std::str::from_utf8(bytes).map_err(|_| reader.malformed("a text is not UTF-8"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Start,
    Repeat,
    Literal,
    Null,
}

/// Runs of one value, of different values, or of nulls. A column without bytes is a column of nulls.
///
/// The one form: a repeat has two or more, neighbours of different values are one literal run, no run continues the
/// one before it, and a column of nothing but nulls is left out.
#[derive(Debug)]
pub(super) struct Runs<'a, T> {
    reader: Reader<'a>,
    absent: bool,
    has_values: bool,
    run: Run,
    left: u64,
    /// The value before, `None` after nulls and at the start.
    last: Option<T>,
}

impl<'a, T: Cell<'a>> Runs<'a, T> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            reader: Reader::new(WHAT, bytes),
            absent: bytes.is_empty(),
            has_values: false,
            run: Run::Start,
            left: 0,
            last: None,
        }
    }

    /// How many values a column has, without walking through a repeat: at most `max`.
    pub(super) fn count(bytes: &'a [u8], max: u64) -> Result<u64, GuardError> {
        let mut runs = Self::new(bytes);
        let mut count = 0_u64;
        while !runs.reader.is_empty() {
            runs.start()?;
            count = count.saturating_add(runs.left);
            if count > max {
                return Err(GuardError::TooMany { what: "operations of a change", count, max });
            }
            if runs.run == Run::Literal {
                for _ in 0..runs.left {
                    runs.last = Some(T::read(&mut runs.reader)?);
                }
            }
        }
        Ok(count)
    }

    /// The next value; `None` for a null.
    pub(super) fn next(&mut self) -> Result<Option<T>, GuardError> {
        if self.absent {
            return Ok(None);
        }
        if self.left == 0 {
            self.start()?;
        }
        self.left = self.left.saturating_sub(1);
        if self.run == Run::Literal {
            let value = T::read(&mut self.reader)?;
            if self.last == Some(value) {
                return Err(self.not_canonical());
            }
            self.last = Some(value);
        }
        self.has_values |= self.last.is_some();
        Ok(self.last)
    }

    /// The next value of a column that has no nulls.
    pub(super) fn value(&mut self) -> Result<T, GuardError> {
        self.next()?.ok_or_else(|| self.reader.malformed("a value is missing"))
    }

    /// Whether the column ends here, as it must after the last row.
    pub(super) fn finish(&self) -> Result<(), GuardError> {
        if self.left > 0 || !self.reader.is_empty() {
            return Err(self.reader.malformed("it has more values than there are operations"));
        }
        if self.absent || self.has_values { Ok(()) } else { Err(self.not_canonical()) }
    }

    fn start(&mut self) -> Result<(), GuardError> {
        let length = self.reader.leb()?;
        match length {
            0 if self.run == Run::Null => return Err(self.not_canonical()),
            0 => {
                self.left = self.reader.uleb()?;
                self.run = Run::Null;
                self.last = None;
            }
            1.. => {
                let value = T::read(&mut self.reader)?;
                if length == 1 || self.last == Some(value) {
                    return Err(self.not_canonical());
                }
                self.left = length.unsigned_abs();
                self.run = Run::Repeat;
                self.last = Some(value);
            }
            _ if self.run == Run::Literal => return Err(self.not_canonical()),
            _ => {
                self.left = length.unsigned_abs();
                self.run = Run::Literal;
            }
        }
        if self.left == 0 { Err(self.not_canonical()) } else { Ok(()) }
    }

    fn not_canonical(&self) -> GuardError {
        self.reader.malformed("its runs are not as automerge writes them")
    }
}

/// Runs of differences between neighbours; nulls stand between without counting.
#[derive(Debug)]
pub(super) struct Deltas<'a> {
    runs: Runs<'a, i64>,
    absolute: i64,
}

impl<'a> Deltas<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { runs: Runs::new(bytes), absolute: 0 }
    }

    /// The next value, never negative; `None` for a null.
    pub(super) fn next(&mut self) -> Result<Option<u64>, GuardError> {
        let Some(delta) = self.runs.next()? else { return Ok(None) };
        self.absolute = self.absolute.saturating_add(delta);
        let absolute = u64::try_from(self.absolute);
        absolute.map(Some).map_err(|_| self.runs.reader.malformed("a counter is negative"))
    }

    pub(super) fn value(&mut self) -> Result<u64, GuardError> {
        self.next()?.ok_or_else(|| self.runs.reader.malformed("a value is missing"))
    }

    pub(super) fn finish(&self) -> Result<(), GuardError> {
        self.runs.finish()
    }
}

/// Lengths of alternating runs, the first one of false. A column without bytes is a column of false.
#[derive(Debug)]
pub(super) struct Flags<'a> {
    reader: Reader<'a>,
    absent: bool,
    first: bool,
    value: bool,
    left: u64,
}

impl<'a> Flags<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let reader = Reader::new(WHAT, bytes);
        Self { reader, absent: bytes.is_empty(), first: true, value: true, left: 0 }
    }

    pub(super) fn next(&mut self) -> Result<bool, GuardError> {
        if self.absent {
            return Ok(false);
        }
        while self.left == 0 {
            self.left = self.reader.uleb()?;
            if self.left == 0 && !self.first {
                return Err(self.reader.malformed("its runs are not as automerge writes them"));
            }
            self.first = false;
            self.value = !self.value;
        }
        self.left = self.left.saturating_sub(1);
        Ok(self.value)
    }

    pub(super) fn finish(&self) -> Result<(), GuardError> {
        if self.left > 0 || !self.reader.is_empty() {
            return Err(self.reader.malformed("it has more values than there are operations"));
        }
        Ok(())
    }
}
