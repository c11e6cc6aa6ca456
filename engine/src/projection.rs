//! What a document reads as, kept beside its chunks: a board is on screen, and a body readable, before the history has
//! been read.
//!
//! It is a copy that may be lost, torn or old: whoever shows it compares it with the document once that is here.
//!
//! Layout: 16 bytes that name the format and its version ‖ SHA-256 of the document's id and of all that follows ‖ number
//! of heads (u32, little endian) ‖ heads, 32 bytes each, sorted ‖ content, UTF-8. The content of a board is the JSON of
//! its [`crate::Delta::Reset`], so that it reaches a frontend unread; that of a body is its text.

use automerge::ChangeHash;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use warroom_protocol::DocumentId;

use crate::document::Hash;

/// The format. Its number rises when a board at the same heads reads differently than before (a test pins how one
/// reads): what an engine of another number wrote is not shown.
const MAGIC: &[u8; 16] = b"warroom sight 1\n";

/// What a document read as at its heads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Projection {
    /// The document's heads, sorted.
    pub(crate) heads: Vec<ChangeHash>,
    /// The JSON of a board's `Reset`, or a body's text.
    pub(crate) content: String,
}

impl Projection {
    /// As it is stored.
    pub(crate) fn write(&self, document: &DocumentId) -> Bytes {
        let mut rest = Vec::with_capacity(4 + 32 * self.heads.len() + self.content.len());
        let count = u32::try_from(self.heads.len()).unwrap_or(u32::MAX);
        rest.extend(count.to_le_bytes());
        self.heads.iter().for_each(|head| rest.extend(head.0));
        rest.extend(self.content.as_bytes());
        [MAGIC.as_slice(), &seal(document, &rest), &rest].concat().into()
    }

    /// Reads what was stored. None for what is torn, of another document, or of another version.
    pub(crate) fn read(document: &DocumentId, bytes: &[u8]) -> Option<Self> {
        let (sealed, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<32>()?;
        if *sealed != seal(document, rest) {
            return None;
        }
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        let (heads, content) = rest.split_at_checked(count.checked_mul(32)?)?;
        let (heads, _) = heads.as_chunks::<32>();
        let content = str::from_utf8(content).ok()?.to_owned();
        Some(Self { heads: heads.iter().map(|head| ChangeHash(*head)).collect(), content })
    }
}

fn seal(document: &DocumentId, rest: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(document.as_bytes());
    hash.update(rest);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> DocumentId {
        DocumentId::from_room_name(name)
    }

    #[test]
    fn it_reads_as_it_was_written() {
        for heads in [vec![], vec![ChangeHash([1; 32]), ChangeHash([2; 32])]] {
            for content in ["", "Größe 😀"] {
                let written = Projection { heads: heads.clone(), content: content.to_owned() };
                assert_eq!(Projection::read(&room("a"), &written.write(&room("a"))), Some(written));
            }
        }
    }

    #[test]
    fn what_is_torn_or_altered_or_foreign_is_not_read() {
        let heads = vec![ChangeHash([1; 32])];
        let bytes = Projection { heads, content: "text".to_owned() }.write(&room("a"));
        assert_eq!(Projection::read(&room("b"), &bytes), None);
        for length in 0..bytes.len() {
            assert_eq!(Projection::read(&room("a"), &bytes[..length]), None, "{length}");
            let mut altered = bytes.to_vec();
            altered[length] ^= 1;
            assert_eq!(Projection::read(&room("a"), &altered), None, "{length}");
        }
        let mut counted = bytes[48..].to_vec();
        counted[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        let sealed = [MAGIC.as_slice(), &seal(&room("a"), &counted), &counted].concat();
        assert_eq!(Projection::read(&room("a"), &sealed), None, "more heads than there are bytes");
    }
}
