//! JavaScript at one end, samod at the other.

use serde_json::json;

use crate::javascript::JavaScript;
use crate::program::Program;
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
