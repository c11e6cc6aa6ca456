//! Goal: a relay that is asked to stop loses nothing, tells everyone, and is gone in time.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::gate::GatedStore;
use crate::peer::{Peer, Replica};
use crate::relay::{Relay, within};

#[tokio::test(flavor = "multi_thread")]
async fn everyone_is_told_that_the_relay_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let mut unjoined = Peer::open(relay.address, "unjoined").await;
    let mut peers = [Peer::join(relay.address, "a").await, Peer::join(relay.address, "b").await];
    let mut replica = Replica::new("room");
    replica.put("key", 1);
    replica.save(&mut peers[0]).await;
    let address = relay.address;
    let stopped = relay.ask_to_stop();
    for peer in peers.iter_mut().chain([&mut unjoined]) {
        let closed = peer.closed().await;
        assert_eq!(closed.code, 1012);
        assert!(closed.reason.contains("reconnect"), "{closed:?}");
    }
    within("the end", stopped).await.unwrap();
    assert!(TcpStream::connect(address).is_err());
    // the database is free again
    Relay::start(&folder).await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_in_is_saved_and_told_before_the_end() {
    let store = GatedStore::new();
    let relay = Relay::with_store(store.clone()).await;
    let mut kept_alive = TcpStream::connect(relay.address).unwrap();
    assert!(ready(&mut kept_alive).starts_with("HTTP/1.1 200"));
    let mut peer = Peer::join(relay.address, "anna").await;
    let mut replica = Replica::new("room");
    replica.put("key", 1);
    replica.send_changes(&mut peer).await;
    store.waiting().await;
    let stopped = relay.ask_to_stop();
    // not ready, as long as anybody can still ask
    within("readiness to end", async {
        while !ready(&mut kept_alive).starts_with("HTTP/1.1 503") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    store.let_through(100);
    loop {
        match peer.receive().await {
            Ok(frame) => replica.hear(&frame),
            Err(closed) => {
                assert_eq!(closed.code, 1012);
                break;
            }
        }
    }
    assert!(replica.is_acknowledged());
    within("the end", stopped).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_hangs_does_not_keep_the_relay_from_stopping() {
    let store = GatedStore::new();
    let relay = Relay::with_store(store.clone()).await;
    let mut peer = Peer::join(relay.address, "anna").await;
    let mut replica = Replica::new("room");
    replica.put("key", 1);
    replica.send_changes(&mut peer).await;
    store.waiting().await;
    relay.stop().await;
}

/// Asks for readiness on a connection that stays open.
fn ready(stream: &mut TcpStream) -> String {
    stream.write_all(b"GET /api/ready HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4_096];
    while !answer.ends_with(b"}") {
        let bytes = stream.read(&mut buffer).unwrap();
        assert!(bytes > 0, "the relay closed the connection");
        answer.extend_from_slice(&buffer[..bytes]);
    }
    String::from_utf8(answer).unwrap()
}
