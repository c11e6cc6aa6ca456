//! Goal: the log is fields that a machine can read, one line for each life of a connection and of a room, and nothing
//! that a peer says can pass for a line of it.

use std::collections::BTreeMap;

use serde_json::Value;
use warroom_protocol::DocumentId;
use warroom_protocol::wire::{Frame, Within};

use crate::peer::{Peer, Replica};
use crate::program::Program;
use crate::rooms::prove;

/// A session with two connections and two documents of one room, and the log of it as the program wrote it.
async fn session(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start_with(folder.path(), arguments);
    let mut anna = Peer::join(program.address, "anna").await;
    let mut replica = Replica::new("secret plans");
    replica.put("secret words", 1);
    replica.save(&mut anna).await;
    replica.put("more", 2);
    replica.save(&mut anna).await;
    // the talk is of the same room
    let mut talk = Replica::new("talk");
    talk.document_id = DocumentId::derived(&replica.document_id, "talk");
    let within = Within { root: replica.document_id.clone(), label: "talk".to_owned() };
    prove(&mut anna, &talk, within).await;
    talk.put("secret, too", 1);
    talk.save(&mut anna).await;
    let mut forger = Peer::join(program.address, "forger").await;
    let message = "bye\n2026-01-01T00:00:00Z  INFO all is well\u{1b}[31m".to_owned();
    let (sender_id, target_id) = (Some(forger.id.clone()), Some(forger.relay_id.clone()));
    forger.send(&Frame::Error { sender_id, target_id, message, taken: None }).await;
    forger.closed().await;
    program.signal("TERM");
    anna.closed().await;
    let (status, log) = program.end_with_log();
    assert!(status.success(), "{status}");
    log
}

#[tokio::test(flavor = "multi_thread")]
async fn one_line_of_json_tells_the_life_of_a_connection_and_one_that_of_a_room() {
    let log = session(&["--log-format", "json"]).await;
    let mut lives: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert!(entry["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
        assert_eq!(entry["level"], "INFO", "{line}");
        lives.entry(entry["message"].as_str().unwrap().to_owned()).or_default().push(entry);
    }
    let counts: Vec<_> = lives.iter().map(|(message, all)| (message.as_str(), all.len())).collect();
    let expected = [("connection closed", 2), ("draining", 1), ("room closed", 1), ("stopped", 1)];
    assert_eq!(counts, expected);
    let of = |peer: &str| lives["connection closed"].iter().find(|life| life["peer_id"] == peer);
    let (anna, forger) = (of("anna").unwrap(), of("forger").unwrap());
    assert_eq!((&anna["code"], &forger["code"]), (&1012.into(), &1000.into()));
    assert_ne!(anna["connection_id"], forger["connection_id"]);
    for (entry, fields) in [
        (anna, &["connection_id", "bytes_received", "bytes_sent", "duration_us"][..]),
        (&lives["room closed"][0], &["saves", "bytes", "duration_us"]),
        (&lives["draining"][0], &["connections"]),
        (&lives["stopped"][0], &["duration_us"]),
    ] {
        for field in fields {
            assert!(entry[field].as_u64().is_some_and(|value| value > 0), "{field} of {entry}");
        }
    }
    let document = &lives["room closed"][0];
    assert_eq!(document["saves"], 2);
    assert_eq!(document["document_id"], Replica::new("secret plans").document_id.to_string());
    assert!(!log.contains("secret"), "what a document holds is nobody's business");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_peer_says_is_no_line_of_the_log_that_people_read() {
    let log = session(&["--log-format", "human"]).await;
    for line in log.lines() {
        assert!(line.starts_with("20") && line.contains(" INFO "), "{line}");
        assert!(!line.starts_with("2026-01-01"), "{line}");
    }
    assert!(!log.contains('\u{1b}'), "no colours in a file, and none of a peer's");
    assert_eq!(log.lines().count(), 5, "{log}");
}
