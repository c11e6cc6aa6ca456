//! The doors to time and to tasks.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// Now.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Waits.
pub(crate) async fn rest(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// All tasks' results; the first failure ends the rest.
pub(crate) async fn all<T: 'static>(
    mut tasks: JoinSet<anyhow::Result<T>>,
) -> anyhow::Result<Vec<T>> {
    let mut results = Vec::with_capacity(tasks.len());
    while let Some(result) = tasks.join_next().await {
        results.push(result??);
    }
    Ok(results)
}
