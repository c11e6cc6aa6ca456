//! What a store counts and measures of itself.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::limits::STORE_REQUESTS_MAX;
use crate::metrics::seconds;

/// What a store counts and measures of itself, for the metrics of the relay. Clones are the same.
#[derive(Debug, Clone)]
pub struct StoreStats {
    pub(super) commit_bytes: Counter,
    pub(super) commits_failed: Counter,
    pub(super) appends_refused: Counter,
    pub(super) reads_failed: Counter,
    pub(super) reopened: Counter,
    pub(super) records_packed: Counter,
    pub(super) packed_bytes: Counter,
    pub(super) bytes: Gauge,
    commit: Histogram,
    queue: Histogram,
    group: Histogram,
}

impl Default for StoreStats {
    fn default() -> Self {
        Self {
            commit_bytes: Counter::default(),
            commits_failed: Counter::default(),
            appends_refused: Counter::default(),
            reads_failed: Counter::default(),
            reopened: Counter::default(),
            records_packed: Counter::default(),
            packed_bytes: Counter::default(),
            bytes: Gauge::default(),
            commit: seconds(),
            queue: seconds(),
            // 1, 2, 4, … up to as many as one commit takes
            group: Histogram::new(
                exponential_buckets(1.0, 2.0, 9).filter(|&size| size <= GROUP_MAX),
            ),
        }
    }
}

const GROUP_MAX: f64 = 256.0;
const _: () = assert!(STORE_REQUESTS_MAX == 256, "the last bucket is the largest group");

impl StoreStats {
    /// A commit of that many appends took so long.
    pub(super) fn observe_commit(&self, took: Duration, appends: usize) {
        self.commit.observe(took.as_secs_f64());
        self.group.observe(u32::try_from(appends).map_or(f64::INFINITY, f64::from));
    }

    /// An append waited so long for its commit to begin.
    pub(super) fn observe_queue(&self, waited: Duration) {
        self.queue.observe(waited.as_secs_f64());
    }

    /// Adds them to what is told.
    pub(crate) fn register(&self, ours: &mut Registry) {
        let help = "Bytes of the database file";
        ours.register("store_bytes", help, self.bytes.clone());
        let help = "How long an append waited for its commit to begin";
        ours.register("store_queue_seconds", help, self.queue.clone());
        let help = "How long a commit took, the sync of the disk included";
        ours.register("store_commit_seconds", help, self.commit.clone());
        let help = "How many appends one commit made durable";
        ours.register("store_commit_appends", help, self.group.clone());
        let help = "Bytes of changes made durable";
        ours.register("store_commit_bytes", help, self.commit_bytes.clone());
        let help = "Commits that failed; the store is read-only until it is opened again";
        ours.register("store_commits_failed", help, self.commits_failed.clone());
        let help = "Appends left out of their commit because they do not fit what is stored";
        ours.register("store_appends_refused", help, self.appends_refused.clone());
        let help = "Reads that failed; the store is closed to changes until it is opened again";
        ours.register("store_reads_failed", help, self.reads_failed.clone());
        let help = "How often a store that failed was opened again";
        ours.register("store_reopened", help, self.reopened.clone());
        let help = "Changes that were put together with others in one row of the log";
        ours.register("store_records_packed", help, self.records_packed.clone());
        let help = "Bytes of the rows that they were put together in";
        ours.register("store_packed_bytes", help, self.packed_bytes.clone());
    }
}
