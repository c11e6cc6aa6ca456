//! Goal: a connection that the relay itself holds up is not closed as silent. Method: a socket whose other end the test
//! reads, and the moments at which something is due, without waiting for them.

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use warroom_protocol::wire::{Frame, PeerMetadata};

use super::*;
use crate::core::Lane;
use crate::registry::tests::{Unreadable, registry};

/// More than a system holds for one connection.
const FRAME_BYTES: usize = 16 << 20;

/// A socket that has joined, and its other end.
async fn joined() -> (Socket, TcpStream) {
    let registry = registry(Arc::new(Unreadable));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let mut socket = Socket::new(&registry, stream, Bytes::new(), registry.connect());
    let join = Frame::Join {
        sender_id: PeerId::new("anna").unwrap(),
        metadata: PeerMetadata { is_ephemeral: true, ..PeerMetadata::default() },
        protocol_versions: vec!["1".to_owned()],
    };
    socket.connection.handle_frame(registry.clock.now(), &join.encode());
    socket.obey();
    socket.write();
    assert!(socket.peer_id.is_some());
    (socket, client)
}

#[tokio::test]
async fn ka1_a_reader_that_takes_longer_for_a_frame_than_between_two_pings_gets_it_whole() {
    let (mut socket, mut client) = joined().await;
    let document_id = DocumentId::from_room_name("room");
    socket.link.send(&document_id, Lane::Sync, Bytes::from(vec![0; FRAME_BYTES]));
    socket.write();
    for _ in 0..5 {
        assert!(socket.blocked_since.is_some());
        let due = socket.connection.next_timeout().unwrap();
        // it has just taken a little
        socket.blocked_since = Some(due);
        socket.handle_due(due);
        socket.obey();
        assert!(!socket.is_broken);
        assert_eq!(socket.why_closed, None);
    }
    let mut received = 0;
    let mut buffer = vec![0; 1 << 20];
    while received < FRAME_BYTES {
        tokio::select! {
            bytes = client.read(&mut buffer) => received += bytes.unwrap(),
            _ = socket.stream.ready(Interest::WRITABLE), if socket.blocked_since.is_some() => {}
        }
        socket.flush();
    }
    assert_eq!(socket.blocked_since, None);
    let due = socket.connection.next_timeout().unwrap();
    socket.handle_due(due);
    assert_eq!(socket.connection.poll_output(), Some(ConnectionOutput::Ping));
}

#[tokio::test]
async fn ka1_nothing_is_missed_while_a_busy_document_keeps_the_relay_from_reading() {
    let (mut socket, _client) = joined().await;
    let document_id = DocumentId::from_room_name("room");
    socket.routes.waiting().push_back((document_id, DocumentInput::Watch(Vec::new())));
    for _ in 0..5 {
        socket.handle_due(socket.connection.next_timeout().unwrap());
        assert_eq!(socket.connection.poll_output(), None);
    }
    socket.routes.waiting().clear();
}

#[tokio::test]
async fn a_reader_that_takes_nothing_at_all_is_closed_as_too_slow() {
    let (mut socket, _client) = joined().await;
    let document_id = DocumentId::from_room_name("room");
    socket.link.send(&document_id, Lane::Sync, Bytes::from(vec![0; FRAME_BYTES]));
    socket.write();
    let due = socket.stalled_at().unwrap();
    socket.handle_due(due);
    socket.obey();
    assert_eq!(socket.why_closed, Some(CloseReason::Stalled { seconds: 20 }));
}
