//! Goal: whatever a socket sends, only that socket suffers, and it is told why.

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as RawFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use warroom_protocol::limits::{FRAME_BYTES_BEFORE_JOIN_MAX, FRAME_BYTES_MAX};

use crate::peer::{Peer, Replica};
use crate::relay::{Relay, send, within};

/// What a socket sends, the code it is closed with, and whether it has joined before.
struct Row {
    name: &'static str,
    message: Message,
    has_joined: bool,
    code: u16,
}

fn rows() -> Vec<Row> {
    let binary = |bytes: Vec<u8>| Message::Binary(bytes.into());
    let row = |name, message, has_joined, code| Row { name, message, has_joined, code };
    let mut reserved = RawFrame::message(vec![1], OpCode::Data(Data::Binary), true);
    reserved.header_mut().rsv1 = true;
    vec![
        row("long before join", binary(vec![0; FRAME_BYTES_BEFORE_JOIN_MAX + 1]), false, 1009),
        row("long", binary(vec![0; FRAME_BYTES_MAX + 1]), true, 1009),
        row("text", Message::text("hello"), true, 1003),
        row("text before join", Message::text("hello"), false, 1003),
        row("null", binary(vec![0xf6]), true, 1002),
        row("null before join", binary(vec![0xf6]), false, 1002),
        row("empty", binary(vec![]), true, 1002),
        row("nested", binary(vec![0x9f; 2_000]), true, 1002),
        row("reserved bit", Message::Frame(reserved), true, 1002),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_sends_nonsense_is_closed_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let mut honest = Peer::join(relay.address, "honest").await;
    let mut replica = Replica::new("room");
    for (number, Row { name, message, has_joined, code }) in (0..).zip(rows()) {
        let mut peer = if has_joined {
            Peer::join(relay.address, "other").await
        } else {
            Peer::open(relay.address, "other").await
        };
        peer.send_message(message).await;
        assert_eq!(peer.closed().await.code, code, "{name}");
        replica.put("key", number);
        replica.save(&mut honest).await;
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_sync_message_is_closed_and_the_document_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let mut honest = Peer::join(relay.address, "honest").await;
    let mut replica = Replica::new("room");
    let hostile: [&[u8]; 5] = [
        // bloom filters with no bits, with 20 million and with 2³² probes (docs/SECURITY.md, F1)
        &[0x42, 0, 0, 1, 0, 3, 1, 0, 7, 0],
        &[0x42, 0, 0, 1, 0, 7, 1, 10, 0x80, 0xda, 0xc4, 0x09, 2, 0, 0, 0],
        &[0x42, 0, 0, 1, 0, 9, 1, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 2, 0, 0],
        &[0x42, 0xff, 0xff, 0xff, 0xff, 0x0f],
        b"nonsense",
    ];
    for (number, data) in (0..).zip(hostile) {
        let mut peer = Peer::join(relay.address, "other").await;
        peer.send(&replica.frame(&peer, Bytes::copy_from_slice(data))).await;
        assert_eq!(peer.closed().await.code, 1007, "message {number}");
        replica.put("key", number);
        replica.save(&mut honest).await;
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_does_not_read_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let mut deaf = Peer::join(relay.address, "deaf").await;
    let (mut anna, mut ben) =
        (Peer::join(relay.address, "anna").await, Peer::join(relay.address, "ben").await);
    let (mut of_anna, mut of_ben) = (Replica::new("room"), Replica::new("room"));
    of_anna.put("key", 0);
    of_anna.save(&mut anna).await;
    Replica::new("room").speak(&mut deaf).await;
    let mut count = 0;
    for number in 1..=50 {
        of_anna.put_text("text", &format!("{number}").repeat(40_000));
        of_anna.put("key", number);
        of_anna.save(&mut anna).await;
        for _ in 0..10 {
            count += 1;
            anna.send_ephemeral(&of_anna.document_id, count).await;
        }
    }
    of_ben.sync_until(&mut ben, |replica| replica.value("key") == Some(50)).await.unwrap();
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_messages_at_once_arrive_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let mut peer = Peer::join(relay.address, "anna").await;
    let mut replicas: Vec<_> = (0..300).map(|room| Replica::new(&format!("room {room}"))).collect();
    for replica in &mut replicas {
        replica.put("key", 1);
        replica.speak(&mut peer).await;
    }
    while !replicas.iter_mut().all(Replica::is_acknowledged) {
        let frame = peer.receive().await.unwrap();
        for replica in &mut replicas {
            replica.hear(&frame);
            replica.speak(&mut peer).await;
        }
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_too_long_or_too_slow_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let long = format!("GET / HTTP/1.1\r\nhost: localhost\r\na: {}\r\n\r\n", "a".repeat(9_000));
    assert!(send(relay.address, long.as_bytes()).starts_with("HTTP/1.1 431"));
    let many = format!("GET / HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "a: b\r\n".repeat(70));
    assert!(send(relay.address, many.as_bytes()).starts_with("HTTP/1.1 431"));
    let address = relay.address;
    // the answer comes when the relay gives up, so the thread waits as long as that takes
    let slow = std::thread::scope(|scope| {
        scope.spawn(|| send(address, b"GET / HTTP/1.1\r\nhost: localh")).join().unwrap()
    });
    assert!(!slow.contains(" 200 "), "{slow}");
    within("the relay", relay.stop()).await;
}
