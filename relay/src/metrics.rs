//! What the relay counts and measures, as `GET /metrics` tells it in the text format of Prometheus.
//!
//! Every metric is listed in `docs/OPERATIONS.md`, which a test compares. No label has a value that a peer chooses: each
//! comes from a list in this program.

mod counted;
mod process;

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use self::counted::Counted;
use self::process::Process;
use crate::core::{CloseReason, Counters, Lane};
use crate::http::UpgradeRefused;
use crate::store::StoreStats;

/// What an answer of metrics is, for its header.
pub(crate) use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;

/// The metrics of one relay.
#[derive(Debug)]
pub(crate) struct Metrics {
    exposed: Registry,
    counted: Arc<Counted>,
    pub(crate) connections_opened: Counter,
    pub(crate) documents_opened: Counter,
    pub(crate) documents_failed: Counter,
    closed: Family<Closed, Counter>,
    refused: Family<[(&'static str, &'static str); 1], Counter>,
    responses: Family<[(&'static str, u16); 1], Counter>,
    compactions: Family<[(&'static str, &'static str); 1], Counter>,
    compaction: Histogram,
    round: Histogram,
    queue: Histogram,
    ready: Gauge,
    connections: Gauge,
    documents: Gauge,
    sockets: Gauge,
    writable: Gauge,
}

/// Why a connection was closed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Closed {
    code: u16,
    reason: &'static str,
}

/// Reasons that say something about the relay itself, not about one peer.
const FROM_THE_START: [CloseReason; 6] = [
    CloseReason::Left,
    CloseReason::Restart,
    CloseReason::Overloaded,
    CloseReason::Store,
    CloseReason::Unreadable,
    CloseReason::Internal,
];

/// What holds at the moment of a scrape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    pub(crate) is_ready: bool,
    pub(crate) is_writable: bool,
    pub(crate) connections: usize,
    pub(crate) documents: usize,
    pub(crate) sockets: usize,
}

/// From a quarter of a millisecond, which no disk beats, by doubling to 8 s, which nobody waits for.
pub(crate) fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_25, 2.0, 16))
}

impl Metrics {
    /// Metrics of a relay over a store that measures itself.
    pub(crate) fn new(store: &StoreStats) -> Self {
        let counted = Arc::new(Counted::default());
        let mut metrics = Self {
            exposed: Registry::default(),
            counted: Arc::clone(&counted),
            connections_opened: Counter::default(),
            documents_opened: Counter::default(),
            documents_failed: Counter::default(),
            closed: Family::default(),
            refused: Family::default(),
            responses: Family::default(),
            compactions: Family::default(),
            compaction: seconds(),
            round: seconds(),
            queue: seconds(),
            ready: Gauge::default(),
            connections: Gauge::default(),
            documents: Gauge::default(),
            sockets: Gauge::default(),
            writable: Gauge::default(),
        };
        let mut exposed = Registry::default();
        let ours = exposed.sub_registry_with_prefix("warroom");
        metrics.register(ours);
        ours.register(
            "store_writable",
            "1 while the store takes changes",
            metrics.writable.clone(),
        );
        store.register(ours);
        ours.register_collector(Box::new(counted));
        exposed.register_collector(Box::new(Process));
        metrics.exposed = exposed;
        // there from the start, so that the first is a rise
        for reason in FROM_THE_START {
            drop(metrics.closed.get_or_create(&Closed::of(&reason)));
        }
        for refused in UpgradeRefused::ALL {
            drop(metrics.refused.get_or_create(&[("reason", refused.name())]));
        }
        drop(metrics.responses.get_or_create(&[("status", 200)]));
        for outcome in ["compacted", "harmful", "failed"] {
            drop(metrics.compactions.get_or_create(&[("outcome", outcome)]));
        }
        metrics
    }

