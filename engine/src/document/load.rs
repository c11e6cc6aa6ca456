//! Reading what is stored of a document: piece by piece, so that a torn or hostile one costs itself alone.

use std::collections::BTreeSet;

use automerge::{Automerge, Change, ReadDoc};
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
