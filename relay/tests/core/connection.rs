//! One websocket: what it takes, what it answers, and when it ends.

use bytes::Bytes;
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::wire::{Ephemeral, Frame, PeerMetadata, RemoteHeads};
use warroom_protocol::{HandshakeError, SessionId, Timestamp};
use warroom_relay::core::{
    Access, CloseReason, Connection, ConnectionOutput, ConnectionSettings, DocumentInput, FrameKind,
};
use warroom_relay::limits::{
    CONNECTION_DOCUMENTS_MAX, CONNECTION_WATCHED_MAX, EPHEMERAL_BYTES_MAX,
};

use crate::support::{document_id, peer, relay_peer, storage};

const START: Timestamp = Timestamp(1_000_000);

fn open(access: Access) -> Connection {
    let settings =
        ConnectionSettings { relay: relay_peer(), storage: storage("relay-storage"), access };
    Connection::open(START, settings)
}

fn join(name: &str) -> Frame {
    Frame::Join {
        sender_id: peer(name),
        metadata: PeerMetadata::default(),
        protocol_versions: vec!["1".to_owned()],
    }
}

fn sync(is_request: bool, id: u16, message: &SyncMessage) -> Frame {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&id.to_be_bytes());
    Frame::Sync {
        is_request,
        sender_id: peer("ada"),
        target_id: relay_peer(),
        document_id: warroom_protocol::DocumentId::from_bytes(&bytes).unwrap(),
        data: message.encode(),
        within: None,
    }
}

fn ephemeral(sender: &str, count: u64) -> Ephemeral {
    Ephemeral {
        sender_id: peer(sender),
        target_id: relay_peer(),
        document_id: document_id(),
        session_id: SessionId::new("session").unwrap(),
        count,
        data: Bytes::from_static(b"\xff not even cbor"),
    }
}

fn outputs(connection: &mut Connection) -> Vec<ConnectionOutput> {
    std::iter::from_fn(|| connection.poll_output()).collect()
}

/// Feeds a frame and gives what comes of it.
fn feed(connection: &mut Connection, frame: &Frame) -> Vec<ConnectionOutput> {
    connection.handle_frame(START, &frame.encode());
    outputs(connection)
}

fn joined(access: Access) -> Connection {
    let mut connection = open(access);
    feed(&mut connection, &join("ada"));
    connection
}

fn decode(output: &ConnectionOutput) -> Frame {
    match output {
        ConnectionOutput::Send(frame) => Frame::decode(frame, 1 << 20).unwrap(),
        other => panic!("a frame: {other:?}"),
    }
}

/// The close at the end of the outputs, after an `error` that says the same.
fn refusal(outputs: &[ConnectionOutput]) -> CloseReason {
    let [said, .., ConnectionOutput::Close(reason)] = outputs else {
        panic!("a refusal: {outputs:?}")
    };
    assert!(
        matches!(decode(said), Frame::Error { message, .. } if message == reason.to_string()),
        "an error frame says why: {outputs:?}"
    );
    reason.clone()
}

#[test]
fn hs1_a_join_is_answered_before_anything_else() {
    let mut connection = open(Access::Write);
    let outputs = feed(&mut connection, &join("ada"));
    let Frame::Peer { sender_id, target_id, protocol_version, .. } = decode(&outputs[0]) else {
        panic!("a peer frame: {outputs:?}")
    };
    assert_eq!((sender_id, target_id), (relay_peer(), peer("ada")));
    assert_eq!(protocol_version, "1");
    assert!(
        matches!(&outputs[1..], [ConnectionOutput::Joined { peer: who, .. }] if *who == peer("ada"))
    );
    assert_eq!(connection.peer(), Some(&peer("ada")));
}

#[test]
fn hs9_the_relay_names_its_storage() {
    let outputs = feed(&mut open(Access::Write), &join("ada"));
    let Frame::Peer { metadata, .. } = decode(&outputs[0]) else { panic!("{outputs:?}") };
    let storage_id = Some(storage("relay-storage"));
    assert_eq!(metadata, PeerMetadata { storage_id, ..PeerMetadata::default() });
}

#[test]
fn hs3_an_unjoined_socket_is_closed_after_ten_seconds() {
    let mut connection = open(Access::Write);
    assert_eq!(connection.next_timeout(), Some(Timestamp(START.0 + 10_000)));
    connection.handle_timeout(Timestamp(START.0 + 9_999));
    assert_eq!(outputs(&mut connection), []);
    connection.handle_timeout(Timestamp(START.0 + 10_000));
    assert_eq!(refusal(&outputs(&mut connection)), HandshakeError::Timeout.into());
    assert_eq!(connection.next_timeout(), None);
}

