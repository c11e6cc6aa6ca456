//! Goal: the real program loses nothing that it acknowledged when it is killed, and refuses in a sentence.

use tokio::sync::mpsc;
use warroom_client::{Client, ClientError, EditNumber};
use warroom_engine::Phase;

use crate::peer::{Peer, Replica};
use crate::people::{add_column, is_titled, open};
use crate::program::{Program, command};
use crate::relay::within;

/// How many times the program is killed under two writers.
const KILLS: usize = 3;
/// Edits that each writer has made between two kills, at least.
const EDITS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_program_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut replicas = [Replica::new("one"), Replica::new("two")];
    let mut acknowledged = [0, 0];
    for round in 1..=6 {
        let program = Program::start(folder.path());
        let mut peer = Peer::join(program.address, "writer").await;
        for (replica, acknowledged) in replicas.iter_mut().zip(&mut acknowledged) {
            // what the relay has is what it acknowledged, or more
            let mut reader = Replica::new(replica.room());
            reader.sync_until(&mut peer, |reader| reader.len() >= *acknowledged).await.unwrap();
        }
        let mut peer = Peer::join(program.address, "writer").await;
        for (replica, acknowledged) in replicas.iter_mut().zip(&mut acknowledged) {
            replica.forget_peer();
            for number in 0..3 {
                replica.put(&format!("{round} {number}"), number);
                replica.save(&mut peer).await;
                *acknowledged = replica.len();
            }
            // on its way when the program dies
            replica.put(&format!("{round} on its way"), 0);
            replica.speak(&mut peer).await;
        }
        program.kill();
    }
}

/// Adds columns one after the other, each when the one before is on the disk of the relay, and says so.
async fn write(client: Client, name: &str, saved: mpsc::Sender<String>) -> Result<(), ClientError> {
    for number in 1.. {
        let id = format!("{name}-{number}");
        let edit: EditNumber = client.command(add_column(&id)).await?;
        client.saved(edit).await?;
        if saved.send(id).await.is_err() {
            break;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_come_back_by_themselves_when_the_program_is_killed_and_lose_nothing_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path());
    let address = program.address;
    let people = ["adam", "bea"].map(|name| (name, open(address, "ops", name)));
    let mut saved: Vec<String> = Vec::new();
    let (tell, mut told) = mpsc::channel(1);
    let adam = write(people[0].1.clone(), "adam", tell.clone());
    let bea = write(people[1].1.clone(), "bea", tell);
    let kills = async {
        for kill in 1..=KILLS {
            while people.iter().any(|(name, _)| count(&saved, name) < kill * EDITS) {
                saved.push(within("a saved edit", told.recv()).await.unwrap());
            }
            // both have an edit on its way now, or are about to make one
            program.kill();
            program = Program::start_at(folder.path(), address);
        }
        drop(told);
        (program, saved)
    };
    let (adam, bea, (program, saved)) = tokio::join!(adam, bea, kills);
    adam.unwrap();
    bea.unwrap();
    for (_, client) in &people {
        let is_saved = client.status_when(|status| status.phase == Phase::Saved);
        within("everything on the relay", is_saved).await.unwrap();
    }
    within("one board", agree(&people[0].1, &people[1].1)).await;
    // who has only what is on the disk sees every edit that was called saved
    let reader = open(program.address, "ops", "reader");
    let has_all = reader.board_when(|board| saved.iter().all(|id| is_titled(board, id, id)));
    within("all that was saved", has_all).await.unwrap();
    reader.close().await;
    for (_, client) in people {
        client.close().await;
    }
}

/// Waits until both show the same board; a change that is still on its way to `one` starts the comparison anew.
async fn agree(one: &Client, other: &Client) {
    loop {
        let board = one.board().await.unwrap();
        tokio::select! {
            same = other.board_when(|other| *other == board) => return drop(same.unwrap()),
            changed = one.board_when(|now| *now != board) => drop(changed.unwrap()),
        }
    }
}

fn count(saved: &[String], name: &str) -> usize {
    saved.iter().filter(|id| id.starts_with(name)).count()
}

#[test]
fn what_can_not_be_served_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let foreign = folder.path().join("letter");
    std::fs::write(&foreign, "dear aunt").unwrap();
    let program = Program::start(folder.path());
    let taken = program.address.to_string();
    for (arguments, sentence) in [
        (vec!["--listen", &taken, "--data", data], "is in use: stop the program"),
        (vec!["--listen", "127.0.0.1:0", "--data", data], "is in use by another process"),
        (vec!["--listen", "0.0.0.0:0", "--data", data], "add --insecure-open"),
        (
            vec!["--listen", "127.0.0.1:0", "--database", foreign.to_str().unwrap()],
            "is not a war room database",
        ),
        (
            vec!["--listen", "127.0.0.1:0", "--database", "/dev/null/warroom.redb"],
            "check that the folder exists",
        ),
    ] {
        let output = command(&arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(sentence), "{arguments:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{arguments:?}: {error}");
    }
    assert_eq!(std::fs::read(&foreign).unwrap(), b"dear aunt");
}

#[test]
fn a_flag_wins_over_the_environment_also_where_they_have_different_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (data, other) = (path("data"), path("other"));
    let stored = path("data/warroom.redb");
    std::fs::create_dir(&data).unwrap();
    for file in [&stored, &other] {
        std::fs::write(file, "dear aunt").unwrap();
    }
    let (open, free) = ("192.0.2.1:1", "127.0.0.1:0");
    // variables, flags, and what the program then complains of
    for (variables, arguments, told) in [
        (vec![("PORT", "2")], vec!["--listen", open], "192.0.2.1:1 "),
        (vec![("PORT", "2"), ("WARROOM_LISTEN", open)], vec![], "192.0.2.1:2 "),
        (vec![("PORT", "2")], vec!["--listen", open, "--port", "3"], "192.0.2.1:3 "),
        (vec![("WARROOM_LISTEN", open)], vec!["--port", "3"], "192.0.2.1:3 "),
        (vec![("DATABASE_PATH", &other)], vec!["--listen", free, "--data", &data], &stored),
        (vec![("DATABASE_PATH", &other), ("WARROOM_DATA", &data)], vec!["--listen", free], &other),
        (vec![("WARROOM_DATA", &data)], vec!["--listen", free, "--database", &other], &other),
        (vec![], vec!["--listen", free, "--data", &data, "--database", &other], &other),
    ] {
        let output = command(&arguments).envs(variables.iter().copied()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(
            error.starts_with(&format!("error: {told}")),
            "{variables:?} {arguments:?}: {error}"
        );
    }
}
