//! [HS]: who is at the other end, and in whose name frames come.
//!
//! Method: a client and a server machine, joined by hand; every frame kind in every phase.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, which are to fail loudly"
)]

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use warroom_protocol::handshake::{Handshake, Ignored, Party, Step};
use warroom_protocol::limits::{FRAME_BYTES_BEFORE_JOIN_MAX, FRAME_BYTES_MAX, JOIN_WITHIN};
use warroom_protocol::wire::{Ephemeral, Frame, PeerMetadata};
use warroom_protocol::{DocumentId, HandshakeError, PeerId, SessionId, StorageId, Timestamp};

use crate::generate;
use crate::vectors::reference;

const START: Timestamp = Timestamp(1_000);

fn peer(text: &str) -> PeerId {
    PeerId::new(text).unwrap()
}

fn party(name: &str) -> Party {
    let storage_id = Some(StorageId::new(&format!("{name}-storage")).unwrap());
    Party { peer_id: peer(name), metadata: PeerMetadata { storage_id, ..PeerMetadata::default() } }
}

fn server() -> Handshake {
    Handshake::server(START, party("relay"))
}

fn join(name: &str, versions: &[&str]) -> Frame {
    Frame::Join {
        sender_id: peer(name),
        metadata: party(name).metadata,
        protocol_versions: versions.iter().map(|version| (*version).to_owned()).collect(),
    }
}

/// A client called `tab` and a server called `relay` that know each other.
fn joined() -> (Handshake, Handshake) {
    let (mut client, join) = Handshake::client(START, party("tab"));
    let mut server = server();
    let Step::Opened { send: Some(answer) } = server.handle_frame(join) else {
        panic!("no answer")
    };
    assert_eq!(
        client.handle_frame(answer),
        Step::Opened { send: None },
        "the client is not answered"
    );
    (client, server)
}

fn sync(sender: &str, target: &str) -> Frame {
    Frame::Sync {
        is_request: false,
        sender_id: peer(sender),
        target_id: peer(target),
        document_id: DocumentId::from_room_name("ops"),
        data: Bytes::from_static(&[0x42]),
        within: None,
    }
}

fn ephemeral(sender: &str, target: &str) -> Frame {
    Frame::Ephemeral(Ephemeral {
        sender_id: peer(sender),
        target_id: peer(target),
        document_id: DocumentId::from_room_name("ops"),
        session_id: SessionId::new("s").unwrap(),
        count: 1,
        data: Bytes::from_static(&[0xa0]),
    })
}

/// The step must be a refusal for `expected` that tells the other end its reason.
fn check_refused(step: Step, expected: &HandshakeError) {
    let Step::Refused { send: Some(Frame::Error { sender_id, message, .. }), reason } = step else {
        panic!("expected a refusal for {expected:?}, got {step:?}")
    };
    assert_eq!(&reason, expected, "refused for another reason");
    assert_eq!(message, reason.to_string(), "the other end is told another reason");
    assert!(sender_id.is_some(), "an error says who refuses");
}

#[test]
fn hs1_a_join_is_answered_with_peer() {
    let mut server = server();
    let join = Frame::decode(&reference("join_storage"), FRAME_BYTES_MAX).unwrap();
    let expected = Frame::Peer {
        sender_id: peer("relay"),
        target_id: peer("peer-abc"),
        metadata: party("relay").metadata,
        protocol_version: "1".to_owned(),
    };
    assert_eq!(server.handle_frame(join), Step::Opened { send: Some(expected) });
    assert_eq!(server.other().unwrap().peer_id, peer("peer-abc"));

    let (client, server) = joined();
    assert_eq!(client.other(), Some(&party("relay")));
    assert_eq!(server.other(), Some(&party("tab")));
}

#[test]
fn hs2_one_version_in_common_is_needed() {
    for (versions, works) in
        [(&["1"][..], true), (&["2", "1"], true), (&["2"], false), (&[], false)]
    {
        let step = server().handle_frame(join("tab", versions));
        if works {
            assert!(matches!(step, Step::Opened { .. }), "{versions:?}");
        } else {
            check_refused(step, &HandshakeError::Version);
        }
    }
    let (mut client, _) = Handshake::client(START, party("tab"));
    let answer = Frame::Peer {
        sender_id: peer("relay"),
        target_id: peer("tab"),
        metadata: PeerMetadata::default(),
        protocol_version: "2".to_owned(),
    };
    check_refused(client.handle_frame(answer), &HandshakeError::Version);
}

#[test]
fn hs3_nobody_waits_longer_than_ten_seconds() {
    let (client, _) = Handshake::client(START, party("tab"));
    for mut waiting in [client, server()] {
        let deadline = START + JOIN_WITHIN;
        assert_eq!(waiting.next_timeout(), Some(deadline));
        assert_eq!(waiting.handle_timeout(deadline - Duration::from_millis(1)), None);
        assert_eq!(waiting.handle_timeout(deadline), Some(HandshakeError::Timeout));
        assert_eq!(waiting.next_timeout(), None);
        let late = waiting.handle_frame(join("tab", &["1"]));
        assert_eq!(late, Step::Ignored(Ignored::Late), "a closed connection does not open");
    }
    let (mut client, mut server) = joined();
    let much_later = START + Duration::from_hours(1);
    assert_eq!(client.handle_timeout(much_later), None);
    assert_eq!(server.handle_timeout(much_later), None);
}

