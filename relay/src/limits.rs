//! Every limit of the relay, each with its unit, its reason and what it costs at worst. Nothing else holds one.

use std::time::Duration;

use warroom_protocol::limits::{
    CHANGE_BYTES_MAX, CHANGE_OPS_MAX, FRAME_BYTES_MAX, MESSAGE_OPS_MAX,
};

// Connections. The lengths of frames, the time to join and the pings are the protocol's: both ends count on them.
// Memory <= connections × 16 MiB while all of them send their longest frame at once.

/// Documents that one connection may hold open. A board of 1,000 cards has a body for each, opened in the
/// background; 4,096 leaves room for four such boards. Memory <= 4,096 × (64 bytes of id + a sync state of some 500
/// bytes) = 2.3 MB a connection.
pub const CONNECTION_DOCUMENTS_MAX: usize = 4_096;
/// Rooms that one connection may ask about; a client is in one, and one that changes rooms in another for a moment.
/// Memory <= this × two `x-room` of 600 KB (one sent, one read ahead) a connection that does not read.
pub const CONNECTION_ROOMS_MAX: usize = 4;
/// How long changes in a room are gathered before it is told who changed: documents that somebody reads are told by their own
/// sync, and the others can wait. A room is read from the store at most so often, once for all who are in step.
pub const ROOM_GATHER: Duration = Duration::from_millis(500);
/// Storages whose heads one connection may ask to hear of; more are ignored. Memory <= 64 × 512 bytes for each
/// document of the connection that has heads to tell.
pub const CONNECTION_WATCHED_MAX: usize = 64;

// Outboxes. Per connection: control + one frame a document + presence.

/// Bytes that may wait in the control lane of one connection: the answer to a join, an error, and a refusal of some
/// 120 bytes for each document that the peer may not see. Who leaves 1 MiB unread does not read at all.
pub const OUTBOX_CONTROL_BYTES_MAX: usize = 1 << 20;
/// Presence frames that may wait for one connection, oldest dropped first.
pub const OUTBOX_PRESENCE_FRAMES_MAX: usize = 256;
/// Bytes of presence that may wait for one connection, oldest dropped first.
pub const OUTBOX_PRESENCE_BYTES_MAX: usize = 1 << 20;
/// Bytes of an ephemeral's data: stock apps send snapshots of a few hundred bytes, ours are below 2 KiB; 64 KiB lets
/// a stock app send small pictures.
pub const EPHEMERAL_BYTES_MAX: usize = 64 << 10;

// Documents.

/// How long a document stays open without a subscriber.
pub const DOCUMENT_IDLE: Duration = Duration::from_mins(1);
/// Messages that may wait in a document while it loads or saves. A save takes milliseconds; a hundred typists at
/// 20 changes a second send two in that time.
pub const WAITING_MESSAGES_MAX: usize = 256;
/// Bytes of frames that may wait in a document while it loads or saves; one message may exceed it. A message keeps all of
/// the frame that it came in, so that is what counts.
/// Memory: see [`MAILBOX_BYTES_MAX`].
pub const WAITING_BYTES_MAX: usize = 16 << 20;
/// Operations that are looked at in one round of a document before it saves or lets others run; the message that exceeds
/// it is taken in whole, and what waits comes in the next round. Without it 256 messages of a few kilobytes, each of as
/// many operations as one may have, hold a thread for minutes. Time <= (this + [`MESSAGE_OPS_MAX`]) × some 2 µs.
pub const ROUND_OPS_MAX: u64 = CHANGE_OPS_MAX;
/// Bytes of change chunks in one document. They are all in memory while it is open.
pub const DOCUMENT_BYTES_MAX: u64 = 128 << 20;
/// Bytes of change chunks in one answer; what remains follows when the socket took it. Below the frame limit of any
/// peer that has one. Memory <= connections × documents with credit × (this + one change).
pub const ANSWER_BYTES_MAX: usize = 4 << 20;
/// Changes that wait for their dependencies in one document (finding F6 of `docs/SECURITY.md`); honest peers have
/// a handful for one round trip, after a false positive of a Bloom filter. Beyond it the connection that has most is
/// closed and what it has dropped, so that nobody can keep the places from others.
pub const ORPHANS_MAX: usize = 256;
/// Bytes of changes that wait for their dependencies in one document.
pub const ORPHANS_BYTES_MAX: usize = 1 << 20;
/// How long a change may wait for its dependencies.
pub const ORPHANS_FOR: Duration = Duration::from_mins(1);
/// Growing branches of one open document of which the ancestors are remembered: as many as people come back from
/// offline at once. Memory <= 8 bits for each change.
pub const REACHES_MAX: usize = 8;
/// Hashes that a peer asked for by name and that were sent to it again, remembered for each connection and
/// document; what the guard lets a message ask for.
pub const SERVED_MAX: usize = 10_000;
/// How often a peer may say that it lost everything before the relay stops sending everything again on one
/// connection: a peer that can't apply a document would ask for ever.
pub const RESTARTS_MAX: u8 = 4;

