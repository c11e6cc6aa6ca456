//! When to call the relay.

use warroom_protocol::backoff::Backoff;
use warroom_protocol::{ConnectionId, Dice, Timestamp};

/// The way to the relay: at most one connection, or one attempt, at a time.
#[derive(Debug)]
pub(super) struct Dialer {
    backoff: Backoff,
    state: Line,
}

/// The state of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The shell was asked to connect.
    Dialing,
    /// Connected; the relay has not answered the join.
    Joining(ConnectionId),
    /// The relay answered.
    Joined(ConnectionId),
    /// It failed; the next attempt comes then.
    Waiting(Timestamp),
}

impl Dialer {
    /// Dialing at once.
    pub(super) fn new() -> Self {
        Self { backoff: Backoff::new(), state: Line::Dialing }
    }

    pub(super) fn line(&self) -> Line {
        self.state
    }

    /// A relay's socket is open. Returns the one that it replaces.
    pub(super) fn handle_connected(&mut self, connection: ConnectionId) -> Option<ConnectionId> {
        let replaced = self.connection();
        self.state = Line::Joining(connection);
        replaced
    }

    /// The relay answered the join.
    pub(super) fn handle_joined(&mut self, connection: ConnectionId) {
        self.state = Line::Joined(connection);
    }

    /// The relay said something that could be taken in: from now on a failure is the first. A relay whose first
    /// words are refused must not be called at full speed.
    pub(super) fn handle_worked(&mut self, connection: ConnectionId) {
        if self.state == Line::Joined(connection) {
            self.backoff.handle_succeeded();
        }
    }

    /// A connection closed; if it was the relay's, the next attempt comes after a while.
    pub(super) fn handle_closed(
        &mut self,
        now: Timestamp,
        connection: ConnectionId,
        dice: &mut Dice,
    ) {
        if self.connection() == Some(connection) {
            self.wait(now, dice);
        }
    }

    /// An attempt failed.
    pub(super) fn handle_failed(&mut self, now: Timestamp, dice: &mut Dice) {
        if self.state == Line::Dialing {
            self.wait(now, dice);
        }
    }

    /// Whether to dial now, because the network is back or a person asks. The wait starts small again.
    pub(super) fn handle_retry(&mut self) -> bool {
        match self.state {
            Line::Waiting(_) => {
                self.backoff.handle_succeeded();
                self.state = Line::Dialing;
                true
            }
            Line::Dialing | Line::Joining(_) | Line::Joined(_) => false,
        }
    }

    /// Whether to dial now, because the wait is over.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) -> bool {
        match self.state {
            Line::Waiting(at) if at <= now => {
                self.state = Line::Dialing;
                true
            }
            Line::Waiting(_) | Line::Dialing | Line::Joining(_) | Line::Joined(_) => false,
        }
    }

    /// When the next attempt comes.
    pub(super) fn retry_at(&self) -> Option<Timestamp> {
        match self.state {
            Line::Waiting(at) => Some(at),
            Line::Dialing | Line::Joining(_) | Line::Joined(_) => None,
        }
    }

    /// The relay's connection, once it answered.
    pub(super) fn joined(&self) -> Option<ConnectionId> {
        match self.state {
            Line::Joined(connection) => Some(connection),
            Line::Dialing | Line::Joining(_) | Line::Waiting(_) => None,
        }
    }

    fn connection(&self) -> Option<ConnectionId> {
        match self.state {
            Line::Joining(connection) | Line::Joined(connection) => Some(connection),
            Line::Dialing | Line::Waiting(_) => None,
        }
    }

    fn wait(&mut self, now: Timestamp, dice: &mut Dice) {
        self.state = Line::Waiting(now + self.backoff.handle_failed(dice));
    }
}

#[cfg(test)]
mod tests {
    use warroom_protocol::Seed;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    #[test]
    fn a_lost_connection_is_dialed_again_after_a_wait_and_at_once_when_asked() {
        let mut dice = Dice::new(Seed([1; 32]));
        let mut dialer = Dialer::new();
        dialer.handle_connected(ConnectionId(1));
        dialer.handle_joined(ConnectionId(1));
        dialer.handle_worked(ConnectionId(1));
        dialer.handle_closed(NOW, ConnectionId(2), &mut dice);
        assert_eq!(dialer.joined(), Some(ConnectionId(1)), "another connection's end is not ours");
        dialer.handle_closed(NOW, ConnectionId(1), &mut dice);
        let at = dialer.retry_at().unwrap();
        assert!(at < NOW + warroom_protocol::limits::BACKOFF_BASE);
        assert!(dialer.handle_timeout(at) && !dialer.handle_timeout(at));
        dialer.handle_failed(NOW, &mut dice);
        assert!(dialer.handle_retry() && !dialer.handle_retry());
    }

    #[test]
    fn a_relay_that_accepts_and_drops_is_not_called_at_full_speed() {
        let mut dice = Dice::new(Seed([1; 32]));
        let mut dialer = Dialer::new();
        let mut longest = NOW;
        for round in 0..20 {
            dialer.handle_connected(ConnectionId(round));
            dialer.handle_joined(ConnectionId(round));
            dialer.handle_closed(NOW, ConnectionId(round), &mut dice);
            longest = longest.max(dialer.retry_at().unwrap());
            dialer.handle_timeout(Timestamp(u64::MAX));
        }
        assert!(longest > NOW + warroom_protocol::limits::BACKOFF_BASE);
    }
}
