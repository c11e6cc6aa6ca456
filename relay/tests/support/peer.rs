//! A peer that speaks the protocol frame by frame, with one automerge document behind it.

use std::net::SocketAddr;

use automerge::sync::{Message as SyncMessage, State, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ReadDoc};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use warroom_protocol::limits::FRAME_BYTES_MAX;
use warroom_protocol::wire::{Ephemeral, Frame, PeerMetadata};
use warroom_protocol::{DocumentId, PeerId, SessionId};
use warroom_relay::dice;

use crate::relay::within;

/// One websocket, joined or not.
pub(crate) struct Peer {
    socket: WebSocketStream<TcpStream>,
    pub(crate) id: PeerId,
    pub(crate) relay_id: PeerId,
}

/// Why a socket ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closed {
    pub(crate) code: u16,
    pub(crate) reason: String,
}

impl Peer {
    /// A socket on `/sync` that has not joined.
    pub(crate) async fn open(address: SocketAddr, name: &str) -> Self {
        let id = PeerId::new(name).unwrap();
        let stream = within("a connection", TcpStream::connect(address)).await.unwrap();
        let url = format!("ws://{address}/sync");
        let (socket, _) = within("the upgrade", client_async(url, stream)).await.unwrap();
        Self { socket, relay_id: id.clone(), id }
    }

    /// A socket that has joined under `name`.
    pub(crate) async fn join(address: SocketAddr, name: &str) -> Self {
        let mut peer = Self::open(address, name).await;
        peer.send_join().await;
        let answer = peer.receive().await.unwrap();
        let Frame::Peer { sender_id, .. } = answer else { panic!("instead of peer: {answer:?}") };
        peer.relay_id = sender_id;
        peer
    }

    pub(crate) async fn send_join(&mut self) {
        let metadata = PeerMetadata { is_ephemeral: true, ..PeerMetadata::default() };
        let protocol_versions = vec!["1".to_owned()];
        let sender_id = self.id.clone();
        self.send(&Frame::Join { sender_id, metadata, protocol_versions }).await;
    }

    pub(crate) async fn send(&mut self, frame: &Frame) {
        self.send_message(Message::Binary(frame.encode())).await;
    }

    /// Sends what need not be a frame. A relay that closed already is no failure; the next receive tells why.
    pub(crate) async fn send_message(&mut self, message: Message) {
        drop(within("a message to leave", self.socket.send(message)).await);
    }

    /// The next frame, or why the socket was closed.
    pub(crate) async fn receive(&mut self) -> Result<Frame, Closed> {
        loop {
            let message = within("a frame", self.socket.next()).await;
            match message {
                Some(Ok(Message::Binary(bytes))) => {
                    return Ok(Frame::decode(&bytes, FRAME_BYTES_MAX).unwrap());
                }
                Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                    return Err(Closed { code: code.into(), reason: reason.to_string() });
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                None
                | Some(Ok(Message::Close(None) | Message::Text(_) | Message::Frame(_)) | Err(_)) => {
                    return Err(Closed { code: 1006, reason: String::new() });
                }
            }
        }
    }

    /// Why the socket is closed, after whatever comes before.
    pub(crate) async fn closed(&mut self) -> Closed {
        loop {
            if let Err(closed) = self.receive().await {
                return closed;
            }
        }
    }

    /// Closes the socket without a word.
    pub(crate) fn vanish(self) {
        drop(self.socket);
    }

    pub(crate) async fn send_ephemeral(&mut self, document_id: &DocumentId, count: u64) {
        self.send_data(document_id, count, Bytes::from_static(&[0xa0])).await;
    }

    /// An ephemeral with any data.
    pub(crate) async fn send_data(&mut self, document_id: &DocumentId, count: u64, data: Bytes) {
        let message = Ephemeral {
            sender_id: self.id.clone(),
            target_id: self.relay_id.clone(),
            document_id: document_id.clone(),
            session_id: SessionId::new("session").unwrap(),
            count,
            data,
        };
        self.send(&Frame::Ephemeral(message)).await;
    }
}

/// A document of a peer and what it knows of the relay's.
pub(crate) struct Replica {
    room: String,
    has_sent_changes: bool,
    pub(crate) document_id: DocumentId,
    pub(crate) document: AutoCommit,
    state: State,
}

