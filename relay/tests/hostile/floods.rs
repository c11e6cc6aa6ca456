//! Honest-looking input in numbers that nobody honest sends (F6).

use automerge::transaction::Transactable;
use futures_util::future::join_all;
use warroom_protocol::wire::Frame;
use warroom_protocol::{DocumentId, PeerId};
use warroom_relay::dice;
use warroom_relay::limits::{CONNECTION_DOCUMENTS_MAX, ORPHANS_MAX};

use crate::attack::{Intruder, Outcome, Scene, joined};
use crate::forge::Parts;

/// Documents that the flood asks for, unless it is closed before.
const DOCUMENTS: usize = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn f6_changes_without_their_past_are_refused_once_there_are_many() {
    let orphans = |intruder: &mut Intruder| {
        let honest = Parts::of(&intruder.change());
        let orphan = |number: usize| {
            let mut dep = [7; 32];
            dep[..8].copy_from_slice(&(number as u64).to_be_bytes());
            Parts { deps: vec![dep], ..honest.clone() }.chunk()
        };
        (0..=ORPHANS_MAX).map(orphan).collect::<Vec<_>>()
    };
    let refused = Outcome::Closed(1008, "changes whose dependencies are missing");
    let mut scene = Scene::open().await;
    let rows = vec![
        joined("orphans, one a message", refused, move |intruder| {
            let orphans = orphans(intruder);
            orphans.into_iter().flat_map(|orphan| intruder.send_chunks(vec![orphan])).collect()
        }),
        joined("orphans, all in one message", refused, move |intruder| {
            let orphans = orphans(intruder);
            intruder.send_chunks(orphans)
        }),
    ];
    scene.suffer(rows).await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_random_documents_are_too_many_for_one_connection() {
    let mut scene = Scene::open().await;
    let mut intruder = Intruder::join(&scene.relay, "intruder").await;
    let mut dice = dice::from_system();
    let attack = async {
        let mut opened = 1;
        for _ in 0..DOCUMENTS {
            let id = DocumentId::from_bytes(&dice.bytes::<16>()).unwrap();
            intruder.peer.send(&request(&intruder.peer.id, &intruder.peer.relay_id, id)).await;
            let answer = answer(&mut intruder).await;
            if let Frame::Error { message, .. } = &answer {
                assert!(message.contains("more than 4096 documents"), "{message}");
                break;
            }
            assert!(matches!(answer, Frame::DocUnavailable { .. }), "{answer:?}");
            opened += 1;
        }
        assert_eq!(intruder.peer.closed().await.code, 1008);
        opened
    };
    let honest = async {
        for _ in 0..20 {
            scene.elsewhere.exchange().await;
        }
    };
    let (opened, ()) = tokio::join!(attack, honest);
    assert_eq!(opened, CONNECTION_DOCUMENTS_MAX);
    scene.attacked.exchange().await;
    scene.close().await;
}

/// Goal: who floods a room delays its people by little. That a flooded document saves an honest edit within three saves
/// is counted where the mailbox is (`relay/src/registry/tests.rs`); this is the same through real sockets.
#[tokio::test(flavor = "multi_thread")]
async fn people_in_a_flooded_room_go_on() {
    let mut scene = Scene::open().await;
    let mut floods = Vec::new();
    for number in 0..3 {
        let mut intruder = Intruder::join(&scene.relay, &format!("flood {number}")).await;
        let mut document = intruder.copy();
        for count in 0..1_000 {
            document.put(automerge::ROOT, "flood", count).unwrap();
            document.commit();
        }
        let own = document.get_actor().clone();
        let changes = document.get_changes(&[]).into_iter().filter(|one| *one.actor_id() == own);
        let chunks: Vec<_> =
            changes.map(|one| bytes::Bytes::copy_from_slice(one.raw_bytes())).collect();
        let edits = chunks.into_iter().flat_map(|chunk| intruder.send_chunks(vec![chunk]));
        let edits: Vec<_> = edits.collect();
        floods.push((intruder, edits));
    }
    let room = DocumentId::from_room_name(crate::attack::ROOM);
    let flood = join_all(floods.into_iter().map(|(mut intruder, edits)| {
        let room = room.clone();
        async move {
            for (count, edit) in (1..).zip(edits) {
                intruder.peer.send_message(edit).await;
                intruder.peer.send_ephemeral(&room, count).await;
            }
            intruder
        }
    }));
    let honest = async {
        for _ in 0..5 {
            scene.attacked.exchange().await;
        }
    };
    let (floods, ()) = tokio::join!(flood, honest);
    scene.elsewhere.exchange().await;
    drop(floods);
    scene.close().await;
}

/// The next frame that is not an edit, or presence, of the honest people in the intruder's room.
async fn answer(intruder: &mut Intruder) -> Frame {
    loop {
        let frame = intruder.peer.receive().await.unwrap();
        if !matches!(frame, Frame::Sync { .. } | Frame::Ephemeral(_)) {
            return frame;
        }
    }
}

fn request(sender_id: &PeerId, target_id: &PeerId, document_id: DocumentId) -> Frame {
    Frame::Sync {
        is_request: true,
        sender_id: sender_id.clone(),
        target_id: target_id.clone(),
        document_id,
        data: bytes::Bytes::from_static(&[0x42, 0, 0, 0, 0]),
        within: None,
    }
}
