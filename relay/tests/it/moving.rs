//! Goal: what a backup or a file has and a store lacks comes back, to those too who have it open, and nothing is lost by it.
//! Method: the commands against the real program with peers connected, against files that nobody has, and against
//! documents that don't take what is brought.

use std::fs;

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ROOT};
use bytes::Bytes;
use warroom_protocol::ChangeHash;
use warroom_relay::core::SavedChange;
use warroom_relay::operator::Outcome;
use warroom_relay::store::{Append, Disk, FileDisk, RoomRequest};

use crate::operator::{heads, operate, text};
use crate::peer::{Peer, Replica};
use crate::program::Program;
use crate::store::{append, changes};

/// A store in that folder that has these.
fn store(folder: &tempfile::TempDir, appends: &[Append]) -> std::path::PathBuf {
    let path = folder.path().join("warroom.redb");
    let mut store = FileDisk::new(&path).open().unwrap();
    assert!(store.commit(appends).unwrap().iter().all(Result::is_ok), "all is taken");
    store.close().unwrap();
    path
}

async fn done(line: &[&str]) -> String {
    let (ended, said) = operate(line).await;
    assert_eq!(ended, Ok(Outcome::Done), "{line:?}: {said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_into_a_running_relay_brings_back_what_it_lacks_and_who_has_it_open_sees_it() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let relay = Program::start(old.path());
    let mut lost = Replica::new("open");
    let mut alone = Replica::new("alone");
    let mut peer = Peer::join(relay.address, "before").await;
    for number in 0..50 {
        lost.put(&format!("before {number}"), number);
    }
    alone.put("alone", 1);
    lost.save(&mut peer).await;
    alone.save(&mut peer).await;
    let backup = old.path().join("backup.redb");
    done(&["backup", "--data", text(old.path()), text(&backup)]).await;
    relay.kill();

    let mut relay = Program::start(new.path());
    let mut peer = Peer::join(relay.address, "now").await;
    let mut here = Replica::new("open");
    here.put("now", 7);
    here.save(&mut peer).await;
    let said = done(&["restore", "--data", text(new.path()), text(&backup)]).await;
    assert!(said.contains("51 changes in 2 documents are back, of 2"), "{said}");
    here.sync_until(&mut peer, |here| here.len() == 51).await.unwrap();
    assert_eq!((here.value("now"), here.value("before 49")), (Some(7), Some(49)));
    // whoever comes gets both
    let mut later = Replica::new("open");
    let mut other = Peer::join(relay.address, "later").await;
    later.sync_until(&mut other, |later| later.len() == 51).await.unwrap();
    // twice is once
    let said = done(&["restore", "--data", text(new.path()), text(&backup)]).await;
    assert!(said.contains("0 changes in 0 documents are back, of 2"), "{said}");
    relay.signal("TERM");
    assert!(relay.end().0.success());
    let there = heads(&new.path().join("warroom.redb"));
    let mut both: Vec<_> =
        here.document.get_heads().iter().map(|head| ChangeHash(head.0)).collect();
    both.sort();
    let of = |replica: &Replica| replica.document_id.to_string();
    assert!(there.contains(&(of(&here), both)));
    assert!(there.iter().any(|(document, _)| *document == of(&alone)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_where_nothing_is_makes_an_equal_store_with_its_rooms() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = append("root", &changes(1, 40));
    let body = append("body", &changes(2, 3));
    let body = Append { room: Some(root.document_id.clone()), ..body };
    let alone = append("alone", &changes(3, 3));
    let path = store(&old, &[root.clone(), body, alone.clone()]);
    let before = heads(&path);
    let made = new.path().join("warroom.redb");
    done(&["restore", "--data", text(new.path()), text(&path)]).await;
    assert_eq!(heads(&made), before);
    let in_the_room = |path: &std::path::Path| {
        let request = RoomRequest { root: root.document_id.clone(), since: None };
        FileDisk::new(path).open().unwrap().room(&request).unwrap().documents
    };
    assert_eq!(in_the_room(&made), in_the_room(&path));

    // a room alone
    let file = old.path().join("room.redb");
    let id = root.document_id.to_string();
    done(&["export", "--data", text(old.path()), "--room", &id, text(&file)]).await;
    done(&["verify", text(&file)]).await;
    let alone = alone.document_id.to_string();
    let without = before.into_iter().filter(|(document, _)| *document != alone);
    assert_eq!(heads(&file), without.collect::<Vec<_>>());
    assert_eq!(in_the_room(&file), in_the_room(&path));
}

/// A change with which nothing of [`changes`] goes together: the same actor and number.
#[expect(clippy::disallowed_methods, reason = "the actor is set at once, and no text is counted")]
fn another(actor: u8) -> SavedChange {
    let mut document = AutoCommit::new().with_actor(ActorId::from([actor; 16]));
    document.put(ROOT, "another", "world").unwrap();
    document.commit();
    let change = document.get_last_local_change().unwrap();
    let chunk = Bytes::copy_from_slice(change.raw_bytes());
    SavedChange { hash: ChangeHash(change.hash().0), chunk }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_does_not_take_what_is_brought_is_told_and_the_others_come_back() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backup = store(&old, &[append("a", &changes(1, 3)), append("b", &changes(2, 3))]);
    let path = store(&new, &[append("a", &[another(1)])]);
    let before = heads(&path);
    let (ended, said) = operate(&["restore", "--data", text(new.path()), text(&backup)]).await;
    assert_eq!(ended, Ok(Outcome::Wrong), "{said}");
    let a = append("a", &[]).document_id.to_string();
    assert!(said.contains(&format!("{a}: refused: two different changes of one actor")), "{said}");
    assert!(said.contains("3 changes in 1 documents are back, of 2"), "{said}");
    assert_eq!(heads(&path).len(), 2);
    assert!(before.iter().all(|kept| heads(&path).contains(kept)));
    done(&["verify", "--data", text(new.path())]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "what any program would do with the file")]
async fn an_exported_document_is_what_automerge_loads_and_comes_in_again() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let all = append("room", &[changes(1, 40), changes(2, 3)].concat());
    let path = store(&old, &[all]);
    let file = old.path().join("document");
    done(&["export", "--data", text(old.path()), "room:room", text(&file)]).await;
    let mut loaded = AutoCommit::load(&fs::read(&file).unwrap()).unwrap();
    let mut told: Vec<_> = loaded.get_heads().iter().map(|head| ChangeHash(head.0)).collect();
    told.sort();
    assert_eq!(heads(&path)[0].1, told);
    let import = ["import", "--data", text(new.path()), "room:room", text(&file)];
    assert!(done(&import).await.contains("43 changes"));
    assert!(done(&import).await.contains("0 changes"));
    assert_eq!(heads(&new.path().join("warroom.redb")), heads(&path));

    // what is no file of changes comes to nothing
    let before = heads(&path);
    let mut torn = fs::read(&file).unwrap();
    torn.truncate(torn.len() - 3);
    // and a whole one that builds on others
    let later: Vec<_> = changes(1, 40)[1..].iter().map(|change| change.chunk.clone()).collect();
    let later = [later.concat(), changes(2, 3)[0].chunk.to_vec()].concat();
    for (content, sentence) in [
        (loaded.save(), "is no document, or not one of single changes"),
        (b"dear aunt".to_vec(), "is no document"),
        (torn, "is no document"),
        (later, "1 changes that it builds on are not here"),
    ] {
        let wrong = old.path().join("wrong");
        fs::write(&wrong, content).unwrap();
        let into = ["import", "--data", text(old.path()), "room:empty", text(&wrong)];
        let why = operate(&into).await.0.unwrap_err();
        assert!(why.contains(sentence), "{why}");
    }
    assert_eq!(heads(&path), before);
    let nothing = ["export", "--data", text(old.path()), "room:none", "none"];
    assert!(operate(&nothing).await.0.unwrap_err().contains("no document"));
    assert!(!std::path::Path::new("none").exists());
}
