//! One client: a socket that joins and follows a document without holding it. It keeps the heads and counts changes,
//! so that a thousand of them cost little beside the server.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use warroom_protocol::guard::chunks;
use warroom_protocol::limits::FRAME_BYTES_MAX;
use warroom_protocol::sync_message::{Have, SyncMessage};
use warroom_protocol::wire::{Ephemeral, Frame, PROTOCOL_VERSION, PeerMetadata};
use warroom_protocol::{ChangeHash, DocumentId, PeerId, SessionId};

use crate::server::Target;

/// A server that says nothing for so long is not going to any more; the run fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// Bytes that a socket reads at a time: small, because there are many.
const READ_BYTES: usize = 4 << 10;

/// A socket.
pub(crate) struct Line {
    socket: WebSocketStream<TcpStream>,
    me: PeerId,
    server: PeerId,
    /// Whether the server only copies messages.
    pub(crate) is_bare: bool,
    pub(crate) bytes_in: usize,
    pub(crate) bytes_out: usize,
}

/// What came.
#[derive(Debug)]
pub(crate) enum News {
    Sync(SyncMessage),
    Presence(Ephemeral),
    /// A copy from the floor.
    Bare(Bytes),
    /// Nothing of interest.
    Other,
}

impl Line {
    /// Connects, and joins under a name of its own.
    ///
    /// # Errors
    /// When the server does not take it.
    pub(crate) async fn join(target: &Target, room: &str, name: &str) -> Result<Self> {
        let url = target.url(room);
        let host = url.trim_start_matches("ws://").split('/').next().unwrap_or_default();
        let stream = TcpStream::connect(host).await.with_context(|| url.clone())?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(READ_BYTES);
        let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
        let me = PeerId::new(name).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
        let is_bare = target.is_floor;
        let mut line = Self { socket, server: me.clone(), me, is_bare, bytes_in: 0, bytes_out: 0 };
        if !is_bare {
            line.send(&Frame::Join {
                sender_id: line.me.clone(),
                metadata: PeerMetadata { is_ephemeral: true, ..PeerMetadata::default() },
                protocol_versions: vec![PROTOCOL_VERSION.to_owned()],
            })
            .await?;
            line.server = line.peer().await?;
        }
        Ok(line)
    }

    async fn peer(&mut self) -> Result<PeerId> {
        let frame = Frame::decode(&self.receive().await?, FRAME_BYTES_MAX)?;
        let Frame::Peer { sender_id, .. } = frame else {
            bail!("instead of an answer to the join: {frame:?}");
        };
        Ok(sender_id)
    }

    async fn send(&mut self, frame: &Frame) -> Result<()> {
        self.send_bytes(frame.encode()).await
    }

    /// Sends bytes as they are.
    pub(crate) async fn send_bytes(&mut self, bytes: Bytes) -> Result<()> {
        self.bytes_out += bytes.len();
        Ok(self.socket.send(Message::Binary(bytes)).await?)
    }

    async fn receive(&mut self) -> Result<Bytes> {
        // pings are no news
        let message = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Binary(bytes))) => return Ok(bytes),
                    Some(Ok(Message::Close(frame))) => bail!("closed by the server: {frame:?}"),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error.into()),
                    None => bail!("the server is gone"),
                }
            }
        };
        let bytes = tokio::time::timeout(PATIENCE, message);
        let bytes = bytes.await.context("the server has nothing to say")??;
        self.bytes_in += bytes.len();
        Ok(bytes)
    }

    /// The next message.
    ///
    /// # Errors
    /// When the socket is closed, or nothing comes for a minute.
    pub(crate) async fn next(&mut self) -> Result<News> {
        let bytes = self.receive().await?;
        if self.is_bare {
            return Ok(News::Bare(bytes));
        }
        Ok(match Frame::decode(&bytes, FRAME_BYTES_MAX)? {
            Frame::Sync { data, .. } => News::Sync(SyncMessage::decode(&data)?),
            Frame::Ephemeral(message) => News::Presence(message),
            Frame::Error { message, .. } => bail!("refused: {message}"),
            Frame::Join { .. }
            | Frame::Peer { .. }
            | Frame::Leave { .. }
            | Frame::DocUnavailable { .. }
            | Frame::RoomSince { .. }
            | Frame::Room(_)
            | Frame::RemoteSubscriptionChange { .. }
            | Frame::RemoteHeadsChanged { .. }
            | Frame::Unknown { .. } => News::Other,
        })
    }

    /// Sends a sync message.
    pub(crate) async fn sync(
        &mut self,
        document_id: &DocumentId,
        data: Bytes,
        is_request: bool,
    ) -> Result<()> {
        self.send(&Frame::Sync {
            is_request,
            sender_id: self.me.clone(),
            target_id: self.server.clone(),
            document_id: document_id.clone(),
            data,
            within: None,
        })
        .await
    }

    /// Sends presence, the `count`th of this socket.
    pub(crate) async fn presence(
        &mut self,
        document_id: &DocumentId,
        count: u64,
        data: Bytes,
    ) -> Result<()> {
        if self.is_bare {
            let mut bytes = count.to_be_bytes().to_vec();
            bytes.extend_from_slice(&data);
            return self.send_bytes(bytes.into()).await;
        }
        self.send(&Frame::Ephemeral(Ephemeral {
            sender_id: self.me.clone(),
            target_id: self.server.clone(),
            document_id: document_id.clone(),
            session_id: SessionId::new("load").map_err(|error| anyhow::anyhow!("{error}"))?,
            count,
            data,
        }))
        .await
    }
}

/// What a client knows of a document: its heads.
#[derive(Debug, Clone)]
pub(crate) struct Follower {
    pub(crate) document_id: DocumentId,
    pub(crate) heads: Vec<ChangeHash>,
}

impl Follower {
    /// One that has nothing of the room's document.
    pub(crate) fn new(room: &str) -> Self {
        Self { document_id: DocumentId::from_room_name(room), heads: Vec::new() }
    }

    /// What it has, as a message without changes.
    fn message(&self) -> Bytes {
        let have = vec![Have { last_sync: self.heads.clone(), ..Have::default() }];
        SyncMessage { heads: self.heads.clone(), have, ..SyncMessage::default() }.encode()
    }

    /// Asks for the document.
    pub(crate) async fn request(&self, line: &mut Line) -> Result<()> {
        if line.is_bare {
            return Ok(());
        }
        line.sync(&self.document_id, self.message(), true).await
    }

    /// Takes in a message, answers it as a client would that now has what came, and gives the checksums of its changes.
    pub(crate) async fn take(
        &mut self,
        line: &mut Line,
        message: &SyncMessage,
    ) -> Result<Vec<Checksum>> {
        let chunks = message.changes.iter().flat_map(chunks).filter_map(Result::ok);
        let brought: Vec<Checksum> = chunks.filter_map(|chunk| checksum(&chunk.bytes)).collect();
        if !brought.is_empty() {
            self.heads.clone_from(&message.heads);
        }
        if !brought.is_empty() || message.heads != self.heads {
            line.sync(&self.document_id, self.message(), false).await?;
        }
        Ok(brought)
    }
}

/// The four bytes of a change chunk that tell it from others: the first of its hash.
pub(crate) type Checksum = [u8; 4];

/// Of a chunk, behind its four magic bytes.
pub(crate) fn checksum(chunk: &Bytes) -> Option<Checksum> {
    chunk.get(4..8)?.try_into().ok()
}
