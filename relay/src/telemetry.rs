//! Logs: fields, not prose, for people or for machines; never what a document holds.

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

/// Writes what is traced to standard error from now on. `RUST_LOG` says how much; without it `info` and up.
///
/// Calling it twice in a process changes nothing the second time.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Human => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    // an embedding program may have its own subscriber, which then stays
    started.unwrap_or_default();
}
