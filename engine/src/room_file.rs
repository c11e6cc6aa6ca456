//! A room as one file: every document with its history, change after change, as they would come from a peer (`docs/FORMATS.md`).
//!
//! Layout: magic ‖ version ‖ sections ‖ end. A section is its kind (1 byte) ‖ length of its name (2 bytes, little-endian) ‖
//! name ‖ length of its chunks (4 bytes, little-endian) ‖ chunks. The name of a board and of a talk is the id of its document,
//! that of a body its card. The end is kind 0 ‖ SHA-256 of everything before it.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use warroom_protocol::DocumentId;
use warroom_protocol::guard::{self, CheckedChange, ChunkKind, MessageBudget};

use crate::ids::CardId;
use crate::import::{FilePlace, ImportError};
use crate::limits::ROOM_FILE_BYTES_MAX;
use crate::talk::talk_id;

/// The first bit and the ends of lines show damage by programs that take it for text.
const MAGIC: [u8; 8] = *b"\x89ROOM\r\n\x1a";
const VERSION: u8 = 1;
const END: u8 = 0;
const BOARD: u8 = 1;
const BODY: u8 = 2;
const TALK: u8 = 3;
const CHECKSUM_BYTES: usize = 32;

/// A file in the making.
#[derive(Debug)]
pub(crate) struct RoomWriter {
    out: Vec<u8>,
}

impl RoomWriter {
    /// Begins the file of a room with its board.
    pub(crate) fn new(board: &DocumentId, changes: &[u8]) -> Self {
        let mut out = MAGIC.to_vec();
        out.push(VERSION);
        let mut writer = Self { out };
        writer.section(BOARD, board.as_bytes(), changes);
        writer
    }

    /// Adds what people said.
    pub(crate) fn talk(&mut self, talk: &DocumentId, changes: &[u8]) {
        self.section(TALK, talk.as_bytes(), changes);
    }

    /// Adds the body of a card.
    pub(crate) fn body(&mut self, card: &CardId, changes: &[u8]) {
        self.section(BODY, card.as_str().as_bytes(), changes);
    }

    fn section(&mut self, kind: u8, name: &[u8], changes: &[u8]) {
        let (Ok(name_bytes), Ok(bytes)) = (u16::try_from(name.len()), u32::try_from(changes.len()))
        else {
            // names have 64 bytes, and no document of 4 GiB fits a memory of WASM
            return;
        };
        self.out.push(kind);
        self.out.extend_from_slice(&name_bytes.to_le_bytes());
        self.out.extend_from_slice(name);
        self.out.extend_from_slice(&bytes.to_le_bytes());
        self.out.extend_from_slice(changes);
    }

    /// The whole file.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.out.push(END);
        let checksum = Sha256::digest(&self.out);
        self.out.extend_from_slice(&checksum);
        self.out
    }
}

/// Which document of the room it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Board,
    /// The body of a card.
    Body(CardId),
    Talk,
}

/// A document of a file, its changes checked by the guard.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) part: Part,
    pub(crate) changes: Vec<CheckedChange>,
    /// Where it begins in the file.
    pub(crate) at: usize,
}

fn wrong(at: usize, what: &str, to_do: &'static str) -> ImportError {
    ImportError::at(FilePlace::Byte(at), (what.to_owned(), to_do))
}

const DAMAGED: &str = "the file is damaged: copy or export it again";

/// Reads a file of the room `board` and lets the guard look at every change. The board's section comes first.
///
/// # Errors
/// [`ImportError::File`] with the byte; nothing was given to automerge.
pub(crate) fn read(bytes: &Bytes, board: &DocumentId) -> Result<Vec<Section>, ImportError> {
    if bytes.len() > ROOM_FILE_BYTES_MAX {
        return Err(wrong(0, "the file is too large", "import it with the native client"));
    }
    if bytes.get(..MAGIC.len()) != Some(&MAGIC) {
        return Err(wrong(0, "this is not the file of a room", "choose one, or the format it has"));
    }
    if bytes.get(MAGIC.len()) != Some(&VERSION) {
        return Err(wrong(MAGIC.len(), "a later version wrote this", "update the app"));
    }
    let end = bytes.len().saturating_sub(CHECKSUM_BYTES);
    let (body, checksum) = bytes.split_at_checked(end).unwrap_or_default();
    if Sha256::digest(body).as_slice() != checksum || body.last() != Some(&END) {
        return Err(wrong(end, "the checksum does not fit", DAMAGED));
    }
    let sections = bytes.slice(..end - 1);
    let mut reader = Reader { bytes: sections, at: MAGIC.len() + 1 };
    let mut read = Vec::new();
    while reader.at < reader.bytes.len() {
        read.extend(reader.section(board, read.is_empty())?);
    }
    if read.is_empty() {
        Err(wrong(reader.at, "there is no board in it", DAMAGED))
    } else {
        Ok(read)
    }
}

