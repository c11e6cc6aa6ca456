//! A note among a document's chunks: which heads the relay had on its disk.
//!
//! Without it a device that starts offline could only say that everything might be waiting. The note is a chunk of
//! its own kind, stored like any other; the newest is as good as all of them together.
//!
//! Layout: the 16 bytes of [`MAGIC`] ‖ heads of 32 bytes each.

use automerge::ChangeHash;
use bytes::Bytes;

use crate::output::Chunk;

const MAGIC: [u8; 16] = *b"warroom relay 1\n";

/// The note that the relay has these heads.
pub(super) fn write(heads: &[ChangeHash]) -> Chunk {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(heads.iter().flat_map(|head| head.0));
    Chunk::new(Bytes::from(bytes))
}

/// Takes the notes out of a document's chunks and returns all heads in them. A note that is torn is an automerge
/// chunk that can't be read, like any other.
pub(super) fn take(chunks: &mut Vec<Chunk>) -> Vec<ChangeHash> {
    let mut heads = Vec::new();
    chunks.retain(|chunk| match read(chunk) {
        Some(noted) => {
            heads.extend(noted);
            false
        }
        None => true,
    });
    heads.sort_unstable();
    heads.dedup();
    heads
}

fn read(chunk: &Chunk) -> Option<Vec<ChangeHash>> {
    let hashes = chunk.bytes.strip_prefix(&MAGIC)?;
    let (hashes, rest) = hashes.as_chunks::<32>();
    let is_whole = rest.is_empty() && chunk.is_intact();
    is_whole.then(|| hashes.iter().map(|hash| ChangeHash(*hash)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written_and_other_chunks_stay() {
        let heads = [ChangeHash([1; 32]), ChangeHash([2; 32])];
        let other = Chunk::new(Bytes::from_static(b"something else"));
        let torn = Chunk::new(write(&heads).bytes.slice(..40));
        let mut chunks = vec![write(&heads), other.clone(), write(&heads[..1]), torn.clone()];
        assert_eq!(take(&mut chunks), heads);
        assert_eq!(chunks, [other, torn]);
    }
}
