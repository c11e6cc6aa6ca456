//! Notes among a document's chunks, so that the next start knows what this one learnt.
//!
//! A note is a chunk of its own kind, stored like any other; all of a kind together are one list of hashes.
//!
//! Layout: the 16 bytes that name the kind ‖ hashes of 32 bytes each.

use bytes::Bytes;

use crate::document::Hash;
use crate::output::Chunk;
use warroom_protocol::sorted::sort;

/// What a note says of its hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// The relay had these heads on its disk. Without it a device that starts offline could only say that everything
    /// might be waiting.
    OnRelay,
    /// These changes and chunks broke an engine down and are left out. Without it they would again, at each start.
    LeftOut,
}

impl Mark {
    fn magic(self) -> &'static [u8; 16] {
        match self {
            Self::OnRelay => b"warroom relay 1\n",
            Self::LeftOut => b"warroom leave 1\n",
        }
    }

    /// The note.
    pub(super) fn write(self, hashes: impl Iterator<Item = Hash>) -> Chunk {
        let mut bytes = self.magic().to_vec();
        bytes.extend(hashes.flatten());
        Chunk::new(Bytes::from(bytes))
    }

    /// The hashes of those chunks that are notes.
    pub(super) fn notes(chunks: &[Chunk]) -> Vec<Hash> {
        let is_note = |chunk: &&Chunk| {
            [Self::OnRelay, Self::LeftOut].iter().any(|mark| mark.read(chunk).is_some())
        };
        chunks.iter().filter(is_note).map(|chunk| chunk.hash).collect()
    }

    /// Takes the notes of this kind out of a document's chunks and returns all hashes in them, sorted. A note that is
    /// torn is an automerge chunk that can't be read, like any other.
    pub(super) fn take(self, chunks: &mut Vec<Chunk>) -> Vec<Hash> {
        let mut noted = Vec::new();
        chunks.retain(|chunk| match self.read(chunk) {
            Some(hashes) => {
                noted.extend(hashes);
                false
            }
            None => true,
        });
        sort(&mut noted);
        noted.dedup();
        noted
    }

    fn read(self, chunk: &Chunk) -> Option<&[Hash]> {
        let (hashes, rest) = chunk.bytes.strip_prefix(self.magic())?.as_chunks::<32>();
        (rest.is_empty() && chunk.is_intact()).then_some(hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written_and_other_chunks_stay() {
        let hashes: [Hash; 2] = [[1; 32], [2; 32]];
        let other = Chunk::new(Bytes::from_static(b"something else"));
        for (mark, unlike) in [(Mark::OnRelay, Mark::LeftOut), (Mark::LeftOut, Mark::OnRelay)] {
            let whole = mark.write(hashes.into_iter());
            let torn = Chunk { bytes: whole.bytes.slice(..48), ..whole.clone() };
            let of_others = unlike.write(hashes.into_iter());
            let again = mark.write(hashes.into_iter().take(1));
            let notes = [whole.hash, of_others.hash, again.hash];
            let mut chunks = vec![whole, other.clone(), again, torn.clone(), of_others.clone()];
            let mut found = Mark::notes(&chunks);
            found.sort_by_key(|hash| notes.iter().position(|note| note == hash));
            assert_eq!(found, notes);
            assert_eq!(mark.take(&mut chunks), hashes);
            assert_eq!(chunks, [other.clone(), torn, of_others]);
        }
    }
}