struct Reader {
    bytes: Bytes,
    at: usize,
}

impl Reader {
    fn take(&mut self, count: usize) -> Result<Bytes, ImportError> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| wrong(self.at, "a part is cut off", DAMAGED))?;
        let taken = self.bytes.slice(self.at..end);
        self.at = end;
        Ok(taken)
    }

    /// A number of so many bytes, the lowest first.
    fn number(&mut self, bytes: usize) -> Result<usize, ImportError> {
        let taken = self.take(bytes)?;
        Ok(taken.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// The next section; none for a kind that a later version may have added.
    fn section(
        &mut self,
        board: &DocumentId,
        is_first: bool,
    ) -> Result<Option<Section>, ImportError> {
        let at = self.at;
        let kind = self.number(1)?;
        let name_bytes = self.number(2)?;
        let name = self.take(name_bytes)?;
        let length = self.number(4)?;
        let chunks_at = self.at;
        let chunks = self.take(length)?;
        let part = match u8::try_from(kind) {
            Ok(BOARD) if is_first => {
                if name != board.as_bytes() {
                    let other = DocumentId::from_bytes(&name).map(|id| id.to_string());
                    let what = ["it is of another room, automerge:", &other.unwrap_or_default()];
                    let to_do = "open that room and import it there; take JSON to copy a board into this one";
                    return Err(wrong(at, &what.concat(), to_do));
                }
                Part::Board
            }
            Ok(TALK) if !is_first => {
                if name != talk_id(board).as_bytes() {
                    return Err(wrong(at, "the talk is that of another room", DAMAGED));
                }
                Part::Talk
            }
            Ok(BODY) if !is_first => {
                let card = std::str::from_utf8(&name).ok().and_then(|name| CardId::new(name).ok());
                Part::Body(card.ok_or_else(|| wrong(at, "the name of a card is not one", DAMAGED))?)
            }
            Ok(BOARD | BODY | TALK | END) => {
                return Err(wrong(at, "its parts are out of order", DAMAGED));
            }
            Ok(_) | Err(_) => return Ok(None),
        };
        let changes = check(&chunks, chunks_at)?;
        Ok(Some(Section { part, changes, at }))
    }
}

/// What a peer could bring in one message is what a section may hold.
fn check(chunks: &Bytes, at: usize) -> Result<Vec<CheckedChange>, ImportError> {
    let mut budget = MessageBudget::default();
    let mut changes = Vec::new();
    for chunk in guard::chunks(chunks) {
        let refused = |why: &dyn std::fmt::Display| {
            wrong(at, &["a change is refused, ", &why.to_string()].concat(), DAMAGED)
        };
        let chunk = chunk.map_err(|error| refused(&error))?;
        match chunk.kind {
            ChunkKind::Change | ChunkKind::DeflatedChange => {
                let change = budget.check_change(&chunk.bytes, |_| false);
                changes.extend(change.map_err(|error| refused(&error))?);
            }
            ChunkKind::Document | ChunkKind::Bundle => {
                return Err(refused(&"it is not a change"));
            }
        }
    }
    Ok(changes)
}

/// Base64 (RFC 4648), for bytes on their way through JSON.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS.get(bits >> (18 - 6 * place) & 63).copied().unwrap_or(b'=');
            out.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let table = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (length, expected) in table.into_iter().enumerate() {
            assert_eq!(base64(&b"foobar"[..length]), expected);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}
