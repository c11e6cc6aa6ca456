//! Goal: what an operator does to a store does it whether a relay runs or not, says what is wrong, and breaks nothing.
//! Method: the commands as the program reads them, in this process, against the real program or a file that nobody has;
//! stores that are damaged row by row.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{Database, ReadableTable, TableDefinition};
use warroom_protocol::ChangeHash;
use warroom_relay::config::{Arguments, Command};
use warroom_relay::operator::{self, Outcome};
use warroom_relay::store::{Disk, FileDisk, PageRequest, RedbStore};

use crate::peer::{Peer, Replica};
use crate::program::{Program, program};
use crate::relay::within;
use crate::store::{append, changes};

/// Carries a command out; how it ended, or the sentence that says why not, and what it said.
pub(crate) async fn operate(line: &[&str]) -> (Result<Outcome, String>, String) {
    let line = ["warroom"].iter().chain(line);
    let Command::Operate(command) = Arguments::read(line).unwrap().command else {
        panic!("no command of an operator")
    };
    let mut said = Vec::new();
    let ended = within("a command", operator::run(command, &mut said)).await;
    (ended.map_err(|error| error.to_string()), String::from_utf8(said).unwrap())
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The documents in a file, each with its heads, in order.
pub(crate) fn heads(path: &Path) -> Vec<(String, Vec<ChangeHash>)> {
    let store = FileDisk::new(path).open().unwrap();
    let page = store.list(&PageRequest { after: None, documents_max: 1000 }).unwrap();
    let documents = page.documents.into_iter();
    documents.map(|meta| (meta.document_id.to_string(), meta.heads)).collect()
}

/// A folder with a store of two documents, one of them counted to the room of the other.
fn stored() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut store = FileDisk::new(folder.path().join("warroom.redb")).open().unwrap();
    let root = append("root", &changes(1, 4));
    let body = append("body", &changes(2, 3));
    let body = warroom_relay::store::Append { room: Some(root.document_id.clone()), ..body };
    assert!(store.commit(&[root, body]).unwrap().iter().all(Result::is_ok), "all is taken");
    store.close().unwrap();
    folder
}

