//! Changes that pass guard and history, and hurt automerge when it applies them or loads what it saved: the rest that
//! `docs/SECURITY.md` counts. The people of the room must go on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::transaction::Transactable;
use automerge::{AutoCommit, Change, ObjType, ROOT, ReadDoc};
use bytes::Bytes;
use warroom_protocol::guard::check_change;
use warroom_relay::core::history::{History, Outcome as Taken};

use crate::attack::{Intruder, ROOM, Scene};
use crate::forge::with_checksum;
use crate::people::{is_titled, open};
use crate::relay::{promptly, within};

/// How a change hurts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    /// Automerge panics when it applies it.
    Panics,
    /// Automerge applies it, and never loads what it saves then.
    Bricks,
}

/// Changes of the shapes that hurt most often: they name operations of others.
fn candidates(intruder: &mut Intruder) -> Vec<Change> {
    let board = intruder.copy();
    let mut changes = Vec::new();
    for key in board.keys(ROOT).collect::<Vec<_>>() {
        let mut document = intruder.copy();
        document.put(ROOT, &key, "other").unwrap();
        document.put(ROOT, "another", 1).unwrap();
        document.commit();
        changes.extend(document.get_last_local_change());
        let Some((_, object)) = board.get(ROOT, &key).unwrap() else { continue };
        if board.object_type(&object).is_ok_and(|kind| kind == ObjType::Map) {
            for inner in board.keys(&object).collect::<Vec<_>>() {
                let mut document = intruder.copy();
                document.put(&object, &inner, "other").unwrap();
                document.delete(&object, &inner).unwrap();
                document.commit();
                changes.extend(document.get_last_local_change());
            }
        }
    }
    changes
}

fn flips(chunk: &[u8]) -> impl Iterator<Item = Bytes> + '_ {
    (64..chunk.len() * 8).map(|bit| {
        let mut chunk = chunk.to_vec();
        chunk[bit / 8] ^= 1 << (bit % 8);
        with_checksum(&chunk)
    })
}

fn harm(before: &AutoCommit, chunk: &Bytes) -> Option<Harm> {
    let applied = catch_unwind(AssertUnwindSafe(|| {
        let mut document = before.clone();
        let change = Change::from_bytes(chunk.to_vec()).ok()?;
        document.apply_changes([change]).ok()?;
        Some(document.save())
    }));
    match applied {
        Err(_) => Some(Harm::Panics),
        Ok(None) => None,
        Ok(Some(saved)) => {
            let loaded = catch_unwind(|| AutoCommit::load(&saved).is_ok());
            (!loaded.unwrap_or(false)).then_some(Harm::Bricks)
        }
    }
}

/// A change that the relay takes and that does this harm.
fn poison(intruder: &mut Intruder, wanted: Harm) -> Bytes {
    let changes = intruder.replica.document.get_changes(&[]);
    let chunks: Vec<_> =
        changes.iter().map(|change| Bytes::copy_from_slice(change.raw_bytes())).collect();
    let before = intruder.replica.document.clone();
    for honest in candidates(intruder) {
        for mutant in flips(honest.raw_bytes()) {
            let Ok(checked) = check_change(&mutant) else { continue };
            let mut history = History::load(chunks.clone()).unwrap();
            let is_taken = matches!(history.take(checked), Ok(Taken::Placed(_)));
            if is_taken && harm(&before, &mutant) == Some(wanted) {
                return mutant;
            }
        }
    }
    panic!("nothing that {wanted:?}: the guard became better, say so in docs/SECURITY.md");
}

async fn survive(wanted: Harm) {
    let mut scene = Scene::open().await;
    let mut intruder = Intruder::join(&scene.relay, "intruder").await;
    let chunk = poison(&mut intruder, wanted);
    let hash = check_change(&chunk).unwrap().hash;
    for message in intruder.send_chunks(vec![chunk]) {
        intruder.peer.send_message(message).await;
    }
    // the relay has it once it names it among its heads
    let is_there = async {
        loop {
            if let warroom_protocol::wire::Frame::Sync { data, .. } =
                intruder.peer.receive().await.unwrap()
            {
                let message = warroom_protocol::sync_message::SyncMessage::decode(&data).unwrap();
                if message.heads.contains(&hash) {
                    return;
                }
            }
        }
    };
    within("the poison on the relay", is_there).await;
    scene.elsewhere.exchange().await;
    for _ in 0..3 {
        scene.attacked.exchange().await;
    }
    let title = format!("bea {}", scene.attacked.turns());
    // who comes later gets the poison with everything else
    let nick = open(scene.relay.address, ROOM, "nick");
    promptly("a newcomer", nick.board_when(|board| is_titled(board, "talk", &title)))
        .await
        .unwrap();
    nick.close().await;
    scene.attacked.exchange().await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_survive_a_change_that_panics_automerge() {
    survive(Harm::Panics).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_survive_a_change_that_makes_a_document_that_never_loads() {
    survive(Harm::Bricks).await;
}
