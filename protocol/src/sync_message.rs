//! Automerge's sync message as plain data, so that the relay can serve sync without automerge.
//!
//! Layout (automerge `sync.rs`, 0.12): tag `0x42` (V1) or `0x43` (V2) ‖ count ‖ heads (32 bytes each, sorted) ‖
//! need ‖ have (`last_sync` hashes, length-prefixed Bloom filter) ‖ changes (length-prefixed chunks) ‖ optional
//! length-prefixed flags. Numbers are unsigned LEB128 in their shortest form.

mod bloom;

use std::borrow::Cow;

use bytes::Bytes;

use crate::error::GuardError;
use crate::guard::reader::{HASH_BYTES, Reader, write_length};
use crate::ids::ChangeHash;
use crate::limits::{
    CHUNK_BYTES_MIN, SYNC_CHANGES_MAX, SYNC_FLAGS_BYTES_MAX, SYNC_HAVE_MAX, SYNC_HEADS_MAX,
    SYNC_LAST_SYNC_MAX, SYNC_NEED_MAX,
};
use crate::sorted::sort;

pub use bloom::Bloom;

const TAG_V1: u8 = 0x42;
const TAG_V2: u8 = 0x43;
const WHAT: &str = "sync message";

/// A parsed and checked sync message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncMessage {
    /// The sender's heads, sorted, without repeats.
    pub heads: Vec<ChangeHash>,
    /// Hashes that the sender wants by name, sorted, without repeats.
    pub need: Vec<ChangeHash>,
    /// What the sender has, roughly. Empty: send nothing but what `need` names.
    pub have: Vec<Have>,
    /// Chunks as they came, change or document, each still to be checked by [`crate::guard`]. They share the memory
    /// of the message. One entry may hold several chunks: [`crate::guard::chunks`] cuts it.
    pub changes: Vec<Bytes>,
    /// The flags trailer, bit by bit, where there is one: [`Self::FLAG_RESET`], [`Self::FLAG_READ_ONLY`],
    /// [`Self::FLAG_SUPPORTS_RESET`], [`Self::FLAG_V2`].
    pub flags: Option<u8>,
}

/// "Since `last_sync` I have what this filter holds."
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Have {
    /// Heads that both sides had, sorted, without repeats.
    pub last_sync: Vec<ChangeHash>,
    /// The hashes since then.
    pub bloom: Bloom,
}

impl SyncMessage {
    /// The sender starts anew: forget what was sent to it.
    pub const FLAG_RESET: u8 = 1;
    /// The sender takes no changes.
    pub const FLAG_READ_ONLY: u8 = 1 << 1;
    /// The sender understands [`Self::FLAG_RESET`].
    pub const FLAG_SUPPORTS_RESET: u8 = 1 << 2;
    /// The sender understands V2 messages. True of everyone who sends flags at all, so it is set with any trailer.
    pub const FLAG_V2: u8 = 1 << 7;

    /// Parses and checks a message (findings F1 and F2 of `docs/SECURITY.md`): no allocation beyond its caps, and
    /// nothing after its end.
    ///
    /// # Errors
    /// [`GuardError`]: the connection is to be closed with it.
    pub fn decode(data: &Bytes) -> Result<Self, GuardError> {
        let mut reader = Reader::new(WHAT, data);
        if !matches!(reader.byte()?, TAG_V1 | TAG_V2) {
            return Err(reader.malformed("it starts with neither 0x42 nor 0x43"));
        }
        let heads = sorted(reader.hashes("heads of a sync message", SYNC_HEADS_MAX)?);
        let need = sorted(reader.hashes("needs of a sync message", SYNC_NEED_MAX)?);
        let have_count = reader.count("haves of a sync message", SYNC_HAVE_MAX)?;
        let have = (0..have_count)
            .map(|_| Have::read(&mut reader, data))
            .collect::<Result<Vec<_>, _>>()?;
        let changes = read_changes(&mut reader, data)?;
        let flags = if reader.is_empty() { None } else { Some(read_flags(&mut reader)?) };
        if !reader.is_empty() {
            return Err(reader.malformed("it goes on after its end"));
        }
        Ok(Self { heads, need, have, changes, flags })
    }

