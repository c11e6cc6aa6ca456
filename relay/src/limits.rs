//! Every limit of the relay, each with its unit, its reason and what it costs at worst. Nothing else holds one.

use std::time::Duration;

// Sockets and frames.

/// Bytes of the longest frame before a peer joined: a join is some 150 bytes, its ids at most 512 each.
/// Memory <= unjoined sockets × 4 KiB.
pub const FRAME_BYTES_BEFORE_JOIN_MAX: usize = 4 << 10;
/// Bytes of the longest frame of a joined peer: a stock client uploads a day offline in one message, 20,000 edits
/// are 3.6 MB (measured). Memory <= connections × 16 MiB while all of them send their longest frame at once.
pub const FRAME_BYTES_MAX: usize = 16 << 20;
/// How long a socket may take to join: stock clients leave sockets behind that never do.
pub const JOIN_WITHIN: Duration = Duration::from_secs(10);
/// How often a socket is pinged; any frame counts as life.
pub const PING_EVERY: Duration = Duration::from_secs(15);
/// Pings without an answer after which a peer counts as gone: 30 to 45 s after it was last heard.
pub const PING_MISSES_MAX: u32 = 2;
/// Documents that one connection may hold open. A board of 1,000 cards has a body for each, opened in the
/// background; 4,096 leaves room for four such boards. Memory <= 4,096 × (64 bytes of id + a sync state of some 500
/// bytes) = 2.3 MB a connection.
pub const CONNECTION_DOCUMENTS_MAX: usize = 4_096;
/// Ephemeral sessions that one connection may use, oldest forgotten first; clients use one.
pub const CONNECTION_SESSIONS_MAX: usize = 8;
/// Storages whose heads one connection may ask to hear of; more are ignored. Memory <= 64 × 512 bytes for each
/// document of the connection that has heads to tell.
pub const CONNECTION_WATCHED_MAX: usize = 64;

// Outboxes. Per connection: control + one frame a document + presence.

/// Frames that may wait in the control lane of one connection. Handshake and refusals are a handful; a peer that
/// leaves 64 unread does not read at all.
pub const OUTBOX_CONTROL_FRAMES_MAX: usize = 64;
/// Presence frames that may wait for one connection, oldest dropped first.
pub const OUTBOX_PRESENCE_FRAMES_MAX: usize = 256;
/// Bytes of presence that may wait for one connection, oldest dropped first.
pub const OUTBOX_PRESENCE_BYTES_MAX: usize = 1 << 20;
/// Bytes of an ephemeral's data: stock apps send snapshots of a few hundred bytes, ours are below 2 KiB; 64 KiB lets
/// a stock app send small pictures.
pub const EPHEMERAL_BYTES_MAX: usize = 64 << 10;

// Documents.

/// How long a document stays open without a subscriber.
pub const DOCUMENT_IDLE: Duration = Duration::from_secs(60);
/// Messages that may wait in a document while it loads or saves. A save takes milliseconds; a hundred typists at
/// 20 changes a second send two in that time.
pub const WAITING_MESSAGES_MAX: usize = 256;
/// Bytes of changes that may wait in a document while it loads or saves; one message may exceed it.
/// Memory <= open documents × (this + one frame).
pub const WAITING_BYTES_MAX: usize = 16 << 20;
/// Bytes of change chunks in one document. They are all in memory while it is open.
pub const DOCUMENT_BYTES_MAX: u64 = 128 << 20;
/// Bytes of change chunks in one answer; what remains follows when the socket took it. Below the frame limit of any
/// peer that has one. Memory <= connections × documents with credit × (this + one change).
pub const ANSWER_BYTES_MAX: usize = 4 << 20;
/// Changes that wait for their dependencies in one document (finding F6 of `docs/SECURITY.md`); honest peers have
/// a handful for one round trip, after a false positive of a Bloom filter.
pub const ORPHANS_MAX: usize = 256;
/// Bytes of changes that wait for their dependencies in one document.
pub const ORPHANS_BYTES_MAX: usize = 1 << 20;
/// How long a change may wait for its dependencies.
pub const ORPHANS_FOR: Duration = Duration::from_secs(60);
/// How far the operation counter of a change may be above all known ones (finding F4).
pub const COUNTER_LEAP_MAX: u64 = 1_000_000;
/// The greatest operation counter that is taken: automerge panics at 2³² (finding F4).
pub const COUNTER_MAX: u64 = 1 << 31;
/// Hashes that a peer asked for by name and that were sent to it again, remembered for each connection and
/// document; what the guard lets a message ask for.
pub const SERVED_MAX: usize = 10_000;
/// How often a peer may say that it lost everything before the relay stops sending everything again on one
/// connection: a peer that can't apply a document would ask for ever.
pub const RESTARTS_MAX: u8 = 4;

const _: () = assert!(FRAME_BYTES_BEFORE_JOIN_MAX < FRAME_BYTES_MAX, "joined peers may send more");
const _: () =
    assert!(ANSWER_BYTES_MAX * 2 <= FRAME_BYTES_MAX, "an answer and one change fit a frame");
const _: () =
    assert!(EPHEMERAL_BYTES_MAX <= OUTBOX_PRESENCE_BYTES_MAX, "an ephemeral fits the ring");
const _: () = assert!(WAITING_BYTES_MAX >= FRAME_BYTES_MAX, "one whole frame may wait");
const _: () = assert!(COUNTER_LEAP_MAX < COUNTER_MAX, "a leap stays below the greatest counter");
const _: () = assert!(
    JOIN_WITHIN.as_secs() < PING_EVERY.as_secs(),
    "an unjoined socket is gone before its first ping"
);
