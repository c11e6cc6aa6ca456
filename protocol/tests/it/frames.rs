//! [WF]: frames are read as tolerantly as honest peers need, and written in one way.
//!
//! Method: the frames that the JavaScript reference wrote, hand-made variants of them, generated frames, and
//! mutants of all of those.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, which are to fail loudly"
)]

use bytes::Bytes;
use proptest::prelude::*;
use warroom_protocol::guard::ActorBytes;
use warroom_protocol::limits::{CBOR_DEPTH_MAX, CBOR_MAP_KEYS_MAX, FRAME_BYTES_MAX};
use warroom_protocol::wire::{Ephemeral, Frame, PeerMetadata, SharedFrame};
use warroom_protocol::{
    ChangeHash, DecodeError, DocumentId, IdError, PeerId, SessionId, StorageId, TakenActor,
    Timestamp,
};

use crate::generate;
use crate::vectors::{from_hex, reference, to_hex, written};

fn check(bytes: &Bytes) -> Result<Frame, DecodeError> {
    Frame::decode(bytes, FRAME_BYTES_MAX)
}

fn malformed(result: Result<Frame, DecodeError>) -> &'static str {
    match result {
        Err(DecodeError::Malformed(why)) => why,
        other => panic!("expected a malformed frame, got {other:?}"),
    }
}

fn field(result: Result<Frame, DecodeError>) -> &'static str {
    match result {
        Err(DecodeError::Field { field, .. }) => field,
        other => panic!("expected a wrong field, got {other:?}"),
    }
}

fn peer(text: &str) -> PeerId {
    PeerId::new(text).unwrap()
}

fn document() -> DocumentId {
    "1Bhh3pUZD358hwFbvigTAY5qky".parse().unwrap()
}

fn storage() -> StorageId {
    StorageId::new("2a3f6c9e-0000-4000-8000-000000000001").unwrap()
}

/// What a peer with a storage says of itself.
fn stored() -> PeerMetadata {
    PeerMetadata { storage_id: Some(storage()), ..PeerMetadata::default() }
}

/// A text or map or list of CBOR, by hand: the tests must not trust the encoder under test.
fn text(text: &str) -> Vec<u8> {
    let mut out = match u8::try_from(text.len()).unwrap() {
        short @ 0..24 => vec![0x60 + short],
        long => vec![0x78, long],
    };
    out.extend_from_slice(text.as_bytes());
    out
}

fn map(entries: &[(&str, Vec<u8>)]) -> Bytes {
    let mut out = vec![0xb8, u8::try_from(entries.len()).unwrap()];
    for (key, value) in entries {
        out.extend(text(key));
        out.extend_from_slice(value);
    }
    out.into()
}

fn leave_with(key: &str, value: Vec<u8>) -> Bytes {
    map(&[("type", text("leave")), (key, value), ("senderId", text("a"))])
}

fn leave() -> Frame {
    Frame::Leave { sender_id: peer("a") }
}

/// What the reference's frames say.
fn reference_frames() -> Vec<(&'static str, Frame)> {
    let (sender_id, target_id) = (peer("peer-abc"), peer("storage-server"));
    let join = |metadata| Frame::Join {
        sender_id: peer("peer-abc"),
        metadata,
        protocol_versions: vec!["1".to_owned()],
    };
    let heartbeat = reference("presence_heartbeat");
    let sync = |is_request| Frame::Sync {
        is_request,
        sender_id: peer("peer-abc"),
        target_id: peer("storage-server"),
        document_id: document(),
        data: Bytes::from_static(&[0x42, 0, 0, 1, 0, 0, 0]),
        within: None,
    };
    vec![
        ("join_storage", join(stored())),
        ("join_no_storage", join(PeerMetadata { is_ephemeral: true, ..PeerMetadata::default() })),
        ("join_empty_metadata", join(PeerMetadata::default())),
        (
            "peer",
            Frame::Peer {
                sender_id: target_id.clone(),
                target_id: sender_id.clone(),
                metadata: stored(),
                protocol_version: "1".to_owned(),
            },
        ),
        ("sync", sync(false)),
        ("request", sync(true)),
        (
            "doc_unavailable",
            Frame::DocUnavailable {
                sender_id: target_id.clone(),
                target_id: sender_id.clone(),
                document_id: document(),
            },
        ),
        (
            "ephemeral",
            Frame::Ephemeral(Ephemeral {
                sender_id: sender_id.clone(),
                target_id: target_id.clone(),
                document_id: document(),
                session_id: SessionId::new("k3j9x0a1b2").unwrap(),
                count: 1,
                data: heartbeat,
            }),
        ),
        (
            "error",
            Frame::Error {
                sender_id: Some(target_id.clone()),
                target_id: Some(sender_id.clone()),
                message: "unsupported protocol version".to_owned(),
                taken: None,
            },
        ),
        (
            "remote_subscription_change",
            Frame::RemoteSubscriptionChange {
                sender_id,
                target_id,
                add: vec![StorageId::new("sid").unwrap()],
                remove: Vec::new(),
            },
        ),
    ]
}

