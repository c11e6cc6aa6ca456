//! Every limit of the protocol, each with its unit and its reason. Nothing else holds one.

use std::time::Duration;

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
/// Bytes of what a document is called in its room: `body/` and the id of a card, which has at most 64, twice over.
pub const ROOM_LABEL_BYTES_MAX: usize = 128;
/// Documents in one `x-room`; the rest follows in further ones. A board of 1,000 cards is one message, of some 90 KB.
pub const ROOM_DOCUMENTS_MAX: usize = 1_024;
/// Heads of one document in an `x-room`: one for each replica that wrote at once. Of a document with more it is said that it
/// changed, and no heads. Memory ≤ [`ROOM_DOCUMENTS_MAX`] × (this × 32 bytes + 64) = 600 KB a message.
pub const ROOM_HEADS_MAX: usize = 16;
/// Names in one `x-caps`; there is one.
pub const CAPS_MAX: usize = 16;
/// Bytes of an error's message that are kept; people read it in a log.
pub const ERROR_MESSAGE_BYTES_MAX: usize = 1_024;
/// Bytes of the name of an unknown type that are kept, for a log and a metric.
pub const UNKNOWN_TYPE_BYTES_MAX: usize = 64;

// Handshake and life of a connection.

/// How long a connection may stay unjoined: stock clients abandon sockets on slow networks without closing them.
pub const JOIN_WITHIN: Duration = Duration::from_secs(10);
/// How often a relay pings: often enough to hold a mapping in a NAT, seldom enough for a phone.
pub const PING_EVERY: Duration = Duration::from_secs(15);
/// Pings in a row without a sign of life after which a connection is dead: 30 to 45 s after the last; any frame is one.
pub const PING_MISSES_MAX: u32 = 2;
/// What the first wait after a lost connection stays below: most losses are a relay that restarts.
pub const BACKOFF_BASE: Duration = Duration::from_millis(500);
/// What every wait stays below: a person who waits for a network looks up after half a minute.
pub const BACKOFF_CAP: Duration = Duration::from_secs(30);

// Ephemeral messages and presence.

/// Sessions remembered of one sender; an honest one has one, and one more when it was restarted.
pub const EPHEMERAL_SESSIONS_PER_SENDER_MAX: usize = 4;
/// Bytes of one presence message: a name, a pointer, what is dragged and what is typed in are below 500.
pub const PRESENCE_BYTES_MAX: usize = 2 * 1024;
/// Bytes of the name of a channel; ours are below 10.
pub const PRESENCE_CHANNEL_BYTES_MAX: usize = 64;
/// Channels of one peer, as many as a map may have keys.
pub const PRESENCE_CHANNELS_MAX: usize = CBOR_MAP_KEYS_MAX;
/// Bytes of names and values kept of one peer: stock clients may fill each channel by a message of its own.
/// Memory ≤ [`PRESENCE_PEERS_MAX`] × this = 2 MiB a roster.
pub const PRESENCE_PEER_BYTES_MAX: usize = 2 * PRESENCE_BYTES_MAX;
/// Peers in one roster, as many as a relay lets into a room; more are not shown.
pub const PRESENCE_PEERS_MAX: usize = 512;
/// How long a present peer is silent at most; the reference's number.
pub const PRESENCE_HEARTBEAT: Duration = Duration::from_secs(15);
/// After how much silence a peer counts as gone: three heartbeats, the reference's number.
pub const PRESENCE_EXPIRY: Duration = Duration::from_secs(45);
/// How long between two messages of one peer while others are there: 30 a second, as smooth as a pointer needs.
pub const PRESENCE_INTERVAL: Duration = Duration::from_millis(33);
/// How long between two messages while nobody else is known: one a second, for those who can't be seen yet.
pub const PRESENCE_INTERVAL_ALONE: Duration = Duration::from_secs(1);
/// Nodes of one presence value that is read into a tree, so that 2 KiB can't become 2,000 allocations.
pub const PRESENCE_VALUE_NODES_MAX: usize = 256;

