//! Valid frames that were cut, flipped or stretched: the sender may be refused, nothing else may happen.

use automerge::sync::SyncDoc;
use bytes::Bytes;
use tokio_tungstenite::tungstenite::Message;
use warroom_protocol::wire::{Frame, PeerMetadata};
use warroom_protocol::{Dice, Seed, SessionId, StorageId};

use crate::attack::{Intruder, Scene};
use crate::peer::{Closed, Peer};

/// Where the dice of a run begin; a failure names the run.
const SEED: [u8; 32] = [25; 32];
/// Connections, each with one changed frame.
const RUNS: u64 = 400;
/// Every code that a peer may be closed with for what it sent, 1000 for a `leave` or an `error` of its own.
const CODES: [u16; 6] = [1000, 1002, 1003, 1007, 1008, 1009];

/// What an honest peer might send of each kind.
fn honest(intruder: &mut Intruder) -> Vec<Bytes> {
    let change = Bytes::copy_from_slice(intruder.change().raw_bytes());
    let mut state = automerge::sync::State::new();
    let asking = intruder.replica.document.sync().generate_sync_message(&mut state).unwrap();
    let target_id = intruder.peer.relay_id.clone();
    let sender_id = intruder.peer.id.clone();
    let document_id = intruder.replica.document_id.clone();
    let mut frames = vec![
        intruder.replica.frame(&intruder.peer, asking.encode().into()).encode(),
        Frame::Join {
            sender_id: sender_id.clone(),
            metadata: PeerMetadata {
                storage_id: Some(StorageId::new("storage").unwrap()),
                ..PeerMetadata::default()
            },
            protocol_versions: vec!["1".to_owned()],
        }
        .encode(),
        Frame::RemoteSubscriptionChange {
            sender_id: sender_id.clone(),
            target_id: target_id.clone(),
            add: vec![StorageId::new("storage").unwrap()],
            remove: Vec::new(),
        }
        .encode(),
        Frame::Ephemeral(warroom_protocol::wire::Ephemeral {
            sender_id,
            target_id,
            document_id,
            session_id: SessionId::new("session").unwrap(),
            count: 7,
            data: Bytes::from_static(&[0xa1, 0x61, b'a', 0x01]),
        })
        .encode(),
    ];
    let of_changes = intruder.send_chunks(vec![change]);
    frames.extend(of_changes.into_iter().map(Message::into_data));
    frames
}

fn mutate(dice: &mut Dice, frame: &Bytes) -> Bytes {
    let mut bytes = frame.to_vec();
    let place = |dice: &mut Dice, bytes: &[u8]| dice.below(bytes.len() as u64) as usize;
    match dice.below(4) {
        0 => bytes.truncate(place(dice, &bytes)),
        1 => {
            for _ in 0..=dice.below(3) {
                let at = place(dice, &bytes);
                bytes[at] ^= 1 << dice.below(8);
            }
        }
        2 => {
            let at = place(dice, &bytes);
            bytes[at] = [0, 0x7f, 0x80, 0xff, 0x5b, 0x9f, 0xbf][dice.below(7) as usize];
        }
        _ => {
            let at = place(dice, &bytes);
            let inserted = dice.bytes::<4>();
            bytes.splice(at..at, inserted);
        }
    }
    bytes.into()
}

/// Sends the frame, then text, which no relay takes: one of the two is what the socket is closed for.
async fn send(peer: &mut Peer, frame: Bytes) -> Closed {
    peer.send_message(Message::Binary(frame)).await;
    peer.send_message(Message::text("the end")).await;
    peer.closed().await
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_frames_are_refused_or_harmless() {
    let mut scene = Scene::open().await;
    let mut dice = Dice::new(Seed(SEED));
    let mut intruder = Intruder::join(&scene.relay, "intruder").await;
    let before = intruder.replica.len();
    let frames = honest(&mut intruder);
    for run in 0..RUNS {
        let frame = &frames[dice.below(frames.len() as u64) as usize];
        let mutant = mutate(&mut dice, frame);
        if mutant == *frame {
            continue;
        }
        let mut peer = if dice.below(4) == 0 {
            Peer::open(scene.relay.address, "intruder").await
        } else {
            let mut peer = Peer::join(scene.relay.address, "intruder").await;
            peer.relay_id = intruder.peer.relay_id.clone();
            peer
        };
        let closed = send(&mut peer, mutant).await;
        assert!(CODES.contains(&closed.code), "run {run}: {closed:?}");
        assert!(!closed.reason.is_empty(), "run {run}: {closed:?}");
        if run % 20 == 0 {
            scene.elsewhere.exchange().await;
            scene.attacked.exchange().await;
        }
    }
    let after = Intruder::join(&scene.relay, "reader").await.replica.len();
    // where the change itself stayed whole in a changed frame, it is what its checksum says: three keys
    assert!([before, before + 3].contains(&after), "{before} keys became {after}");
    scene.close().await;
}