#[test]
fn hs4_join_comes_first() {
    for frame in [sync("tab", "relay"), ephemeral("tab", "relay")] {
        check_refused(server().handle_frame(frame), &HandshakeError::JoinFirst);
    }
    let unknown = Frame::Unknown { kind: "x".to_owned() };
    assert_eq!(server().handle_frame(unknown), Step::Ignored(Ignored::UnknownType));

    let (mut client, _) = Handshake::client(START, party("tab"));
    let early = client.handle_frame(sync("relay", "tab"));
    assert_eq!(early, Step::Ignored(Ignored::Early));
    check_refused(client.handle_frame(join("tab", &["1"])), &HandshakeError::Unexpected);
}

#[test]
fn hs5_a_repeated_join_changes_nothing() {
    let (_, mut server) = joined();
    let Step::Repeated { send: Frame::Peer { target_id, .. } } =
        server.handle_frame(join("tab", &["1"]))
    else {
        panic!("no answer")
    };
    assert_eq!(target_id, peer("tab"));
    assert_eq!(server.other(), Some(&party("tab")));
    check_refused(server.handle_frame(join("other", &["1"])), &HandshakeError::Unexpected);
    assert_eq!(server.other(), None);
}

#[test]
fn hs6_a_taken_peer_id_can_be_refused() {
    check_refused(server().handle_frame(join("relay", &["1"])), &HandshakeError::PeerIdTaken);

    let (_, mut server) = joined();
    let Frame::Error { target_id, message, .. } = server.refuse(&HandshakeError::PeerIdTaken)
    else {
        panic!("no error")
    };
    assert_eq!(target_id, Some(peer("tab")));
    assert_eq!(message, "this peer id is taken: join with a fresh one");
    assert_eq!(server.handle_frame(sync("tab", "relay")), Step::Ignored(Ignored::Late));
}

#[test]
fn hs7_sender_and_target_are_the_ends_of_the_connection() {
    let good = [sync("tab", "relay"), ephemeral("tab", "relay")];
    for frame in good {
        assert_eq!(joined().1.handle_frame(frame.clone()), Step::Deliver(frame));
    }
    check_refused(joined().1.handle_frame(sync("eve", "relay")), &HandshakeError::WrongSender);
    check_refused(joined().1.handle_frame(sync("tab", "eve")), &HandshakeError::WrongTarget);
    check_refused(joined().1.handle_frame(ephemeral("tab", "eve")), &HandshakeError::WrongTarget);
    check_refused(joined().0.handle_frame(sync("eve", "tab")), &HandshakeError::WrongSender);
    check_refused(joined().0.handle_frame(ephemeral("eve", "eve")), &HandshakeError::WrongTarget);
}

#[test]
fn hs8_leave_and_error_are_not_answered() {
    let leave = Frame::Leave { sender_id: peer("tab") };
    let error =
        Frame::Error { sender_id: None, target_id: None, message: "no".to_owned(), taken: None };
    for mut end in [joined().0, joined().1, server(), Handshake::client(START, party("tab")).0] {
        let mut other = end.clone();
        assert_eq!(end.handle_frame(leave.clone()), Step::Left);
        let reason = HandshakeError::ByOther { message: "no".to_owned(), taken: None };
        assert_eq!(other.handle_frame(error.clone()), Step::Refused { send: None, reason });
        assert_eq!(other.other(), None);
    }
}

#[test]
fn hs9_a_relay_names_its_storage() {
    let bytes = reference("peer");
    let Ok(Frame::Peer { metadata, .. }) = Frame::decode(&bytes, bytes.len()) else {
        panic!("not a peer")
    };
    assert!(metadata.storage_id.is_some() && !metadata.is_ephemeral);
}

#[test]
fn ep1_a_third_peers_message_is_dropped_by_a_server_and_delivered_to_a_client() {
    let (mut client, mut server) = joined();
    let foreign = server.handle_frame(ephemeral("eve", "relay"));
    assert_eq!(foreign, Step::Ignored(Ignored::ForeignEphemeral));
    assert!(server.other().is_some(), "the connection goes on");
    let passed_on = ephemeral("eve", "tab");
    assert_eq!(client.handle_frame(passed_on.clone()), Step::Deliver(passed_on));
}

#[test]
fn wf11_frames_are_small_before_the_join() {
    assert_eq!(server().frame_bytes_max(), FRAME_BYTES_BEFORE_JOIN_MAX);
    let (client, server) = joined();
    assert_eq!(
        (client.frame_bytes_max(), server.frame_bytes_max()),
        (FRAME_BYTES_MAX, FRAME_BYTES_MAX)
    );
}

proptest! {
    /// What is delivered always comes from the one who joined, and nothing is delivered before or after that.
    #[test]
    fn hs7_nothing_is_delivered_in_a_foreign_name(frames in proptest::collection::vec(generate::frame(), 1..12)) {
        let mut server = server();
        for frame in frames {
            let open = server.other().cloned();
            if let Step::Deliver(frame) = server.handle_frame(frame) {
                let open = open.expect("delivered on a closed connection");
                let sender = match frame {
                    Frame::Room(news) => news.sender_id,
                    Frame::Sync { sender_id, .. }
                    | Frame::RoomSince { sender_id, .. }
                    | Frame::DocUnavailable { sender_id, .. }
                    | Frame::Ephemeral(Ephemeral { sender_id, .. })
                    | Frame::RemoteSubscriptionChange { sender_id, .. }
                    | Frame::RemoteHeadsChanged { sender_id, .. } => sender_id,
                    Frame::Join { .. }
                    | Frame::Peer { .. }
                    | Frame::Error { .. }
                    | Frame::Leave { .. }
                    | Frame::Unknown { .. } => panic!("not for the owner"),
                };
                prop_assert_eq!(sender, open.peer_id);
            }
        }
    }
}
