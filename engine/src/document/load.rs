//! Reading what is stored of a document: piece by piece, so that a torn or hostile one costs itself alone.

use std::collections::BTreeSet;

use automerge::{Automerge, Change, ChangeHash, ReadDoc};
use bytes::Bytes;
use warroom_protocol::guard::{self, CheckedChange, ChunkKind};

use super::{Hash, LoadReport, Suspects, caught, load_snapshot};
use crate::error::ReceiveError;
use crate::output::Chunk;
use warroom_protocol::sorted::{SortedSet, sort_by};

/// A change, and which chunk it was stored in.
type Stored = (usize, Change);

/// Adds everything that can be read of `chunks` to `base`. Automerge's own loading of concatenated chunks drops all
/// but the first when any later one is torn, and says that it went well.
pub(super) fn load(
    base: Automerge,
    chunks: Vec<Chunk>,
    suspects: &Suspects,
) -> (Automerge, LoadReport) {
    let mut pieces = Pieces::of(suspects);
    let mut bad = SortedSet::new();
    for (index, chunk) in chunks.iter().enumerate() {
        if !chunk.is_intact() || !pieces.read(index, chunk) {
            bad.insert(index);
        }
    }
    let Pieces { suspects: _, snapshots, mut changes, mut suspected } = pieces;
    let mut doc = join(base, snapshots, &mut changes);
    apply(&mut doc, &changes, &mut bad);
    if !suspected.is_empty() {
        // one at a time, after what they may depend on
        sort_by(&mut suspected, |(_, a), (_, b)| a.start_op().cmp(&b.start_op()));
        for change in suspected {
            apply(&mut doc, &[change], &mut bad);
        }
    }
    let unmerged = bad.contains(&usize::MAX);
    let quarantined = chunks.into_iter().enumerate().filter(|(index, _)| bad.contains(index));
    (doc, LoadReport { quarantined: quarantined.map(|(_, chunk)| chunk).collect(), unmerged })
}

/// What was read so far.
struct Pieces<'a> {
    suspects: &'a Suspects,
    snapshots: Vec<Automerge>,
    changes: Vec<Stored>,
    suspected: Vec<Stored>,
}

impl<'a> Pieces<'a> {
    fn of(suspects: &'a Suspects) -> Self {
        let (snapshots, changes, suspected) = (Vec::new(), Vec::new(), Vec::new());
        Self { suspects, snapshots, changes, suspected }
    }

    /// Reads every piece of one chunk. False when a piece was not read.
    fn read(&mut self, index: usize, chunk: &Chunk) -> bool {
        let mut whole = true;
        for piece in guard::chunks(&chunk.bytes) {
            let Ok(piece) = piece else { return false };
            let was_read = match piece.kind {
                ChunkKind::Document => {
                    piece.is_intact() && self.read_snapshot(chunk.hash, &piece.bytes)
                }
                ChunkKind::Change | ChunkKind::DeflatedChange => {
                    self.read_change(index, &piece.bytes)
                }
                ChunkKind::Bundle => false,
            };
            whole = whole && was_read;
        }
        whole
    }

    fn read_snapshot(&mut self, chunk: Hash, bytes: &Bytes) -> bool {
        if self.suspects.is_harmful(&chunk) {
            return false;
        }
        let snapshot = load_snapshot(chunk, bytes);
        let was_read = snapshot.is_some();
        self.snapshots.extend(snapshot);
        was_read
    }

    fn read_change(&mut self, index: usize, bytes: &Bytes) -> bool {
        let Ok(checked) = guard::check_change(bytes) else { return false };
        if self.suspects.is_harmful(&checked.hash.0) {
            return false;
        }
        let Some(change) = read(&checked) else { return false };
        let is_suspected = self.suspects.is_suspected(&checked.hash.0);
        let list = if is_suspected { &mut self.suspected } else { &mut self.changes };
        list.push((index, change));
        true
    }
}

fn read(checked: &CheckedChange) -> Option<Change> {
    caught(vec![checked.hash.0], || Change::from_bytes(checked.chunk.to_vec()))?.ok()
}

