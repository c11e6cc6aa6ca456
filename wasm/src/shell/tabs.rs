//! Which connection is with which other tab of this browser.

use warroom_engine::{ConnectionKind, Replica};
use warroom_protocol::{ConnectionId, PeerId, Timestamp};

use crate::limits::TABS_MAX;

/// The other tabs: at most [`TABS_MAX`], so a list is searched (a map would cost 17 KB of WASM).
#[derive(Debug, Default)]
pub(super) struct Tabs(Vec<(PeerId, ConnectionId)>);

impl Tabs {
    /// Connects with a tab, once. Tabs beyond the limit meet through the relay and the disk.
    pub(super) fn connect(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        peer: PeerId,
        number: impl FnOnce() -> ConnectionId,
    ) {
        if self.connection(&peer).is_some() || self.0.len() >= TABS_MAX {
            return;
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

    pub(super) fn peer(&self, connection: ConnectionId) -> Option<&PeerId> {
        self.0.iter().find(|(_, known)| *known == connection).map(|(peer, _)| peer)
    }
}