#[test]
fn wf1_a_frame_is_exactly_one_map() {
    for hex in ["f6", "00", "80", "6161", "f5", "40", "fb0000000000000000"] {
        assert_eq!(malformed(check(&from_hex(hex))), "its outermost item is not a map", "{hex}");
    }
    assert!(check(&Bytes::new()).is_err(), "nothing is not a frame");
    let mut trailing = leave().encode().to_vec();
    trailing.push(0xf6);
    assert_eq!(malformed(check(&trailing.into())), "goes on after its end");
}

#[test]
fn wf2_maps_come_in_any_length_form_and_order() {
    let hex = |entries: &str| check(&from_hex(entries));
    let (kind, sender) = ("6474797065 656c65617665", "6873656e6465724964 6161");
    for head in ["a2", "b802", "b90002", "ba00000002", "bb0000000000000002"] {
        assert_eq!(hex(&format!("{head} {kind} {sender}")), Ok(leave()), "{head}");
        assert_eq!(hex(&format!("{head} {sender} {kind}")), Ok(leave()), "{head}");
    }
    assert_eq!(hex(&format!("bf {sender} {kind} ff")), Ok(leave()));
    assert!(hex(&format!("bf {sender} {kind}")).is_err(), "the break is missing");
}

#[test]
fn wf3_unknown_keys_are_skipped() {
    let values = [
        "00",
        "20",
        "4161",
        "6161",
        "80",
        "9f0102ff",
        "a0",
        "bf616101ff",
        "c101",
        "f4",
        "f6",
        "f93c00",
        "fa3f800000",
        "fb3ff0000000000000",
        "f820",
        "1bffffffffffffffff",
    ];
    for hex in values {
        assert_eq!(check(&leave_with("x-later", from_hex(hex).to_vec())), Ok(leave()), "{hex}");
    }
}

#[test]
fn wf4_null_and_undefined_are_absent() {
    for absent in [0xf6, 0xf7] {
        let bytes = map(&[
            ("type", text("join")),
            ("senderId", text("a")),
            ("peerMetadata", vec![absent]),
            ("supportedProtocolVersions", vec![absent]),
        ]);
        let join = check(&bytes).unwrap();
        let Frame::Join { metadata, protocol_versions, .. } = join else { panic!("not a join") };
        assert_eq!((metadata, protocol_versions), (PeerMetadata::default(), vec!["1".to_owned()]));
        assert_eq!(
            field(check(&map(&[("type", text("leave")), ("senderId", vec![absent])]))),
            "senderId"
        );
    }
}

#[test]
fn wf5_integers_may_come_as_floats() {
    let count = |value: &[u8]| {
        let bytes = map(&[
            ("type", text("ephemeral")),
            ("senderId", text("a")),
            ("targetId", text("b")),
            ("documentId", text("1Bhh3pUZD358hwFbvigTAY5qky")),
            ("sessionId", text("s")),
            ("count", value.to_vec()),
            ("data", vec![0x41, 0xa0]),
        ]);
        match check(&bytes) {
            Ok(Frame::Ephemeral(message)) => Some(message.count),
            Err(DecodeError::Field { field: "count", .. }) => None,
            other => panic!("{other:?}"),
        }
    };
    let float = |number: f64| count(&[&[0xfb], &number.to_be_bytes()[..]].concat());
    assert_eq!(float(4_294_967_296.0), Some(1 << 32));
    assert_eq!(float(9_007_199_254_740_991.0), Some((1 << 53) - 1));
    assert_eq!(float(0.0), Some(0));
    assert_eq!(count(&[0xfa, 0x40, 0x40, 0, 0]), Some(3));
    assert_eq!(count(&[0x1b, 255, 255, 255, 255, 255, 255, 255, 255]), Some(u64::MAX));
    for wrong in
        [-1.0, 0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 9_007_199_254_740_992.0, 1e300]
    {
        assert_eq!(float(wrong), None, "{wrong}");
    }
    assert_eq!(count(&[0x20]), None);
    assert_eq!(count(&text("1")), None);
}