/// What an answer spends beside its changes: heads, needs and a filter of at most 1.25 MB.
const ANSWER_REST_BYTES_MAX: usize = 2 << 20;
const _: () = assert!(
    ANSWER_BYTES_MAX + CHANGE_BYTES_MAX + ANSWER_REST_BYTES_MAX < FRAME_BYTES_MAX,
    "an answer ends with the change that fills it"
);
const _: () =
    assert!(EPHEMERAL_BYTES_MAX <= OUTBOX_PRESENCE_BYTES_MAX, "an ephemeral fits the ring");
const _: () = assert!(WAITING_BYTES_MAX >= FRAME_BYTES_MAX, "one whole frame may wait");
const _: () = assert!(ROUND_OPS_MAX <= MESSAGE_OPS_MAX, "a round is a few messages, not many");

// The store.

/// Bytes that redb may keep of the file in memory. Its own default is 1 GiB; the open documents are in memory anyway,
/// and 64 MiB hold the upper levels of the trees of a file of tens of GiB.
pub const STORE_CACHE_BYTES: usize = 64 << 20;
/// Requests that may wait for the store's thread, and appends in one commit. A document has at most one request under
/// way, so this many documents wait in memory; more wait in their own tasks.
pub const STORE_REQUESTS_MAX: usize = 256;
/// Bytes after which a commit takes no further append. One append is at most what a document takes in while it saves.
pub const STORE_COMMIT_BYTES_MAX: usize = 16 << 20;
/// Bytes of a segment of the log: of the key (73 at most) and of what redb writes beside it (16) enough are left that it
/// fits 32 KiB, since redb gives a row pages whose number is a power of two. About 170 keystrokes.
pub const SEGMENT_BYTES_MAX: usize = (32 << 10) - 256;
/// Records of a segment of the log: as many of the smallest, of some 100 bytes, as are nearly as long. A document that has
/// so many rows of one change can be packed.
pub const SEGMENT_RECORDS_MAX: u64 = 256;
/// Bytes of a record that goes into a segment: what is longer than a page of redb has pages of its own, and gains nothing.
pub const SEGMENT_RECORD_BYTES_MAX: usize = 4 << 10;
const _: () = assert!(SEGMENT_RECORD_BYTES_MAX < SEGMENT_BYTES_MAX, "any small record fits");
/// Bytes of segments that one step of packing writes, and one segment more: an append that comes meanwhile waits for some
/// milliseconds, as it does for the commit of another append. Memory <= twice that.
pub const PACK_STEP_BYTES: usize = 1 << 20;
/// Documents that are remembered to be packed, by their ids of 64 bytes at most; more are found again when they change.
pub const PACK_DUE_MAX: usize = 1_024;
/// Documents that are read from the store and verified at a time; more wait. Memory <= this × two documents.
pub const STORE_LOADS_MAX: usize = 4;
/// Starts of relays on one store that are remembered, the newest: a device that was told something before the last
/// thousand of them is told everything.
pub const EPOCHS_MAX: u64 = 1_024;
/// Bytes of the name of a start; ours have 32. A cursor of it fits the protocol's 512 bytes.
pub const EPOCH_NAME_BYTES_MAX: usize = 256;
/// Documents in one page of a list: 1,000 rows of a few heads are about 100 KiB.
pub const STORE_PAGE_DOCUMENTS_MAX: usize = 1_000;
/// Bytes that are written to find out whether a disk takes any again: enough that a file system has to find space.
pub const STORE_PROBE_BYTES: usize = 64 << 10;
/// Bytes of rows that a copy of the store hands on at a time; one row may exceed it, by a change at most.
pub const STORE_COPY_BLOCK_BYTES: usize = 256 << 10;
/// How often a store that failed tries to open again: a freed disk is in use again within seconds,
/// and a disk that is still full costs one small write each time.
pub const STORE_HEAL_EVERY: Duration = Duration::from_secs(2);

// Compaction.

