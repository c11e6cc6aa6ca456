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
use crate::limits::{ROOM_FILE_BYTES_MAX, ROOM_FILE_OPS_MAX, ROOM_FILE_SECTIONS_MAX};
use crate::question::QuestionError;
use crate::talk::talk_id;

/// The first bit and the ends of lines show damage by programs that take it for text.
const MAGIC: [u8; 8] = *b"\x89ROOM\r\n\x1a";
const VERSION: u8 = 1;
const END: u8 = 0;
const BOARD: u8 = 1;
const BODY: u8 = 2;
const TALK: u8 = 3;
const CHECKSUM_BYTES: usize = 32;

/// How much a file may still hold.
#[derive(Debug)]
struct Budget {
    bytes: usize,
    sections: usize,
    ops: u64,
}

impl Default for Budget {
    fn default() -> Self {
        let (sections, ops) = (ROOM_FILE_SECTIONS_MAX, ROOM_FILE_OPS_MAX);
        Self { bytes: ROOM_FILE_BYTES_MAX, sections, ops }
    }
}

/// A file in the making. What could not be read again is not written.
#[derive(Debug)]
pub struct RoomWriter {
    out: Vec<u8>,
    budget: Budget,
    is_too_large: bool,
}

impl RoomWriter {
    /// Begins the file of a room with its board.
    pub fn new(board: &DocumentId, changes: Vec<u8>) -> Self {
        Self::within(Budget::default(), board, changes)
    }

    fn within(budget: Budget, board: &DocumentId, changes: Vec<u8>) -> Self {
        let mut out = MAGIC.to_vec();
        out.push(VERSION);
        let mut writer = Self { out, budget, is_too_large: false };
        writer.section(BOARD, board.as_bytes(), changes);
        writer
    }

    /// Adds what people said.
    pub fn talk(&mut self, talk: &DocumentId, changes: Vec<u8>) {
        self.section(TALK, talk.as_bytes(), changes);
    }

    /// Adds the body of a card.
    pub fn body(&mut self, card: &CardId, changes: Vec<u8>) {
        self.section(BODY, card.as_str().as_bytes(), changes);
    }

    /// Nothing that is added will be written.
    pub fn is_too_large(&self) -> bool {
        self.is_too_large
    }

    fn section(&mut self, kind: u8, name: &[u8], changes: Vec<u8>) {
        let end = self.out.len() + 7 + name.len() + changes.len() + 1 + CHECKSUM_BYTES;
        let lengths = (u16::try_from(name.len()), u32::try_from(changes.len()));
        let (Ok(name_bytes), Ok(bytes), true) = (lengths.0, lengths.1, end <= self.budget.bytes)
        else {
            self.is_too_large = true;
            return;
        };
        let changes = Bytes::from(changes);
        if self.is_too_large || self.budget.check(&changes, 0).is_err() {
            self.is_too_large = true;
            return;
        }
        self.out.push(kind);
        self.out.extend_from_slice(&name_bytes.to_le_bytes());
        self.out.extend_from_slice(name);
        self.out.extend_from_slice(&bytes.to_le_bytes());
        self.out.extend_from_slice(&changes);
    }

