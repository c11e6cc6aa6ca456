//! Ephemeral messages in other people's names, replayed, with huge counts or too long, and peer ids taken over.

use bytes::Bytes;
use warroom_engine::{CardId, Presence, TypingPlace};
use warroom_protocol::SessionId;
use warroom_protocol::wire::{Ephemeral, Frame};
use warroom_relay::limits::EPHEMERAL_BYTES_MAX;

use crate::attack::{Intruder, Outcome, ROOM, Scene, joined};
use crate::peer::{Peer, Replica};
use crate::relay::within;

fn says(peer: &Peer, sender: &Peer, count: u64, bytes: usize) -> Frame {
    Frame::Ephemeral(Ephemeral {
        sender_id: sender.id.clone(),
        target_id: peer.relay_id.clone(),
        document_id: Replica::new(ROOM).document_id,
        session_id: SessionId::new("session").unwrap(),
        count,
        data: Bytes::from(vec![0xf6; bytes]),
    })
}

/// The next ephemeral that a peer hears from one of two, as sender and count.
async fn hears(peer: &mut Peer, of: &[&Peer]) -> (String, u64) {
    loop {
        if let Frame::Ephemeral(message) = peer.receive().await.unwrap()
            && of.iter().any(|sender| sender.id == message.sender_id)
        {
            return (message.sender_id.to_string(), message.count);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_in_anothers_name_and_a_huge_count_mutes_only_its_sender() {
    let mut scene = Scene::open().await;
    let mut anna = Intruder::join(&scene.relay, "anna").await.peer;
    let mut ben = Intruder::join(&scene.relay, "ben").await.peer;
    let mut intruder = Intruder::join(&scene.relay, "intruder").await.peer;
    // in anna's name, then in its own with anna's session, then the same and less again
    intruder.send(&says(&intruder, &anna, u64::MAX, 1)).await;
    intruder.send(&says(&intruder, &intruder, u64::MAX, 1)).await;
    intruder.send(&says(&intruder, &intruder, u64::MAX, 1)).await;
    intruder.send(&says(&intruder, &intruder, 1, 1)).await;
    assert_eq!(hears(&mut ben, &[&anna, &intruder]).await, ("intruder".to_owned(), u64::MAX));
    anna.send(&says(&anna, &anna, 1, 1)).await;
    assert_eq!(hears(&mut ben, &[&anna, &intruder]).await, ("anna".to_owned(), 1));
    // what is no presence reached the people too, and they go on
    intruder.vanish();
    scene.attacked.exchange().await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_of_honest_people_survives_floods_and_replays() {
    let mut scene = Scene::open().await;
    let long = Outcome::Closed(1009, "an ephemeral message of");
    let rows = vec![
        joined("one byte too long", long, |intruder| {
            let frame = says(&intruder.peer, &intruder.peer, 1, EPHEMERAL_BYTES_MAX + 1);
            crate::attack::binary(frame.encode())
        }),
        joined("two thousand at once", Outcome::Dropped, |intruder| {
            let say = |count| says(&intruder.peer, &intruder.peer, count, 1_000).encode();
            (1..=2_000).flat_map(|count| crate::attack::binary(say(count))).collect()
        }),
        joined("a thousand sessions", Outcome::Dropped, |intruder| {
            let say = |number: u64| {
                let mut frame = says(&intruder.peer, &intruder.peer, u64::MAX, 1);
                if let Frame::Ephemeral(message) = &mut frame {
                    message.session_id = SessionId::new(&format!("session {number}")).unwrap();
                }
                frame.encode()
            };
            (0..1_000).flat_map(|number| crate::attack::binary(say(number))).collect()
        }),
    ];
    scene.suffer(rows).await;
    replay(&scene).await;
    let place = Some(TypingPlace::Card { card: CardId::new("x").unwrap() });
    let is_typing = async {
        loop {
            let peers = scene.attacked.bea.peers().await.unwrap();
            if peers.iter().any(|peer| peer.name == "adam" && peer.typing == place) {
                return;
            }
            let typing = Presence::Typing { place: place.clone() };
            scene.attacked.adam.presence(typing).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    within("adam's typing", is_typing).await;
    scene.close().await;
}

/// Everything that is heard of the others is said again, in their names and in its own, with the greatest count.
async fn replay(scene: &Scene) {
    let mut intruder = Intruder::join(&scene.relay, "intruder").await.peer;
    let mut heard = 0;
    while heard < 4 {
        for person in [&scene.attacked.adam, &scene.attacked.bea] {
            person.presence(Presence::Typing { place: None }).await.unwrap();
            let card = CardId::new("y").unwrap();
            let place = Some(TypingPlace::Card { card });
            person.presence(Presence::Typing { place }).await.unwrap();
        }
        if let Frame::Ephemeral(message) = intruder.receive().await.unwrap() {
            heard += 1;
            let target_id = intruder.relay_id.clone();
            let forged = Ephemeral { target_id, count: u64::MAX, ..message };
            intruder.send(&Frame::Ephemeral(forged.clone())).await;
            let own = Ephemeral { sender_id: intruder.id.clone(), ..forged };
            intruder.send(&Frame::Ephemeral(own)).await;
        }
    }
    intruder.vanish();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_id_that_is_taken_over_goes_back_to_who_reconnects() {
    let mut scene = Scene::open().await;
    let mut listener = Intruder::join(&scene.relay, "listener").await.peer;
    let victim = loop {
        let typing = Presence::Typing { place: None };
        scene.attacked.adam.presence(typing).await.unwrap();
        if let Frame::Ephemeral(message) = listener.receive().await.unwrap() {
            break message.sender_id;
        }
    };
    let mut intruder = Intruder::join(&scene.relay, victim.as_str()).await;
    let (said, closed) = intruder.ended().await;
    assert_eq!(closed.code, 1008, "{closed:?}");
    assert!(said.unwrap().contains("joined again on another connection"), "{closed:?}");
    scene.elsewhere.exchange().await;
    scene.attacked.exchange().await;
    scene.close().await;
}
