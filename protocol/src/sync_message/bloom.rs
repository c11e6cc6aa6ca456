//! Automerge's Bloom filter over change hashes, bit for bit (automerge `sync/bloom.rs`, 0.12).

use bytes::Bytes;

use crate::error::GuardError;
use crate::guard::reader::{Reader, write_uleb};
use crate::ids::ChangeHash;
use crate::limits::{
    BLOOM_BITS_PER_ENTRY, BLOOM_BITS_PER_ENTRY_MAX, BLOOM_BYTES_MAX, BLOOM_ENTRIES_MAX,
    BLOOM_PROBES, BLOOM_PROBES_MAX,
};

/// Automerge's Bloom filter over change hashes: 10 bits an entry and 7 probes when we build it, within the guard's
/// limits when a peer did. The empty filter holds nothing and is zero bytes on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bloom {
    /// At most [`BLOOM_ENTRIES_MAX`]; 0 if and only if `bits` is empty.
    entries: u32,
    /// 1 to [`BLOOM_BITS_PER_ENTRY_MAX`].
    bits_per_entry: u32,
    /// 1 to [`BLOOM_PROBES_MAX`].
    probes: u32,
    /// `entries * bits_per_entry / 8` bytes, rounded up, at most [`BLOOM_BYTES_MAX`].
    bits: Bytes,
}

impl Default for Bloom {
    fn default() -> Self {
        Self {
            entries: 0,
            bits_per_entry: BLOOM_BITS_PER_ENTRY,
            probes: BLOOM_PROBES,
            bits: Bytes::new(),
        }
    }
}

impl Bloom {
    /// A filter that holds `hashes`. Of more than [`BLOOM_ENTRIES_MAX`] it holds the first ones: a peer then sends
    /// some changes again, which is safe.
    pub fn build(hashes: &[ChangeHash]) -> Self {
        let entries = u32::try_from(hashes.len()).unwrap_or(u32::MAX).min(BLOOM_ENTRIES_MAX);
        let mut bits = vec![0_u8; bytes_for(entries, BLOOM_BITS_PER_ENTRY)];
        let bit_count = bit_count(&bits);
        for hash in hashes.iter().take(to_usize(entries)) {
            for probe in Probes::new(hash, bit_count, BLOOM_PROBES) {
                if let Some(byte) = bits.get_mut(to_usize(probe >> 3)) {
                    *byte |= 1 << (probe & 7);
                }
            }
        }
        Self {
            entries,
            bits_per_entry: BLOOM_BITS_PER_ENTRY,
            probes: BLOOM_PROBES,
            bits: bits.into(),
        }
    }

    /// Whether `hash` may be among the hashes: false is certain, true is right 99 times in 100 (10 bits, 7 probes).
    pub fn contains(&self, hash: &ChangeHash) -> bool {
        self.entries > 0
            && Probes::new(hash, bit_count(&self.bits), self.probes).all(|probe| {
                self.bits
                    .get(to_usize(probe >> 3))
                    .is_some_and(|byte| byte & (1 << (probe & 7)) != 0)
            })
    }

    /// How many hashes went into the filter, says its builder.
    pub fn entries(&self) -> u32 {
        self.entries
    }

    /// The same filter in memory of its own: to keep one without the whole message that it came in.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self { bits: Bytes::copy_from_slice(&self.bits), ..self.clone() }
    }

    /// Reads a filter that fills `data`. Its bits share the memory of `data`.
    ///
    /// # Errors
    /// [`GuardError`] when a parameter is out of its range or the length does not follow from the parameters: such
    /// filters crash automerge or keep it busy for hours (F1).
    pub(super) fn decode(data: &Bytes) -> Result<Self, GuardError> {
        if data.is_empty() {
            return Ok(Self::default());
        }
        let mut reader = Reader::new("bloom filter", data);
        let entries = parameter(&mut reader, "entries of a bloom filter", BLOOM_ENTRIES_MAX)?;
        let bits_per_entry =
            parameter(&mut reader, "bits per entry of a bloom filter", BLOOM_BITS_PER_ENTRY_MAX)?;
        let probes = parameter(&mut reader, "probes of a bloom filter", BLOOM_PROBES_MAX)?;
        if bits_per_entry == 0 || probes == 0 {
            return Err(reader.malformed("it has no bits per entry or no probes"));
        }
        let bytes = bytes_for(entries, bits_per_entry);
        if bytes > BLOOM_BYTES_MAX {
            return Err(reader.malformed("it is larger than any filter of an honest peer"));
        }
        let bits = reader.take_rest();
        if bits.len() != bytes {
            return Err(reader.malformed("its length does not fit its parameters"));
        }
        Ok(Self { entries, bits_per_entry, probes, bits: data.slice_ref(bits) })
    }

    /// The filter as it stands on the wire, without its length.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.entries > 0 {
            out.reserve(self.bits.len().saturating_add(12));
            write_uleb(&mut out, self.entries.into());
            write_uleb(&mut out, self.bits_per_entry.into());
            write_uleb(&mut out, self.probes.into());
            out.extend_from_slice(&self.bits);
        }
        out
    }
}

/// The bits that stand for one hash: triple hashing over its first 12 bytes.
struct Probes {
    x: u32,
    y: u32,
    z: u32,
    bit_count: u32,
    left: u32,
}

impl Probes {
    /// `bit_count` is at most 8 × [`BLOOM_BYTES_MAX`], so the sums below stay far under 2^32.
    fn new(hash: &ChangeHash, bit_count: u32, probes: u32) -> Self {
        let mut words = hash.0.as_chunks::<4>().0.iter();
        let mut word = || {
            let word = words.next().copied().map_or(0, u32::from_le_bytes);
            word.checked_rem(bit_count).unwrap_or(0)
        };
        Self { x: word(), y: word(), z: word(), bit_count, left: probes }
    }
}

impl Iterator for Probes {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        let probe = self.x;
        self.x = (self.x + self.y).checked_rem(self.bit_count)?;
        self.y = (self.y + self.z).checked_rem(self.bit_count)?;
        Some(probe)
    }
}

fn parameter(reader: &mut Reader<'_>, what: &'static str, max: u32) -> Result<u32, GuardError> {
    let value = reader.count(what, to_usize(max))?;
    u32::try_from(value).map_err(|_| reader.malformed("a number is too large"))
}

fn bytes_for(entries: u32, bits_per_entry: u32) -> usize {
    let bits = u64::from(entries).saturating_mul(bits_per_entry.into());
    usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX)
}

fn bit_count(bits: &[u8]) -> u32 {
    u32::try_from(bits.len()).unwrap_or(u32::MAX).saturating_mul(8)
}

fn to_usize(small: u32) -> usize {
    usize::try_from(small).unwrap_or(usize::MAX)
}