const _: () = assert!(FRAME_BYTES_BEFORE_JOIN_MAX < FRAME_BYTES_MAX, "joining must not narrow");
const _: () = assert!(
    JOIN_WITHIN.as_secs() < PING_EVERY.as_secs(),
    "an unjoined socket is gone before its first ping"
);
const _: () =
    assert!(PRESENCE_BYTES_MAX < FRAME_BYTES_BEFORE_JOIN_MAX, "a presence fits any frame");

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
/// Bytes of a change's content, inflated. The largest honest changes are pastes and imports of a few MB.
pub const CHANGE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How many times longer a deflated change may become (F6). Deflate reaches 1,032 at best; text and our columns stay
/// below 20.
pub const INFLATE_RATIO_MAX: usize = 200;
/// Bytes up to which a deflated change may become however long it likes: a short run of blanks is no attack.
pub const INFLATE_BYTES_FREE: usize = 256 * 1024;
/// Operations of one change. One person's act is below a hundred; a stock client makes one change of a pasted text,
/// one operation for each character, so a long document must pass. Memory ≤ 100 bytes each in the guard and about
/// 500 in automerge: 125 MB and 2.5 s at worst in a client (F6). The relay applies none, but expands those of one
/// change at a time to see that automerge would write the same bytes.
pub const CHANGE_OPS_MAX: u64 = 250_000;
/// Operations of all changes in one sync message. A frame of 16 MiB could bring 150,000 changes of 10,000 repeated
/// operations each, which is minutes of checking; honest ones have a handful each. Time <= 0.5 s a message.
pub const MESSAGE_OPS_MAX: u64 = 2_000_000;
/// Predecessors that all operations of a change may name together, for each operation that a change may have.
pub const CHANGE_PREDS_PER_OP_MAX: u64 = 2;
/// Hashes that a change builds on: one for each head at its time.
pub const CHANGE_DEPS_MAX: usize = SYNC_HEADS_MAX;
/// Bytes of the shortest actor id: automerge's own random ones.
pub const ACTOR_BYTES_MIN: usize = 16;
/// Bytes of the longest actor id: a public key or a hash.
pub const ACTOR_BYTES_MAX: usize = 32;
/// Other actors whose operations a change names. Memory ≤ 256 KiB a change.
pub const CHANGE_ACTORS_MAX: usize = 4_096;
/// Bytes of a change's message: a line for people.
pub const CHANGE_MESSAGE_BYTES_MAX: usize = 1_024;
/// Bytes of the author in the footer of an actor's first change: an id or a public key.
pub const CHANGE_AUTHOR_BYTES_MAX: usize = 1_024;
/// The furthest time of a change, before and after 1970: what JavaScript can count exactly. It is meant in seconds, but
/// nothing holds an application to that: automerge's own documentation names milliseconds once.
pub const CHANGE_TIME_MAX: i64 = (1 << 53) - 1;
/// The number of an actor's last change. Automerge keeps it in 32 bits.
pub const CHANGE_SEQ_MAX: u64 = (1 << 31) - 1;
/// The highest operation counter. Automerge keeps it in 32 bits and panics at the next edit after 2^32 - 1 (F4); half
/// of that leaves every replica room.
pub const OP_COUNTER_MAX: u64 = 1 << 31;
/// How far a change may start above the highest counter known to who takes it (F4): the changes that it has not seen
/// yet. Only a history can check it.
pub const START_OP_SLACK_MAX: u64 = 1_000_000;
/// Bytes of a map key or a mark's name. Run-length encoding repeats one for free, so that a change may cost
/// [`CHANGE_OPS_MAX`] times this when a replica shows it.
pub const KEY_BYTES_MAX: usize = 4_096;
/// Objects within objects that one change may create (F5): a board needs three.
pub const CHANGE_DEPTH_MAX: u8 = 16;