    fn register(&self, ours: &mut Registry) {
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        ours.register("build", "Which program this is; always 1", version);
        ours.register("ready", "1 while /api/ready says yes", self.ready.clone());
        ours.register("sockets", "TCP connections that are open", self.sockets.clone());
        let help = "Requests answered over HTTP, by status";
        ours.register("http_responses", help, self.responses.clone());
        let help = "WebSockets refused before they were opened, by reason";
        ours.register("connections_refused", help, self.refused.clone());
        ours.register("connections", "WebSockets that are open", self.connections.clone());
        let help = "WebSockets opened";
        ours.register("connections_opened", help, self.connections_opened.clone());
        let help = "WebSockets closed, by the code and by why";
        ours.register("connections_closed", help, self.closed.clone());
        ours.register("documents", "Documents that are open", self.documents.clone());
        let help = "Documents opened";
        ours.register("documents_opened", help, self.documents_opened.clone());
        let help = "Documents whose task failed, each time with all of its connections";
        ours.register("documents_failed", help, self.documents_failed.clone());
        let help = "Documents that a worker looked at, by what came of it";
        ours.register("compactions", help, self.compactions.clone());
        let help = "How long a compaction took, the reading of the document included";
        ours.register("compaction_seconds", help, self.compaction.clone());
        let help = "How long a message waited between its socket and its document";
        ours.register("queue_seconds", help, self.queue.clone());
        let help = "How long a round with a save took, from asking the store to having told";
        ours.register("round_seconds", help, self.round.clone());
    }

    /// Adds what machines counted.
    pub(crate) fn count(&self, counters: &Counters) {
        if *counters != Counters::default() {
            self.counted.add(counters);
        }
    }

    /// What all machines counted since the start.
    pub(crate) fn counters(&self) -> Counters {
        self.counted.counters()
    }

    /// A frame went into a socket.
    pub(crate) fn count_sent(&self, lane: Option<Lane>, bytes: usize) {
        self.counted.add_sent(lane, bytes);
    }

    /// A WebSocket was closed.
    pub(crate) fn count_closed(&self, reason: &CloseReason) {
        self.closed.get_or_create(&Closed::of(reason)).inc();
        if let Some(limit) = reason.limit() {
            self.count(&Counters::hit(limit));
        }
    }

    /// A WebSocket was not opened.
    pub(crate) fn count_refused(&self, refused: UpgradeRefused) {
        self.refused.get_or_create(&[("reason", refused.name())]).inc();
    }

    /// A request was answered.
    pub(crate) fn count_response(&self, status: u16) {
        self.responses.get_or_create(&[("status", status)]).inc();
    }

    /// A worker has looked at a document; what came of it is one of `compacted`, `harmful` and `failed`.
    pub(crate) fn count_compaction(&self, outcome: &'static str, took: Duration) {
        self.compactions.get_or_create(&[("outcome", outcome)]).inc();
        self.compaction.observe(took.as_secs_f64());
    }

    /// A message waited so long for its document.
    pub(crate) fn observe_queue(&self, waited: Duration) {
        self.queue.observe(waited.as_secs_f64());
    }

    /// A round with a save took so long.
    pub(crate) fn observe_round(&self, took: Duration) {
        self.round.observe(took.as_secs_f64());
    }

    /// Everything, in the text format of Prometheus.
    pub(crate) fn expose(&self, now: Now) -> String {
        let Now { is_ready, is_writable, connections, documents, sockets } = now;
        let gauges = [
            (&self.ready, i64::from(is_ready)),
            (&self.writable, i64::from(is_writable)),
            (&self.connections, i64::try_from(connections).unwrap_or(i64::MAX)),
            (&self.documents, i64::try_from(documents).unwrap_or(i64::MAX)),
            (&self.sockets, i64::try_from(sockets).unwrap_or(i64::MAX)),
        ];
        for (gauge, value) in gauges {
            gauge.set(value);
        }
        let mut text = String::new();
        // writing into a string can't fail
        prometheus_text::encode(&mut text, &self.exposed).unwrap_or_default();
        text
    }
}

impl Closed {
    fn of(reason: &CloseReason) -> Self {
        Self { code: reason.code(), reason: reason.name() }
    }
}