/// The largest snapshot is what everything else is added to: loading one is far cheaper than applying its changes.
fn join(base: Automerge, snapshots: Vec<Automerge>, changes: &mut Vec<Stored>) -> Automerge {
    let mut doc = base;
    for snapshot in snapshots {
        let larger = snapshot.stats().num_changes > doc.stats().num_changes;
        let (kept, other) = if larger { (snapshot, doc) } else { (doc, snapshot) };
        // mostly nothing but the first change, which every snapshot has: applying it again would copy the document
        let lacks = |change: &Change| kept.get_change_meta_by_hash(&change.hash()).is_none();
        let lacking = other.get_changes(&[]).into_iter().filter(lacks);
        // a snapshot that fails to merge is whole in itself, so its chunk is not to blame
        changes.extend(lacking.map(|change| (usize::MAX, change)));
        doc = kept;
    }
    doc
}

/// Applies everything at once; when that fails, halves by halves, down to the changes that are to blame.
fn apply(doc: &mut Automerge, changes: &[Stored], bad: &mut SortedSet<usize>) {
    if changes.is_empty() {
        return;
    }
    let mut next = doc.clone();
    let batch: Vec<Change> = changes.iter().map(|(_, change)| change.clone()).collect();
    let hashes = batch.iter().map(|change| change.hash().0).collect();
    if let Some(Ok(())) = caught(hashes, || next.apply_changes(batch)) {
        *doc = next;
    } else if let [(index, _)] = changes {
        bad.insert(*index);
    } else {
        let (first, second) = changes.split_at(changes.len() / 2);
        apply(doc, first, bad);
        apply(doc, second, bad);
    }
}

/// What automerge took in since `before`, if it can give it back: after some changes it panics when it is asked, or
/// gives others, and would do so at every save and every sync from then on. To be called where panics are caught.
pub(super) fn given_back(doc: &Automerge, before: &[ChangeHash]) -> Option<Vec<Change>> {
    if doc.get_heads() == before {
        // asked for nothing, automerge looks through the whole document all the same
        return Some(Vec::new());
    }
    let changes = doc.get_changes(before);
    let given: BTreeSet<ChangeHash> = changes.iter().map(Change::hash).collect();
    let known = doc.get_changes_meta(before);
    let is_sound =
        given.len() == known.len() && known.iter().all(|change| given.contains(&change.hash));
    is_sound.then_some(changes)
}

/// Changes as automerge reads them, all or none.
pub(super) fn read_whole(changes: &[CheckedChange]) -> Result<Vec<Change>, ReceiveError> {
    let mut read = Vec::with_capacity(changes.len());
    for change in changes {
        match caught(vec![change.hash.0], || Change::from_bytes(change.chunk.to_vec())) {
            Some(Ok(change)) => read.push(change),
            Some(Err(error)) => return Err(ReceiveError::Refused(error.to_string())),
            None => return Err(ReceiveError::Panicked),
        }
    }
    Ok(read)
}

/// Those of the changes that automerge can read.
pub(super) fn read_all(changes: &[CheckedChange]) -> Vec<Change> {
    changes.iter().filter_map(read).collect()
}

/// Applies those of `changes` that do no harm, and gives back the others: those without which the rest is sound.
pub(super) fn apply_sound<'a>(doc: &mut Automerge, changes: &'a [Change]) -> Vec<&'a Change> {
    if changes.is_empty() {
        return Vec::new();
    }
    let before = doc.get_heads();
    let mut next = doc.clone();
    let hashes = changes.iter().map(|change| change.hash().0).collect();
    let is_sound = caught(hashes, || {
        next.apply_changes(changes.to_vec()).is_ok() && given_back(&next, &before).is_some()
    });
    if is_sound == Some(true) {
        *doc = next;
        return Vec::new();
    }
    if let [change] = changes {
        return vec![change];
    }
    let (first, second) = changes.split_at(changes.len() / 2);
    let mut harmful = apply_sound(doc, first);
    harmful.extend(apply_sound(doc, second));
    harmful
}
