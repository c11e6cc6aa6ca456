//! From frames to bytes: one way to write each, `targetId` last, so that a frame for many peers is encoded once.

use bytes::Bytes;

use super::cbor::Writer;
use super::{
    CAP_ROOM, CODE_ACTOR_TAKEN, Ephemeral, Frame, PeerMetadata, RemoteHeads, RoomNews, Within,
};
use crate::error::TakenActor;
use crate::ids::{DocumentId, PeerId, StorageId, to_base58_check};

/// Room for the keys and ids of a frame, so that most are written without growing.
const HEAD_BYTES: usize = 192;

impl Frame {
    /// Writes the frame: a definite map, text keys, byte strings untagged, absent instead of null.
    pub fn encode(&self) -> Bytes {
        match self {
            Self::Join { sender_id, metadata, protocol_versions } => {
                join(sender_id, metadata, protocol_versions)
            }
            Self::Peer { sender_id, target_id, metadata, protocol_version } => {
                let mut writer = frame("peer", 5 + usize::from(metadata.has_rooms), 0);
                writer.text("senderId").text(sender_id.as_str());
                write_metadata(&mut writer, metadata);
                writer.text("selectedProtocolVersion").text(protocol_version);
                with_target(writer, target_id)
            }
            Self::Error { sender_id, target_id, message, taken } => {
                error((sender_id.as_ref(), target_id.as_ref()), message, taken.as_ref())
            }
            Self::Leave { sender_id } => {
                let mut writer = frame("leave", 2, 0);
                writer.text("senderId").text(sender_id.as_str());
                writer.into_bytes().into()
            }
            Self::Sync { is_request, sender_id, target_id, document_id, data, within } => {
                let kind = if *is_request { "request" } else { "sync" };
                let writer = sync((kind, within.as_ref()), sender_id, document_id, data);
                with_target(writer, target_id)
            }
            Self::RoomSince { sender_id, target_id, root, since } => {
                let mut writer = frame("x-room", 4 + usize::from(since.is_some()), 0);
                writer.text("root").bytes(root.as_bytes());
                if let Some(since) = since {
                    writer.text("since").text(since.as_str());
                }
                writer.text("senderId").text(sender_id.as_str());
                with_target(writer, target_id)
            }
            Self::Room(news) => with_target(room(news), &news.target_id),
            Self::DocUnavailable { sender_id, target_id, document_id } => {
                let mut writer = frame("doc-unavailable", 4, 0);
                writer.text("documentId").text(&document_id.to_string());
                writer.text("senderId").text(sender_id.as_str());
                with_target(writer, target_id)
            }
            Self::Ephemeral(message) => with_target(ephemeral(message), &message.target_id),
            Self::RemoteSubscriptionChange { sender_id, target_id, add, remove } => {
                let lists = [("add", add), ("remove", remove)];
                let present = lists.iter().filter(|(_, ids)| !ids.is_empty()).count();
                let mut writer = frame("remote-subscription-change", 3 + present, 0);
                writer.text("senderId").text(sender_id.as_str());
                for (key, ids) in lists {
                    write_storages(&mut writer, key, ids);
                }
                with_target(writer, target_id)
            }
            Self::RemoteHeadsChanged { sender_id, target_id, document_id, new_heads } => {
                let mut writer = frame("remote-heads-changed", 5, 0);
                writer.text("documentId").text(&document_id.to_string());
                writer.text("newHeads").map(new_heads.len());
                for (id, heads) in new_heads {
                    write_heads(&mut writer, id, heads);
                }
                writer.text("senderId").text(sender_id.as_str());
                with_target(writer, target_id)
            }
            Self::Unknown { kind } => frame(kind, 1, 0).into_bytes().into(),
        }
    }
}

/// A frame that goes to many peers and differs only in `targetId`, its last value: encoded once.
#[derive(Debug, Clone)]
pub struct SharedFrame {
    before_target: Bytes,
}

impl SharedFrame {
    /// A `sync` about `document_id` for whoever is in step; `data` is not empty.
    pub fn sync(sender_id: &PeerId, document_id: &DocumentId, data: &[u8]) -> Self {
        Self::new(sync(("sync", None), sender_id, document_id, data))
    }

    /// An ephemeral message; the target of `message` is ignored.
    pub fn ephemeral(message: &Ephemeral) -> Self {
        Self::new(ephemeral(message))
    }

    fn new(mut writer: Writer) -> Self {
        writer.text("targetId");
        Self { before_target: writer.into_bytes().into() }
    }

    /// The bytes for one peer: one allocation and one copy.
    pub fn to(&self, target_id: &PeerId) -> Bytes {
        let mut writer = Writer::with_capacity(self.bytes_len(target_id));
        writer.raw(&self.before_target).text(target_id.as_str());
        writer.into_bytes().into()
    }

    /// The bytes for one peer in two pieces, for a socket that writes vectors: the first is shared by all peers.
    pub fn pieces(&self, target_id: &PeerId) -> [Bytes; 2] {
        let mut writer = Writer::with_capacity(TEXT_HEAD_BYTES + target_id.as_str().len());
        writer.text(target_id.as_str());
        [self.before_target.clone(), writer.into_bytes().into()]
    }

    /// How many bytes [`Self::to`] gives at most.
    pub fn bytes_len(&self, target_id: &PeerId) -> usize {
        self.before_target.len() + TEXT_HEAD_BYTES + target_id.as_str().len()
    }
}