#[test]
fn wf6_a_document_id_is_text_or_bytes() {
    let unavailable = |id: Vec<u8>| {
        check(&map(&[
            ("type", text("doc-unavailable")),
            ("senderId", text("a")),
            ("targetId", text("b")),
            ("documentId", id),
        ]))
    };
    let expected = unavailable(text("1Bhh3pUZD358hwFbvigTAY5qky")).unwrap();
    let bytes = [&[0x50], document().as_bytes()].concat();
    assert_eq!(unavailable(bytes), Ok(expected));
    assert_eq!(unavailable(vec![0x41, 1]), Err(DecodeError::Id(IdError::Length { bytes: 1 })));
    assert_eq!(
        unavailable(text("1Bhh3pUZD358hwFbvigTAY5qkz")),
        Err(DecodeError::Id(IdError::Check))
    );
    assert_eq!(field(unavailable(vec![0])), "documentId");
}

#[test]
fn wf7_nesting_keys_and_repeats_are_bounded() {
    let nested = |levels: usize| {
        let mut value = vec![0x81; levels];
        value.push(0);
        check(&leave_with("x", value))
    };
    assert_eq!(nested(CBOR_DEPTH_MAX - 1), Ok(leave()));
    assert_eq!(malformed(nested(CBOR_DEPTH_MAX)), "nests deeper than eight levels");
    assert!(nested(1_000_000).is_err(), "a million levels must not exhaust the stack");
    assert!(check(&leave_with("x", vec![0xc1; 1_000])).is_err(), "tags count as levels");

    let keys = |count: usize| {
        let names: Vec<String> = (0..count - 2).map(|n| format!("k{n}")).collect();
        let mut entries = vec![("type", text("leave")), ("senderId", text("a"))];
        entries.extend(names.iter().map(|name| (name.as_str(), vec![0])));
        check(&map(&entries))
    };
    assert_eq!(keys(CBOR_MAP_KEYS_MAX), Ok(leave()));
    assert_eq!(malformed(keys(CBOR_MAP_KEYS_MAX + 1)), "more than 32 keys in one map");

    assert_eq!(
        malformed(check(&leave_with("senderId", text("a")))),
        "the same key twice in one map"
    );
    assert_eq!(malformed(check(&from_hex("a10000"))), "a key that is not text");
    assert_eq!(malformed(check(&from_hex("a17f6161ff00"))), "a string of indefinite length");
    assert!(check(&from_hex("bbffffffffffffffff")).is_err(), "a length is not believed");
    assert!(check(&from_hex("a161785bffffffffffffffff")).is_err(), "nor is that of a string");
}

#[test]
fn wf8_writing_is_strict() {
    let sync = |target: &str| Frame::Sync {
        is_request: false,
        sender_id: peer("a"),
        target_id: peer(target),
        document_id: document(),
        data: Bytes::from_static(&[0x42]),
        within: None,
    };
    let head = "a5 6474797065 6473796e63 6a646f63756d656e744964 781a314268683370555a443335386877466276696754415935716b79
        6873656e6465724964 6161 6464617461 4142 687461726765744964";
    assert_eq!(to_hex(&sync("b").encode()), to_hex(&from_hex(&format!("{head} 6162"))));

    let join = Frame::Join {
        sender_id: peer("a"),
        metadata: PeerMetadata::default(),
        protocol_versions: vec!["1".to_owned()],
    };
    let hex = "a4 6474797065 646a6f696e 6873656e6465724964 6161 6c706565724d65746164617461
        a1 6b6973457068656d6572616c f4 7819737570706f7274656450726f746f636f6c56657273696f6e73 816131";
    assert_eq!(
        to_hex(&join.encode()),
        to_hex(&from_hex(hex)),
        "no null where there is no storage id"
    );
}

