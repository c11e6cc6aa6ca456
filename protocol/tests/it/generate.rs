//! Frames of every kind, for property tests.
#![expect(clippy::expect_used, reason = "what is generated here is valid")]

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use warroom_protocol::guard::ActorBytes;
use warroom_protocol::wire::{
    Ephemeral, Frame, PeerMetadata, RemoteHeads, RoomDocument, RoomNews, Within,
};
use warroom_protocol::{
    ChangeHash, Cursor, DocumentId, PeerId, SessionId, StorageId, TakenActor, Timestamp,
};

pub(crate) fn peer_id() -> impl Strategy<Value = PeerId> {
    "[a-z0-9ß雪-]{1,24}".prop_map(|text| PeerId::new(&text).expect("1 to 512 bytes"))
}

fn storage_id() -> impl Strategy<Value = StorageId> {
    "[a-f0-9-]{1,40}".prop_map(|text| StorageId::new(&text).expect("1 to 512 bytes"))
}

pub(crate) fn document_id() -> impl Strategy<Value = DocumentId> {
    vec(any::<u8>(), 16..=64).prop_map(|bytes| DocumentId::from_bytes(&bytes).expect("16 to 64"))
}

fn data() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 1..600).prop_map(Bytes::from)
}

fn metadata() -> impl Strategy<Value = PeerMetadata> {
    (proptest::option::of(storage_id()), any::<bool>(), any::<bool>()).prop_map(
        |(storage_id, is_ephemeral, has_rooms)| PeerMetadata {
            storage_id,
            is_ephemeral,
            has_rooms,
        },
    )
}

fn remote_heads() -> impl Strategy<Value = RemoteHeads> {
    (vec(any::<[u8; 32]>(), 0..4), any::<u64>()).prop_map(|(heads, timestamp)| RemoteHeads {
        heads: heads.into_iter().map(ChangeHash).collect(),
        timestamp: Timestamp(timestamp),
    })
}

pub(crate) fn ephemeral() -> impl Strategy<Value = Ephemeral> {
    (peer_id(), peer_id(), document_id(), "[a-z0-9]{1,16}", any::<u64>(), data()).prop_map(
        |(sender_id, target_id, document_id, session, count, data)| Ephemeral {
            sender_id,
            target_id,
            document_id,
            session_id: SessionId::new(&session).expect("1 to 512 bytes"),
            count,
            data,
        },
    )
}

/// Any frame that we could send.
pub(crate) fn frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        handshake_frame(),
        document_frame(),
        ephemeral().prop_map(Frame::Ephemeral),
        remote_frame(),
        room_frame()
    ]
}

fn handshake_frame() -> impl Strategy<Value = Frame> {
    let optional_id = || proptest::option::of(peer_id());
    prop_oneof![
        (peer_id(), metadata(), vec("[0-9]{1,3}", 0..4)).prop_map(
            |(sender_id, metadata, protocol_versions)| Frame::Join {
                sender_id,
                metadata,
                protocol_versions
            }
        ),
        (peer_id(), peer_id(), metadata()).prop_map(|(sender_id, target_id, metadata)| {
            Frame::Peer { sender_id, target_id, metadata, protocol_version: "1".to_owned() }
        }),
        (optional_id(), optional_id(), "[ -~]{0,99}", proptest::option::of(taken_actor()))
            .prop_map(|(sender_id, target_id, message, taken)| {
                Frame::Error { sender_id, target_id, message, taken }
            }),
        peer_id().prop_map(|sender_id| Frame::Leave { sender_id }),
        "x-[a-z]{1,9}".prop_map(|kind| Frame::Unknown { kind }),
    ]
}

fn taken_actor() -> impl Strategy<Value = TakenActor> {
    (document_id(), vec(any::<u8>(), 16..=32), 1..1_u64 << 31).prop_map(
        |(document_id, actor, seq)| {
            let actor = ActorBytes(actor.into());
            TakenActor { document_id, actor, seq }
        },
    )
}

fn document_frame() -> impl Strategy<Value = Frame> {
    let ids = || (peer_id(), peer_id(), document_id());
    prop_oneof![
        (any::<bool>(), ids(), data(), proptest::option::of(within())).prop_map(
            |(is_request, (sender_id, target_id, document_id), data, within)| Frame::Sync {
                is_request,
                sender_id,
                target_id,
                document_id,
                data,
                within
            }
        ),
        ids().prop_map(|(sender_id, target_id, document_id)| Frame::DocUnavailable {
            sender_id,
            target_id,
            document_id
        }),
    ]
}

fn within() -> impl Strategy<Value = Within> {
    (document_id(), "[ -~]{1,128}").prop_map(|(root, label)| Within { root, label })
}

fn cursor() -> impl Strategy<Value = Cursor> {
    "[a-z0-9:]{1,60}".prop_map(|text| Cursor::new(&text).expect("1 to 512 bytes"))
}

fn room_frame() -> impl Strategy<Value = Frame> {
    let document =
        (document_id(), vec(any::<[u8; 32]>(), 0..=16)).prop_map(|(document_id, heads)| {
            RoomDocument { document_id, heads: heads.into_iter().map(ChangeHash).collect() }
        });
    let told = (cursor(), vec(document, 0..5), any::<bool>(), any::<bool>());
    prop_oneof![
        (peer_id(), peer_id(), document_id(), proptest::option::of(cursor())).prop_map(
            |(sender_id, target_id, root, since)| Frame::RoomSince {
                sender_id,
                target_id,
                root,
                since
            }
        ),
        (peer_id(), peer_id(), document_id(), told).prop_map(
            |(sender_id, target_id, root, (cursor, documents, is_whole, has_more))| {
                Frame::Room(RoomNews {
                    sender_id,
                    target_id,
                    root,
                    cursor,
                    documents,
                    is_whole,
                    has_more,
                })
            }
        ),
    ]
}

fn remote_frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        (peer_id(), peer_id(), vec(storage_id(), 0..4), vec(storage_id(), 0..4)).prop_map(
            |(sender_id, target_id, add, remove)| Frame::RemoteSubscriptionChange {
                sender_id,
                target_id,
                add,
                remove
            }
        ),
        (
            peer_id(),
            peer_id(),
            document_id(),
            proptest::collection::btree_map(storage_id(), remote_heads(), 0..4)
        )
            .prop_map(|(sender_id, target_id, document_id, heads)| {
                Frame::RemoteHeadsChanged {
                    sender_id,
                    target_id,
                    document_id,
                    new_heads: heads.into_iter().collect(),
                }
            }),
    ]
}
