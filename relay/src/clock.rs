//! The door to time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use warroom_protocol::Timestamp;

/// Milliseconds since 1970 that never go back while the process lives: read once from the system's clock, then counted
/// on with the monotonic one.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    started_at: Timestamp,
}

impl Clock {
    /// A clock that shows the system's time now.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), started_at: Timestamp::default() + since_epoch }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.started_at + self.started.elapsed()
    }

    /// How long this clock has run, as fine as the system counts: the difference of two is what something took.
    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
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

    /// Waits for `duration`.
    pub(crate) async fn sleep(&self, duration: Duration) {
        self.sleep_until(Some(self.now() + duration)).await;
    }
}