#[test]
fn hs4_anything_else_before_the_join_is_refused() {
    let outputs = feed(&mut open(Access::Write), &sync(false, 1, &SyncMessage::default()));
    assert_eq!(refusal(&outputs), HandshakeError::JoinFirst.into());
}

#[test]
fn hs5_a_repeated_join_gets_the_same_answer_and_another_is_refused() {
    let mut connection = open(Access::Write);
    let first = feed(&mut connection, &join("ada"));
    assert_eq!(feed(&mut connection, &join("ada")), first[..1]);
    assert_eq!(refusal(&feed(&mut connection, &join("bob"))), HandshakeError::Unexpected.into());
}

#[test]
fn hs6_who_is_replaced_is_told_why() {
    let mut connection = joined(Access::Write);
    connection.handle_refused(START, CloseReason::Replaced);
    assert_eq!(refusal(&outputs(&mut connection)), CloseReason::Replaced);
}

#[test]
fn hs7_a_frame_in_anothers_name_is_refused() {
    let mut connection = joined(Access::Write);
    let mut frame = sync(false, 1, &SyncMessage::default());
    if let Frame::Sync { sender_id, .. } = &mut frame {
        *sender_id = peer("bob");
    }
    assert_eq!(refusal(&feed(&mut connection, &frame)), HandshakeError::WrongSender.into());
}

#[test]
fn hs8_leave_ends_without_an_answer() {
    let mut connection = joined(Access::Write);
    let outputs = feed(&mut connection, &Frame::Leave { sender_id: peer("ada") });
    assert_eq!(outputs, [ConnectionOutput::Close(CloseReason::Left)]);
}

#[test]
fn wf1_what_is_not_a_map_closes_the_connection() {
    for bytes in [&b""[..], b"\xf6", b"\x01", b"\x80", b"\xff", b"\xa1", b"text", b"\xbf"] {
        for mut connection in [open(Access::Write), joined(Access::Write)] {
            connection.handle_frame(START, &Bytes::copy_from_slice(bytes));
            assert!(
                matches!(refusal(&outputs(&mut connection)), CloseReason::Frame(_)),
                "{bytes:x?}"
            );
        }
    }
}

#[test]
fn wf1_a_text_message_closes_the_connection() {
    let mut connection = joined(Access::Write);
    connection.handle_text(START);
    assert_eq!(refusal(&outputs(&mut connection)), CloseReason::Text);
}

#[test]
fn wf9_an_unknown_type_is_counted_and_ignored() {
    let mut connection = joined(Access::Write);
    assert_eq!(feed(&mut connection, &Frame::Unknown { kind: "x-new".to_owned() }), []);
    assert_eq!(
        connection
            .take_counters()
            .frames()
            .find(|(kind, _)| *kind == FrameKind::Unknown)
            .unwrap()
            .1
            .count,
        1
    );
}

#[test]
fn wf11_a_frame_before_the_join_is_short() {
    let mut connection = open(Access::Write);
    assert_eq!(connection.frame_bytes_max(), 4 << 10);
    connection.handle_frame(START, &Bytes::from(vec![0; (4 << 10) + 1]));
    let reason = refusal(&outputs(&mut connection));
    assert_eq!(reason.code(), 1009);
    assert_eq!(joined(Access::Write).frame_bytes_max(), 16 << 20);
}

#[test]
fn gu1_a_hostile_sync_message_closes_the_connection() {
    // F1: a Bloom filter with no bits for an entry panics automerge.
    let hostile: &[&[u8]] = &[
        &[0x42, 0, 0, 1, 0, 3, 1, 0, 7, 0],
        &[0x42],
        &[0],
        &[0x42, 0, 0, 0, 1],
        &[0x42, 0xff, 0xff, 0xff],
    ];
    for data in hostile {
        let mut connection = joined(Access::Write);
        let mut frame = sync(false, 1, &SyncMessage::default());
        if let Frame::Sync { data: sent, .. } = &mut frame {
            *sent = Bytes::copy_from_slice(data);
        }
        let reason = refusal(&feed(&mut connection, &frame));
        assert!(matches!(reason, CloseReason::Guard(_)), "{data:x?}: {reason:?}");
    }
}

