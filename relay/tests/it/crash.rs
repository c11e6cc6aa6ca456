//! Goal: the real program loses nothing that it acknowledged when it is killed, and refuses in a sentence.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::peer::{Peer, Replica};

/// The program, killed when dropped.
struct Program {
    child: Child,
    address: SocketAddr,
    /// Kept open: the program writes its log there.
    log: Option<BufReader<ChildStderr>>,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command.arg("serve").args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    for name in ["PORT", "DATABASE_PATH", "WARROOM_LISTEN", "WARROOM_DATA", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
}

impl Program {
    fn start(data: &Path) -> Self {
        let data = data.to_str().unwrap();
        let child = command(&["--listen", "127.0.0.1:0", "--data", data, "--log", "json"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut program = Self { child, address: ([0, 0, 0, 0], 0).into(), log: None };
        let mut log = BufReader::new(program.child.stderr.take().unwrap());
        let mut line = String::new();
        while program.address.port() == 0 {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the program ended");
            let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
            if let Some(listen) = entry["listen"].as_str() {
                program.address = listen.parse().unwrap();
            }
        }
        program.log = Some(log);
        program
    }

    /// As a power cut of the process: no handler runs.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log = None;
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // it may be dead already
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

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
