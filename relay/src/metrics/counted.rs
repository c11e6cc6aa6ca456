//! What the machines count, and what sockets send: read at every scrape.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;

use crate::core::{Counters, Frames, Lane};

/// Sums of what was counted.
#[derive(Debug, Default)]
pub(super) struct Counted(Mutex<Sums>);

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    counters: Counters,
    control: Frames,
    sync: Frames,
    presence: Frames,
}

impl Counted {
    pub(super) fn add(&self, counters: &Counters) {
        self.lock().counters += *counters;
    }

    pub(super) fn counters(&self) -> Counters {
        self.lock().counters
    }

    /// A frame that waited in that lane was sent; without one it was of the connection itself.
    pub(super) fn add_sent(&self, lane: Option<Lane>, bytes: usize) {
        let mut sums = self.lock();
        let sent = match lane {
            None => &mut sums.control,
            Some(Lane::Sync) => &mut sums.sync,
            Some(Lane::Presence) => &mut sums.presence,
        };
        sent.add(bytes);
    }

    /// Plain sums, whole after whatever panicked.
    fn lock(&self) -> MutexGuard<'_, Sums> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Name and what it counts.
type Described<'a> = (&'a str, &'a str);

fn family(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help): Described<'_>,
    label: &'static str,
    values: impl IntoIterator<Item = (&'static str, u64)>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (value, count) in values {
        let labels = [(label, value)];
        ConstCounter::new(count).encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}

impl Collector for Counted {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Sums { counters, control, sync, presence } = *self.lock();
        let received = || counters.frames().map(|(kind, frames)| (kind.name(), frames));
        let sent = || [("control", control), ("sync", sync), ("presence", presence)].into_iter();
        let count = |(label, frames): (&'static str, Frames)| (label, frames.count);
        let bytes = |(label, frames): (&'static str, Frames)| (label, frames.bytes);
        let frames = &mut encoder;
        let name = ("frames_received", "Frames that were understood, by kind.");
        family(frames, name, "kind", received().map(count))?;
        let name = ("frame_bytes_received", "Bytes of the frames that were understood, by kind.");
        family(frames, name, "kind", received().map(bytes))?;
        let name = ("frames_sent", "Frames handed to sockets, by lane.");
        family(frames, name, "lane", sent().map(count))?;
        let name = ("frame_bytes_sent", "Bytes of the frames handed to sockets, by lane.");
        family(frames, name, "lane", sent().map(bytes))?;
        let name = ("limits_hit", "How often a limit closed, dropped or refused something.");
        let hits = counters.hits().map(|(limit, hits)| (limit.name(), hits));
        family(frames, name, "limit", hits)?;
        for (name, help, value) in counters.iter() {
            let metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            ConstCounter::new(value).encode(metric)?;
        }
        Ok(())
    }
}
