//! Which connection is with which other tab of this browser.

use warroom_engine::{ConnectionKind, Replica};
use warroom_protocol::{ConnectionId, PeerId, Timestamp};

use crate::limits::TABS_MAX;

/// The other tabs, those that spoke last at the end: at most [`TABS_MAX`], so a list is searched (a map would cost 17 KB of
/// WASM).
#[derive(Debug, Default)]
pub(super) struct Tabs(Vec<(PeerId, ConnectionId)>);

impl Tabs {
    /// Connects with a tab, once. A browser says nothing when it ends a tab, so where there is no room the one that has
    /// been silent longest makes some; if it lives, it meets the others through the relay and the disk.
    pub(super) fn connect(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        peer: PeerId,
        number: impl FnOnce() -> ConnectionId,
    ) {
        if self.connection(&peer).is_some() {
            return;
        }
        if self.0.len() >= TABS_MAX {
            let (_, silent) = self.0.remove(0);
            replica.handle_disconnected(now, silent);
        }
        let connection = number();
        self.0.push((peer.clone(), connection));
        replica.handle_connected(now, connection, ConnectionKind::Tab { peer });
    }

    /// The tab is gone.
    pub(super) fn disconnect(&mut self, replica: &mut Replica, now: Timestamp, peer: &PeerId) {
        if let Some(connection) = self.connection(peer) {
            self.forget(connection);
            replica.handle_disconnected(now, connection);
        }
    }

    /// The replica is done with the tab.
    pub(super) fn forget(&mut self, connection: ConnectionId) {
        self.0.retain(|(_, known)| *known != connection);
    }

    pub(super) fn connection(&self, peer: &PeerId) -> Option<ConnectionId> {
        self.0.iter().find(|(known, _)| known == peer).map(|(_, connection)| *connection)
    }

    /// The connection of a tab that speaks.
    pub(super) fn hear(&mut self, peer: &PeerId) -> Option<ConnectionId> {
        let index = self.0.iter().position(|(known, _)| known == peer)?;
        let known = self.0.remove(index);
        let connection = known.1;
        self.0.push(known);
        Some(connection)
    }

    pub(super) fn peer(&self, connection: ConnectionId) -> Option<&PeerId> {
        self.0.iter().find(|(_, known)| *known == connection).map(|(peer, _)| peer)
    }
}

#[cfg(test)]
mod tests {
    use warroom_engine::{Person, RoomOptions, StorageState, UserId};
    use warroom_protocol::{DocumentId, Seed};

    use super::*;

    #[test]
    fn the_tab_that_was_silent_longest_makes_room() {
        let person = Person { id: UserId::new("ann").unwrap(), name: String::new(), colour: 0 };
        let board = DocumentId::from_room_name("tabs");
        let storage = StorageState::Durable;
        let options = RoomOptions { board, person, storage, breakdowns: Vec::new() };
        let mut replica = Replica::open(Timestamp(0), Seed([1; 32]), options);
        let peer = |number: usize| PeerId::new(&format!("tab{number}")).unwrap();
        let mut tabs = Tabs::default();
        let mut open = |tabs: &mut Tabs, number: usize| {
            let connection = ConnectionId(u64::try_from(number).unwrap());
            tabs.connect(&mut replica, Timestamp(0), peer(number), || connection);
        };
        for number in 0..TABS_MAX {
            open(&mut tabs, number);
        }
        assert!(tabs.hear(&peer(0)).is_some());
        open(&mut tabs, TABS_MAX);
        assert!(tabs.connection(&peer(1)).is_none(), "it was silent longest");
        assert!([0, 2, TABS_MAX].iter().all(|number| tabs.connection(&peer(*number)).is_some()));
    }
}
