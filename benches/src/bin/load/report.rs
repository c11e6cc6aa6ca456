//! What a run has shown.

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use serde_json::json;

use crate::server::Usage;

/// Latencies in microseconds, to three digits, up to a minute.
#[derive(Debug, Clone)]
pub(crate) struct Latencies(Histogram<u64>);

impl Latencies {
    const MOST_US: u64 = 60_000_000;

    /// None yet.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, Self::MOST_US, 3)?))
    }

    pub(crate) fn add(&mut self, latency: Duration) {
        let us = u64::try_from(latency.as_micros()).unwrap_or(Self::MOST_US);
        self.0.saturating_record(us);
    }

    /// Those of several.
    pub(crate) fn merged(all: impl IntoIterator<Item = Self>) -> Result<Self> {
        let mut whole = Self::new()?;
        for one in all {
            whole.0.add(one.0)?;
        }
        Ok(whole)
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    fn ms(&self, quantile: f64) -> f64 {
        micros_to_ms(self.0.value_at_quantile(quantile))
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a figure for a table, below 2^52"
)]
fn micros_to_ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

/// One run of a scenario.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) what: String,
    pub(crate) server: String,
    /// Of what the row counts: deliveries, joins, uploads.
    pub(crate) latencies: Latencies,
    /// How many of these there should have been.
    pub(crate) expected: u64,
    pub(crate) seconds: Duration,
    pub(crate) before: Option<Usage>,
    pub(crate) after: Option<Usage>,
    /// Bytes that the clients received and sent, without what WebSocket adds.
    pub(crate) bytes: (usize, usize),
    /// Sockets that were open.
    pub(crate) sockets: usize,
}

impl Report {
    /// Microseconds of the server's processor time for each that counts.
    fn processor_us(&self) -> Option<f64> {
        let spent = self.after?.processor_ms.saturating_sub(self.before?.processor_ms);
        Some(micros_to_ms(spent * 1_000_000) / micros_to_ms(self.latencies.count().max(1) * 1_000))
    }

    /// KB of the server's memory for each socket, beyond what it had before.
    fn kb_a_socket(&self) -> Option<f64> {
        let more = self.after?.resident_kb.saturating_sub(self.before?.resident_kb);
        let sockets = u64::try_from(self.sockets.max(1)).ok()?;
        Some(micros_to_ms(more * 1_000) / micros_to_ms(sockets * 1_000))
    }

    /// One line.
    pub(crate) fn to_json(&self) -> String {
        json!({
            "what": self.what,
            "server": self.server,
            "counted": self.latencies.count(),
            "expected": self.expected,
            "seconds": self.seconds.as_secs_f64(),
            "p50_ms": self.latencies.ms(0.5),
            "p90_ms": self.latencies.ms(0.9),
            "p99_ms": self.latencies.ms(0.99),
            "max_ms": self.latencies.ms(1.0),
            "server_processor_us_each": self.processor_us(),
            "server_resident_kb": self.after.map(|usage| usage.resident_kb),
            "server_kb_a_socket": self.kb_a_socket(),
            "received_bytes": self.bytes.0,
            "sent_bytes": self.bytes.1,
            "sockets": self.sockets,
        })
        .to_string()
    }
}

/// All runs in Markdown.
pub(crate) fn table(reports: &[Report]) -> String {
    let mut lines = vec![
        "| what | server | counted | p50 ms | p90 | p99 | max | server µs each | server MB | KB a socket | KB in | KB out |"
            .to_owned(),
        format!("|{}", "---|".repeat(12)),
    ];
    let cell = |figure: Option<f64>| figure.map_or_else(|| "–".to_owned(), |it| format!("{it:.1}"));
    for report in reports {
        let Report { what, server, latencies, expected, .. } = report;
        let lost = expected.saturating_sub(latencies.count());
        let counted = if lost == 0 {
            latencies.count().to_string()
        } else {
            format!("{} ({lost} missing)", latencies.count())
        };
        let [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1.0].map(|at| latencies.ms(at));
        let megabytes = report.after.map(|usage| micros_to_ms(usage.resident_kb));
        lines.push(format!(
            "| {what} | {server} | {counted} | {p50:.1} | {p90:.1} | {p99:.1} | {max:.1} | {} | {} | {} | {} | {} |",
            cell(report.processor_us()),
            cell(megabytes),
            cell(report.kb_a_socket()),
            report.bytes.0 / 1_000,
            report.bytes.1 / 1_000,
        ));
    }
    lines.join("\n")
}
