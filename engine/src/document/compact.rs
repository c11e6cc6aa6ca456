//! One snapshot in the place of many chunks, given out only after it was loaded again and holds all that they hold.
//!
//! **Why nothing is lost, whoever else does the same at the same time** (two tabs on one storage): whoever deletes a
//! chunk has read it or written it, and stores in the same step, or before, a snapshot that holds every change of it.
//! That snapshot is deleted in turn only by somebody who has read it and stores one that holds its changes. So after
//! each step the chunks that are stored hold every change that was stored before; what another tab stored since is in
//! nobody's list and stays. The price of two at once are two snapshots, which the next compaction joins.

use std::collections::BTreeSet;

use automerge::ChangeHash;
use bytes::Bytes;
use warroom_protocol::guard::{self, ChunkKind};

use super::{Document, Hash, in_hand, load};
use crate::document::first_document;
use crate::output::Chunk;

/// A snapshot, and the chunks that it holds the changes of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Compacted {
    pub(crate) snapshot: Chunk,
    /// Chunks that were read or written here; never the snapshot itself.
    pub(crate) replaced: Vec<Hash>,
}

/// How much was stored since the last snapshot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Growth {
    /// Chunks that are no snapshots.
    pub(crate) chunks: usize,
    /// Their bytes.
    pub(crate) bytes: usize,
    /// Bytes of the snapshots.
    pub(crate) snapshot_bytes: usize,
}

impl Document {
    /// How much was stored since the last snapshot, chunks that are kept apart not counted.
    pub(crate) fn growth(&self) -> Growth {
        let mut growth = Growth::default();
        for chunk in self.replaceable() {
            if is_snapshot(chunk) {
                growth.snapshot_bytes += chunk.bytes.len();
            } else {
                growth.chunks += 1;
                growth.bytes += chunk.bytes.len();
            }
        }
        growth
    }

    /// Makes a snapshot and loads it again. None when it can't be made, does not hold what the document holds, or was
    /// in hand when an engine broke down. A chunk with a change that the snapshot lacks is not replaced.
    pub(crate) fn compact(&self) -> Option<Compacted> {
        if self.broken || self.unmerged || self.is_pristine() {
            return None;
        }
        let attempt = self.attempt();
        if self.suspects.is_harmful(&attempt) {
            return None;
        }
        let snapshot = {
            let _held = in_hand::hold(vec![attempt]);
            Chunk::new(Bytes::from(self.doc.save()))
        };
        let replaced = self.verify(&snapshot)?;
        Some(Compacted { snapshot, replaced })
    }

    /// The chunks that a snapshot replaces. None when it is not to be stored.
    fn verify(&self, snapshot: &Chunk) -> Option<Vec<Hash>> {
        if self.suspects.is_harmful(&snapshot.hash) {
            return None;
        }
        let base = first_document(self.base);
        let (loaded, report) = load::load(base, vec![snapshot.clone()], &self.suspects);
        let hashes = |doc: &automerge::Automerge| -> BTreeSet<ChangeHash> {
            doc.get_changes_meta(&[]).iter().map(|change| change.hash).collect()
        };
        let held = hashes(&loaded);
        let is_whole = report.quarantined.is_empty()
            && loaded.get_heads() == self.doc.get_heads()
            && held == hashes(&self.doc);
        if !is_whole {
            return None;
        }
        // changes that wait for others lie beside the snapshot, in the same chunk
        let mut held = held;
        held.extend(changes_in(snapshot)?.into_iter().map(ChangeHash));
        let is_held = |chunk: &&Chunk| {
            chunk.hash != snapshot.hash
                && changes_in(chunk)
                    .is_some_and(|all| all.iter().all(|hash| held.contains(&ChangeHash(*hash))))
        };
        Some(self.replaceable().filter(is_held).map(|chunk| chunk.hash).collect())
    }

    /// A snapshot is stored, and what it replaces is gone.
    pub(crate) fn handle_compacted(&mut self, compacted: &Compacted) {
        self.made_of.retain(|chunk| !compacted.replaced.contains(&chunk.hash));
        if self.made_of.iter().all(|chunk| chunk.hash != compacted.snapshot.hash) {
            self.made_of.push(compacted.snapshot.clone());
        }
    }

    fn replaceable(&self) -> impl Iterator<Item = &Chunk> {
        self.made_of.iter().filter(|chunk| !self.apart.contains(&chunk.hash))
    }

    /// What stands for the work on a snapshot of these heads, where a panic ends the process: no change and no chunk is
    /// to blame, but it must not be tried again.
    fn attempt(&self) -> Hash {
        let heads: Vec<u8> = self.heads().iter().flat_map(|head| head.0).collect();
        Chunk::new(Bytes::from(heads)).hash
    }
}

fn is_snapshot(chunk: &Chunk) -> bool {
    let first = guard::chunks(&chunk.bytes).next();
    first.is_some_and(|piece| piece.is_ok_and(|piece| piece.kind == ChunkKind::Document))
}