impl Replica {
    /// An empty document with a fresh actor.
    #[expect(
        clippy::disallowed_methods,
        reason = "the actor is set at once, and text is not counted"
    )]
    pub(crate) fn new(room: &str) -> Self {
        let actor: [u8; 16] = dice::from_system().bytes();
        Self {
            room: room.to_owned(),
            has_sent_changes: false,
            document_id: DocumentId::from_room_name(room),
            document: AutoCommit::new().with_actor(ActorId::from(actor)),
            state: State::new(),
        }
    }

    pub(crate) fn room(&self) -> &str {
        &self.room
    }

    /// Whether any message to the relay held changes.
    pub(crate) fn has_sent_changes(&self) -> bool {
        self.has_sent_changes
    }

    /// One change with a text.
    pub(crate) fn put_text(&mut self, key: &str, value: &str) {
        self.document.put(automerge::ROOT, key, value).unwrap();
        self.document.commit();
    }

    /// One change.
    pub(crate) fn put(&mut self, key: &str, value: i64) {
        self.document.put(automerge::ROOT, key, value).unwrap();
        self.document.commit();
    }

    pub(crate) fn value(&self, key: &str) -> Option<i64> {
        let (value, _) = self.document.get(automerge::ROOT, key).unwrap()?;
        value.as_i64()
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.document.length(automerge::ROOT)
    }

    /// Whether the relay has told that it has everything that is here.
    pub(crate) fn is_acknowledged(&mut self) -> bool {
        let heads = self.document.get_heads();
        self.state.their_heads.as_ref().is_some_and(|theirs| *theirs == heads)
    }

    /// Sends what there is to tell, if anything.
    pub(crate) async fn speak(&mut self, peer: &mut Peer) {
        let message = self.document.sync().generate_sync_message(&mut self.state);
        if let Some(message) = message {
            self.has_sent_changes |= !message.changes.is_empty();
            peer.send(&self.frame(peer, message.encode().into())).await;
        }
    }

    /// Syncs until changes are on their way to the relay.
    pub(crate) async fn send_changes(&mut self, peer: &mut Peer) {
        while !self.has_sent_changes {
            self.speak(peer).await;
            if !self.has_sent_changes {
                self.hear(&peer.receive().await.unwrap());
            }
        }
    }

    /// Asks for the document, and to hear if the relay does not have it.
    pub(crate) async fn request(&mut self, peer: &mut Peer) {
        let message = self.document.sync().generate_sync_message(&mut self.state).unwrap();
        let frame = Frame::Sync {
            is_request: true,
            sender_id: peer.id.clone(),
            target_id: peer.relay_id.clone(),
            document_id: self.document_id.clone(),
            data: message.encode().into(),
            within: None,
        };
        peer.send(&frame).await;
    }

    /// A sync frame with any data.
    pub(crate) fn frame(&self, peer: &Peer, data: Bytes) -> Frame {
        Frame::Sync {
            is_request: false,
            sender_id: peer.id.clone(),
            target_id: peer.relay_id.clone(),
            document_id: self.document_id.clone(),
            data,
            within: None,
        }
    }

    /// Takes in a sync frame about this document; leaves others alone.
    pub(crate) fn hear(&mut self, frame: &Frame) {
        if let Frame::Sync { document_id, data, .. } = frame
            && *document_id == self.document_id
        {
            let message = SyncMessage::decode(data).unwrap();
            self.document.sync().receive_sync_message(&mut self.state, message).unwrap();
        }
    }

    /// Syncs until the condition holds.
    ///
    /// # Errors
    /// The relay closed the socket before.
    pub(crate) async fn sync_until(
        &mut self,
        peer: &mut Peer,
        condition: impl Fn(&mut Self) -> bool,
    ) -> Result<(), Closed> {
        loop {
            self.speak(peer).await;
            if condition(self) {
                return Ok(());
            }
            let frame = peer.receive().await?;
            self.hear(&frame);
        }
    }

    /// Syncs until the relay has told that it has everything that is here.
    pub(crate) async fn save(&mut self, peer: &mut Peer) {
        self.sync_until(peer, Self::is_acknowledged).await.unwrap();
    }

    /// Begins anew on another connection.
    pub(crate) fn forget_peer(&mut self) {
        self.state = State::new();
    }
}

/// A socket upgraded with these headers besides the usual; the status when it is refused.
pub(crate) async fn upgrade(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<tungstenite::handshake::client::Response, u16> {
    let mut request =
        tungstenite::ClientRequestBuilder::new(format!("ws://{address}{path}").parse().unwrap());
    for (name, value) in headers {
        request = request.with_header(*name, *value);
    }
    let stream = TcpStream::connect(address).await.unwrap();
    match within("the upgrade", client_async(request, stream)).await {
        Ok((_, response)) => Ok(response),
        Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}
