//! Frames that are no CBOR map of the protocol, that come at the wrong time, or in somebody else's name.

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as RawFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use warroom_protocol::PeerId;
use warroom_protocol::limits::{FRAME_BYTES_BEFORE_JOIN_MAX, FRAME_BYTES_MAX, STORAGE_IDS_MAX};
use warroom_protocol::wire::{Frame, PeerMetadata};

use crate::attack::{Attack, Intruder, Outcome, Scene, binary, joined, unjoined};
use crate::cbor::{Item, map, text};

const MALFORMED: Outcome = Outcome::Closed(1002, "not a CBOR map of the automerge-repo protocol");
const FIELD: Outcome = Outcome::Closed(1002, "is missing or of a wrong type");

/// What is no frame, whoever sends it.
const NONSENSE: [(&str, &[u8]); 12] = [
    ("null", &[0xf6]),
    ("undefined", &[0xf7]),
    ("nothing", &[]),
    ("a number", &[0x18, 0x2a]),
    ("an empty list", &[0x80]),
    ("a map that announces 2^32 - 1 keys", &[0xba, 0xff, 0xff, 0xff, 0xff]),
    ("a map that announces 2^64 - 1 keys", &[0xbb, 255, 255, 255, 255, 255, 255, 255, 255]),
    ("a map without an end", &[0xbf]),
    ("a map keyed by numbers", &[0xa1, 0x01, 0x02]),
    ("a text of 2^63 bytes", &[0xa1, 0x64, b't', b'y', b'p', b'e', 0x7b, 127, 0, 0, 0, 0, 0, 0, 0]),
    ("a reserved head", &[0xa1, 0x61, b'a', 0x1c]),
    ("bytes after the end", &[0xa0, 0x00]),
];

fn nonsense() -> Vec<Attack> {
    let mut rows = Vec::new();
    for (name, bytes) in NONSENSE {
        let make = move |_: &mut Intruder| binary(Bytes::from_static(bytes));
        rows.push(joined(name, MALFORMED, make));
        rows.push(unjoined(name, MALFORMED, make));
    }
    for (name, byte, count) in [
        ("lists in lists", 0x9f, 2_000),
        ("maps in maps", 0xbf, 2_000),
        ("lists of one, 4 MiB deep", 0x81, 4 << 20),
        ("tags upon tags", 0xc6, 1 << 20),
        ("a chunked text without end", 0x7f, 2_000),
    ] {
        rows.push(joined(name, MALFORMED, move |_| binary(vec![byte; count])));
    }
    rows.push(joined("a known type that nests", MALFORMED, |_| {
        let nested = Item::Raw([vec![0x81; 1_000], vec![0xf6]].concat());
        binary(map(&[("type", text("sync")), ("extra", nested)]))
    }));
    rows
}

fn sockets() -> Vec<Attack> {
    let raw = |code, rsv1, is_final, payload: &'static [u8]| {
        move |_: &mut Intruder| {
            let mut frame = RawFrame::message(payload, code, is_final);
            frame.header_mut().rsv1 = rsv1;
            vec![Message::Frame(frame)]
        }
    };
    let socket = Outcome::Closed(1002, "not a WebSocket frame");
    let long = Outcome::Closed(1009, "at most");
    let of_text = Outcome::Closed(1003, "text frames are not taken");
    vec![
        joined("text", of_text, |_| vec![Message::text("hello")]),
        unjoined("text", of_text, |_| vec![Message::text("{\"type\":\"join\"}")]),
        joined(
            "text that is no UTF-8",
            of_text,
            raw(OpCode::Data(Data::Text), false, true, b"\xff"),
        ),
        joined("a reserved bit", socket, raw(OpCode::Data(Data::Binary), true, true, &[1])),
        joined("an unknown opcode", socket, raw(OpCode::Data(Data::Reserved(3)), false, true, &[])),
        joined(
            "a continuation of nothing",
            socket,
            raw(OpCode::Data(Data::Continue), false, true, &[1]),
        ),
        unjoined("one byte too long before the join", long, |_| {
            binary(vec![0; FRAME_BYTES_BEFORE_JOIN_MAX + 1])
        }),
        joined("one byte too long", long, |_| binary(vec![0; FRAME_BYTES_MAX + 1])),
        joined("too long in pieces", long, |_| {
            let piece = |code, is_final| {
                Message::Frame(RawFrame::message(vec![0; FRAME_BYTES_MAX / 2], code, is_final))
            };
            let (first, rest) = (OpCode::Data(Data::Binary), OpCode::Data(Data::Continue));
            vec![piece(first, false), piece(rest, false), piece(rest, true)]
        }),
    ]
}

/// A sync frame in which one field was replaced.
fn sync_with(
    field: &'static str,
    value: impl Fn() -> Item + 'static,
) -> impl Fn(&mut Intruder) -> Vec<Message> {
    move |intruder| {
        let fields = [
            ("type", text("sync")),
            ("senderId", text(intruder.peer.id.as_str())),
            ("targetId", text(intruder.peer.relay_id.as_str())),
            ("documentId", text(intruder.replica.document_id.to_string())),
            ("data", Item::Bytes(vec![0x42, 0, 0, 0, 0])),
        ];
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(key, honest)| (key, if key == field { value() } else { honest }))
            .collect();
        binary(map(&fields))
    }
}

