//! Which connection is with which other tab of this browser.

use std::collections::BTreeMap;

use warroom_engine::{ConnectionKind, Replica};
use warroom_protocol::{ConnectionId, PeerId, Timestamp};

use crate::limits::TABS_MAX;

/// The other tabs.
#[derive(Debug, Default)]
pub(super) struct Tabs {
    connections: BTreeMap<PeerId, ConnectionId>,
    peers: BTreeMap<ConnectionId, PeerId>,
}

impl Tabs {
    /// Connects with a tab, once. Tabs beyond the limit meet through the relay and the disk.
    pub(super) fn connect(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        peer: PeerId,
        number: impl FnOnce() -> ConnectionId,
    ) {
        if self.connections.contains_key(&peer) || self.connections.len() >= TABS_MAX {
            return;
        }
        let connection = number();
        self.connections.insert(peer.clone(), connection);
        self.peers.insert(connection, peer.clone());
        replica.handle_connected(now, connection, ConnectionKind::Tab { peer });
    }

    /// The tab is gone.
    pub(super) fn disconnect(&mut self, replica: &mut Replica, now: Timestamp, peer: &PeerId) {
        if let Some(connection) = self.connections.remove(peer) {
            self.peers.remove(&connection);
            replica.handle_disconnected(now, connection);
        }
    }

    /// The replica is done with the tab.
    pub(super) fn forget(&mut self, connection: ConnectionId) {
        if let Some(peer) = self.peers.remove(&connection) {
            self.connections.remove(&peer);
        }
    }

    pub(super) fn connection(&self, peer: &PeerId) -> Option<ConnectionId> {
        self.connections.get(peer).copied()
    }

    pub(super) fn peer(&self, connection: ConnectionId) -> Option<&PeerId> {
        self.peers.get(&connection)
    }
}
