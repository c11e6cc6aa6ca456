//! Reads automerge's primitive encodings from bytes that nobody has checked yet.

use crate::error::GuardError;
use crate::ids::ChangeHash;

/// Bytes of a change hash (SHA-256).
pub(crate) const HASH_BYTES: usize = 32;

/// The bytes of one thing (`what`, for the error) that are still to be read.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    what: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, rest: bytes }
    }

    /// The error "malformed `what`: `why`".
    pub(crate) fn malformed(&self, why: &'static str) -> GuardError {
        GuardError::Malformed { what: self.what, why }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes are left.
    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Everything that is left.
    pub(crate) fn take_rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    pub(crate) fn take(&mut self, bytes: usize) -> Result<&'a [u8], GuardError> {
        let (head, rest) =
            self.rest.split_at_checked(bytes).ok_or_else(|| self.malformed("it ends early"))?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, GuardError> {
        let (&first, rest) =
            self.rest.split_first().ok_or_else(|| self.malformed("it ends early"))?;
        self.rest = rest;
        Ok(first)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], GuardError> {
        let (head, rest) =
            self.rest.split_first_chunk::<N>().ok_or_else(|| self.malformed("it ends early"))?;
        self.rest = rest;
        Ok(*head)
    }

    /// An unsigned LEB128 number in its shortest form, as automerge demands and writes it.
    pub(crate) fn uleb(&mut self) -> Result<u64, GuardError> {
        let mut value = 0_u64;
        for shift in (0..).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return Err(self.malformed("a number is too large"));
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    return Err(self.malformed("a number is not in its shortest form"));
                }
                return Ok(value);
            }
        }
        Err(self.malformed("a number is too large"))
    }

    /// A signed LEB128 number in its shortest form.
    pub(crate) fn leb(&mut self) -> Result<i64, GuardError> {
        let mut value = 0_i64;
        let mut previous = 0_u8;
        for shift in (0..).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte != 0 && byte != 0x7f {
                return Err(self.malformed("a number is too large"));
            }
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                // The last byte says nothing when it only repeats the sign of the one before it.
                let sign_before = previous & 0x40 != 0;
                if shift > 0 && ((byte == 0 && !sign_before) || (byte == 0x7f && sign_before)) {
                    return Err(self.malformed("a number is not in its shortest form"));
                }
                if shift < 63 && byte & 0x40 != 0 {
                    value |= -1_i64 << (shift + 7);
                }
                return Ok(value);
            }
            previous = byte;
        }
        Err(self.malformed("a number is too large"))
    }

    /// A count or length of `counted` that may be at most `max`; checked before anything is allocated for it.
    pub(crate) fn count(&mut self, counted: &'static str, max: usize) -> Result<usize, GuardError> {
        let count = self.uleb()?;
        usize::try_from(count).ok().filter(|&small| small <= max).ok_or(GuardError::TooMany {
            what: counted,
            count,
            max: u64::try_from(max).unwrap_or(u64::MAX),
        })
    }

    /// Length-prefixed bytes, at most `max` of them.
    pub(crate) fn prefixed(
        &mut self,
        counted: &'static str,
        max: usize,
    ) -> Result<&'a [u8], GuardError> {
        let bytes = self.count(counted, max)?;
        self.take(bytes)
    }

    /// A counted list of hashes, at most `max` of them, in the order of the wire.
    pub(crate) fn hashes(
        &mut self,
        counted: &'static str,
        max: usize,
    ) -> Result<Vec<ChangeHash>, GuardError> {
        let count = self.count(counted, max)?;
        let bytes = self.take(count.saturating_mul(HASH_BYTES))?;
        Ok(bytes.as_chunks::<HASH_BYTES>().0.iter().map(|hash| ChangeHash(*hash)).collect())
    }
}

/// Appends an unsigned LEB128 number in its shortest form.
pub(crate) fn write_uleb(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        let [low, ..] = value.to_le_bytes();
        out.push(low | 0x80);
        value >>= 7;
    }
    let [last, ..] = value.to_le_bytes();
    out.push(last);
}

/// Appends a length or count.
pub(crate) fn write_length(out: &mut Vec<u8>, length: usize) {
    write_uleb(out, u64::try_from(length).unwrap_or(u64::MAX));
}