#[test]
fn sy1_a_denied_document_answers_as_an_absent_one() {
    let mut connection = joined(Access::None);
    for is_request in [true, false] {
        let frame = sync(is_request, 1, &SyncMessage::default());
        let outputs = feed(&mut connection, &frame);
        assert_eq!(outputs.len(), 1, "{outputs:?}");
        assert!(
            matches!(decode(&outputs[0]), Frame::DocUnavailable { target_id, .. } if target_id == peer("ada"))
        );
    }
    assert_eq!(connection.take_counters().frames_denied, 2);
}

#[test]
fn sy5_every_document_of_a_closed_connection_is_told() {
    let mut connection = joined(Access::Write);
    for id in 0..3 {
        feed(&mut connection, &sync(false, id, &SyncMessage::default()));
    }
    connection.handle_disconnected(START);
    let outputs = outputs(&mut connection);
    let left = |output: &&ConnectionOutput| {
        matches!(output, ConnectionOutput::Route { input: DocumentInput::Left, .. })
    };
    assert_eq!(outputs.iter().filter(left).count(), 3);
    assert_eq!(outputs.last(), Some(&ConnectionOutput::Close(CloseReason::Left)));
    assert_eq!(feed(&mut connection, &join("ada")), [], "a closed connection says nothing more");
}

#[test]
fn a_connection_holds_so_many_documents_and_no_more() {
    let mut connection = joined(Access::Write);
    for id in 0..CONNECTION_DOCUMENTS_MAX {
        let outputs = feed(
            &mut connection,
            &sync(false, u16::try_from(id).unwrap(), &SyncMessage::default()),
        );
        assert!(matches!(outputs[..], [ConnectionOutput::Route { .. }]), "document {id}");
    }
    feed(&mut connection, &sync(false, 0, &SyncMessage::default()));
    let outputs = feed(&mut connection, &sync(false, u16::MAX, &SyncMessage::default()));
    assert_eq!(refusal(&outputs), CloseReason::Documents { max: CONNECTION_DOCUMENTS_MAX });
}

#[test]
fn sy10_what_a_peer_watches_goes_to_its_documents_and_is_bounded() {
    let mut connection = joined(Access::Write);
    feed(&mut connection, &sync(false, 1, &SyncMessage::default()));
    let add = (0..CONNECTION_WATCHED_MAX + 9).map(|id| storage(&format!("s{id}"))).collect();
    let change = Frame::RemoteSubscriptionChange {
        sender_id: peer("ada"),
        target_id: relay_peer(),
        add,
        remove: vec![],
    };
    let outputs = feed(&mut connection, &change);
    assert!(
        matches!(&outputs[..], [ConnectionOutput::Route { input: DocumentInput::Watch(all), .. }]
            if all.len() == CONNECTION_WATCHED_MAX),
        "{outputs:?}"
    );
    let outputs = feed(&mut connection, &sync(false, 2, &SyncMessage::default()));
    assert!(
        matches!(&outputs[..], [_, ConnectionOutput::Route { input: DocumentInput::Watch(_), .. }]),
        "a document that is opened later is told too: {outputs:?}"
    );
}

#[test]
fn sy12_what_a_peer_says_of_other_storages_is_ignored() {
    let mut connection = speaking();
    let heads = RemoteHeads {
        heads: vec![warroom_protocol::ChangeHash([1; 32])],
        timestamp: Timestamp(u64::MAX >> 11),
    };
    let frame = Frame::RemoteHeadsChanged {
        sender_id: peer("ada"),
        target_id: relay_peer(),
        document_id: document_id(),
        new_heads: vec![(storage("somebody else's"), heads)],
    };
    assert_eq!(feed(&mut connection, &frame), []);
    assert_eq!(connection.take_counters().frames_ignored, 1);
    assert_eq!(feed(&mut connection, &Frame::Ephemeral(ephemeral("ada", 1))).len(), 1);
}

/// A connection that has the document of the ephemerals open.
fn speaking() -> Connection {
    let mut connection = joined(Access::Write);
    let mut frame = sync(false, 0, &SyncMessage::default());
    if let Frame::Sync { document_id: id, .. } = &mut frame {
        *id = document_id();
    }
    feed(&mut connection, &frame);
    connection
}

#[test]
fn ep1_a_third_peers_ephemeral_is_dropped_and_the_connection_goes_on() {
    let mut connection = speaking();
    assert_eq!(feed(&mut connection, &Frame::Ephemeral(ephemeral("bob", 1))), []);
    assert_eq!(feed(&mut connection, &Frame::Ephemeral(ephemeral("ada", 1))).len(), 1);
}

