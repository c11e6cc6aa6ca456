//! A connection without a socket: what a WebSocket is to the documents, for a replica in this process.

use std::sync::Arc;

use bytes::Bytes;
use warroom_protocol::DocumentId;
use warroom_protocol::limits::FRAME_BYTES_MAX;
use warroom_protocol::wire::Frame;

use crate::core::{Connection, ConnectionOutput, DocumentInput, Lane};
use crate::link::Link;
use crate::registry::Registry;
use crate::routes::Routes;

/// The relay's end of the connection, and what goes between the two.
pub(super) struct Peer {
    registry: Arc<Registry>,
    connection: Connection,
    routes: Routes,
    link: Arc<Link>,
    is_closed: bool,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { registry: _, connection, routes: _, link, is_closed } = self;
        f.debug_struct("Peer")
            .field("connection", connection)
            .field("link", link)
            .field("is_closed", is_closed)
            .finish()
    }
}

impl Peer {
    /// A connection that was just accepted. It counts as none of those that the relay has open.
    pub(super) fn open(registry: &Arc<Registry>) -> Self {
        let link = registry.guest();
        Self {
            registry: Arc::clone(registry),
            connection: registry.open_connection(),
            routes: Routes::new(registry, &link),
            link,
            is_closed: false,
        }
    }

    /// Whether the relay closed it.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Takes a frame of the replica. Who is here is not told: nobody looks at the board.
    pub(super) fn send(&mut self, frame: &Bytes) {
        if matches!(Frame::decode(frame, FRAME_BYTES_MAX), Ok(Frame::Ephemeral(_))) {
            return;
        }
        self.connection.handle_frame(self.registry.clock.now(), frame);
        self.obey();
    }

    /// The next frame for the replica, if there is one.
    pub(super) fn receive(&mut self) -> Option<Bytes> {
        self.obey();
        loop {
            let taken = self.link.take_next()?;
            if let Some(document) = taken.credit {
                self.routes.route(document, DocumentInput::Credit);
            }
            match taken.lane {
                Some(Lane::Presence) => {}
                Some(Lane::Sync) | None => return Some(taken.frame),
            }
        }
    }

    /// Waits until there may be something to receive.
    pub(super) async fn changed(&mut self) {
        tokio::select! {
            () = self.link.changed() => {}
            () = self.routes.turn() => {}
        }
    }

    /// Waits until all that was sent is handed over, and everything that the document was given before by anybody is saved
    /// and told.
    pub(super) async fn flush(&mut self, document: &DocumentId) {
        self.routes.deliver_rest().await;
        self.routes.flushed(document).await;
    }

    fn obey(&mut self) {
        if let Some(reason) = self.link.take_refusal() {
            tracing::info!(%reason, "the peer of a room was closed");
            self.connection.handle_refused(self.registry.clock.now(), reason);
        }
        self.routes.deliver_waiting();
        while let Some(output) = self.connection.poll_output() {
            match output {
                ConnectionOutput::Send(frame) => self.link.send_control(frame),
                ConnectionOutput::Route { document, input } => self.routes.route(document, input),
                ConnectionOutput::Close(_) => self.is_closed = true,
                // its name is drawn for it alone, and it lives as long as this process
                ConnectionOutput::Joined { .. } | ConnectionOutput::Ping => {}
            }
        }
    }
}