    /// Writes a V1 message without a flags trailer, byte for byte what automerge writes for the same content. Hashes
    /// are written sorted.
    pub fn encode(&self) -> Bytes {
        let mut out = Vec::with_capacity(self.encoded_bytes_about());
        out.push(TAG_V1);
        write_hashes(&mut out, &self.heads);
        write_hashes(&mut out, &self.need);
        write_length(&mut out, self.have.len());
        for Have { last_sync, bloom } in &self.have {
            write_hashes(&mut out, last_sync);
            let filter = bloom.encode();
            write_length(&mut out, filter.len());
            out.extend_from_slice(&filter);
        }
        write_length(&mut out, self.changes.len());
        for chunk in &self.changes {
            write_length(&mut out, chunk.len());
            out.extend_from_slice(chunk);
        }
        out.into()
    }

    fn encoded_bytes_about(&self) -> usize {
        let last_sync: usize = self.have.iter().map(|have| have.last_sync.len()).sum();
        let chunks: usize = self.changes.iter().map(|chunk| chunk.len().saturating_add(4)).sum();
        let hashes = self.heads.len().saturating_add(self.need.len()).saturating_add(last_sync);
        hashes.saturating_mul(HASH_BYTES).saturating_add(chunks).saturating_add(64)
    }
}

impl Have {
    fn read(reader: &mut Reader<'_>, data: &Bytes) -> Result<Self, GuardError> {
        let last_sync = sorted(reader.hashes("last_sync of a sync message", SYNC_LAST_SYNC_MAX)?);
        let filter_bytes = reader.count("bytes of a bloom filter", data.len())?;
        let filter = reader.take(filter_bytes)?;
        Ok(Self { last_sync, bloom: Bloom::decode(&data.slice_ref(filter))? })
    }
}

fn read_changes(reader: &mut Reader<'_>, data: &Bytes) -> Result<Vec<Bytes>, GuardError> {
    let count = reader.count("changes of a sync message", SYNC_CHANGES_MAX)?;
    // Every entry takes its own length and a chunk: what is left bounds what may be announced.
    if count > reader.remaining() / CHUNK_BYTES_MIN {
        return Err(reader.malformed("it announces more changes than it holds"));
    }
    let mut changes = Vec::with_capacity(count);
    for _ in 0..count {
        let chunk = reader.prefixed("bytes of a chunk", data.len())?;
        if chunk.len() < CHUNK_BYTES_MIN {
            return Err(reader.malformed("a chunk is shorter than its own header"));
        }
        changes.push(data.slice_ref(chunk));
    }
    Ok(changes)
}

fn read_flags(reader: &mut Reader<'_>) -> Result<u8, GuardError> {
    let bytes = reader.prefixed("flags of a sync message", SYNC_FLAGS_BYTES_MAX)?;
    // Bytes below 0x80 are the list of capabilities of old versions; the newer bit fields have the high bit set.
    let bits = bytes.iter().filter(|&&byte| byte & 0x80 != 0).fold(0, |all, &byte| all | byte);
    Ok(bits | SyncMessage::FLAG_V2)
}

fn sorted(mut hashes: Vec<ChangeHash>) -> Vec<ChangeHash> {
    sort(&mut hashes);
    hashes.dedup();
    hashes
}

fn write_hashes(out: &mut Vec<u8>, hashes: &[ChangeHash]) {
    write_length(out, hashes.len());
    let mut hashes = Cow::Borrowed(hashes);
    if !hashes.is_sorted() {
        sort(hashes.to_mut());
    }
    for hash in hashes.iter() {
        out.extend_from_slice(&hash.0);
    }
}
