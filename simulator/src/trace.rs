//! What happened, as a running digest (always) and as lines (on request).

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use warroom_protocol::Timestamp;

/// A run's trace.
#[derive(Debug)]
pub(crate) struct Trace {
    digest: DefaultHasher,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// A trace that keeps its lines, or only their digest.
    pub(crate) fn new(keep_lines: bool) -> Self {
        Self { digest: DefaultHasher::new(), lines: keep_lines.then(Vec::new) }
    }

    /// Notes that something happened.
    pub(crate) fn note(&mut self, now: Timestamp, what: fmt::Arguments<'_>) {
        let line = format!("{:>8} {what}", now.0);
        line.hash(&mut self.digest);
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    /// The digest so far: equal for equal traces.
    pub(crate) fn digest(&self) -> u64 {
        self.digest.finish()
    }

    /// The lines, if they were kept.
    pub(crate) fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}