#[test]
fn ep3_a_count_that_does_not_rise_is_dropped() {
    let mut connection = speaking();
    for (count, passes) in [(1, true), (2, true), (2, false), (1, false), (7, true), (3, false)] {
        let outputs = feed(&mut connection, &Frame::Ephemeral(ephemeral("ada", count)));
        assert_eq!(outputs.len(), usize::from(passes), "count {count}");
    }
    assert_eq!(connection.take_counters().ephemerals_repeated, 3);
}

#[test]
fn ep4_data_is_not_opened() {
    let mut connection = speaking();
    let message = ephemeral("ada", 1);
    let outputs = feed(&mut connection, &Frame::Ephemeral(message.clone()));
    let input = DocumentInput::Ephemeral(message);
    assert_eq!(outputs, [ConnectionOutput::Route { document: document_id(), input }]);
}

#[test]
fn ep5_an_ephemeral_does_not_open_a_document() {
    let mut connection = joined(Access::Write);
    assert_eq!(feed(&mut connection, &Frame::Ephemeral(ephemeral("ada", 1))), []);
}

#[test]
fn an_ephemeral_has_a_size() {
    for (bytes, passes) in [(EPHEMERAL_BYTES_MAX, true), (EPHEMERAL_BYTES_MAX + 1, false)] {
        let mut connection = speaking();
        let data = Bytes::from(vec![0; bytes]);
        let outputs =
            feed(&mut connection, &Frame::Ephemeral(Ephemeral { data, ..ephemeral("ada", 1) }));
        assert_eq!(
            matches!(outputs[..], [ConnectionOutput::Route { .. }]),
            passes,
            "{bytes} bytes"
        );
    }
}

#[test]
fn ka1_two_pings_without_an_answer_are_the_end() {
    let mut connection = joined(Access::Write);
    let mut pings = 0;
    while let Some(at) = connection.next_timeout() {
        connection.handle_timeout(at);
        match &outputs(&mut connection)[..] {
            [ConnectionOutput::Ping] => pings += 1,
            [ConnectionOutput::Close(CloseReason::Silent { .. })] => {
                assert_eq!(at, Timestamp(START.0 + 45_000));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(pings, 2);
}

#[test]
fn ka1_while_the_relay_does_not_read_or_still_sends_nothing_is_missed() {
    let mut connection = joined(Access::Write);
    for _ in 0..10 {
        let at = connection.next_timeout().unwrap();
        connection.handle_held_up(at);
        connection.handle_timeout(at);
        assert_eq!(outputs(&mut connection), []);
    }
    // from then on two pings are the end, as ever
    for expected in [15_000, 30_000, 45_000] {
        let at = connection.next_timeout().unwrap();
        assert_eq!(at, Timestamp(START.0 + 150_000 + expected));
        connection.handle_timeout(at);
        let is_closed = matches!(outputs(&mut connection)[..], [ConnectionOutput::Close(_)]);
        assert_eq!(is_closed, expected == 45_000);
    }
}

#[test]
fn ka2_any_frame_or_pong_is_a_sign_of_life() {
    let mut connection = joined(Access::Write);
    for round in 0..20_u32 {
        let at = connection.next_timeout().unwrap();
        connection.handle_timeout(at);
        assert_eq!(outputs(&mut connection), [ConnectionOutput::Ping], "round {round}");
        if round % 2 == 0 {
            let unknown = Frame::Unknown { kind: "x".to_owned() };
            connection.handle_frame(at, &unknown.encode());
        } else {
            connection.handle_pong(at);
        }
    }
}

#[test]
fn every_reason_has_a_code_that_a_websocket_may_carry_and_a_sentence() {
    let reasons = [
        CloseReason::Left,
        CloseReason::Restart,
        CloseReason::Text,
        CloseReason::Replaced,
        CloseReason::Overloaded,
        CloseReason::Store,
        CloseReason::Unreadable,
        CloseReason::Internal,
        CloseReason::Silent { seconds: 30 },
        CloseReason::Documents { max: 1 },
        HandshakeError::Version.into(),
    ];
    for reason in reasons {
        assert!((1000..=1013).contains(&reason.code()), "{reason:?}");
        assert!(!reason.to_string().is_empty() && !reason.to_string().ends_with('.'), "{reason}");
    }
}