/// Bytes of changes that a document has before it is compacted, and that come before it is compacted again: fewer are
/// sent as they are, in less time than it takes to look for more.
pub const COMPACT_BYTES_MIN: u64 = 64 << 10;
/// A document is compacted again when its changes have grown by one part in so many. So all changes that workers ever
/// read of a document are at most this + 1 times those that it has.
pub const COMPACT_SHARE: u64 = 4;
/// How often the relay looks for a document to compact, while none is: nobody waits for it.
pub const COMPACT_EVERY: Duration = Duration::from_secs(1);
/// How long the relay rests after it could start no worker, or keep nothing of its work.
pub const COMPACT_RETRY: Duration = Duration::from_mins(1);
/// Documents that are remembered to be compacted, by their ids of 64 bytes at most; more are found again when they change.
pub const COMPACT_DUE_MAX: usize = 1_024;
/// Bytes of a compacted document that is of use: with the changes after it, it has to fit a frame. A board of 10,000
/// cards has about one MiB.
pub const COMPACTED_BYTES_MAX: usize = CHANGE_BYTES_MAX;
/// Bytes of a job: all that a document may hold.
pub const WORKER_INPUT_BYTES_MAX: u64 = DOCUMENT_BYTES_MAX;
/// Bytes of a verdict that are read: a compacted document that is too long is known by them.
pub const WORKER_OUTPUT_BYTES_MAX: usize = 2 * COMPACTED_BYTES_MAX;
/// Bytes of memory that a worker may reserve: eight times the longest document, which a document of small changes needs.
/// A worker that wants more ends. There is one at a time.
pub const WORKER_MEMORY_BYTES_MAX: u64 = 1 << 30;
/// Seconds of processor time that a worker may take: some millions of operations, and to find a harmful change among them
/// it does its work once for each doubling of their number.
pub const WORKER_CPU_SECONDS_MAX: u64 = 60;
/// How long a worker may take: its processor time, on a machine that is busy with more than it.
pub const WORKER_WITHIN: Duration = Duration::from_mins(3);
/// Bytes of stack of a worker (finding F5 of `docs/SECURITY.md`: 500 nested objects take 2 MiB).
pub const WORKER_STACK_BYTES: usize = 16 << 20;
/// Bytes of the sentence in which a worker says why it can't compact a document.
pub const WORKER_REASON_BYTES_MAX: usize = 1 << 10;
const _: () = assert!(
    COMPACTED_BYTES_MAX + ANSWER_BYTES_MAX + ANSWER_REST_BYTES_MAX < FRAME_BYTES_MAX,
    "a compacted document and the changes after it fit a frame"
);

// The shell around connections and documents.

/// Sockets that may be open, HTTP included. An idle one costs 16 KiB (measured with 3,000 in a debug build), so at most
/// 160 MB; a process has 20,000 file descriptors on common systems, and other files need some.
pub const SOCKETS_MAX: usize = 10_000;
/// How long a client may take for the header of a request; a slow one holds a socket for no longer.
pub const HEADER_WITHIN: Duration = Duration::from_secs(5);
/// Bytes of a request's line and headers. Browsers send below 2 KiB; a token needs some more.
pub const HEADER_BYTES_MAX: usize = 8 << 10;
/// Headers of a request. Browsers send about 20, and proxies add some.
pub const HEADERS_MAX: usize = 64;
/// Bytes that are read from a WebSocket at a time; allocated for each idle socket.
pub const SOCKET_READ_BYTES: usize = 4 << 10;
/// Messages taken from one socket before other tasks get their turn.
pub const SOCKET_MESSAGES_A_TURN_MAX: usize = 64;
/// How long a socket may take none of what waits for it before it is closed as too slow, be that frames or a page.
pub const SOCKET_STALL_MAX: Duration = Duration::from_secs(20);
/// How long a closing socket waits for the other side's close frame.
pub const SOCKET_CLOSE_WITHIN: Duration = Duration::from_secs(2);
/// Inputs that may wait for one document. A full mailbox holds up the sockets that feed it, and nobody else.
pub const MAILBOX_INPUTS_MAX: usize = 64;
/// Bytes of frames that may wait for one document. Who brings more waits in its own socket, first come, first served.
/// Memory <= open documents × (this + [`WAITING_BYTES_MAX`] + one frame).
pub const MAILBOX_BYTES_MAX: usize = 16 << 20;
const _: () =
    assert!(MAILBOX_BYTES_MAX >= FRAME_BYTES_MAX, "any frame has room in an empty mailbox");
/// How long a drain may take before what is left is cut off, unless `--drain-within` says otherwise: documents save
/// within milliseconds, and a peer that does not answer a close is not waited for longer than [`SOCKET_CLOSE_WITHIN`].
pub const DRAIN_WITHIN: Duration = Duration::from_secs(5);
/// The longest that `--drain-within` may say: an hour, as nobody waits longer for a restart.
pub const DRAIN_WITHIN_MAX: Duration = Duration::from_hours(1);
const _: () =
    assert!(SOCKET_CLOSE_WITHIN.as_secs() < DRAIN_WITHIN.as_secs(), "a close has its time");
