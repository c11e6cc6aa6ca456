//! Every limit of the protocol, each with its unit and its reason. Nothing else holds one.

/// Bytes of the shortest document id: a UUID, as automerge-repo makes them.
pub const DOCUMENT_ID_BYTES_MIN: usize = 16;
/// Bytes of the longest document id; Keyhive's are 32, and 64 leaves room for a tagged one.
pub const DOCUMENT_ID_BYTES_MAX: usize = 64;
/// Bytes of the longest peer, storage or session id. Real ones are below 50.
pub const PEER_ID_BYTES_MAX: usize = 512;

// Frames.

/// Bytes of the longest frame before a join: one carries ids and versions, real ones are below 200.
pub const FRAME_BYTES_BEFORE_JOIN_MAX: usize = 4 * 1024;
/// Bytes of the longest frame of a peer that may write: a stock client uploads a day offline in one message
/// (20,000 edits are 3.6 MB).
pub const FRAME_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Containers and tags that may lie inside each other in one frame, the outermost map included; honest ones nest 3.
pub const CBOR_DEPTH_MAX: usize = 8;
/// Keys of one map that is read; honest frames have 7, presence states a channel each.
pub const CBOR_MAP_KEYS_MAX: usize = 32;
/// Protocol versions that a join may list; there is one.
pub const PROTOCOL_VERSIONS_MAX: usize = 16;
/// Bytes of one protocol version; it is `1`.
pub const PROTOCOL_VERSION_BYTES_MAX: usize = 32;
/// Storage ids in one `add` or `remove`: a client asks about as many as it knows people.
pub const STORAGE_IDS_MAX: usize = 1_024;
/// Heads of one storage in one `remote-heads-changed`: as many as a sync message may hold.
pub const REMOTE_HEADS_MAX: usize = 1_024;
/// Bytes of an error's message that are kept; people read it in a log.
pub const ERROR_MESSAGE_BYTES_MAX: usize = 1_024;
/// Bytes of the name of an unknown type that are kept, for a log and a metric.
pub const UNKNOWN_TYPE_BYTES_MAX: usize = 64;

// The guard: sync messages.

/// Heads of a sync message. A document has one head per replica that writes at once; a thousand is a crowd.
/// Memory ≤ 32 KiB a message.
pub const SYNC_HEADS_MAX: usize = 1_024;
/// Hashes that a sync message may ask for by name: what a filter hid by mistake, 1 in 100 of a long history.
/// Memory ≤ 320 KB a message.
pub const SYNC_NEED_MAX: usize = 10_000;
/// Summaries in a sync message. Automerge sends one; each costs a walk over the history.
pub const SYNC_HAVE_MAX: usize = 4;
/// Hashes in the `last_sync` of one summary: heads at some time, so as many as heads.
pub const SYNC_LAST_SYNC_MAX: usize = SYNC_HEADS_MAX;
/// Chunks in one sync message. A first upload sends every change as its own chunk, and the smallest real change
/// takes about 100 bytes of a 16 MiB frame. Memory ≤ 6.4 MB beside the message itself.
pub const SYNC_CHANGES_MAX: usize = 200_000;
/// Bytes of the flags trailer. Automerge 0.12 sends two.
pub const SYNC_FLAGS_BYTES_MAX: usize = 16;
/// Bits for each entry of a Bloom filter that we build, automerge's own number: 1 in 100 answers is wrong.
pub const BLOOM_BITS_PER_ENTRY: u32 = 10;
/// Bits for each entry of a Bloom filter that a peer built. Automerge uses 10; at 32 a filter never errs in practice.
pub const BLOOM_BITS_PER_ENTRY_MAX: u32 = 32;
/// Probes for each hash of a Bloom filter that we build, automerge's own number.
pub const BLOOM_PROBES: u32 = 7;
/// Probes for each hash of a Bloom filter that a peer built: time ≤ this for each change of the history (F1).
pub const BLOOM_PROBES_MAX: u32 = 16;
/// Entries of a Bloom filter: one for each change since the last sync.
pub const BLOOM_ENTRIES_MAX: u32 = 1_000_000;
/// Bytes of a Bloom filter's bits: what automerge makes of [`BLOOM_ENTRIES_MAX`] hashes.
pub const BLOOM_BYTES_MAX: usize = 1_250_000;

// The guard: chunks and changes.

/// Bytes of the shortest chunk: magic 4, checksum 4, type 1, length 1, and one byte of content.
pub const CHUNK_BYTES_MIN: usize = 11;
