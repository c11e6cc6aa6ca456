//! Waiting until nothing has happened for a while, but not for ever.

use std::time::Duration;

use warroom_protocol::Timestamp;

/// A pause that is waited for, if one is.
#[derive(Debug, Default)]
pub(super) struct Pause {
    quiet_at: Option<Timestamp>,
    latest_at: Option<Timestamp>,
}

impl Pause {
    /// Something happened: the pause comes after so long without more, and within `at_most` of the first.
    pub(super) fn handle_happened(&mut self, now: Timestamp, after: Duration, at_most: Duration) {
        self.quiet_at = Some(now + after);
        self.latest_at.get_or_insert(now + at_most);
    }

    /// It is not waited for any longer.
    pub(super) fn end(&mut self, now: Timestamp) {
        (self.quiet_at, self.latest_at) = (Some(now), Some(now));
    }

    /// When it comes.
    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        self.quiet_at.min(self.latest_at)
    }

    /// Whether it has come; it is waited for no more then.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) -> bool {
        let has_come = self.next_timeout().is_some_and(|at| at <= now);
        if has_come {
            *self = Self::default();
        }
        has_come
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: Duration = Duration::from_millis(3);
    const AT_MOST: Duration = Duration::from_millis(10);

    #[test]
    fn it_comes_after_a_while_without_anything_and_then_once() {
        let mut pause = Pause::default();
        assert_eq!((pause.next_timeout(), pause.handle_timeout(Timestamp(9))), (None, false));
        pause.handle_happened(Timestamp(0), AFTER, AT_MOST);
        pause.handle_happened(Timestamp(2), AFTER, AT_MOST);
        assert!(!pause.handle_timeout(Timestamp(4)));
        assert!(pause.handle_timeout(Timestamp(5)));
        assert!(!pause.handle_timeout(Timestamp(6)));
    }

    #[test]
    fn it_comes_in_the_end_where_there_is_none() {
        let mut pause = Pause::default();
        for ms in 0..10 {
            pause.handle_happened(Timestamp(ms), AFTER, AT_MOST);
            assert!(!pause.handle_timeout(Timestamp(ms)));
        }
        assert_eq!(pause.next_timeout(), Some(Timestamp(10)));
    }
}
