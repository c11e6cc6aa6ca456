//! How safe this device's edits are: three facts kept apart (stored here, on the relay, connected).

use serde::{Deserialize, Serialize};

/// The one word for the state of a room on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Being read from this device's storage.
    Opening,
    /// No connection; editing goes on.
    Offline,
    /// A connection is being made, or answers the handshake.
    Connecting,
    /// Connected; something is not on the relay yet, or not here yet.
    Syncing,
    /// Connected and everything is on the relay's disk.
    Saved,
}

/// What became of this device's storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum StorageState {
    /// Edits are written to this device.
    Durable,
    /// There is no storage (private mode): edits live in memory and on the relay.
    MemoryOnly,
    /// A write failed because the storage is full.
    Full,
    /// A write failed for another reason.
    Failed,
}

/// The status of a room on this device. Edits are numbered from 1 in the order they were made here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The one word.
    pub phase: Phase,
    /// The newest edit made here in this session; 0 when none was.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub edits_made: u64,
    /// Every edit up to this one is stored on this device.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub edits_stored: u64,
    /// Every edit up to this one is durable on the relay.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub edits_on_relay: u64,
    /// Changes on this device, of this and earlier sessions, that the relay is not known to have.
    pub waiting: u32,
    /// When the next connection is tried (milliseconds since 1970), while offline.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub retry_at: Option<u64>,
    /// What became of this device's storage.
    pub storage: StorageState,
    /// Stored chunks that could not be read; they are kept apart, never deleted.
    pub quarantined: u32,
    /// Changes of others that the engine can't live with: known to make it fail, kept out of the documents in memory.
    pub left_out: u32,
}
