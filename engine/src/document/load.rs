//! Reading what is stored of a document: piece by piece, so that a torn or hostile one costs itself alone.

use std::collections::BTreeSet;

use automerge::{Automerge, Change, ChangeHash, ReadDoc};
use bytes::Bytes;
use warroom_protocol::guard::{self, ChunkKind};

use super::{LoadReport, caught, load_snapshot};
use crate::output::Chunk;

/// A change, and which chunk it was stored in.
type Stored = (usize, Change);

/// Adds everything that can be read of `chunks` to `base`. Automerge's own loading of concatenated chunks drops all
/// but the first when any later one is torn, and says that it went well.
pub(super) fn load(base: Automerge, chunks: Vec<Chunk>) -> (Automerge, LoadReport) {
    let mut snapshots = Vec::new();
    let mut changes = Vec::new();
    let mut bad = BTreeSet::new();
    for (index, chunk) in chunks.iter().enumerate() {
        if !chunk.is_intact() || !read(index, &chunk.bytes, &mut snapshots, &mut changes) {
            bad.insert(index);
        }
    }
    let mut doc = join(base, snapshots, &mut changes);
    apply(&mut doc, &changes, &mut bad);
    let quarantined = chunks.into_iter().enumerate().filter(|(index, _)| bad.contains(index));
    (doc, LoadReport { quarantined: quarantined.map(|(_, chunk)| chunk).collect() })
}

/// Reads every piece of one chunk. False when a piece was not read.
fn read(
    index: usize,
    bytes: &Bytes,
    snapshots: &mut Vec<Automerge>,
    changes: &mut Vec<Stored>,
) -> bool {
    let mut whole = true;
    for piece in guard::chunks(bytes) {
        let Ok(piece) = piece else { return false };
        match piece.kind {
            ChunkKind::Document => match load_snapshot(&piece.bytes) {
                Some(snapshot) if piece.is_intact() => snapshots.push(snapshot),
                Some(_) | None => whole = false,
            },
            ChunkKind::Change | ChunkKind::DeflatedChange => match read_change(&piece.bytes) {
                Some(change) => changes.push((index, change)),
                None => whole = false,
            },
            ChunkKind::Bundle => whole = false,
        }
    }
    whole
}

fn read_change(bytes: &Bytes) -> Option<Change> {
    let checked = guard::check_change(bytes).ok()?;
    caught(|| Change::from_bytes(checked.chunk.to_vec()))?.ok()
}

/// The largest snapshot is what everything else is added to: loading one is far cheaper than applying its changes.
fn join(base: Automerge, snapshots: Vec<Automerge>, changes: &mut Vec<Stored>) -> Automerge {
    let mut doc = base;
    for snapshot in snapshots {
        let larger = snapshot.stats().num_changes > doc.stats().num_changes;
        let (kept, other) = if larger { (snapshot, doc) } else { (doc, snapshot) };
        // a snapshot that fails to merge is whole in itself, so its chunk is not to blame
        changes.extend(other.get_changes(&[]).into_iter().map(|change| (usize::MAX, change)));
        doc = kept;
    }
    doc
}

/// Applies everything at once; when that fails, halves by halves, down to the changes that are to blame.
fn apply(doc: &mut Automerge, changes: &[Stored], bad: &mut BTreeSet<usize>) {
    if changes.is_empty() {
        return;
    }
    let mut next = doc.clone();
    let batch: Vec<Change> = changes.iter().map(|(_, change)| change.clone()).collect();
    if let Some(Ok(())) = caught(|| next.apply_changes(batch)) {
        *doc = next;
    } else if let [(index, _)] = changes {
        bad.insert(*index);
    } else {
        let (first, second) = changes.split_at(changes.len() / 2);
        apply(doc, first, bad);
        apply(doc, second, bad);
    }
}

/// Whether automerge can give back what it took in since `before`: after some changes it panics when it is asked, or
/// gives others, and would do so at every save and every sync from then on. To be called where panics are caught.
pub(super) fn is_sound(doc: &Automerge, before: &[ChangeHash]) -> bool {
    let given: BTreeSet<ChangeHash> = doc.get_changes(before).iter().map(Change::hash).collect();
    let known = doc.get_changes_meta(before);
    given.len() == known.len() && known.iter().all(|change| given.contains(&change.hash))
}

/// The changes of a message that can be read.
pub(super) fn changes_of(chunks: &[Bytes]) -> Vec<Change> {
    let pieces = chunks.iter().flat_map(guard::chunks).filter_map(Result::ok);
    pieces.filter_map(|piece| read_change(&piece.bytes)).collect()
}

/// Applies those of `changes` that do no harm, and gives back the others: those without which the rest is sound.
pub(super) fn apply_sound<'a>(doc: &mut Automerge, changes: &'a [Change]) -> Vec<&'a Change> {
    if changes.is_empty() {
        return Vec::new();
    }
    let before = doc.get_heads();
    let mut next = doc.clone();
    let is_sound =
        caught(|| next.apply_changes(changes.to_vec()).is_ok() && is_sound(&next, &before));
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
