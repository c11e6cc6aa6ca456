//! One request to the database as a value, and the keys under which chunks lie.

use bytes::Bytes;
use js_sys::{Array, Uint8Array};
use warroom_engine::{Chunk, Hash};
use warroom_protocol::{DocumentId, SaveId};
use wasm_bindgen::{JsCast, JsValue};

use crate::hash;

/// One chunk to be stored.
#[derive(Debug, Clone)]
pub(crate) struct Save {
    pub(crate) id: SaveId,
    pub(crate) document: DocumentId,
    pub(crate) chunk: Chunk,
}

/// One transaction.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    /// Put these chunks, all or none.
    Store { saves: Vec<Save>, strict: bool },
    /// Read what a document reads as.
    LoadProjection(DocumentId),
    /// Keep what a document reads as.
    StoreProjection { document: DocumentId, bytes: Bytes },
    /// Read every chunk of a document.
    Load(DocumentId),
    /// Put these chunks and delete those that they replace, all or none.
    Compact { document: DocumentId, chunks: Vec<Chunk>, replaced: Vec<Hash> },
    /// Keep a copy of a chunk that could not be read; the chunk itself stays, for a version that can.
    Quarantine { document: DocumentId, chunk: Chunk },
}

/// The key of a chunk: its document as people see it, and the hash in hexadecimal.
pub(super) fn key(document: &DocumentId, hash: &[u8; 32]) -> JsValue {
    Array::of2(&document.to_string().into(), &hash::to_text(hash).into()).into()
}

/// The first and last key of a document: arrays sort after every text.
pub(super) fn bounds(document: &DocumentId) -> (JsValue, JsValue) {
    let document = JsValue::from_str(&document.to_string());
    (Array::of1(&document).into(), Array::of2(&document, &Array::new()).into())
}

/// The key of what a document reads as.
pub(super) fn projection_key(document: &DocumentId) -> JsValue {
    JsValue::from_str(&document.to_string())
}

/// A stored record as a chunk. What is not bytes gives an empty chunk, whose hash does not fit: the engine sees a torn one.
pub(super) fn chunk(key: &JsValue, value: &JsValue) -> Chunk {
    let hash = key.dyn_ref::<Array>().and_then(|key| key.get(1).as_string());
    let hash = hash.and_then(|text| hash::of_text(&text)).unwrap_or([0; 32]);
    Chunk { hash, bytes: bytes(value).unwrap_or_default() }
}

/// A stored value, if it is bytes.
pub(super) fn bytes(value: &JsValue) -> Option<Bytes> {
    Some(value.dyn_ref::<Uint8Array>()?.to_vec().into())
}