    /// The whole file.
    ///
    /// # Errors
    /// [`QuestionError::TooLarge`]: it could not be imported again.
    pub fn finish(mut self) -> Result<Vec<u8>, QuestionError> {
        if self.is_too_large {
            return Err(QuestionError::TooLarge);
        }
        self.out.push(END);
        let checksum = Sha256::digest(&self.out);
        self.out.extend_from_slice(&checksum);
        Ok(self.out)
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

const TOO_LARGE: &str = "let the devices of the room sync instead";
const DAMAGED: &str = "the file is damaged: copy or export it again";

/// How many documents the file of the room `board` has.
///
/// # Errors
/// [`ImportError::File`], as importing it would give.
pub fn documents_in(bytes: &Bytes, board: &DocumentId) -> Result<usize, ImportError> {
    Ok(read(bytes, board)?.len())
}

/// Reads a file of the room `board` and lets the guard look at every change. The board's section comes first.
///
/// # Errors
/// [`ImportError::File`] with the byte; nothing was given to automerge.
pub(crate) fn read(bytes: &Bytes, board: &DocumentId) -> Result<Vec<Section>, ImportError> {
    read_within(Budget::default(), bytes, board)
}

fn read_within(
    budget: Budget,
    bytes: &Bytes,
    board: &DocumentId,
) -> Result<Vec<Section>, ImportError> {
    if bytes.len() > budget.bytes {
        return Err(wrong(0, "the file is too large", TOO_LARGE));
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
    let mut reader = Reader { bytes: sections, at: MAGIC.len() + 1, budget };
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
    budget: Budget,
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
        let changes = self.budget.check(&chunks, chunks_at)?;
        Ok(Some(Section { part, changes, at }))
    }
}

impl Budget {
    /// Takes a document off. What a peer could bring in one message is what it may hold.
    fn check(&mut self, chunks: &Bytes, at: usize) -> Result<Vec<CheckedChange>, ImportError> {
        let sections = self.sections.checked_sub(1);
        let too_many = || wrong(at, "there are too many documents in it", TOO_LARGE);
        self.sections = sections.ok_or_else(too_many)?;
        let mut message = MessageBudget::default();
        let mut changes = Vec::new();
        for chunk in guard::chunks(chunks) {
            let refused = |why: &dyn std::fmt::Display| {
                wrong(at, &["a change is refused, ", &why.to_string()].concat(), DAMAGED)
            };
            let chunk = chunk.map_err(|error| refused(&error))?;
            match chunk.kind {
                ChunkKind::Change | ChunkKind::DeflatedChange => {
                    let change = message.check_change(&chunk.bytes, |_| false);
                    changes.extend(change.map_err(|error| refused(&error))?);
                }
                ChunkKind::Document | ChunkKind::Bundle => {
                    return Err(refused(&"it is not a change"));
                }
            }
            if message.ops_spent() > self.ops {
                return Err(wrong(at, "there are too many operations in it", TOO_LARGE));
            }
        }
        self.ops = self.ops.saturating_sub(message.ops_spent());
        Ok(changes)
    }
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
    use automerge::transaction::Transactable as _;
    use automerge::{ActorId, Automerge, ROOT};

    use super::*;

    /// Everything of a document of so many operations, the same each time.
    #[expect(clippy::disallowed_methods, reason = "any document will do")]
    fn changes(operations: i64) -> Vec<u8> {
        let mut doc = Automerge::new().with_actor(ActorId::from(&[1; 16][..]));
        let mut transaction = doc.transaction();
        for number in 0..operations {
            transaction.put(ROOT, number.to_string(), number).unwrap();
        }
        transaction.commit();
        doc.save_after(&[])
    }

    fn write(budget: Budget) -> Result<Vec<u8>, QuestionError> {
        let board = DocumentId::from_room_name("test");
        let mut writer = RoomWriter::within(budget, &board, changes(5));
        writer.talk(&talk_id(&board), changes(4));
        writer.body(&CardId::new("a").unwrap(), changes(3));
        writer.finish()
    }

    #[test]
    fn limits_are_those_of_the_whole_file_and_no_file_is_written_that_could_not_be_read() {
        let file = write(Budget::default()).unwrap();
        let within = |less: (usize, usize, u64)| {
            let (bytes, sections, ops) = (file.len() - less.0, 3 - less.1, 12 - less.2);
            Budget { bytes, sections, ops }
        };
        let bytes = Bytes::from(file.clone());
        let read = |budget| read_within(budget, &bytes, &DocumentId::from_room_name("test"));
        assert_eq!(read(within((0, 0, 0))).unwrap().len(), 3);
        assert_eq!(write(within((0, 0, 0))).unwrap(), file);
        let rows = [
            ((1, 0, 0), "the file is too large"),
            ((0, 1, 0), "there are too many documents in it"),
            ((0, 0, 1), "there are too many operations in it"),
        ];
        for (less, said) in rows {
            let error = read(within(less)).unwrap_err().to_string();
            assert!(error.contains(said) && error.ends_with(TOO_LARGE), "{error}");
            assert_eq!(write(within(less)), Err(QuestionError::TooLarge), "{said}");
        }
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        let table = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (length, expected) in table.into_iter().enumerate() {
            assert_eq!(base64(&b"foobar"[..length]), expected);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}