/// The changes of a chunk that are not in a snapshot; those in one were merged, or the document would not be compacted.
fn changes_in(chunk: &Chunk) -> Option<Vec<Hash>> {
    let mut hashes = Vec::new();
    for piece in guard::chunks(&chunk.bytes) {
        let piece = piece.ok()?;
        match piece.kind {
            ChunkKind::Document => {}
            ChunkKind::Change | ChunkKind::DeflatedChange => {
                hashes.push(guard::check_change(&piece.bytes).ok()?.hash.0);
            }
            ChunkKind::Bundle => return None,
        }
    }
    Some(hashes)
}

#[cfg(test)]
mod tests {
    use warroom_protocol::{Dice, Seed, Timestamp};

    use super::*;
    use crate::board::schema::{TEXT, first_of_body};
    use crate::board::text_at;
    use crate::coalesce::{Edit, Typing};
    use crate::document::{Message, Stored};
    use crate::ids::UserId;

    fn open(seed: u8, chunks: Vec<Chunk>) -> Document {
        let person = UserId::random(&mut Dice::new(Seed([9; 32])));
        Document::open(first_of_body, person, Seed([seed; 32]), Stored::from(chunks)).0
    }

    fn write(document: &mut Document) -> Chunk {
        let text = text_at(document.doc().into(), &automerge::ROOT, TEXT).unwrap();
        let edit = Edit { at: 0, delete: 0, insert: vec![97] };
        let message = Message { kind: "type", card: None };
        document
            .write_edits(
                Timestamp(0),
                &message,
                &text,
                Typing { begun: Timestamp(0), edits: vec![edit] },
            )
            .unwrap();
        document.take_new_chunk().unwrap()
    }

    fn some(count: usize) -> (Document, Vec<Chunk>) {
        let mut document = open(1, Vec::new());
        let chunks = (0..count).map(|_| write(&mut document)).collect();
        (document, chunks)
    }

    fn hashes(chunks: &[Chunk]) -> Vec<Hash> {
        chunks.iter().map(|chunk| chunk.hash).collect()
    }

    #[test]
    fn a_snapshot_replaces_what_it_was_made_of_and_loads_as_the_same() {
        let (mut document, chunks) = some(5);
        assert_eq!(document.growth().chunks, 5);
        let compacted = document.compact().unwrap();
        assert_eq!(compacted.replaced, hashes(&chunks));
        document.handle_compacted(&compacted);
        let size = compacted.snapshot.bytes.len();
        let growth = Growth { chunks: 0, bytes: 0, snapshot_bytes: size };
        assert_eq!(document.growth(), growth);
        assert_eq!(open(2, vec![compacted.snapshot]).heads(), document.heads());
        assert_eq!(document.compact().unwrap().replaced, [[0; 32]; 0], "it is not its own victim");
        write(&mut document);
        let next = document.compact().unwrap();
        assert_eq!(next.replaced.len(), 2);
    }

    #[test]
    fn a_snapshot_that_lacks_a_change_or_is_torn_is_not_stored() {
        let (document, chunks) = some(3);
        let older = open(2, chunks[..2].to_vec());
        let older = Chunk::new(Bytes::from(older.doc().save()));
        assert_eq!(document.verify(&older), None);
        let whole = document.compact().unwrap().snapshot;
        let torn = Chunk::new(whole.bytes.slice(..whole.bytes.len() - 1));
        assert_eq!(document.verify(&torn), None);
        assert!(document.verify(&whole).is_some());
    }

    #[test]
    fn a_change_that_waits_for_another_is_held_or_its_chunk_stays() {
        let (_, chunks) = some(4);
        let document = open(2, vec![chunks[0].clone(), chunks[2].clone(), chunks[3].clone()]);
        let compacted = document.compact().unwrap();
        let stays = |chunk: &&Chunk| !compacted.replaced.contains(&chunk.hash);
        let mut stored: Vec<Chunk> = chunks[2..].iter().filter(stays).cloned().collect();
        stored.extend([compacted.snapshot.clone(), chunks[1].clone()]);
        assert_eq!(open(3, stored).heads(), open(4, chunks).heads());
    }

    #[test]
    fn a_chunk_that_is_kept_apart_is_never_replaced() {
        let (_, mut chunks) = some(3);
        let torn = Chunk { bytes: chunks[2].bytes.slice(..20), ..chunks[2] };
        chunks[2] = torn;
        let document = open(2, chunks.clone());
        assert_eq!(document.growth().chunks, 2);
        assert_eq!(document.compact().unwrap().replaced, hashes(&chunks[..2]));
    }

    #[test]
    fn what_broke_an_engine_down_is_not_tried_again() {
        let (document, chunks) = some(3);
        let snapshot = document.compact().unwrap().snapshot;
        for hash in [snapshot.hash, document.attempt()] {
            let suspects = crate::document::Suspects::of(vec![vec![hash]]);
            let stored = Stored { chunks: chunks.clone(), suspects };
            let person = UserId::random(&mut Dice::new(Seed([9; 32])));
            let (again, _) = Document::open(first_of_body, person, Seed([3; 32]), stored);
            assert_eq!(again.compact(), None);
        }
    }
}
