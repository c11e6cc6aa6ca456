//! Goal: peers that share a document see each other's changes, and are told only what is durable.

use warroom_protocol::wire::Frame;

use crate::disk::FaultyDisk;
use crate::gate::GatedStore;
use crate::peer::{Closed, Peer, Replica};
use crate::relay::Relay;

#[tokio::test(flavor = "multi_thread")]
async fn peers_see_each_other_s_changes() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let (mut anna, mut ben) =
        (Peer::join(relay.address, "anna").await, Peer::join(relay.address, "ben").await);
    let (mut of_anna, mut of_ben) = (Replica::new("room"), Replica::new("room"));
    of_anna.put("anna", 1);
    of_ben.put("ben", 2);
    of_anna.save(&mut anna).await;
    of_ben.save(&mut ben).await;
    of_ben.sync_until(&mut ben, |replica| replica.len() == 2).await.unwrap();
    of_anna.sync_until(&mut anna, |replica| replica.len() == 2).await.unwrap();
    assert_eq!((of_anna.value("ben"), of_ben.value("anna")), (Some(2), Some(1)));
    assert!(relay.get("/api/health", &[]).ends_with(r#"{"status":"online","connections":2}"#));
    anna.vanish();
    relay.until("/api/health", |answer| answer.ends_with(r#""connections":1}"#)).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let mut peer = Peer::join(relay.address, "anna").await;
    for room in ["one", "two"] {
        let mut replica = Replica::new(room);
        replica.put("a", 1);
        replica.save(&mut peer).await;
        replica.put("b", 2);
        replica.save(&mut peer).await;
    }
    relay.stop().await;
    let relay = Relay::start(&folder).await;
    let mut peer = Peer::join(relay.address, "ben").await;
    for room in ["one", "two"] {
        let mut replica = Replica::new(room);
        replica.sync_until(&mut peer, |replica| replica.len() == 2).await.unwrap();
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_before_it_is_saved() {
    let store = GatedStore::new();
    let relay = Relay::with_store(store.clone()).await;
    let (mut anna, mut ben) =
        (Peer::join(relay.address, "anna").await, Peer::join(relay.address, "ben").await);
    let (mut of_anna, mut of_ben) = (Replica::new("room"), Replica::new("room"));
    // ben has the empty document open
    of_ben.speak(&mut ben).await;
    of_ben.hear(&ben.receive().await.unwrap());
    of_anna.put("key", 1);
    of_anna.speak(&mut anna).await;
    while !of_anna.is_acknowledged() {
        of_anna.hear(&anna.receive().await.unwrap());
        of_anna.speak(&mut anna).await;
        if of_anna.has_sent_changes() {
            break;
        }
    }
    store.waiting().await;
    // sync goes before presence, so had ben been told, it would come first
    anna.send_ephemeral(&of_anna.document_id, 1).await;
    loop {
        let frame = ben.receive().await.unwrap();
        if matches!(frame, Frame::Ephemeral(_)) {
            break;
        }
        of_ben.hear(&frame);
    }
    assert_eq!((of_ben.value("key"), of_anna.is_acknowledged()), (None, false));
    store.let_through(100);
    of_anna.save(&mut anna).await;
    of_ben.sync_until(&mut ben, |replica| replica.value("key") == Some(1)).await.unwrap();
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_document_is_told_at_once_and_sent_when_it_appears() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let mut ben = Peer::join(relay.address, "ben").await;
    let mut of_ben = Replica::new("room");
    of_ben.request(&mut ben).await;
    assert!(matches!(ben.receive().await.unwrap(), Frame::DocUnavailable { .. }));
    let mut anna = Peer::join(relay.address, "anna").await;
    let mut of_anna = Replica::new("room");
    of_anna.put("key", 7);
    of_anna.save(&mut anna).await;
    loop {
        let frame = ben.receive().await.unwrap();
        of_ben.hear(&frame);
        of_ben.speak(&mut ben).await;
        if of_ben.value("key") == Some(7) {
            break;
        }
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_socket_says_goodbye_to_those_who_were_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let (mut anna, mut ben) =
        (Peer::join(relay.address, "anna").await, Peer::join(relay.address, "ben").await);
    let (mut of_anna, mut of_ben) = (Replica::new("room"), Replica::new("room"));
    of_ben.put("key", 1);
    of_ben.save(&mut ben).await;
    of_anna.sync_until(&mut anna, |replica| replica.len() == 1).await.unwrap();
    anna.send_ephemeral(&of_anna.document_id, 1).await;
    let next_ephemeral = async |peer: &mut Peer| loop {
        if let Frame::Ephemeral(message) = peer.receive().await.unwrap() {
            return message;
        }
    };
    let message = next_ephemeral(&mut ben).await;
    assert_eq!((message.sender_id, message.count), (anna.id.clone(), 1));
    let id = anna.id.clone();
    anna.vanish();
    let goodbye = next_ephemeral(&mut ben).await;
    assert_eq!((goodbye.sender_id, goodbye.count), (id, 2));
    assert_ne!(goodbye.data, [0xa0].as_slice());
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_joins_again_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let mut older = Peer::join(relay.address, "anna").await;
    let mut newer = Peer::join(relay.address, "anna").await;
    let closed = older.closed().await;
    assert_eq!(closed.code, 1008);
    assert!(closed.reason.contains("joined again"), "{closed:?}");
    let mut replica = Replica::new("room");
    replica.put("key", 1);
    replica.save(&mut newer).await;
    relay.until("/api/health", |answer| answer.ends_with(r#""connections":1}"#)).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_fails_takes_nobody_else_along() {
    let store = GatedStore::new();
    store.let_through(100);
    let relay = Relay::with_store(store.clone()).await;
    let (mut anna, mut ben) =
        (Peer::join(relay.address, "anna").await, Peer::join(relay.address, "ben").await);
    let (mut healthy, mut failing) = (Replica::new("healthy"), Replica::new("failing"));
    healthy.put("key", 1);
    healthy.save(&mut anna).await;
    store.panic_once();
    failing.put("key", 1);
    failing.speak(&mut ben).await;
    assert_eq!(ben.closed().await.code, 1011);
    healthy.put("key", 2);
    healthy.save(&mut anna).await;
    // it opens again for who comes back
    let mut ben = Peer::join(relay.address, "ben").await;
    failing.forget_peer();
    failing.save(&mut ben).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_survived() {
    let disk = FaultyDisk::default();
    let relay = Relay::on_disk(disk.clone()).await;
    let mut anna = Peer::join(relay.address, "anna").await;
    let mut replica = Replica::new("room");
    replica.put("saved", 1);
    replica.save(&mut anna).await;
    assert!(relay.get("/api/ready", &[]).starts_with("HTTP/1.1 200"));

    disk.fail_after(0);
    replica.put("waiting", 2);
    let Closed { code, reason } =
        replica.sync_until(&mut anna, Replica::is_acknowledged).await.unwrap_err();
    assert_eq!(code, 1013);
    assert!(reason.contains("can't save"), "{reason}");
    relay.until("/api/ready", |answer| answer.starts_with("HTTP/1.1 503")).await;
    // reading goes on
    let mut ben = Peer::join(relay.address, "ben").await;
    let mut of_ben = Replica::new("room");
    of_ben.sync_until(&mut ben, |replica| replica.value("saved") == Some(1)).await.unwrap();

    disk.repair();
    relay.until("/api/ready", |answer| answer.starts_with("HTTP/1.1 200")).await;
    // who was told that nothing can be saved is sent back to begin anew
    assert_eq!(ben.closed().await.code, 1012);
    let mut anna = Peer::join(relay.address, "anna").await;
    replica.forget_peer();
    replica.save(&mut anna).await;
    relay.stop().await;
}
