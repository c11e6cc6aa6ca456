//! One websocket: bytes in, frames out, and the machine between them.
//!
//! The WebSocket protocol itself is tungstenite's state machine, driven without a stream of its own, so that what a
//! socket may send follows what the machine allows, and nothing is copied into a buffer that could grow.

use std::io::{self, Read, Write};
use std::sync::Arc;

use bytes::Bytes;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tokio_tungstenite::tungstenite::{Error, Message};
use warroom_protocol::{DecodeError, DocumentId, PeerId, Timestamp};

use crate::core::{
    CloseReason, Connection, ConnectionOutput, Counters, DocumentInput, Limit, Taken,
};
use crate::limits::{
    CLOSE_REASON_BYTES_MAX, SOCKET_CLOSE_WITHIN, SOCKET_MESSAGES_A_TURN_MAX, SOCKET_PONG_BYTES,
    SOCKET_READ_BYTES, SOCKET_STALL_MAX,
};
use crate::link::Link;
use crate::registry::Registry;
use crate::routes::Routes;
use crate::telemetry::duration_us;

/// Serves one websocket until it is closed. `early` was read already, behind the request.
pub(crate) async fn run(registry: &Arc<Registry>, stream: TcpStream, early: Bytes) {
    let link = registry.connect();
    let mut socket = Socket::new(registry, stream, early, Arc::clone(&link));
    let opened = registry.clock.uptime();
    tracing::debug!(connection_id = link.id().0, "connection opened");
    let reason = socket.serve().await;
    registry.metrics.count_closed(&reason);
    socket.close(&reason).await;
    socket.routes.deliver_rest().await;
    tracing::info!(
        connection_id = link.id().0,
        peer_id = socket.peer_id.as_ref().map(PeerId::as_str),
        code = reason.code(),
        // a string, which is quoted: some of it may be what the peer said
        reason = reason.to_string(),
        bytes_received = socket.bytes_received,
        bytes_sent = socket.bytes_sent,
        duration_us = duration_us(registry.clock.uptime().saturating_sub(opened)),
        "connection closed"
    );
}

struct Socket {
    registry: Arc<Registry>,
    stream: TcpStream,
    context: WebSocketContext,
    connection: Connection,
    link: Arc<Link>,
    peer_id: Option<PeerId>,
    /// Nothing is read while something waits there.
    routes: Routes,
    /// Documents whose frames the socket has not quite taken yet.
    credits: Vec<DocumentId>,
    /// Since when the socket takes nothing of what is to be sent; `None` when all was taken.
    blocked_since: Option<Timestamp>,
    /// Whether nothing can be sent any more.
    is_broken: bool,
    /// Whether the other side closed first: all that may still be sent is the answer, which waits in the context.
    is_left: bool,
    /// Whether there may be something to read without waiting for it.
    may_read: bool,
    why_closed: Option<CloseReason>,
    bytes_received: u64,
    bytes_sent: u64,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.registry.disconnect(&self.link, self.peer_id.as_ref());
    }
}

