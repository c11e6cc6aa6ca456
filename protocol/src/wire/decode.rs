//! From bytes to frames: tolerant of how peers write, strict in what is bounded.

use std::str::FromStr;

use bytes::Bytes;

use super::cbor::{Map, Value};
use super::{
    CAP_ROOM, CODE_ACTOR_TAKEN, Ephemeral, Frame, PROTOCOL_VERSION, PeerMetadata, RemoteHeads,
    RoomDocument, RoomNews, Within,
};
use crate::error::{DecodeError, IdError, TakenActor};
use crate::guard::ActorBytes;
use crate::ids::{ChangeHash, Cursor, DocumentId, PeerId, SessionId, StorageId, from_base58_check};
use crate::limits::{
    ACTOR_BYTES_MAX, ACTOR_BYTES_MIN, CAPS_MAX, ERROR_MESSAGE_BYTES_MAX,
    PROTOCOL_VERSION_BYTES_MAX, PROTOCOL_VERSIONS_MAX, REMOTE_HEADS_MAX, ROOM_DOCUMENTS_MAX,
    ROOM_HEADS_MAX, ROOM_LABEL_BYTES_MAX, STORAGE_IDS_MAX, UNKNOWN_TYPE_BYTES_MAX,
};
use crate::time::Timestamp;

impl Frame {
    /// Reads one frame of at most `bytes_max` bytes. `data` is a view into `bytes`, not a copy.
    ///
    /// # Errors
    /// [`DecodeError`]: the connection is to be closed with it. A type that is not known is not an error but
    /// [`Frame::Unknown`].
    pub fn decode(bytes: &Bytes, bytes_max: usize) -> Result<Self, DecodeError> {
        if bytes.len() > bytes_max {
            return Err(DecodeError::TooLarge { bytes: bytes.len(), bytes_max });
        }
        let map = Map::whole(bytes)?;
        let kind = map.value("type").and_then(Value::text);
        let kind = kind.ok_or(DecodeError::Field { kind: "frame", field: "type" })?;
        let fields = |kind| Fields { kind, map: &map, bytes };
        match kind {
            "join" => fields("join").join(),
            "peer" => fields("peer").peer(),
            "error" => fields("error").error(),
            "leave" => Ok(Self::Leave { sender_id: fields("leave").sender_id()? }),
            "request" => fields("request").sync(true),
            "sync" => fields("sync").sync(false),
            "x-room" => fields("x-room").room(),
            "doc-unavailable" => fields("doc-unavailable").doc_unavailable(),
            "ephemeral" => fields("ephemeral").ephemeral(),
            "remote-subscription-change" => {
                fields("remote-subscription-change").remote_subscription_change()
            }
            "remote-heads-changed" => fields("remote-heads-changed").remote_heads_changed(),
            unknown => Ok(Self::Unknown { kind: cut(unknown, UNKNOWN_TYPE_BYTES_MAX) }),
        }
    }
}

/// The fields of a frame whose type is known.
struct Fields<'b> {
    kind: &'static str,
    map: &'b Map<'b>,
    bytes: &'b Bytes,
}

impl<'b> Fields<'b> {
    fn join(&self) -> Result<Frame, DecodeError> {
        Ok(Frame::Join {
            sender_id: self.sender_id()?,
            metadata: self.metadata()?,
            protocol_versions: self.protocol_versions()?,
        })
    }

    fn peer(&self) -> Result<Frame, DecodeError> {
        let version = self.need("selectedProtocolVersion", Value::text)?;
        Ok(Frame::Peer {
            sender_id: self.sender_id()?,
            target_id: self.target_id()?,
            metadata: self.metadata()?,
            protocol_version: cut(version, PROTOCOL_VERSION_BYTES_MAX),
        })
    }

    fn error(&self) -> Result<Frame, DecodeError> {
        let id = |field| self.map.value(field).and_then(Value::text).map(PeerId::new).transpose();
        Ok(Frame::Error {
            sender_id: id("senderId")?,
            target_id: id("targetId")?,
            message: cut(self.need("message", Value::text)?, ERROR_MESSAGE_BYTES_MAX),
            taken: self.taken_actor(),
        })
    }

    /// What an error says beside its message is read where it is whole, and skipped where it is not: a connection that
    /// ends needs no second reason.
    fn taken_actor(&self) -> Option<TakenActor> {
        let actor = self.map.value("actor").and_then(Value::bytes)?;
        let is_actor = (ACTOR_BYTES_MIN..=ACTOR_BYTES_MAX).contains(&actor.len());
        let code = self.map.value("code").and_then(Value::text)?;
        (is_actor && code == CODE_ACTOR_TAKEN).then_some(())?;
        Some(TakenActor {
            document_id: self.document_id().ok()?,
            actor: ActorBytes(Bytes::copy_from_slice(actor)),
            seq: self.map.value("seq").and_then(Value::integer)?,
        })
    }