#[test]
fn wf8_what_is_written_never_changes() {
    for (name, frame) in reference_frames() {
        assert_eq!(to_hex(&frame.encode()), to_hex(&written(name)), "{name}");
    }
}

#[test]
fn wf9_an_unknown_type_is_not_an_error() {
    let unknown = |kind: &str| check(&map(&[("type", text(kind)), ("data", vec![0])]));
    assert_eq!(unknown("x-ack"), Ok(Frame::Unknown { kind: "x-ack".to_owned() }));
    assert_eq!(unknown(&"雪".repeat(40)), Ok(Frame::Unknown { kind: "雪".repeat(21) }));
    assert_eq!(field(check(&map(&[("type", vec![0])]))), "type");
    assert_eq!(field(check(&from_hex("a0"))), "type");
}

#[test]
fn wf10_data_is_a_view_and_never_empty() {
    let bytes = reference("sync");
    let Ok(Frame::Sync { data, .. }) = check(&bytes) else { panic!("not a sync") };
    assert!(bytes.as_ptr_range().contains(&data.as_ptr()), "data was copied");

    let tagged = map(&[
        ("type", text("sync")),
        ("senderId", text("a")),
        ("targetId", text("b")),
        ("documentId", text("1Bhh3pUZD358hwFbvigTAY5qky")),
        ("data", from_hex("d8404142").to_vec()),
    ]);
    assert!(check(&tagged).is_ok(), "a typed array carries tag 64");
    let empty: Bytes = tagged.iter().copied().take(tagged.len() - 4).chain([0x40]).collect();
    assert_eq!(field(check(&empty)), "data");
}

#[test]
fn wf11_a_frame_is_no_longer_than_the_moment_allows() {
    let bytes = reference("join_storage");
    assert!(Frame::decode(&bytes, bytes.len()).is_ok());
    let too_large = DecodeError::TooLarge { bytes: bytes.len(), bytes_max: bytes.len() - 1 };
    assert_eq!(Frame::decode(&bytes, bytes.len() - 1), Err(too_large));
}

#[test]
fn wf12_an_id_has_1_to_512_bytes() {
    let sender = |length: usize| {
        let mut value = vec![0x79];
        value.extend(u16::try_from(length).unwrap().to_be_bytes());
        value.extend(std::iter::repeat_n(b'a', length));
        check(&map(&[("type", text("leave")), ("senderId", value)]))
    };
    assert!(sender(1).is_ok() && sender(512).is_ok());
    for length in [0, 513] {
        assert_eq!(sender(length), Err(DecodeError::Id(IdError::Length { bytes: length })));
    }
}

#[test]
fn wf13_the_frames_of_the_reference_are_read() {
    for (name, frame) in reference_frames() {
        let bytes = reference(name);
        assert_eq!(check(&bytes).as_ref(), Ok(&frame), "{name}");
        assert_eq!(check(&frame.encode()), Ok(frame), "{name}, written by us");
    }
    let count = reference("map_of_a_count_beyond_32_bits");
    assert_eq!(field(check(&count)), "type");
}

/// The captured frame names a head `h`; a real one is base58check of 32 bytes.
#[test]
fn wf13_remote_heads_of_the_reference_are_read() {
    let captured = to_hex(&reference("remote_heads_changed"));
    assert_eq!(check(&from_hex(&captured)), Err(DecodeError::Id(IdError::Check)));

    let ours = Frame::RemoteHeadsChanged {
        sender_id: peer("peer-abc"),
        target_id: peer("storage-server"),
        document_id: document(),
        new_heads: vec![(
            StorageId::new("sid").unwrap(),
            warroom_protocol::wire::RemoteHeads {
                heads: vec![ChangeHash([7; 32])],
                timestamp: Timestamp(1_764_000_000_000),
            },
        )],
    };
    let bytes = to_hex(&ours.encode());
    let (_, head) = bytes.split_once("65686561647381").expect("heads");
    let (head, _) = head.split_once("6974696d657374616d70").expect("timestamp");
    let real = captured
        .replace("6568656164738161 68".replace(' ', "").as_str(), &format!("65686561647381{head}"));
    let Ok(Frame::RemoteHeadsChanged { new_heads, .. }) = check(&from_hex(&real)) else {
        panic!("not read: {:?}", check(&from_hex(&real)))
    };
    let [(storage_id, remote)] = &new_heads[..] else { panic!("one storage") };
    assert_eq!((storage_id.as_str(), &remote.heads[..]), ("sid", &[ChangeHash([7; 32])][..]));
    assert_eq!(remote.timestamp, Timestamp(1_764_000_000_000));
    assert!(
        bytes.contains("6974696d657374616d70fb"),
        "a 64-bit integer would be a BigInt over there"
    );
}

