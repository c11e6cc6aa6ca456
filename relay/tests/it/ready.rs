//! Goal: `/api/ready` tells the truth, with a reason that a program and a person can read, from before there is a store
//! to after the last change is saved.

use std::sync::{Arc, mpsc};

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use warroom_protocol::StorageId;
use warroom_relay::config::Config;
use warroom_relay::open_and_serve;
use warroom_relay::store::{Store, StoreThread};

use crate::disk::FaultyDisk;
use crate::gate::GatedStore;
use crate::peer::{Peer, Replica};
use crate::relay::{Relay, get, until, within};

/// What makes a request one for a WebSocket.
const UPGRADE: [(&str, &str); 4] = [
    ("connection", "upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// Whether it is a 503 with a problem document that names this reason, and says when to come back.
fn is_unavailable(answer: &str, reason: &str) -> bool {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let Ok(problem) = serde_json::from_str::<serde_json::Value>(body) else { return false };
    head.starts_with("HTTP/1.1 503 ")
        && head.contains("\r\ncontent-type: application/problem+json\r\n")
        && head.contains("\r\nretry-after: 5\r\n")
        && problem["status"] == 503
        && problem["title"] == "Service Unavailable"
        && problem["reason"] == reason
        && problem["detail"].as_str().is_some_and(|detail| detail.contains(' '))
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "the test owns the relay and waits for its end")]
async fn a_relay_whose_store_is_being_opened_lives_and_is_not_ready() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (open, opening) = mpsc::channel();
    let open_store = move || {
        // until the test lets it
        opening.recv().unwrap();
        let name = StorageId::new("late").unwrap();
        let store: Arc<dyn Store> = Arc::new(StoreThread::open(FaultyDisk::default(), &name)?);
        Ok(store)
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(async move {
        let shutdown = async move { drop(stopped.await) };
        open_and_serve(listener, open_store, &Config::default(), shutdown).await
    });
    let ready = get(address, "/api/ready", &[]);
    assert!(is_unavailable(&ready, "starting"), "{ready}");
    assert!(get(address, "/api/health", &[]).ends_with(r#"{"status":"starting","connections":0}"#));
    for (path, headers) in [("/", &[][..]), ("/metrics", &[]), ("/sync", &UPGRADE[..])] {
        let answer = get(address, path, headers);
        assert!(is_unavailable(&answer, "starting"), "{path}: {answer}");
    }
    open.send(()).unwrap();
    until(address, "/api/ready", |answer| answer.ends_with(r#"{"status":"ready"}"#)).await;
    Peer::join(address, "anna").await.vanish();
    drop(stop);
    within("the end", served).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_takes_nothing_is_told_until_it_does_again() {
    let disk = FaultyDisk::default();
    let relay = Relay::on_disk(disk.clone()).await;
    let mut anna = Peer::join(relay.address, "anna").await;
    let mut replica = Replica::new("room");
    disk.fail_after(0);
    replica.put("key", 1);
    replica.sync_until(&mut anna, Replica::is_acknowledged).await.unwrap_err();
    relay.until("/api/ready", |answer| is_unavailable(answer, "store")).await;
    let metrics = relay.get("/metrics", &[]);
    for line in
        ["warroom_ready 0", "warroom_store_writable 0", "warroom_store_commits_failed_total 1"]
    {
        assert!(metrics.contains(&format!("\n{line}\n")), "{line}");
    }
    // it is alive, and who only reads may come
    assert!(relay.get("/api/health", &[]).starts_with("HTTP/1.1 200"));
    assert!(relay.get("/sync", &UPGRADE).starts_with("HTTP/1.1 101"));
    disk.repair();
    relay.until("/api/ready", |answer| answer.ends_with(r#"{"status":"ready"}"#)).await;
    assert!(relay.get("/metrics", &[]).contains("\nwarroom_store_reopened_total 1\n"));
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_drains_says_so_and_takes_nobody_new() {
    let store = GatedStore::new();
    let relay = Relay::with_store(store.clone()).await;
    let address = relay.address;
    let mut anna = Peer::join(address, "anna").await;
    let mut replica = Replica::new("room");
    replica.put("key", 1);
    replica.send_changes(&mut anna).await;
    store.waiting().await;
    // it waits for the save of what it accepted
    let stopped = relay.ask_to_stop();
    until(address, "/api/ready", |answer| is_unavailable(answer, "draining")).await;
    let refused = get(address, "/sync", &UPGRADE);
    assert!(is_unavailable(&refused, "draining"), "{refused}");
    assert!(get(address, "/api/health", &[]).ends_with(r#""connections":1}"#));
    let metrics = get(address, "/metrics", &[]);
    for line in ["warroom_ready 0", r#"warroom_connections_refused_total{reason="draining"} 1"#] {
        assert!(metrics.contains(&format!("\n{line}\n")), "{line}");
    }
    store.let_through(100);
    let closed = loop {
        match anna.receive().await {
            Ok(frame) => replica.hear(&frame),
            Err(closed) => break closed,
        }
    };
    assert_eq!((closed.code, replica.is_acknowledged()), (1012, true));
    within("the end", stopped).await.unwrap();
}
