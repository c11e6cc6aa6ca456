//! Compaction: documents that have grown become one chunk each, made and verified by a worker in a process of its own.
//!
//! What comes of it is a cache: the log stays the truth and may be read without it at any time. A document that a worker
//! can't compact is marked and tried again when it has twice as many bytes, so one that ends every worker costs no more
//! than a dozen of them in its life.

mod worker;

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, ChildStdout, Command};
use warroom_protocol::DocumentId;
use warroom_protocol::guard::CheckedChange;

use self::worker::Verdict;
pub use self::worker::work;
use crate::core::Compacted;
use crate::limits::{
    COMPACT_EVERY, COMPACT_RETRY, COMPACTED_BYTES_MAX, WORKER_OUTPUT_BYTES_MAX, WORKER_WITHIN,
};
use crate::registry::Registry;
use crate::store::{Compaction, CompactionState, Loaded};
use crate::telemetry::duration_us;

/// Compacts one document after the other, as they grow, with workers of this program; for ever nothing without one.
pub(crate) async fn compact(registry: &Registry, program: Option<&Path>) -> Infallible {
    let Some(program) = program else { return pending().await };
    loop {
        registry.clock.sleep(COMPACT_EVERY).await;
        while let Ok(Some(document_id)) = registry.store.next_compaction().await {
            if let Err(error) = compact_one(registry, program, document_id).await {
                tracing::warn!(%error, "no document can be compacted for now");
                registry.clock.sleep(COMPACT_RETRY).await;
            }
        }
    }
}

async fn compact_one(
    registry: &Registry,
    program: &Path,
    document_id: DocumentId,
) -> io::Result<()> {
    let begun = registry.clock.uptime();
    let loaded = registry.store.load(document_id.clone()).await.map_err(io::Error::other)?;
    let Loaded { heads, changes, .. } = loaded;
    let bytes = changes.iter().map(|change| length(change.chunk.len())).sum();
    let note = async |state| {
        let (document_id, heads) = (document_id.clone(), heads.clone());
        let compaction = Compaction { document_id, heads, bytes, state };
        registry.store.note_compaction(compaction).await.map_err(io::Error::other)
    };
    note(CompactionState::Begun).await?;
    let verdict = tokio::select! {
        verdict = judge(program, &changes) => verdict?,
        () = registry.clock.sleep(WORKER_WITHIN) => {
            Verdict::Failed(format!("it took longer than {} s", WORKER_WITHIN.as_secs()))
        }
    };
    let took = registry.clock.uptime().saturating_sub(begun);
    let (outcome, state) = told(&document_id, verdict, took);
    registry.metrics.count_compaction(outcome, took);
    note(state.clone()).await?;
    if let CompactionState::Compacted(chunk) = state {
        registry.tell_compacted(&document_id, Compacted { heads: heads.clone(), chunk }).await;
    }
    Ok(())
}

/// What is to be kept of a verdict, and what the operator is told.
fn told(
    document_id: &DocumentId,
    verdict: Verdict,
    took: Duration,
) -> (&'static str, CompactionState) {
    let duration_us = duration_us(took);
    let why = match verdict {
        Verdict::Compacted(chunk) if chunk.len() > COMPACTED_BYTES_MAX => {
            format!("compacted it has {} bytes, too many to be sent", chunk.len())
        }
        Verdict::Compacted(chunk) => {
            tracing::info!(%document_id, bytes = chunk.len(), duration_us, "document compacted");
            return ("compacted", CompactionState::Compacted(chunk));
        }
        Verdict::Harmful { change, why } => {
            tracing::error!(%document_id, %change, why, duration_us, "a change harms its document, which is served as it is");
            return ("harmful", CompactionState::Harmful { change, why });
        }
        Verdict::Failed(why) => why,
    };
    tracing::error!(%document_id, why, duration_us, "a document can't be compacted, and is served as it is");
    ("failed", CompactionState::Failed(why))
}

/// Has a worker look at these changes.
///
/// # Errors
/// No worker could be started: nothing is known of the changes.
async fn judge(program: &Path, changes: &[CheckedChange]) -> io::Result<Verdict> {
    // whoever stops waiting ends the worker
    let mut worker = Command::new(program)
        .arg("worker")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let (input, output) = (worker.stdin.take(), worker.stdout.take());
    // at once: one that says too much before it listens would wait for ever, as would who talks to it
    let (given, answer) = tokio::join!(give(input, changes), hear(output));
    let ended = worker.wait().await?;
    let verdict = Verdict::decode(&answer?.into()).filter(|_| given.is_ok() && ended.success());
    // memory that ran out, a stack that did, or time of the processor
    Ok(verdict.unwrap_or_else(|| Verdict::Failed(format!("its worker died ({ended})"))))
}

async fn give(input: Option<ChildStdin>, changes: &[CheckedChange]) -> io::Result<()> {
    let mut input = input.ok_or(io::ErrorKind::BrokenPipe)?;
    let bytes: u64 = changes.iter().map(|change| length(change.chunk.len())).sum();
    input.write_all(&bytes.to_be_bytes()).await?;
    for part in changes.chunks(PART) {
        let chunks: Vec<&[u8]> = part.iter().map(|change| &change.chunk[..]).collect();
        input.write_all(&chunks.concat()).await?;
    }
    input.shutdown().await
}

async fn hear(output: Option<ChildStdout>) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    if let Some(output) = output {
        output.take(length(WORKER_OUTPUT_BYTES_MAX)).read_to_end(&mut answer).await?;
    }
    Ok(answer)
}

/// Changes that are handed to a worker at a time.
const PART: usize = 256;

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