impl Socket {
    fn new(registry: &Arc<Registry>, stream: TcpStream, early: Bytes, link: Arc<Link>) -> Self {
        let connection = registry.open_connection();
        let routes = Routes::new(registry, &link);
        let config = WebSocketConfig::default()
            .read_buffer_size(SOCKET_READ_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(SOCKET_PONG_BYTES)
            .max_message_size(Some(connection.frame_bytes_max()))
            .max_frame_size(Some(connection.frame_bytes_max()));
        let context =
            WebSocketContext::from_partially_read(early.into(), Role::Server, Some(config));
        Self {
            registry: Arc::clone(registry),
            stream,
            context,
            connection,
            link,
            peer_id: None,
            routes,
            credits: Vec::new(),
            blocked_since: None,
            is_broken: false,
            is_left: false,
            may_read: true,
            why_closed: None,
            bytes_received: 0,
            bytes_sent: 0,
        }
    }

    /// Runs until there is a reason to close.
    async fn serve(&mut self) -> CloseReason {
        let mut messages = 0;
        loop {
            self.obey();
            if let Some(reason) = self.why_closed.take() {
                return reason;
            }
            self.write();
            self.obey();
            if self.may_read && self.routes.is_empty() && self.why_closed.is_none() {
                self.read();
                messages += 1;
                if messages == SOCKET_MESSAGES_A_TURN_MAX {
                    messages = 0;
                    tokio::task::yield_now().await;
                }
            } else if self.why_closed.is_none() {
                messages = 0;
                self.wait().await;
            }
        }
    }

    /// Waits until there is something to do, and does what only the machine knows how to.
    async fn wait(&mut self) {
        let due = [self.stalled_at(), self.connection.next_timeout()].into_iter().flatten().min();
        let interest = match (self.routes.is_empty(), self.blocked_since.is_some()) {
            (true, true) => Some(Interest::READABLE | Interest::WRITABLE),
            (true, false) => Some(Interest::READABLE),
            (false, true) => Some(Interest::WRITABLE),
            (false, false) => None,
        };
        tokio::select! {
            () = self.link.changed() => {}
            () = self.routes.turn() => {}
            ready = optional(interest.map(|interest| self.stream.ready(interest))) => {
                self.may_read |= ready.is_ok_and(|ready| ready.is_readable() || ready.is_error());
            }
            () = self.registry.clock.sleep_until(due) => self.handle_due(self.registry.clock.now()),
        }
    }

    /// Does what is due at `now`.
    fn handle_due(&mut self, now: Timestamp) {
        if self.blocked_since.is_some() || !self.routes.is_empty() {
            self.connection.handle_held_up(now);
        }
        self.connection.handle_timeout(now);
        if self.stalled_at().is_some_and(|at| at <= now) {
            let seconds = SOCKET_STALL_MAX.as_secs();
            self.connection.handle_refused(now, CloseReason::Stalled { seconds });
        }
    }

    /// When the socket will have taken nothing for too long.
    fn stalled_at(&self) -> Option<Timestamp> {
        self.blocked_since.map(|since| since + SOCKET_STALL_MAX)
    }

    /// Does what the machine wants, and hands over what waited for a document.
    fn obey(&mut self) {
        if let Some(reason) = self.link.take_refusal() {
            self.connection.handle_refused(self.registry.clock.now(), reason);
        }
        self.routes.deliver_waiting();
        while let Some(output) = self.connection.poll_output() {
            match output {
                ConnectionOutput::Send(frame) => self.link.send_control(frame),
                ConnectionOutput::Joined { peer, metadata: _ } => {
                    tracing::debug!(connection_id = self.link.id().0, peer_id = %peer, "joined");
                    self.registry.join(&self.link, peer.clone());
                    self.peer_id = Some(peer);
                }
                ConnectionOutput::Route { document, input } => self.routes.route(document, input),
                ConnectionOutput::Ping => self.send(Message::Ping(Bytes::new())),
                ConnectionOutput::Close(reason) => {
                    self.why_closed.get_or_insert(reason);
                }
            }
        }
        let mut counters = self.connection.take_counters();
        for (limit, dropped) in self.link.take_dropped() {
            counters.add_hits(limit, dropped);
        }
        self.registry.count(&counters);
        let bytes_max = Some(self.connection.frame_bytes_max());
        if self.context.get_config().max_frame_size != bytes_max {
            self.context.set_config(|config| {
                config.max_frame_size = bytes_max;
                config.max_message_size = bytes_max;
            });
        }
    }

    /// Reads one message, if there is a whole one.
    fn read(&mut self) {
        let mut wire = Wire::new(&self.stream);
        let read = self.context.read(&mut wire);
        self.bytes_received = self.bytes_received.saturating_add(wire.received);
        self.note_sent(wire.sent);
        let now = self.registry.clock.now();
        match read {
            Ok(Message::Binary(frame)) => self.connection.handle_frame(now, &frame),
            Ok(Message::Text(_)) => self.connection.handle_text(now),
            Ok(Message::Ping(_) | Message::Pong(_)) => self.connection.handle_pong(now),
            Ok(Message::Close(_)) => {
                self.is_left = true;
                self.connection.handle_disconnected(now);
            }
            Ok(Message::Frame(_)) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => {
                self.connection.handle_disconnected(now);
            }
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                self.may_read = false;
            }
            Err(error) => match refusal(&error) {
                Some(reason) => self.connection.handle_refused(now, reason),
                None => self.connection.handle_disconnected(now),
            },
        }
    }

    /// Sends what waits, as long as the socket takes it.
    fn write(&mut self) {
        if self.blocked_since.is_some() {
            self.flush();
        }
        while self.blocked_since.is_none() && !self.is_broken {
            for document_id in std::mem::take(&mut self.credits) {
                self.routes.route(document_id, DocumentInput::Credit);
            }
            let Some(taken) = self.link.take_next() else { return };
            self.registry.metrics.count_sent(taken.lane, taken.frame.len());
            self.credits.extend(taken.credit);
            self.send(Message::Binary(taken.frame));
        }
    }

    /// Gives a message to the socket. What it does not take at once waits in the context, which is why the next is
    /// only given when it has.
    fn send(&mut self, message: Message) {
        let bytes = message.len();
        self.context.set_config(|config| {
            // room for this one and the pongs that come between
            config.max_write_buffer_size = bytes.saturating_add(SOCKET_PONG_BYTES);
        });
        let mut wire = Wire::new(&self.stream);
        let written = self.context.write(&mut wire, message);
        let sent = wire.sent;
        self.note_written(written, sent);
    }