    fn sync(&self, is_request: bool) -> Result<Frame, DecodeError> {
        Ok(Frame::Sync {
            is_request,
            sender_id: self.sender_id()?,
            target_id: self.target_id()?,
            document_id: self.document_id()?,
            data: self.data()?,
            within: self.within()?,
        })
    }

    fn within(&self) -> Result<Option<Within>, DecodeError> {
        const FIELD: &str = "x-in";
        let Some(value) = self.map.value(FIELD) else { return Ok(None) };
        let map = value.map()?.ok_or(self.wrong(FIELD))?;
        let root = id_of(map.value("root")).ok_or(self.wrong(FIELD))??;
        let label = map.value("label").and_then(Value::text).ok_or(self.wrong(FIELD))?;
        let fits = !label.is_empty() && label.len() <= ROOM_LABEL_BYTES_MAX;
        if !fits || label.contains('\0') {
            return Err(self.wrong(FIELD));
        }
        Ok(Some(Within { root, label: label.to_owned() }))
    }

    /// A question and its answer have one type; an answer has documents.
    fn room(&self) -> Result<Frame, DecodeError> {
        let (sender_id, target_id) = (self.sender_id()?, self.target_id()?);
        let root = id_of(self.map.value("root")).ok_or(self.wrong("root"))??;
        let cursor = |field| {
            let value = self.map.value(field);
            value.map(|value| {
                Ok::<_, DecodeError>(Cursor::new(value.text().ok_or(self.wrong(field))?)?)
            })
        };
        let Some(documents) = self.map.value("documents") else {
            let since = cursor("since").transpose()?;
            return Ok(Frame::RoomSince { sender_id, target_id, root, since });
        };
        let documents = documents.array(ROOM_DOCUMENTS_MAX)?.ok_or(self.wrong("documents"))?;
        let documents = documents.into_iter().map(|document| self.room_document(document));
        Ok(Frame::Room(RoomNews {
            sender_id,
            target_id,
            root,
            cursor: cursor("cursor").ok_or(self.wrong("cursor"))??,
            documents: documents.collect::<Result<_, DecodeError>>()?,
            is_whole: self.flag("isWhole")?,
            has_more: self.flag("hasMore")?,
        }))
    }

    fn room_document(&self, value: Value<'_>) -> Result<RoomDocument, DecodeError> {
        let wrong = || self.wrong("documents");
        let map = value.map()?.ok_or_else(wrong)?;
        let document_id = id_of(map.value("documentId")).ok_or_else(wrong)??;
        let heads = map.value("heads").and_then(Value::bytes).ok_or_else(wrong)?;
        let (heads, rest) = heads.as_chunks::<32>();
        if !rest.is_empty() || heads.len() > ROOM_HEADS_MAX {
            return Err(wrong());
        }
        let heads = heads.iter().map(|head| ChangeHash(*head)).collect();
        Ok(RoomDocument { document_id, heads })
    }

    /// A truth value that is false where it is absent.
    fn flag(&self, field: &'static str) -> Result<bool, DecodeError> {
        let value = self.map.value(field);
        value.map_or(Ok(false), |value| value.bool().ok_or(self.wrong(field)))
    }

    fn doc_unavailable(&self) -> Result<Frame, DecodeError> {
        Ok(Frame::DocUnavailable {
            sender_id: self.sender_id()?,
            target_id: self.target_id()?,
            document_id: self.document_id()?,
        })
    }

    fn ephemeral(&self) -> Result<Frame, DecodeError> {
        Ok(Frame::Ephemeral(Ephemeral {
            sender_id: self.sender_id()?,
            target_id: self.target_id()?,
            document_id: self.document_id()?,
            session_id: SessionId::new(self.need("sessionId", Value::text)?)?,
            count: self.need("count", Value::integer)?,
            data: self.data()?,
        }))
    }

    fn remote_subscription_change(&self) -> Result<Frame, DecodeError> {
        Ok(Frame::RemoteSubscriptionChange {
            sender_id: self.sender_id()?,
            target_id: self.target_id()?,
            add: self.storage_ids("add")?,
            remove: self.storage_ids("remove")?,
        })
    }

    fn remote_heads_changed(&self) -> Result<Frame, DecodeError> {
        let map = self.map.value("newHeads").map(Value::map).transpose()?.flatten();
        let mut new_heads = Vec::new();
        for (storage, value) in map.ok_or(self.wrong("newHeads"))?.iter() {
            new_heads.push((StorageId::new(storage)?, self.remote_heads(value)?));
        }
        Ok(Frame::RemoteHeadsChanged {
            sender_id: self.sender_id()?,
            target_id: self.target_id()?,
            document_id: self.document_id()?,
            new_heads,
        })
    }