/// The head of a text that is no longer than a peer id.
const TEXT_HEAD_BYTES: usize = 3;

/// Begins a frame of `entries`, its type included.
fn frame(kind: &str, entries: usize, data_bytes: usize) -> Writer {
    let mut writer = Writer::with_capacity(HEAD_BYTES + data_bytes);
    writer.map(entries).text("type").text(kind);
    writer
}

fn with_target(mut writer: Writer, target_id: &PeerId) -> Bytes {
    writer.text("targetId").text(target_id.as_str());
    writer.into_bytes().into()
}

fn join(sender_id: &PeerId, metadata: &PeerMetadata, protocol_versions: &[String]) -> Bytes {
    let mut writer = frame("join", 4 + usize::from(metadata.has_rooms), 0);
    writer.text("senderId").text(sender_id.as_str());
    write_metadata(&mut writer, metadata);
    writer.text("supportedProtocolVersions").array(protocol_versions.len());
    for version in protocol_versions {
        writer.text(version);
    }
    writer.into_bytes().into()
}

fn error(
    (sender_id, target_id): (Option<&PeerId>, Option<&PeerId>),
    message: &str,
    taken: Option<&TakenActor>,
) -> Bytes {
    let ids = [("senderId", sender_id), ("targetId", target_id)];
    let present = ids.iter().filter(|(_, id)| id.is_some()).count();
    let mut writer = frame("error", 2 + present + if taken.is_some() { 4 } else { 0 }, 0);
    writer.text("message").text(message);
    if let Some(TakenActor { document_id, actor, seq }) = taken {
        writer.text("code").text(CODE_ACTOR_TAKEN);
        writer.text("documentId").text(&document_id.to_string());
        writer.text("actor").bytes(&actor.0);
        writer.text("seq").integer(*seq);
    }
    for (key, id) in ids {
        if let Some(id) = id {
            writer.text(key).text(id.as_str());
        }
    }
    writer.into_bytes().into()
}

/// Everything of a `sync` or `request` but its target.
fn sync(
    (kind, within): (&str, Option<&Within>),
    sender_id: &PeerId,
    document_id: &DocumentId,
    data: &[u8],
) -> Writer {
    let mut writer = frame(kind, 5 + usize::from(within.is_some()), data.len());
    writer.text("documentId").text(&document_id.to_string());
    if let Some(Within { root, label }) = within {
        writer.text("x-in").map(2).text("root").bytes(root.as_bytes()).text("label").text(label);
    }
    writer.text("senderId").text(sender_id.as_str());
    writer.text("data").bytes(data);
    writer
}

/// Everything of an `x-room` that answers but its target. Ids and heads are bytes: there may be a thousand of them.
fn room(news: &RoomNews) -> Writer {
    let RoomNews { sender_id, target_id: _, root, cursor, documents, is_whole, has_more } = news;
    let flags = [("isWhole", is_whole), ("hasMore", has_more)];
    let present = flags.iter().filter(|(_, is_set)| **is_set).count();
    let mut writer = frame("x-room", 6 + present, documents.len() * 80);
    writer.text("root").bytes(root.as_bytes()).text("cursor").text(cursor.as_str());
    writer.text("documents").array(documents.len());
    for document in documents {
        let heads: Vec<u8> = document.heads.iter().flat_map(|head| head.0).collect();
        writer.map(2).text("documentId").bytes(document.document_id.as_bytes());
        writer.text("heads").bytes(&heads);
    }
    for (key, _) in flags.iter().filter(|(_, is_set)| **is_set) {
        writer.text(key).bool(true);
    }
    writer.text("senderId").text(sender_id.as_str());
    writer
}

/// Everything of an `ephemeral` but its target.
fn ephemeral(message: &Ephemeral) -> Writer {
    let Ephemeral { sender_id, target_id: _, document_id, session_id, count, data } = message;
    let mut writer = frame("ephemeral", 7, data.len());
    writer.text("documentId").text(&document_id.to_string());
    writer.text("senderId").text(sender_id.as_str());
    writer.text("sessionId").text(session_id.as_str());
    writer.text("count").integer(*count);
    writer.text("data").bytes(data);
    writer
}

fn write_metadata(writer: &mut Writer, metadata: &PeerMetadata) {
    let PeerMetadata { storage_id, is_ephemeral, has_rooms } = metadata;
    writer.text("peerMetadata").map(1 + usize::from(storage_id.is_some()));
    if let Some(id) = storage_id {
        writer.text("storageId").text(id.as_str());
    }
    writer.text("isEphemeral").bool(*is_ephemeral);
    if *has_rooms {
        writer.text("x-caps").array(1).text(CAP_ROOM);
    }
}

fn write_storages(writer: &mut Writer, key: &str, ids: &[StorageId]) {
    if !ids.is_empty() {
        writer.text(key).array(ids.len());
        for id in ids {
            writer.text(id.as_str());
        }
    }
}

fn write_heads(writer: &mut Writer, storage: &StorageId, remote: &RemoteHeads) {
    let RemoteHeads { heads, timestamp } = remote;
    writer.text(storage.as_str()).map(2).text("heads").array(heads.len());
    for head in heads {
        writer.text(&to_base58_check(&head.0));
    }
    writer.text("timestamp").integer(timestamp.0);
}
