//! Every limit of the native client, each with its unit and its reason.

use std::time::Duration;

use warroom_protocol::limits::FRAME_BYTES_MAX;

/// Requests of handles that wait for the task; more wait in their callers.
pub const REQUESTS_MAX: usize = 64;
/// Frames that wait for the task, after which the socket is not read. Memory ≤ 8 × [`FRAME_BYTES_MAX`].
pub const FRAMES_IN_MAX: usize = 8;
/// Frames handed to the socket's task and not written yet.
pub const FRAMES_OUT_MAX: usize = 64;
/// Bytes that wait for a slow relay before the connection is given up and made anew: two frames of the largest kind.
/// Nothing is lost, a new connection syncs from what the relay has.
pub const OUTBOX_BYTES_MAX: usize = 2 * FRAME_BYTES_MAX;
/// Requests handed to the store's thread and not done yet.
pub const STORE_REQUESTS_MAX: usize = 64;
/// Bytes of the largest file that is read as a chunk: far beyond any board, below what ends a small machine.
pub const CHUNK_FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Batches of changes of the view that a slow subscriber may lag behind, after which it is told so and reads the board
/// again.
pub const DELTAS_KEPT_MAX: usize = 256;
/// How long connecting may take, TCP and WebSocket together.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// After how much silence the relay is pinged.
pub const PING_AFTER: Duration = Duration::from_secs(15);
/// How many unanswered pings end a connection.
pub const PINGS_UNANSWERED_MAX: u32 = 2;
/// How long writing one frame may take before the relay counts as gone: 16 MiB on a slow mobile line.
pub const WRITE_WITHIN: Duration = Duration::from_mins(1);
/// How long closing waits for what is being stored and sent.
pub const CLOSE_WITHIN: Duration = Duration::from_secs(5);
