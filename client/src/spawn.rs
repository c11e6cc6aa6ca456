//! The door to concurrency: every task and thread is started here, with a name, and ends with its owner.

use std::io;

use tokio::task::JoinHandle;

/// Starts a task; it ends by itself when its owner drops the channels that it waits for.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub(crate) fn task(
    name: &'static str,
    task: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        task.await;
        tracing::trace!(name, "task ended");
    })
}

/// Starts a thread; it ends by itself when its owner drops the channel that it waits for.
pub(crate) fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
}