fn fields() -> Vec<Attack> {
    let id = Outcome::Closed(1002, "an id of");
    let null = || Item::Raw(vec![0xf6]);
    vec![
        joined("honest, by hand", Outcome::Dropped, sync_with("none", null)),
        joined("data of no bytes", FIELD, sync_with("data", || Item::Bytes(Vec::new()))),
        joined("data that is text", FIELD, sync_with("data", || text("hello"))),
        joined("no data", FIELD, sync_with("data", null)),
        joined("no sender", FIELD, sync_with("senderId", null)),
        joined("a type that is no text", FIELD, sync_with("type", null)),
        joined("an unknown type", Outcome::Dropped, sync_with("type", || text("x".repeat(9_000)))),
        joined("an id of other letters", Outcome::Closed(1002, "not base58"), {
            sync_with("documentId", || text("../../../etc/passwd"))
        }),
        joined("an id of nothing", Outcome::Closed(1002, "id"), {
            sync_with("documentId", || text(""))
        }),
        joined("an id whose check does not fit", Outcome::Closed(1002, "the check of the id"), {
            sync_with("documentId", || text("1Bhh3pUZD358hwFbvigTAY5qkz"))
        }),
        joined("an id of a megabyte", Outcome::Closed(1002, "id"), {
            sync_with("documentId", || text("z".repeat(1 << 20)))
        }),
        joined("an id of three bytes", id, sync_with("documentId", || Item::Bytes(vec![1, 2, 3]))),
        joined("an id of 65 bytes", id, sync_with("documentId", || Item::Bytes(vec![1; 65]))),
        joined("a peer of 513 bytes", id, sync_with("senderId", || text("p".repeat(513)))),
        joined("another sender", Outcome::Closed(1008, "senderId is not the peer"), {
            sync_with("senderId", || text("somebody else"))
        }),
        joined("another target", Outcome::Closed(1008, "targetId is not the peer"), {
            sync_with("targetId", || text("somebody else"))
        }),
    ]
}

fn join_as(name: &str, versions: &[&str]) -> Vec<Message> {
    let frame = Frame::Join {
        sender_id: PeerId::new(name).unwrap(),
        metadata: PeerMetadata { is_ephemeral: true, ..PeerMetadata::default() },
        protocol_versions: versions.iter().map(|&version| version.to_owned()).collect(),
    };
    binary(frame.encode())
}

fn handshakes() -> Vec<Attack> {
    let unexpected = Outcome::Closed(1002, "an unexpected join or peer message");
    let storages = |count: usize| {
        move |intruder: &mut Intruder| {
            let mut list = vec![0x99];
            list.extend((count as u16).to_be_bytes());
            list.extend((0..count).flat_map(|_| [0x61, b's']));
            binary(map(&[
                ("type", text("remote-subscription-change")),
                ("senderId", text(intruder.peer.id.as_str())),
                ("targetId", text(intruder.peer.relay_id.as_str())),
                ("add", Item::Raw(list)),
            ]))
        }
    };
    vec![
        unjoined("a sync before the join", Outcome::Closed(1002, "expected a join"), |intruder| {
            vec![intruder.sync(Bytes::from_static(&[0x42, 0, 0, 0, 0]))]
        }),
        unjoined("another version", Outcome::Closed(1002, "unsupported protocol version"), |_| {
            join_as("intruder", &["2", "0"])
        }),
        unjoined("a join by nobody", Outcome::Closed(1002, "an id of 0 bytes"), |_| {
            binary(map(&[("type", text("join")), ("senderId", text(""))]))
        }),
        joined("a second name", unexpected, |_| join_as("somebody else", &["1"])),
        joined("the relay's own answer", unexpected, |intruder| {
            let frame = Frame::Peer {
                sender_id: intruder.peer.relay_id.clone(),
                target_id: intruder.peer.id.clone(),
                metadata: PeerMetadata::default(),
                protocol_version: "1".to_owned(),
            };
            binary(frame.encode())
        }),
        joined("a hundred joins in one name", Outcome::Dropped, |_| {
            vec![join_as("intruder", &["1"]); 100].concat()
        }),
        joined("more storages than one may ask of", MALFORMED, storages(STORAGE_IDS_MAX + 1)),
        joined("many storages", Outcome::Dropped, storages(STORAGE_IDS_MAX)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_are_none_close_their_connection_and_nothing_else() {
    let mut scene = Scene::open().await;
    scene.suffer(nonsense()).await;
    scene.suffer(sockets()).await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_fields_and_false_names_close_their_connection_and_nothing_else() {
    let mut scene = Scene::open().await;
    scene.suffer(fields()).await;
    scene.suffer(handshakes()).await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_joins_as_the_relay() {
    let scene = Scene::open().await;
    let relay_id = Intruder::join(&scene.relay, "reader").await.peer.relay_id;
    let mut intruder = Intruder::join(&scene.relay, "intruder").await;
    intruder.peer = crate::peer::Peer::open(scene.relay.address, relay_id.as_str()).await;
    intruder.peer.send_join().await;
    let (said, closed) = intruder.ended().await;
    assert_eq!(closed.code, 1008, "{closed:?}");
    assert!(said.unwrap().contains("this peer id is taken"), "{closed:?}");
    scene.close().await;
}