#[test]
fn wf14_every_prefix_of_a_frame_is_refused() {
    for (name, _) in reference_frames() {
        let bytes = reference(name);
        for end in 0..bytes.len() {
            assert!(check(&bytes.slice(..end)).is_err(), "{name} cut at {end}");
        }
    }
}

#[test]
fn wf14_every_changed_byte_is_survived() {
    for (name, _) in reference_frames() {
        let bytes = reference(name);
        for at in 0..bytes.len() {
            for value in 0..=u8::MAX {
                let mut mutant = bytes.to_vec();
                mutant[at] = value;
                drop(check(&mutant.into()));
            }
        }
    }
}

proptest! {
    #[test]
    fn wf8_what_is_written_is_read_back(frame in generate::frame()) {
        prop_assert_eq!(check(&frame.encode()), Ok(frame));
    }

    #[test]
    fn wf8_a_shared_frame_is_the_frame(message in generate::ephemeral(), target in generate::peer_id(), data in "[a-z]{1,300}") {
        let shared = SharedFrame::ephemeral(&message);
        let expected = Frame::Ephemeral(Ephemeral { target_id: target.clone(), ..message.clone() }).encode();
        prop_assert_eq!(&shared.to(&target), &expected);
        prop_assert_eq!(shared.pieces(&target).concat(), expected.to_vec());

        let sync = SharedFrame::sync(&message.sender_id, &message.document_id, data.as_bytes());
        let expected = Frame::Sync {
            is_request: false,
            sender_id: message.sender_id,
            target_id: target.clone(),
            document_id: message.document_id,
            data: data.into(),
            within: None,
        };
        prop_assert_eq!(sync.to(&target), expected.encode());
        prop_assert!(sync.to(&target).len() <= sync.bytes_len(&target));
    }

    #[test]
    fn wf14_noise_is_survived(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
        drop(check(&noise.into()));
    }

    #[test]
    fn wf14_mutants_of_our_frames_are_survived(
        frame in generate::frame(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = frame.encode().to_vec();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        drop(check(&bytes.into()));
    }
}

#[test]
fn sy11_an_error_names_the_actor_that_is_taken_and_is_read_without_it_too() {
    let text = |text: &str| format!("78 {:02x} {}", text.len(), to_hex(text.as_bytes()));
    let taken = |code: &str, document: &str, actor: &str, seq: &str| {
        let pairs = [
            (text("type"), text("error")),
            (text("message"), text("no")),
            (text("code"), text(code)),
            (text("documentId"), text(document)),
            (text("actor"), actor.to_owned()),
            (text("seq"), seq.to_owned()),
        ];
        let pairs = pairs.map(|(key, value)| format!("{key} {value}")).concat();
        match check(&from_hex(&format!("a6 {pairs}"))) {
            Ok(Frame::Error { taken, .. }) => taken,
            other => panic!("an error: {other:?}"),
        }
    };
    let (id, actor) = (document().to_string(), format!("50 {}", "01".repeat(16)));
    let whole = TakenActor {
        document_id: document(),
        actor: ActorBytes(Bytes::from_static(&[1; 16])),
        seq: 7,
    };
    assert_eq!(taken("actor-taken", &id, &actor, "07"), Some(whole.clone()));
    assert_eq!(taken("another", &id, &actor, "07"), None);
    assert_eq!(taken("actor-taken", "no id", &actor, "07"), None);
    assert_eq!(taken("actor-taken", &id, "41 01", "07"), None, "an actor of one byte");
    assert_eq!(taken("actor-taken", &id, &actor, "61 37"), None, "a number in words");
    let message = "no".to_owned();
    let frame = Frame::Error { sender_id: None, target_id: None, message, taken: Some(whole) };
    assert_eq!(check(&frame.encode()), Ok(frame));
}
