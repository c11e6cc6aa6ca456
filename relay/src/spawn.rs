//! The door to concurrency: every task and thread is started here, with a name, and can be waited for.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::runtime::RuntimeFlavor;
use tokio::sync::Notify;

/// Tasks of one kind, counted, so that a shutdown can wait for the last.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tasks(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    running: AtomicUsize,
    ended: Notify,
}

impl Tasks {
    /// Starts a task. A panic ends it and nothing else.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub(crate) fn spawn(
        &self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        self.0.running.fetch_add(1, Ordering::AcqRel);
        let running = Running(Arc::clone(&self.0));
        drop(tokio::spawn(async move {
            // named, so that it is moved in, and dropped after the task even when that panics
            let _running = running;
            task.await;
            tracing::trace!(name, "task ended");
        }));
    }

    /// Waits until none runs.
    pub(crate) async fn ended(&self) {
        loop {
            let ended = self.0.ended.notified();
            if self.0.running.load(Ordering::Acquire) == 0 {
                return;
            }
            ended.await;
        }
    }
}

struct Running(Arc<Counts>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
        self.0.ended.notify_waiters();
    }
}

/// Does work that takes more than a moment without holding up the tasks that share this thread.
pub(crate) fn heavy<T>(work: impl FnOnce() -> T) -> T {
    let handle = tokio::runtime::Handle::try_current();
    let has_threads =
        handle.is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if has_threads { tokio::task::block_in_place(work) } else { work() }
}

/// Does work that waits for the disk in a thread that is made for it. A panic there is an error here.
///
/// # Errors
/// The work panicked.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}

/// Does work that needs a deep stack in a thread that is made for it, and waits for it. A panic there is an error here.
///
/// # Errors
/// The system has no thread to give, or the work panicked.
pub(crate) fn deep<T: Send + 'static>(
    name: &str,
    stack_bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let thread = thread::Builder::new().name(name.to_owned()).stack_size(stack_bytes);
    thread.spawn(work)?.join().map_err(|_| io::Error::other("the work panicked"))
}

/// Starts a thread that ends by itself when its channel closes.
///
/// # Errors
/// The system has no thread to give.
pub(crate) fn thread(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(body).map(drop)
}
