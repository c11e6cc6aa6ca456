//! JavaScript at one end, samod at the other.

use serde_json::json;

use crate::javascript::JavaScript;
use crate::program::Program;
use crate::relay::until;
use crate::samod_repo;
use crate::socket;

// The JavaScript end is waited for by blocking, while samod must go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_javascript_document_is_edited_by_samod_and_back() {
    let data = tempfile::tempdir().unwrap();
    let relay = Program::start(data.path());
    let mut javascript = JavaScript::connect(&socket(&relay));
    let url = javascript.create(&json!({ "title": "from JavaScript" }));
    javascript.ask(&json!({ "op": "acknowledged", "url": url }));
    let (repo, _) = samod_repo::connect(&socket(&relay)).await;
    let id = url.trim_start_matches("automerge:").parse().unwrap();
    let handle = repo.find(id).await.unwrap().expect("the relay has it");
    samod_repo::put(&handle, "title", "from samod");
    javascript.wait(&url, "title", "from samod");
    javascript.change(&url, "reply", "seen");
    samod_repo::wait(&handle, "reply", "seen").await;
    repo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_was_compacted_is_taken_whole_by_whoever_joins_cold() {
    let data = tempfile::tempdir().unwrap();
    let relay = Program::start(data.path());
    let mut ann = JavaScript::connect(&socket(&relay));
    let url = ann.create(&json!({ "title": "long" }));
    for number in 0..80 {
        ann.change(&url, &format!("key {number}"), &"x".repeat(1_000));
    }
    ann.ask(&json!({ "op": "acknowledged", "url": url }));
    let told = |series: &'static str| move |page: &str| page.contains(series);
    let compacted = "\nwarroom_compactions_total{outcome=\"compacted\"} 1\n";
    until(relay.address, "/metrics", told(compacted)).await;
    ann.change(&url, "title", "and more");
    ann.ask(&json!({ "op": "acknowledged", "url": url }));
    let mut ben = JavaScript::connect(&socket(&relay));
    assert!(ben.find(&url), "{url} was acknowledged");
    ben.wait(&url, "title", "and more");
    until(relay.address, "/metrics", told("\nwarroom_answers_compacted_total 1\n")).await;
    let (repo, _) = samod_repo::connect(&socket(&relay)).await;
    let id = url.trim_start_matches("automerge:").parse().unwrap();
    let handle = repo.find(id).await.unwrap().expect("the relay has it");
    samod_repo::wait(&handle, "title", "and more").await;
    samod_repo::wait(&handle, "key 79", &"x".repeat(1_000)).await;
    until(relay.address, "/metrics", told("\nwarroom_answers_compacted_total 2\n")).await;
    // and goes on from there
    samod_repo::put(&handle, "title", "from samod");
    ann.wait(&url, "title", "from samod");
    ben.change(&url, "title", "from Ben");
    samod_repo::wait(&handle, "title", "from Ben").await;
    repo.stop().await;
}
