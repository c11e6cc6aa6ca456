//! Logs: fields, not prose, for people or for machines; never what a document holds.

use std::io::{self, IsTerminal};
use std::time::Duration;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// Who reads the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// People: a line each.
    #[default]
    Human,
    /// Machines: a JSON object each.
    Json,
}

/// How long something took, as logs say it.
pub(crate) fn duration_us(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Writes what is traced to standard error from now on, in colours where a terminal shows it. `RUST_LOG` says how much; without it `info` and up.
///
/// Calling it twice in a process changes nothing the second time.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let is_watched = io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(is_watched)
        .with_writer(io::stderr);
    let started = match format {
        LogFormat::Human => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    // an embedding program may have its own subscriber, which then stays
    started.unwrap_or_default();
}
