//! Every limit of the browser shell, each with its unit and its reason.

use std::time::Duration;

/// How long a WebSocket may take to open. Browsers give up after minutes; a person on a train waits for the next try instead.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Other tabs that one tab keeps a connection with. Each costs one sync state a document; nobody opens more tabs of one room.
pub(crate) const TABS_MAX: usize = 32;
/// Requests that wait while the database opens (again). The engine merges typing, so this is an hour of edits; beyond it the
/// saves fail, which the status shows.
pub(crate) const WAITING_REQUESTS_MAX: usize = 10_000;
/// Milliseconds of the longest `setTimeout`: more overflows 31 bits and fires at once.
pub(crate) const TIMEOUT_MS_MAX: u64 = 0x7fff_ffff;
/// Milliseconds by which the system's clock has to be ahead of ours before ours leaps forward: a device that slept, not a
/// clock that was corrected.
pub(crate) const CLOCK_LEAP_MS: f64 = 2_000.0;
