//! The envelope of automerge's chunks: magic, checksum, type, length; cutting, hashing and bounded inflating.
//!
//! Layout (automerge `storage/chunk.rs`, 0.12): `85 6f 4a 83` ‖ 4 bytes checksum ‖ type ‖ length ‖ content. The hash is
//! SHA-256 over type, length and content, the checksum is its first four bytes. A deflated change (type 2) carries the
//! checksum of the change (type 1) that it becomes.

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use sha2::{Digest as _, Sha256};

use super::reader::{Reader, write_length};
use crate::error::GuardError;
use crate::ids::ChangeHash;
use crate::limits::{CHANGE_BYTES_MAX, INFLATE_BYTES_FREE, INFLATE_RATIO_MAX};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const TYPE_DOCUMENT: u8 = 0;
const TYPE_CHANGE: u8 = 1;
const TYPE_DEFLATED_CHANGE: u8 = 2;
const TYPE_BUNDLE: u8 = 3;
/// Where the hashed part of a chunk begins: after magic and checksum.
const HASHED_FROM: usize = 8;

/// What a chunk holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkKind {
    /// A whole document, compacted.
    Document,
    /// One change.
    Change,
    /// One change, deflated.
    DeflatedChange,
    /// Several changes, compacted; automerge calls it experimental.
    Bundle,
}

/// One chunk, cut out; its content is not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// What its type byte says.
    pub kind: ChunkKind,
    /// The whole chunk with its envelope; shares memory with the bytes it was cut from.
    pub bytes: Bytes,
    checksum: [u8; 4],
    content: Bytes,
}

impl Chunk {
    /// Whether the checksum fits: what a disk wrote half does not. Of a deflated change it says nothing before
    /// [`super::check_change`] has inflated it, and is true.
    pub fn is_intact(&self) -> bool {
        self.kind == ChunkKind::DeflatedChange || hash_of(&self.bytes).0.starts_with(&self.checksum)
    }
}

/// Cuts concatenated chunks, as they lie in a store or in a V2 sync message, one after the other. After an error
/// nothing more is found.
pub fn chunks(bytes: &Bytes) -> Chunks {
    Chunks { rest: bytes.clone() }
}

/// The iterator of [`chunks`].
#[derive(Debug, Clone)]
pub struct Chunks {
    rest: Bytes,
}

impl Iterator for Chunks {
    type Item = Result<Chunk, GuardError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let whole = std::mem::take(&mut self.rest);
        Some(cut(&whole).inspect(|chunk| {
            self.rest = whole.slice(chunk.bytes.len()..);
        }))
    }
}

/// A change chunk of type 1 whose checksum fits.
pub(super) struct PlainChange {
    pub(super) hash: ChangeHash,
    pub(super) content: Bytes,
    pub(super) chunk: Bytes,
}

/// Opens bytes that are exactly one change chunk, of type 1 or 2.
pub(super) fn open_change(bytes: &Bytes) -> Result<PlainChange, GuardError> {
    let chunk = cut(bytes)?;
    if chunk.bytes.len() != bytes.len() {
        return Err(malformed("it goes on after its end"));
    }
    let (content, whole) = match chunk.kind {
        ChunkKind::Change => (chunk.content, chunk.bytes),
        ChunkKind::DeflatedChange => inflate_chunk(&chunk)?,
        ChunkKind::Document | ChunkKind::Bundle => return Err(malformed("it is not a change")),
    };
    if content.len() > CHANGE_BYTES_MAX {
        return Err(too_long(content.len(), CHANGE_BYTES_MAX));
    }
    let hash = hash_of(&whole);
    if !hash.0.starts_with(&chunk.checksum) {
        return Err(malformed("its checksum does not fit"));
    }
    Ok(PlainChange { hash, content, chunk: whole })
}

fn cut(bytes: &Bytes) -> Result<Chunk, GuardError> {
    let mut reader = Reader::new("chunk", bytes);
    if reader.array::<4>()? != MAGIC {
        return Err(reader.malformed("it does not start with automerge's magic bytes"));
    }
    let checksum = reader.array::<4>()?;
    let kind = match reader.byte()? {
        TYPE_DOCUMENT => ChunkKind::Document,
        TYPE_CHANGE => ChunkKind::Change,
        TYPE_DEFLATED_CHANGE => ChunkKind::DeflatedChange,
        TYPE_BUNDLE => ChunkKind::Bundle,
        _ => return Err(reader.malformed("its type is unknown")),
    };
    let content = reader.prefixed("bytes of a chunk", bytes.len())?;
    let whole = bytes.len().saturating_sub(reader.remaining());
    Ok(Chunk { kind, checksum, content: bytes.slice_ref(content), bytes: bytes.slice(..whole) })
}

fn hash_of(chunk: &[u8]) -> ChangeHash {
    let hashed = chunk.get(HASHED_FROM..).unwrap_or_default();
    ChangeHash(Sha256::digest(hashed).into())
}

/// The content and the whole chunk of type 1 that a chunk of type 2 stands for.
fn inflate_chunk(deflated: &Chunk) -> Result<(Bytes, Bytes), GuardError> {
    let ratio_max = deflated.content.len().saturating_mul(INFLATE_RATIO_MAX);
    let bytes_max = ratio_max.clamp(INFLATE_BYTES_FREE, CHANGE_BYTES_MAX);
    let content = inflate(&deflated.content, bytes_max)?;
    let mut whole = Vec::with_capacity(content.len().saturating_add(20));
    whole.extend_from_slice(&MAGIC);
    whole.extend_from_slice(&deflated.checksum);
    whole.push(TYPE_CHANGE);
    write_length(&mut whole, content.len());
    let content_from = whole.len();
    whole.extend_from_slice(&content);
    let whole = Bytes::from(whole);
    Ok((whole.slice(content_from..), whole))
}

/// Inflates raw deflate data that ends exactly with `deflated`, into at most `bytes_max` bytes.
fn inflate(deflated: &[u8], bytes_max: usize) -> Result<Vec<u8>, GuardError> {
    let mut inflater = Decompress::new(false);
    let mut out = Vec::new();
    loop {
        let read = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
        let rest = deflated.get(read..).unwrap_or_default();
        // One byte more than allowed tells "just fits" from "too long".
        let room = bytes_max.saturating_add(1).saturating_sub(out.len());
        let step = deflated.len().saturating_mul(4).clamp(1_024, 256 * 1_024).min(room);
        out.reserve_exact(step);
        let before = (inflater.total_in(), out.len());
        let status = inflater
            .decompress_vec(rest, &mut out, FlushDecompress::None)
            .map_err(|_| malformed("it does not inflate"))?;
        if out.len() > bytes_max {
            return Err(too_long(out.len(), bytes_max));
        }
        if status == Status::StreamEnd {
            break;
        }
        if before == (inflater.total_in(), out.len()) {
            return Err(malformed("it does not inflate to an end"));
        }
    }
    if inflater.total_in() != u64::try_from(deflated.len()).unwrap_or(u64::MAX) {
        return Err(malformed("its deflated content goes on after its end"));
    }
    Ok(out)
}

fn malformed(why: &'static str) -> GuardError {
    GuardError::Malformed { what: "change chunk", why }
}

fn too_long(bytes: usize, max: usize) -> GuardError {
    GuardError::TooMany {
        what: "bytes of an inflated change",
        count: u64::try_from(bytes).unwrap_or(u64::MAX),
        max: u64::try_from(max).unwrap_or(u64::MAX),
    }
}
