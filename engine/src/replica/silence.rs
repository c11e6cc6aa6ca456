//! A relay that says nothing although it has to answer: sockets can be dead for minutes before anybody is told.

use warroom_protocol::Timestamp;

use crate::limits::{RELAY_SILENCE, RELAY_UPLOAD_BYTES_PER_SECOND};

/// For how long the relay has owed a word.
#[derive(Debug, Default)]
pub(super) struct Silence {
    since: Option<Timestamp>,
    /// Sent meanwhile, all connections together.
    bytes: u64,
}

impl Silence {
    /// Something is on its way to the relay.
    pub(super) fn handle_sent(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// The relay said something, or there is a new one.
    pub(super) fn handle_heard(&mut self) {
        *self = Self::default();
    }

    /// Whether there is a relay that does not have everything yet.
    pub(super) fn update(&mut self, now: Timestamp, is_owed: bool) {
        if !is_owed {
            self.handle_heard();
        } else if self.since.is_none() {
            self.since = Some(now);
        }
    }

    /// When it has been silent for too long; what is sent over a slow line takes its time.
    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        let upload = self.bytes / RELAY_UPLOAD_BYTES_PER_SECOND;
        Some(self.since? + RELAY_SILENCE + std::time::Duration::from_secs(upload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    #[test]
    fn what_is_on_its_way_over_a_slow_line_is_waited_for() {
        let mut silence = Silence::default();
        assert_eq!(silence.next_timeout(), None);
        silence.update(NOW, true);
        assert_eq!(silence.next_timeout(), Some(NOW + RELAY_SILENCE));
        silence.handle_sent(8 * 1024 * 1024);
        silence.update(Timestamp(9_000), true);
        let upload = std::time::Duration::from_secs(512);
        assert_eq!(silence.next_timeout(), Some(NOW + RELAY_SILENCE + upload));
        silence.handle_heard();
        silence.update(Timestamp(9_000), true);
        assert_eq!(silence.next_timeout(), Some(Timestamp(9_000) + RELAY_SILENCE));
        silence.update(Timestamp(9_001), false);
        assert_eq!(silence.next_timeout(), None, "nothing is owed");
    }
}
