//! [RO]: rooms of many documents on the wire.
//!
//! Method: hand-made frames at their limits, beside the generated ones of `frames.rs`, which are read back and survived there.
#![expect(clippy::unwrap_used, reason = "helpers of tests, which are to fail loudly")]

use bytes::Bytes;
use warroom_protocol::handshake::{Handshake, Party, Step};
use warroom_protocol::limits::{
    CAPS_MAX, FRAME_BYTES_MAX, ROOM_DOCUMENTS_MAX, ROOM_HEADS_MAX, ROOM_LABEL_BYTES_MAX,
};
use warroom_protocol::wire::{Frame, PeerMetadata, RoomDocument, RoomNews, Within};
use warroom_protocol::{ChangeHash, Cursor, DecodeError, DocumentId, PeerId, Timestamp};

use crate::vectors::{from_hex, to_hex};

fn check(bytes: &Bytes) -> Result<Frame, DecodeError> {
    Frame::decode(bytes, FRAME_BYTES_MAX)
}

fn peer(text: &str) -> PeerId {
    PeerId::new(text).unwrap()
}

fn root() -> DocumentId {
    DocumentId::from_room_name("ops")
}

fn news(documents: Vec<RoomDocument>) -> Frame {
    Frame::Room(RoomNews {
        sender_id: peer("relay"),
        target_id: peer("tab"),
        root: root(),
        cursor: Cursor::new("c").unwrap(),
        documents,
        is_whole: false,
        has_more: false,
    })
}

fn document(heads: usize) -> RoomDocument {
    RoomDocument {
        document_id: DocumentId::derived(&root(), "talk"),
        heads: vec![ChangeHash([7; 32]); heads],
    }
}

/// What the relay answers to a join, when either end speaks of rooms or does not.
fn answered(client_has_rooms: bool, relay_has_rooms: bool) -> bool {
    let party = |name, has_rooms| Party {
        peer_id: peer(name),
        metadata: PeerMetadata { has_rooms, ..PeerMetadata::default() },
    };
    let (mut client, join) = Handshake::client(Timestamp(1), party("tab", client_has_rooms));
    let mut relay = Handshake::server(Timestamp(1), party("relay", relay_has_rooms));
    let Step::Opened { send: Some(answer) } = relay.handle_frame(check(&join.encode()).unwrap())
    else {
        return false;
    };
    client.handle_frame(check(&answer.encode()).unwrap());
    let names_caps = to_hex(&answer.encode()).contains(&to_hex(b"x-caps"));
    assert_eq!(names_caps, client_has_rooms && relay_has_rooms, "a stock peer reads version 1");
    client.other().unwrap().metadata.has_rooms
}

#[test]
fn ro1_only_who_speaks_of_rooms_is_told_so() {
    for (client, relay) in [(true, true), (true, false), (false, true), (false, false)] {
        assert_eq!(answered(client, relay), client && relay, "{client} {relay}");
    }
}

#[test]
fn ro1_what_a_peer_speaks_of_is_a_list_of_names() {
    let join = |caps: &str| {
        let head = "a3 6474797065 646a6f696e 6873656e6465724964 6161 66782d63617073";
        match check(&from_hex(&format!("{head} {caps}"))) {
            Ok(Frame::Join { metadata, .. }) => Some(metadata.has_rooms),
            Ok(_) | Err(_) => None,
        }
    };
    assert_eq!(join("8164726f6f6d"), Some(true));
    assert_eq!(join("83 00 6161 64726f6f6d"), Some(true), "names that come later are skipped");
    assert_eq!(join("80"), Some(false));
    assert_eq!(join("f6"), Some(false), "null is absent");
    assert_eq!(join("64726f6f6d"), None, "no list");
    assert_eq!(
        join(&format!("{:02x}{}", 0x80 + CAPS_MAX - 1, "00".repeat(CAPS_MAX - 1))),
        Some(false)
    );
    assert_eq!(join(&format!("91{}", "00".repeat(CAPS_MAX + 1))), None, "too long a list");
}

#[test]
fn ro2_a_document_is_proved_by_its_root_and_label() {
    let within = Within { root: root(), label: "body/x".to_owned() };
    assert!(within.proves(&DocumentId::derived(&root(), "body/x")));
    assert!(!within.proves(&DocumentId::derived(&root(), "body/y")));
    assert!(!within.proves(&DocumentId::from_room_name("body/x")));
}

#[test]
fn ro2_a_label_has_1_to_128_bytes_and_no_zero() {
    let read = |label: &str| {
        let within = Some(Within { root: root(), label: label.to_owned() });
        let frame = Frame::Sync {
            is_request: true,
            sender_id: peer("tab"),
            target_id: peer("relay"),
            document_id: DocumentId::derived(&root(), label),
            data: Bytes::from_static(&[0x42]),
            within,
        };
        match check(&frame.encode()) {
            Ok(read) => read == frame,
            Err(error) => {
                assert_eq!(error, DecodeError::Field { kind: "request", field: "x-in" });
                false
            }
        }
    };
    for (label, expected) in [
        ("t".to_owned(), true),
        ("t".repeat(ROOM_LABEL_BYTES_MAX), true),
        ("t".repeat(ROOM_LABEL_BYTES_MAX + 1), false),
        (String::new(), false),
        ("a\0b".to_owned(), false),
    ] {
        assert_eq!(read(&label), expected, "{label:?}");
    }
}

#[test]
fn ro3_a_question_and_its_answer_are_told_apart_by_the_documents() {
    let asks = |since| Frame::RoomSince {
        sender_id: peer("tab"),
        target_id: peer("relay"),
        root: root(),
        since,
    };
    for frame in [asks(None), asks(Some(Cursor::new("c").unwrap())), news(Vec::new())] {
        assert_eq!(check(&frame.encode()), Ok(frame));
    }
}

#[test]
fn ro5_a_message_names_at_most_1024_documents_of_16_heads() {
    let full = news(vec![document(ROOM_HEADS_MAX); ROOM_DOCUMENTS_MAX]);
    assert!(full.encode().len() < FRAME_BYTES_MAX / 16, "{} bytes", full.encode().len());
    assert_eq!(check(&full.encode()), Ok(full));
    for beyond in
        [news(vec![document(0); ROOM_DOCUMENTS_MAX + 1]), news(vec![document(ROOM_HEADS_MAX + 1)])]
    {
        assert!(check(&beyond.encode()).is_err());
    }
}

#[test]
fn ro5_heads_are_whole_hashes() {
    let whole = to_hex(&news(vec![document(1)]).encode());
    let torn =
        whole.replace(&format!("5820{}", "07".repeat(32)), &format!("581f{}", "07".repeat(31)));
    assert_ne!(torn, whole);
    assert_eq!(
        check(&from_hex(&torn)),
        Err(DecodeError::Field { kind: "x-room", field: "documents" })
    );
}
