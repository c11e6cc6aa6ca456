//! The door to time: the only file of the shell that asks for it.

use std::cell::Cell;

use warroom_protocol::Timestamp;

use crate::js;
use crate::limits::CLOCK_LEAP_MS;

/// A clock that never goes back: the system's at its start, and from then on the monotonic one, which leaps forward when
/// the system's is ahead (monotonic clocks stand still while a device sleeps).
#[derive(Debug)]
pub(crate) struct Clock {
    /// What to add to the monotonic clock, in milliseconds.
    offset_ms: Cell<f64>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { offset_ms: Cell::new(js::date_now() - js::performance_now()) }
    }

    /// The moment.
    pub(crate) fn now(&self) -> Timestamp {
        let monotonic_ms = js::performance_now();
        let ahead_ms = js::date_now() - (monotonic_ms + self.offset_ms.get());
        if ahead_ms > CLOCK_LEAP_MS {
            self.offset_ms.set(self.offset_ms.get() + ahead_ms);
        }
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "milliseconds since 1970 fit; a clock before 1970 reads 0, and the cast saturates"
        )]
        Timestamp((monotonic_ms + self.offset_ms.get()) as u64)
    }
}
