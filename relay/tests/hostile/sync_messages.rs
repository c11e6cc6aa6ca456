//! Sync messages that panic, stall or abort automerge, or announce more than is there (F1, F2).

use automerge::transaction::Transactable;
use bytes::Bytes;
use warroom_protocol::ChangeHash;
use warroom_protocol::limits::{SYNC_HAVE_MAX, SYNC_HEADS_MAX, SYNC_NEED_MAX};
use warroom_protocol::sync_message::{Have, SyncMessage};

use crate::attack::{Attack, Outcome, Scene, joined};

fn hashes(count: usize) -> Vec<ChangeHash> {
    let number = |number: u64| {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        ChangeHash(hash)
    };
    (0..count as u64).map(number).collect()
}

fn bytes_of(name: &'static str, data: &'static [u8], sentence: &'static str) -> Attack {
    joined(name, Outcome::Closed(1007, sentence), move |intruder| {
        vec![intruder.sync(Bytes::from_static(data))]
    })
}

fn message_of(name: &'static str, sentence: &'static str, message: SyncMessage) -> Attack {
    joined(name, Outcome::Closed(1007, sentence), move |intruder| {
        vec![intruder.sync(message.encode())]
    })
}

fn rows() -> Vec<Attack> {
    let filter = "refused: ";
    vec![
        bytes_of("F1: ten bytes", &[0x42, 0, 0, 1, 0, 3, 1, 0, 7, 0], filter),
        bytes_of(
            "F1: fifteen bytes, 20 million probes",
            &[0x42, 0, 0, 1, 0, 8, 1, 10, 0x80, 0xda, 0xc4, 0x09, 0, 0, 0],
            filter,
        ),
        bytes_of(
            "F1: sixteen bytes, 2^32 - 1 probes",
            &[0x42, 0, 0, 1, 0, 9, 1, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0],
            filter,
        ),
        bytes_of("no probes", &[0x42, 0, 0, 1, 0, 5, 1, 10, 0, 0, 0, 0], filter),
        bytes_of("bits cut short", &[0x42, 0, 0, 1, 0, 4, 1, 10, 7, 0, 0], filter),
        bytes_of("another tag", &[0x44, 0, 0, 0, 0], "it starts with neither"),
        bytes_of("nonsense", b"nonsense", filter),
        bytes_of("one byte", &[0x42], filter),
        bytes_of(
            "2^63 heads",
            &[0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
            "heads of a sync message",
        ),
        bytes_of("100,000 changes and none there", &[0x42, 0, 0, 0, 0xa0, 0x8d, 0x06], filter),
        bytes_of("an empty change", &[0x42, 0, 0, 0, 1, 0], filter),
        bytes_of("garbage after the end", &[0x42, 0, 0, 0, 0, 2, 2, 0x84, 9], filter),
        message_of(
            "heads over the limit",
            "heads of a sync message",
            SyncMessage { heads: hashes(SYNC_HEADS_MAX + 1), ..SyncMessage::default() },
        ),
        message_of(
            "needs over the limit",
            "needs of a sync message",
            SyncMessage { need: hashes(SYNC_NEED_MAX + 1), ..SyncMessage::default() },
        ),
        message_of(
            "summaries over the limit",
            "haves of a sync message",
            SyncMessage {
                have: vec![Have::default(); SYNC_HAVE_MAX + 1],
                ..SyncMessage::default()
            },
        ),
        joined("heads and needs that nobody has", Outcome::Dropped, |intruder| {
            let (heads, need) = (hashes(SYNC_HEADS_MAX), hashes(SYNC_NEED_MAX));
            let message = SyncMessage { heads, need, ..SyncMessage::default() };
            vec![intruder.sync(message.encode()); 20]
        }),
        joined("start anew, a thousand times", Outcome::Dropped, |intruder| {
            let flags = Some(SyncMessage::FLAG_RESET | SyncMessage::FLAG_V2);
            let mut data = SyncMessage { flags, ..SyncMessage::default() }.encode().to_vec();
            data.extend([1, SyncMessage::FLAG_RESET | SyncMessage::FLAG_V2]);
            vec![intruder.sync(data); 1_000]
        }),
        joined(
            "a V2 message with the whole document",
            Outcome::Closed(1008, "whole-document chunks are not taken"),
            |intruder| {
                let mut document = intruder.copy();
                document.put(automerge::ROOT, "key", 1).unwrap();
                let message =
                    SyncMessage { changes: vec![document.save().into()], ..SyncMessage::default() };
                let mut data = message.encode().to_vec();
                data[0] = 0x43;
                vec![intruder.sync(data)]
            },
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_sync_messages_close_their_connection_and_nothing_else() {
    let mut scene = Scene::open().await;
    scene.suffer(rows()).await;
    scene.close().await;
}
