//! The recordings of <https://github.com/josephg/editing-traces>, and `automerge-paper` from `automerge-perf`.

use std::io::Read as _;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::replay;
use crate::session::{Patch, Session, Transaction};

/// Reads the recording of this name.
fn recording(name: &str) -> Value {
    let folder = std::env::var_os("WARROOM_TRACES").expect(
        "put the files of https://github.com/josephg/editing-traces into one folder, as \
         <name>.json.gz, and name it in WARROOM_TRACES",
    );
    let path = PathBuf::from(folder).join(format!("{name}.json.gz"));
    let file = std::fs::File::open(&path)
        .unwrap_or_else(|error| panic!("{} can't be read: {error}", path.display()));
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn list<'a>(of: &'a Value, key: &str) -> &'a [Value] {
    of[key].as_array().unwrap_or_else(|| panic!("{key} is no list"))
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// Positions of the recordings count code points; no file has characters of two units.
fn patches(transaction: &Value) -> Vec<Patch> {
    let one = |patch: &Value| {
        let insert = patch[2].as_str().unwrap().to_owned();
        assert!(insert.chars().all(|letter| letter.len_utf16() == 1), "{insert}");
        let [at, delete] = [0, 1].map(|index| u32::try_from(number(&patch[index])).unwrap());
        (at, delete, insert)
    };
    list(transaction, "patches").iter().map(one).collect()
}

fn end(recording: &Value) -> String {
    recording["endContent"].as_str().unwrap().to_owned()
}

fn check_concurrent(name: &str) {
    let recording = recording(name);
    let transactions = list(&recording, "txns").iter().map(|one| Transaction {
        parents: list(one, "parents").iter().map(number).collect(),
        agent: number(&one["agent"]),
        patches: patches(one),
    });
    let transactions: Vec<_> = transactions.collect();
    let (agents, end) = (number(&recording["numAgents"]), end(&recording));
    println!("{name}: {} transactions of {agents}", transactions.len());
    replay::check(&Session { agents, transactions, end });
}

fn check_sequential(name: &str) {
    let recording = recording(name);
    let transactions: Vec<_> = list(&recording, "txns").iter().map(patches).collect();
    println!("{name}: {} transactions", transactions.len());
    assert!(replay::type_alone(&transactions) == end(&recording), "{name}: another text");
}

#[test]
#[ignore = "needs the recordings, in WARROOM_TRACES: cargo test -p warroom-engine --test traces -- --ignored"]
fn friendsforever_ends_in_the_recorded_text() {
    check_concurrent("friendsforever");
}

#[test]
#[ignore = "needs the recordings, in WARROOM_TRACES: cargo test -p warroom-engine --test traces -- --ignored"]
fn clownschool_ends_in_the_recorded_text() {
    check_concurrent("clownschool");
}

#[test]
#[ignore = "needs the recordings, in WARROOM_TRACES: cargo test -p warroom-engine --test traces -- --ignored"]
fn sveltecomponent_ends_in_the_recorded_text() {
    check_sequential("sveltecomponent");
}

#[test]
#[ignore = "needs the recordings, in WARROOM_TRACES: cargo test -p warroom-engine --test traces -- --ignored"]
fn rustcode_ends_in_the_recorded_text() {
    check_sequential("rustcode");
}

#[test]
#[ignore = "needs the recordings, in WARROOM_TRACES: cargo test -p warroom-engine --test traces -- --ignored"]
fn seph_blog_ends_in_the_recorded_text() {
    check_sequential("seph-blog1");
}

#[test]
#[ignore = "needs the recordings, in WARROOM_TRACES: cargo test -p warroom-engine --test traces -- --ignored"]
fn automerge_paper_ends_in_the_recorded_text() {
    check_sequential("automerge-paper");
}