/// When to ask again, for who is refused while the relay is not ready: about as long as a restart takes.
pub const RETRY_AFTER: Duration = Duration::from_secs(5);
/// How long the accept loop rests after the system refused to accept (out of file descriptors).
pub const ACCEPT_REST: Duration = Duration::from_millis(100);
/// Bytes that may wait for a socket besides one frame: pongs, which a peer can cause without reading them.
pub const SOCKET_PONG_BYTES: usize = 4 << 10;
/// Bytes of the text in a close frame (RFC 6455 §5.5: 125 with the code).
pub const CLOSE_REASON_BYTES_MAX: usize = 123;

// Tasks over HTTP.

/// Rooms that have a peer in this process at a time, those of the last minute; one more waits for none of them to be worked on.
/// Memory <= this × a board in memory (some 50 MB for one of 10,000 cards) and what [`TASK_ROOM_BODIES_MAX`] says.
pub const TASK_ROOMS_MAX: usize = 32;
/// How long such a peer stays without a request, and how often it is looked after: a document's own [`DOCUMENT_IDLE`].
pub const TASK_ROOM_IDLE: Duration = Duration::from_mins(1);
/// Bodies that the peer of a room writes before another takes its place, because it keeps them: memory <= rooms × this × about
/// 2 MB (a body of 100,000 characters with its history).
pub const TASK_ROOM_BODIES_MAX: usize = 16;
/// Operations of a stored document that is opened for a request: ten times those of a board of 10,000 cards, or of the longest body.
/// Repetition makes ten thousand operations of a hundred bytes, so bytes are no measure. Memory <= this × some 100 bytes.
pub const TASK_DOCUMENT_OPS_MAX: u64 = 4_000_000;
/// How long a request about a room may take, the wait for those before it included. A board of 10,000 cards opens in some
/// 500 ms, and the longest body is written in seconds; an unoptimised build on a busy machine took more than 20.
pub const TASK_WITHIN: Duration = Duration::from_mins(1);
/// Bytes of the JSON of a request: the longest body in three bytes a unit, and as much again for escapes and the rest.
/// Memory <= [`SOCKETS_MAX`] × this, while all of them send it.
pub const TASK_BODY_BYTES_MAX: usize = 4 << 20;
/// How long the body of a request may take: 4 MiB on a line of 1 Mbit/s.
pub const TASK_BODY_WITHIN: Duration = Duration::from_secs(40);
/// Tasks in one page, and in one that does not say how many it wants.
pub const TASK_PAGE_MAX: usize = 500;
/// Bytes of bodies after which a page takes no further task. Memory <= requests × (this + the longest body).
pub const TASK_PAGE_BYTES: usize = 4 << 20;
/// Rooms in one page of a list; each is looked into for what it is called.
pub const TASK_ROOMS_PAGE_MAX: usize = 20;
/// Bytes of changes of a board that is looked into for a list: some 50 ms each.
pub const TASK_LOOKED_BYTES_MAX: u64 = 1 << 20;
/// Documents that are looked at for one page of rooms; a room has one for each body.
pub const TASK_ROOMS_LOOKED_MAX: usize = 10_000;
/// Files that are written from rooms or read into them at a time. Memory <= this × a few times the longest file, 64 MiB.
pub const TASK_FILES_MAX: usize = 2;
/// How long such a file may take: a room of 10,000 bodies reads each of them.
pub const TASK_FILE_WITHIN: Duration = Duration::from_mins(2);
/// Bodies in a file that is read: each is a document of one connection. So many take some 20 s, because each answer is looked
/// at beside all that are open.
pub const TASK_FILE_BODIES_MAX: usize = 4_000;
const _: () = assert!(
    TASK_FILE_BODIES_MAX + 2 < CONNECTION_DOCUMENTS_MAX,
    "a board and a talk come with them"
);
/// Bytes of bodies in a file of text that is written.
pub const TASK_FILE_BYTES_MAX: usize = 64 << 20;
/// UTF-16 units of the name of a room: what the app takes from an address.
pub const ROOM_NAME_UNITS_MAX: usize = 80;

// Operators.

/// Commands of operators that are answered at a time.
pub const OPERATOR_COMMANDS_MAX: usize = 8;
/// Blocks of an answer to a command that may wait to be read. Memory <= commands × (this × [`STORE_COPY_BLOCK_BYTES`] + one
/// change).
pub const OPERATOR_BLOCKS_MAX: usize = 4;
/// Bytes of changes that a command brings at a time: a document at most.
pub const OPERATOR_BODY_BYTES_MAX: usize = 128 << 20;
/// Bytes of changes after which a document is given no more of what a command brings before they are saved, so that others
/// get their turn.
pub const OPERATOR_MESSAGE_BYTES: usize = 1 << 20;
/// Bytes of the sentence that says why a command was refused.
pub const OPERATOR_SENTENCE_BYTES_MAX: usize = 4 << 10;
/// Bytes of a path to a socket that every system takes: Linux has 108 with the zero behind it, others 104.
pub const SOCKET_PATH_BYTES_MAX: usize = 100;
