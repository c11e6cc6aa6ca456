//! The door to time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use warroom_protocol::Timestamp;

/// Milliseconds since 1970 that never go back while the process lives: the system's clock once, the monotonic one after.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
    started_at: Timestamp,
}

impl Clock {
    /// A clock that shows the system's time now.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub(crate) fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), started_at: Timestamp::default() + since_epoch }
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.started_at + self.started.elapsed()
    }

    /// Waits until `moment`; for ever when there is none.
    pub(crate) async fn sleep_until(&self, moment: Option<Timestamp>) {
        match moment {
            Some(moment) => {
                tokio::time::sleep_until(self.started + moment.since(self.started_at)).await;
            }
            None => std::future::pending().await,
        }
    }

    /// What `work` gives, if it does within `limit`.
    pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(limit, work).await.ok()
    }
}