/// Writes until told to stop, each change when the one before is acknowledged.
async fn write(peer: &mut Peer, replica: &mut Replica, stop: &AtomicBool) {
    for number in 0.. {
        replica.put(&format!("key {number}"), number);
        replica.save(peer).await;
        if stop.load(Ordering::Acquire) && number > 20 {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_of_one_moment_and_who_is_ahead_of_it_brings_the_rest_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut relay = Program::start(folder.path());
    let mut peers = Vec::new();
    let mut replicas = Vec::new();
    for name in ["adam", "bea", "cyd"] {
        peers.push(Peer::join(relay.address, name).await);
        replicas.push(Replica::new(name));
    }
    let stop = AtomicBool::new(false);
    let file = folder.path().join("backup.redb");
    let backups = async {
        let mut lines = Vec::new();
        // one after the other while they write, each under its own name
        for turn in 0..3 {
            let file = folder.path().join(format!("{turn}.redb"));
            lines.push(operate(&["backup", "--data", text(folder.path()), text(&file)]).await);
        }
        lines.push(operate(&["backup", "--data", text(folder.path()), text(&file)]).await);
        stop.store(true, Ordering::Release);
        lines
    };
    let writers = peers.iter_mut().zip(&mut replicas);
    let writers = writers.map(|(peer, replica)| write(peer, replica, &stop));
    let (lines, _) = tokio::join!(backups, futures_util::future::join_all(writers));
    for (ended, said) in &lines {
        assert_eq!(*ended, Ok(Outcome::Done), "{said}");
    }
    // who reads it sees what the writer had at some moment
    let at_the_backup = heads(&file);
    for (document, heads) in &at_the_backup {
        let replica =
            replicas.iter_mut().find(|replica| replica.document_id.to_string() == *document);
        let document = &mut replica.unwrap().document;
        let has = |head: &ChangeHash| {
            document.get_change_by_hash(&automerge::ChangeHash(head.0)).is_some()
        };
        assert!(heads.iter().all(has));
    }
    // at rest a backup is equal
    let rest = folder.path().join("rest.redb");
    let (ended, said) = operate(&["backup", "--data", text(folder.path()), text(&rest)]).await;
    assert_eq!(ended, Ok(Outcome::Done), "{said}");
    relay.signal("TERM");
    assert!(relay.end().0.success());
    let before = heads(&folder.path().join("warroom.redb"));
    assert_eq!(heads(&rest), before);
    assert_ne!(at_the_backup, before, "they wrote on after it");

    let restored = tempfile::tempdir().unwrap();
    fs::copy(&file, restored.path().join("warroom.redb")).unwrap();
    let mut relay = Program::start(restored.path());
    for replica in &mut replicas {
        let mut peer = Peer::join(relay.address, "back").await;
        replica.forget_peer();
        replica.save(&mut peer).await;
    }
    relay.signal("TERM");
    assert!(relay.end().0.success());
    assert_eq!(heads(&restored.path().join("warroom.redb")), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_on_a_store_that_no_relay_has_and_leave_it_as_it_is() {
    let folder = stored();
    let path = folder.path().join("warroom.redb");
    let bytes = fs::read(&path).unwrap();
    let data = ["--data", text(folder.path())];
    let backup = folder.path().join("copy.redb");
    let (ended, said) = operate(&["backup", data[0], data[1], text(&backup)]).await;
    assert_eq!(ended, Ok(Outcome::Done), "{said}");
    assert!(said.contains("2 documents with 7 changes"), "{said}");
    let (ended, said) = operate(&["verify", data[0], data[1]]).await;
    assert_eq!(ended, Ok(Outcome::Done), "{said}");
    let (ended, listed) = operate(&["list", data[0], data[1]]).await;
    assert_eq!(ended, Ok(Outcome::Done), "{listed}");
    assert_eq!(listed.lines().count(), 2);
    let root = append("root", &[]).document_id.to_string();
    let body = append("body", &[]).document_id.to_string();
    let line = listed.lines().find(|line| line.starts_with(&body)).unwrap();
    assert!(line.ends_with(&format!("\t{root}")) && line.contains("\t3\t"), "{line}");
    assert_eq!(fs::read(&path).unwrap(), bytes, "it was only read");
    let (_, of) = operate(&["list", "--of", text(&backup)]).await;
    assert_eq!(of, listed);
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["copy.redb", "warroom.redb"], "nothing else is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_done_is_told_in_a_sentence_and_leaves_nothing() {
    let folder = stored();
    let data = ["--data", text(folder.path())];
    let there = folder.path().join("there");
    fs::write(&there, "mine").unwrap();
    let empty = folder.path().join("empty");
    fs::write(&empty, "").unwrap();
    let letter = folder.path().join("letter");
    fs::write(&letter, "dear aunt").unwrap();
    let nowhere = folder.path().join("not/there");
    for (line, sentence) in [
        (vec!["backup", data[0], data[1], text(&there)], "is there already"),
        (vec!["backup", data[0], data[1], text(&nowhere)], "can't be written"),
        (vec!["backup", "--data", text(&nowhere), "x"], "can't be used"),
        (vec!["verify", text(&empty)], "is not a war room database"),
        (vec!["verify", text(&letter)], "is not a war room database"),
        (vec!["verify", text(folder.path())], "it is a folder"),
        (vec!["list", "--of", text(&nowhere)], "can't be used"),
    ] {
        let (ended, said) = operate(&line).await;
        let why = ended.unwrap_err();
        assert!(why.contains(sentence) && !why.contains('\n'), "{line:?}: {why}");
        assert_eq!(said, "", "{line:?}");
    }
    assert_eq!(fs::read(&there).unwrap(), b"mine");
    assert!(!Path::new("x").exists());
    let partial = fs::read_dir(folder.path()).unwrap();
    let partial = partial.filter(|entry| text(&entry.as_ref().unwrap().path()).contains("partial"));
    assert_eq!(partial.count(), 0);
}

type Rows<'a> = redb::Table<'a, &'static [u8], &'static [u8]>;
type Damage = (&'static str, &'static str, fn(&mut Rows<'_>));

/// Replaces the first value of a table by what `change` makes of it.
fn change_first(rows: &mut Rows<'_>, change: impl Fn(&mut Vec<u8>)) {
    let (key, mut value) = {
        let (key, value) = rows.first().unwrap().unwrap();
        (key.value().to_vec(), value.value().to_vec())
    };
    change(&mut value);
    rows.insert(key.as_slice(), value.as_slice()).unwrap();
}

fn remove_first(rows: &mut Rows<'_>) {
    let key = rows.first().unwrap().unwrap().0.value().to_vec();
    rows.remove(key.as_slice()).unwrap();
}

const DAMAGES: [Damage; 10] = [
    ("changes", "can't be used", |rows| {
        change_first(rows, |value| *value.last_mut().unwrap() ^= 1);
    }),
    ("changes", "can't be used", |rows| change_first(rows, |value| value.truncate(20))),
    ("changes", "is not there", |rows| remove_first(rows)),
    ("documents", "its row can't be read", |rows| change_first(rows, |value| value[0] = 9)),
    ("documents", "its row does not say", |rows| {
        change_first(rows, |value| *value.last_mut().unwrap() ^= 1);
    }),
    ("documents", "it has no row", |rows| remove_first(rows)),
    ("members", "its room can't be read", |rows| change_first(rows, |value| value.truncate(3))),
    ("members", "does not count to", |rows| remove_first(rows)),
    ("rooms", "its room does not name it", |rows| remove_first(rows)),
    ("meta", "was not given yet", |rows| {
        rows.remove(b"sequence".as_slice()).unwrap();
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_whatever_does_not_fit_and_names_the_document() {
    let ids = ["root", "body"].map(|room| append(room, &[]).document_id.to_string());
    for (table, sentence, damage) in DAMAGES {
        let folder = stored();
        let path = folder.path().join("warroom.redb");
        let definition: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new(table);
        let database = Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        damage(&mut transaction.open_table(definition).unwrap());
        transaction.commit().unwrap();
        drop(database);
        let (ended, said) = operate(&["verify", "--data", text(folder.path())]).await;
        assert_eq!(ended, Ok(Outcome::Wrong), "{table}: {said}");
        let line = said.lines().find(|line| line.contains(sentence));
        let line = line.unwrap_or_else(|| panic!("{table}: {sentence} is not in {said}"));
        assert!(ids.iter().any(|id| line.starts_with(id.as_str())), "{table}: {line}");
        // a copy is as damaged, and says so
        let copy = folder.path().join("copy.redb");
        let (ended, said) = operate(&["backup", "--data", text(folder.path()), text(&copy)]).await;
        assert_eq!(ended, Ok(Outcome::Wrong), "{table}: {said}");
        assert!(said.contains(sentence), "{table}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_an_index_that_names_other_changes() {
    const POSITIONS: TableDefinition<'_, &[u8], u64> = TableDefinition::new("positions");
    let folder = stored();
    let database = Database::create(folder.path().join("warroom.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(POSITIONS).unwrap().pop_first().unwrap().unwrap();
    transaction.commit().unwrap();
    drop(database);
    let (ended, said) = operate(&["verify", "--data", text(folder.path())]).await;
    assert_eq!(ended, Ok(Outcome::Wrong));
    assert!(said.contains("the index does not name the change"), "{said}");
}

#[test]
fn a_flipped_bit_in_a_backup_is_found() {
    // every page of the tree has a checksum: found when the file is opened
    let folder = stored();
    let path = folder.path().join("warroom.redb");
    let bytes = fs::read(&path).unwrap();
    let chunk = changes(1, 4)[2].chunk.clone();
    let at = bytes.windows(chunk.len()).position(|window| window == chunk).unwrap();
    let mut damaged = bytes;
    damaged[at + chunk.len() - 1] ^= 4;
    fs::write(&path, damaged).unwrap();
    let ended = program(&["verify", "--data", text(folder.path())]).output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let sentence = String::from_utf8(ended.stderr).unwrap();
    assert!(sentence.starts_with("error: ") && sentence.contains("is damaged"), "{sentence}");
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_answers_commands_through_a_socket_that_only_its_user_reaches() {
    let folder = tempfile::tempdir().unwrap();
    // one that did not end left its socket there
    let deep = folder
        .path()
        .join("a folder whose name alone fills half of what a socket may have".repeat(2));
    for data in [folder.path().join("data"), deep] {
        fs::create_dir_all(&data).unwrap();
        let socket = data.join("warroom.redb.sock");
        if text(&socket).len() < 100 {
            drop(UnixListener::bind(&socket).unwrap());
            assert!(socket.exists());
        }
        let mut relay = Program::start(&data);
        let mode = fs::metadata(&socket).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut replica = Replica::new("room");
        replica.put("key", 1);
        replica.save(&mut Peer::join(relay.address, "anna").await).await;
        let (ended, said) = operate(&["verify", "--data", text(&data)]).await;
        assert_eq!(ended, Ok(Outcome::Done), "{said}");
        assert!(said.contains("1 documents with 1 changes"), "{said}");
        relay.signal("TERM");
        assert!(relay.end().0.success());
        assert!(!socket.exists(), "removed at the end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_somebody_has_who_does_not_answer_is_not_touched() {
    let folder = stored();
    let store: RedbStore = FileDisk::new(folder.path().join("warroom.redb")).open().unwrap();
    let (ended, _) = operate(&["verify", "--data", text(folder.path())]).await;
    assert!(ended.unwrap_err().contains("nobody answers"));
    drop(store);
    let (ended, said) = operate(&["verify", "--data", text(folder.path())]).await;
    assert_eq!(ended, Ok(Outcome::Done), "{said}");
}

#[test]
fn a_line_without_a_command_serves_and_help_is_there_for_each() {
    let serves = |line: &[&str]| {
        let line = ["warroom"].iter().chain(line);
        matches!(Arguments::read(line).unwrap().command, Command::Serve(_))
    };
    assert!(serves(&[]) && serves(&["--port", "1"]) && serves(&["serve", "--data", "x"]));
    for command in ["serve", "backup", "verify", "list", "restore", "export", "import"] {
        let help = program(&[command, "--help"]).stdout(Stdio::piped()).output().unwrap();
        assert!(help.status.success());
        let help = String::from_utf8(help.stdout).unwrap();
        assert!(help.contains("Usage: warroom ") && help.contains("--data"), "{help}");
    }
    let wrong = program(&["backup"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
}
