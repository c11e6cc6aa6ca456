//! Automerge's sync message as plain data, so that the relay can serve sync without automerge.
//!
//! Layout (automerge `sync.rs`, 0.12): tag `0x42` (V1) or `0x43` (V2) ‖ count ‖ heads (32 bytes each, sorted) ‖
//! need ‖ have (last_sync hashes, length-prefixed bloom filter) ‖ changes (length-prefixed chunks) ‖ optional flags.

use bytes::Bytes;

use crate::error::GuardError;
use crate::ids::ChangeHash;

/// A parsed and checked sync message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncMessage {
    /// The sender's heads, sorted.
    pub heads: Vec<ChangeHash>,
    /// Hashes that the sender wants by name.
    pub need: Vec<ChangeHash>,
    /// What the sender has, roughly.
    pub have: Vec<Have>,
    /// Chunks as they came, change or document, each still to be checked by [`crate::guard`].
    pub changes: Vec<Bytes>,
    /// The flags trailer, bit by bit, where there is one (reset 1, read-only 2, supports reset 4, V2 0x80).
    pub flags: Option<u8>,
}

/// "Since `last_sync` I have what this filter holds."
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Have {
    /// Heads that both sides had.
    pub last_sync: Vec<ChangeHash>,
    /// The hashes since then.
    pub bloom: Bloom,
}

/// Automerge's Bloom filter over change hashes: 10 bits an entry and 7 probes when we build it, within the guard's
/// limits when a peer did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bloom {
    entries: u32,
    bits_per_entry: u32,
    probes: u32,
    bits: Bytes,
}

impl SyncMessage {
    /// Parses and checks a message (findings F1 and F2 of `docs/SECURITY.md`): no allocation beyond its caps.
    ///
    /// # Errors
    /// [`GuardError`]: the connection is to be closed with it.
    pub fn decode(data: &Bytes) -> Result<Self, GuardError> {
        let _ = data;
        todo!()
    }

    /// Writes a V1 message without a flags trailer.
    pub fn encode(&self) -> Bytes {
        todo!()
    }
}

impl Bloom {
    /// A filter that holds `hashes`.
    pub fn build(hashes: &[ChangeHash]) -> Self {
        let _ = hashes;
        todo!()
    }

    /// Whether `hash` may be among the hashes: false is certain, true is right 99 times in 100.
    pub fn contains(&self, hash: &ChangeHash) -> bool {
        let _ = (hash, self.entries, self.bits_per_entry, self.probes, &self.bits);
        todo!()
    }
}