    fn flush(&mut self) {
        let mut wire = Wire::new(&self.stream);
        let written = self.context.flush(&mut wire);
        let sent = wire.sent;
        self.note_written(written, sent);
    }

    fn note_written(&mut self, written: Result<(), Error>, sent: u64) {
        self.note_sent(sent);
        let now = self.registry.clock.now();
        match written {
            Ok(()) => self.blocked_since = None,
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                self.blocked_since.get_or_insert(now);
            }
            Err(_) => {
                self.blocked_since = None;
                self.is_broken = true;
                self.connection.handle_disconnected(now);
            }
        }
    }

    /// A socket that takes something is slow, not stalled, and has somebody at its other end.
    fn note_sent(&mut self, sent: u64) {
        self.bytes_sent = self.bytes_sent.saturating_add(sent);
        if sent > 0 && self.blocked_since.is_some() {
            let now = self.registry.clock.now();
            self.blocked_since = Some(now);
            self.connection.handle_pong(now);
        }
    }

    /// Sends what must still go out, then the close frame, and waits a little for the other side's.
    async fn close(&mut self, reason: &CloseReason) {
        let deadline = self.registry.clock.now() + SOCKET_CLOSE_WITHIN;
        if self.is_left {
            self.flush();
            self.is_taken_until(deadline).await;
            return;
        }
        while self.is_taken_until(deadline).await {
            // a relay that stops has told what it saved; that is worth hearing
            let rest = if *reason == CloseReason::Restart {
                self.link.take_next()
            } else {
                self.link.take_control()
            };
            let Some(Taken { frame, lane, credit: _ }) = rest else { break };
            self.registry.metrics.count_sent(lane, frame.len());
            self.send(Message::Binary(frame));
        }
        let text = reason.to_string();
        let text = text.get(..text.floor_char_boundary(CLOSE_REASON_BYTES_MAX)).unwrap_or_default();
        let frame = CloseFrame { code: reason.code().into(), reason: text.into() };
        self.send(Message::Close(Some(frame)));
        while self.is_taken_until(deadline).await {
            match self.context.read(&mut Wire::new(&self.stream)) {
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    tokio::select! {
                        // what is wrong with it is for the next read to say
                        _ = self.stream.ready(Interest::READABLE) => {}
                        () = self.registry.clock.sleep_until(Some(deadline)) => {
                            return self.registry.count(&Counters::hit(Limit::SocketCloseWithin));
                        }
                    }
                }
                Err(_) => return,
            }
        }
    }

    /// Waits until the socket has taken what was sent. False when it can't, or not in time.
    async fn is_taken_until(&mut self, deadline: Timestamp) -> bool {
        while self.blocked_since.is_some() {
            tokio::select! {
                // what is wrong with it is for the next write to say
                _ = self.stream.ready(Interest::WRITABLE) => self.flush(),
                () = self.registry.clock.sleep_until(Some(deadline)) => {
                    self.registry.count(&Counters::hit(Limit::SocketCloseWithin));
                    return false;
                }
            }
        }
        !self.is_broken
    }
}

/// What to tell a peer whose bytes are no WebSocket; nothing when it is gone.
fn refusal(error: &Error) -> Option<CloseReason> {
    if let Error::Capacity(CapacityError::MessageTooLong { size, max_size }) = error {
        return Some(DecodeError::TooLarge { bytes: *size, bytes_max: *max_size }.into());
    }
    if matches!(error, Error::Utf8(_)) {
        return Some(CloseReason::Text);
    }
    let is_gone = matches!(error, Error::Protocol(ProtocolError::ResetWithoutClosingHandshake));
    let is_malformed = matches!(error, Error::Protocol(_)) && !is_gone;
    is_malformed.then_some(DecodeError::Malformed("not a WebSocket frame").into())
}

/// Waits for what there is to wait for; for ever when there is nothing.
async fn optional<T>(future: Option<impl Future<Output = T>>) -> T {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

/// The stream as tungstenite wants it: what would have to be waited for is an error.
struct Wire<'a> {
    stream: &'a TcpStream,
    received: u64,
    sent: u64,
}

impl<'a> Wire<'a> {
    fn new(stream: &'a TcpStream) -> Self {
        Self { stream, received: 0, sent: 0 }
    }
}

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.stream.try_read(buffer)?;
        self.received = self.received.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        Ok(bytes)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = self.stream.try_write(bytes)?;
        self.sent = self.sent.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        Ok(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