    fn remote_heads(&self, value: Value<'_>) -> Result<RemoteHeads, DecodeError> {
        let map = value.map()?.ok_or(self.wrong("newHeads"))?;
        let heads = map.value("heads").map(|heads| heads.array(REMOTE_HEADS_MAX));
        let heads = heads.transpose()?.flatten().ok_or(self.wrong("heads"))?;
        let heads = heads.into_iter().map(|head| {
            let hash = from_base58_check(head.text().ok_or(self.wrong("heads"))?)?;
            let length = IdError::Length { bytes: hash.len() };
            Ok(ChangeHash(hash.try_into().map_err(|_| length)?))
        });
        let timestamp = map.value("timestamp").and_then(Value::integer);
        Ok(RemoteHeads {
            heads: heads.collect::<Result<_, DecodeError>>()?,
            timestamp: Timestamp(timestamp.ok_or(self.wrong("timestamp"))?),
        })
    }

    fn wrong(&self, field: &'static str) -> DecodeError {
        DecodeError::Field { kind: self.kind, field }
    }

    fn need<T>(
        &self,
        field: &'static str,
        read: impl FnOnce(Value<'b>) -> Option<T>,
    ) -> Result<T, DecodeError> {
        self.map.value(field).and_then(read).ok_or(self.wrong(field))
    }

    fn sender_id(&self) -> Result<PeerId, DecodeError> {
        Ok(PeerId::new(self.need("senderId", Value::text)?)?)
    }

    fn target_id(&self) -> Result<PeerId, DecodeError> {
        Ok(PeerId::new(self.need("targetId", Value::text)?)?)
    }

    fn document_id(&self) -> Result<DocumentId, DecodeError> {
        Ok(id_of(self.map.value("documentId")).ok_or(self.wrong("documentId"))??)
    }

    /// The payload: a view, and never empty (the JavaScript reference throws on empty ones).
    fn data(&self) -> Result<Bytes, DecodeError> {
        let data = self.need("data", Value::bytes)?;
        if data.is_empty() { Err(self.wrong("data")) } else { Ok(self.bytes.slice_ref(data)) }
    }

    /// `peerMetadata` as everyone writes it, or `metadata` as the reference's README has it.
    fn metadata(&self) -> Result<PeerMetadata, DecodeError> {
        let value = self.map.value("peerMetadata").or_else(|| self.map.value("metadata"));
        let has_rooms = self.has_rooms()?;
        let Some(value) = value else {
            return Ok(PeerMetadata { has_rooms, ..PeerMetadata::default() });
        };
        let map = value.map()?.ok_or(self.wrong("peerMetadata"))?;
        let storage = match map.value("storageId") {
            Some(id) => Some(StorageId::new(id.text().ok_or(self.wrong("storageId"))?)?),
            None => None,
        };
        let is_ephemeral = match map.value("isEphemeral") {
            Some(value) => value.bool().ok_or(self.wrong("isEphemeral"))?,
            None => false,
        };
        Ok(PeerMetadata { storage_id: storage, is_ephemeral, has_rooms })
    }

    fn has_rooms(&self) -> Result<bool, DecodeError> {
        const FIELD: &str = "x-caps";
        let Some(value) = self.map.value(FIELD) else { return Ok(false) };
        let caps = value.array(CAPS_MAX)?.ok_or(self.wrong(FIELD))?;
        Ok(caps.into_iter().any(|cap| cap.text() == Some(CAP_ROOM)))
    }

    fn protocol_versions(&self) -> Result<Vec<String>, DecodeError> {
        const FIELD: &str = "supportedProtocolVersions";
        match self.map.value(FIELD) {
            None => Ok(vec![PROTOCOL_VERSION.to_owned()]),
            Some(value) => self.texts(value, FIELD, PROTOCOL_VERSIONS_MAX, |text| {
                Ok(cut(text, PROTOCOL_VERSION_BYTES_MAX))
            }),
        }
    }

    fn storage_ids(&self, field: &'static str) -> Result<Vec<StorageId>, DecodeError> {
        match self.map.value(field) {
            None => Ok(Vec::new()),
            Some(value) => {
                self.texts(value, field, STORAGE_IDS_MAX, |text| Ok(StorageId::new(text)?))
            }
        }
    }

    fn texts<T>(
        &self,
        value: Value<'_>,
        field: &'static str,
        max: usize,
        read: impl Fn(&str) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let items = value.array(max)?.ok_or(self.wrong(field))?;
        items.into_iter().map(|item| read(item.text().ok_or(self.wrong(field))?)).collect()
    }
}

/// A document's id, as text or as bytes.
fn id_of(value: Option<Value<'_>>) -> Option<Result<DocumentId, IdError>> {
    let value = value?;
    match (value.text(), value.bytes()) {
        (Some(text), _) => Some(DocumentId::from_str(text)),
        (None, Some(bytes)) => Some(DocumentId::from_bytes(bytes)),
        (None, None) => None,
    }
}

/// The first characters of `text` that fit in `bytes`.
fn cut(text: &str, bytes: usize) -> String {
    let mut at = text.len().min(bytes);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    text.get(..at).unwrap_or_default().to_owned()
}
