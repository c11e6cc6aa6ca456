//! Changes that pass guard and history, and hurt automerge when it applies them or loads what it saved: the rest that
//! `docs/SECURITY.md` counts. The people of the room must go on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::{env, fs};

use automerge::transaction::Transactable;
use automerge::{AutoCommit, Change, ObjType, ROOT, ReadDoc};
use bytes::Bytes;
use warroom_engine::{BoardDocument, CardId, ColumnId, Command, Person, Position, UserId};
use warroom_protocol::guard::check_change;
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::{DocumentId, Seed, Timestamp};
use warroom_relay::core::history::{History, Outcome as Taken};

use crate::attack::{Intruder, ROOM, Scene, copy};
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
fn candidates(board: &AutoCommit) -> Vec<Change> {
    let mut board = board.clone();
    let mut changes = Vec::new();
    for key in board.keys(ROOT).collect::<Vec<_>>() {
        let mut document = copy(&mut board);
        document.put(ROOT, &key, "other").unwrap();
        document.put(ROOT, "another", 1).unwrap();
        document.commit();
        changes.extend(document.get_last_local_change());
        let Some((_, object)) = board.get(ROOT, &key).unwrap() else { continue };
        if board.object_type(&object).is_ok_and(|kind| kind == ObjType::Map) {
            for inner in board.keys(&object).collect::<Vec<_>>() {
                let mut document = copy(&mut board);
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
            #[expect(clippy::disallowed_methods, reason = "automerge by itself is what is harmed")]
            let loaded = catch_unwind(|| AutoCommit::load(&saved).is_ok());
            (!loaded.unwrap_or(false)).then_some(Harm::Bricks)
        }
    }
}

fn chunks(board: &AutoCommit) -> Vec<Bytes> {
    let changes = board.clone().get_changes(&[]);
    changes.iter().map(|change| Bytes::copy_from_slice(change.raw_bytes())).collect()
}

/// Whether guard and history take it.
fn is_taken(board: &[Bytes], mutant: &Bytes) -> bool {
    let Ok(checked) = check_change(mutant) else { return false };
    let stored = board.iter().map(|chunk| check_change(chunk).unwrap()).collect();
    let mut history = History::load(stored).unwrap();
    matches!(history.take(checked), Ok(Taken::Placed(_)))
}

/// A change that the relay takes and that does this harm to whoever has the board.
fn poison(board: &AutoCommit, wanted: Harm) -> Bytes {
    let chunks = chunks(board);
    for honest in candidates(board) {
        let mut mutants = flips(honest.raw_bytes());
        let hurts =
            |mutant: &Bytes| is_taken(&chunks, mutant) && harm(board, mutant) == Some(wanted);
        if let Some(mutant) = mutants.find(hurts) {
            return mutant;
        }
    }
    panic!("nothing that {wanted:?}: the guard became better, say so in docs/SECURITY.md");
}

/// A sync message with a whole board and the poison after it, as the tests in a browser send it
/// (`web/e2e/fixtures/poison`). `WARROOM_WRITE_FIXTURES=1` makes it anew.
fn fixture(wanted: Harm) -> Bytes {
    let name = match wanted {
        Harm::Panics => "panics",
        Harm::Bricks => "bricks",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/e2e/fixtures/poison");
    let path = folder.join(name).with_extension("bin");
    if env::var_os("WARROOM_WRITE_FIXTURES").is_some() {
        let (mut chunks, poison) = {
            let board = board();
            (chunks(&board), poison(&board, wanted))
        };
        let heads = vec![check_change(&poison).unwrap().hash];
        chunks.push(poison);
        let message = SyncMessage { heads, changes: chunks, ..SyncMessage::default() };
        fs::create_dir_all(&folder).unwrap();
        fs::write(&path, message.encode()).unwrap();
    }
    fs::read(&path).unwrap().into()
}

/// A board with one card, as the engine writes it.
#[expect(clippy::disallowed_methods, reason = "automerge by itself is what is harmed")]
fn board() -> AutoCommit {
    let person = Person { id: UserId::new("ann").unwrap(), name: "Ann".to_owned(), colour: 1 };
    let id = DocumentId::from_room_name("poisoned");
    let (mut board, _) = BoardDocument::open(id, person.id.clone(), Seed([7; 32]), Vec::new());
    let (card, column) = (CardId::new("still").unwrap(), ColumnId::new("todo").unwrap());
    let title = "still here".to_owned();
    let add = Command::AddCard { id: card, column, title, position: Position::End };
    for command in [Command::SetPerson { person }, add] {
        board.apply_command(Timestamp(1_000_000), command).unwrap();
    }
    AutoCommit::load(&board.doc().save()).unwrap()
}

#[test]
fn what_the_browser_tests_send_hurts() {
    for wanted in [Harm::Panics, Harm::Bricks] {
        let message = SyncMessage::decode(&fixture(wanted)).unwrap();
        let (poison, honest) = message.changes.split_last().unwrap();
        #[expect(clippy::disallowed_methods, reason = "automerge by itself is what is harmed")]
        let mut board = AutoCommit::new();
        for chunk in honest {
            board.apply_changes([Change::from_bytes(chunk.to_vec()).unwrap()]).unwrap();
        }
        assert!(is_taken(honest, poison), "the relay refuses what {wanted:?}: make it anew");
        assert_eq!(harm(&board, poison), Some(wanted), "automerge became better: make it anew");
    }
}

async fn survive(wanted: Harm) {
    let mut scene = Scene::open().await;
    let mut intruder = Intruder::join(&scene.relay, "intruder").await;
    let chunk = poison(&intruder.replica.document, wanted);
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
                let message = SyncMessage::decode(&data).unwrap();
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
