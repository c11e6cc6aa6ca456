//! samod 0.16, at both ends.

use automerge::{AutomergeError, ObjType, ReadDoc, transaction::Transactable};
use futures_util::StreamExt;
use samod::{BackoffConfig, DocHandle, DocumentId, Repo};

use crate::program::Program;
use crate::socket;

/// A samod repo that is connected to the relay.
pub(crate) async fn connect(url: &str) -> (Repo, samod::ConnectionId) {
    let repo = Repo::build_tokio().load().await;
    let dialer = repo.dial_websocket(url.parse().unwrap(), BackoffConfig::default()).unwrap();
    dialer.established().await.expect("the relay answers samod's join");
    let connection = dialer.connection_id().expect("established");
    (repo, connection)
}

/// Sets a key of a document to a text, which is what a JavaScript string is.
pub(crate) fn put(handle: &DocHandle, key: &str, value: &str) {
    handle.with_document(|document| {
        let written = document.transact::<_, _, AutomergeError>(|tx| {
            let text = tx.put_object(automerge::ROOT, key, ObjType::Text)?;
            tx.splice_text(&text, 0, 0, value)
        });
        written.unwrap();
    });
}

fn read(handle: &DocHandle, key: &str) -> Option<String> {
    handle.with_document(|document| {
        let (_, text) = document.get(automerge::ROOT, key).unwrap()?;
        Some(document.text(&text).unwrap())
    })
}

/// Waits until a document's key has a value.
pub(crate) async fn wait(handle: &DocHandle, key: &str, value: &str) {
    let mut changes = handle.changes();
    while read(handle, key).as_deref() != Some(value) {
        changes.next().await.expect("the repo goes on");
    }
}

async fn create(repo: &Repo, connection: samod::ConnectionId, value: &str) -> DocHandle {
    let handle = repo.create(blank()).await.unwrap();
    put(&handle, "title", value);
    handle.they_have_our_changes(connection).await;
    handle
}

async fn find(repo: &Repo, id: &DocumentId) -> Option<DocHandle> {
    repo.find(id.clone()).await.unwrap()
}

#[tokio::test]
async fn two_repos_create_find_and_edit_one_document() {
    let data = tempfile::tempdir().unwrap();
    let relay = Program::start(data.path());
    let ((ann, link), (ben, _)) = (connect(&socket(&relay)).await, connect(&socket(&relay)).await);
    let at_ann = create(&ann, link, "plan").await;
    let at_ben = find(&ben, at_ann.document_id()).await.expect("the relay has it");
    wait(&at_ben, "title", "plan").await;
    put(&at_ben, "title", "better plan");
    wait(&at_ann, "title", "better plan").await;
    ann.stop().await;
    ben.stop().await;
}

#[tokio::test]
async fn an_unknown_document_is_unavailable_and_comes_when_somebody_brings_it() {
    let data = tempfile::tempdir().unwrap();
    let relay = Program::start(data.path());
    let ann = Repo::build_tokio().load().await;
    let at_ann = ann.create(blank()).await.unwrap();
    put(&at_ann, "title", "late");
    let (ben, _) = connect(&socket(&relay)).await;
    assert!(find(&ben, at_ann.document_id()).await.is_none(), "the relay cannot know it");
    let (_, mut states) = ben.search(at_ann.document_id().clone()).unwrap();
    let dialer =
        ann.dial_websocket(socket(&relay).parse().unwrap(), BackoffConfig::default()).unwrap();
    dialer.established().await.unwrap();
    let at_ben = loop {
        match states.next().await.expect("the search goes on") {
            samod::SearchState::Found(handle) => break handle,
            samod::SearchState::Loading | samod::SearchState::Requesting(_) => {}
        }
    };
    wait(&at_ben, "title", "late").await;
    ann.stop().await;
    ben.stop().await;
}

#[tokio::test]
async fn ephemeral_messages_reach_the_other_repo_and_a_lost_socket_says_goodbye() {
    let data = tempfile::tempdir().unwrap();
    let relay = Program::start(data.path());
    let ((ann, link), (ben, _)) = (connect(&socket(&relay)).await, connect(&socket(&relay)).await);
    let at_ann = create(&ann, link, "presence").await;
    let at_ben = find(&ben, at_ann.document_id()).await.expect("the relay has it");
    let mut heard = Box::pin(at_ann.ephemera());
    at_ben.broadcast(vec![0xa1, 0x61, b'x', 0x01]);
    assert_eq!(heard.next().await.as_deref(), Some([0xa1, 0x61, b'x', 0x01].as_slice()));
    ben.stop().await;
    let goodbye = heard.next().await.expect("the relay says goodbye for it");
    assert!(goodbye.windows(7).any(|part| part == b"goodbye"), "{goodbye:?}");
    ann.stop().await;
}

#[tokio::test]
async fn a_killed_relay_comes_back_with_everything_it_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let relay = Program::start(data.path());
    let address = relay.address;
    let (ann, link) = connect(&socket(&relay)).await;
    let at_ann = create(&ann, link, "kept").await;
    let id = at_ann.document_id().clone();
    ann.stop().await;
    relay.kill();
    let relay = Program::start_at(data.path(), address);
    let (ben, _) = connect(&socket(&relay)).await;
    let at_ben = find(&ben, &id).await.expect("it was acknowledged");
    wait(&at_ben, "title", "kept").await;
    ben.stop().await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "a stock app's document, with a random actor of its own"
)]
fn blank() -> automerge::Automerge {
    automerge::Automerge::new()
}
