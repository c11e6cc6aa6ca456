//! F7: somebody publishes a change under another's actor and next number. Goal: the victim learns which actor is taken,
//! loses nothing that it wrote, and everybody ends with the same document. Method: what docs/PROTOCOL.md says under
//! "When an actor is taken", done with automerge alone.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId};
use automerge::transaction::Transactable;
use automerge::{
    ActorId, AutoCommit, Change, ChangeHash, ExpandedChange, ObjType, ROOT, ReadDoc, sync,
};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use warroom_protocol::TakenActor;
use warroom_protocol::guard::ActorBytes;
use warroom_protocol::wire::Frame;

use crate::attack::ROOM;
use crate::peer::{Peer, Replica};
use crate::relay::Relay;

/// Who writes on for an actor that is taken: everyone who writes the same change anew gets the same change.
fn heir(first: ChangeHash) -> ActorId {
    let hash = Sha256::digest([b"actor-taken".as_slice(), &first.0].concat());
    ActorId::from(&hash[..16])
}

/// The operations of an actor from a counter on, and whose they are from now on.
type Heirs = BTreeMap<ActorId, (u64, ActorId)>;

/// An operation's id after the actor was given up.
fn renamed(id: &OpId, heirs: &Heirs) -> OpId {
    match heirs.get(&id.1) {
        Some((from, heir)) if id.0 >= *from => OpId(id.0, heir.clone()),
        Some(_) | None => id.clone(),
    }
}

fn renamed_op(op: Op, heirs: &Heirs) -> Op {
    let obj = match op.obj {
        ObjectId::Id(id) => ObjectId::Id(renamed(&id, heirs)),
        ObjectId::Root => ObjectId::Root,
    };
    let key = match op.key {
        Key::Seq(ElementId::Id(id)) => Key::Seq(ElementId::Id(renamed(&id, heirs))),
        key @ (Key::Map(_) | Key::Seq(ElementId::Head)) => key,
    };
    let pred = op.pred.iter().map(|id| renamed(id, heirs)).collect();
    Op { obj, key, pred, ..op }
}

/// The same document, the changes that were refused and all that builds on them written anew.
fn written_anew(document: &mut AutoCommit, taken: &TakenActor) -> AutoCommit {
    let owner = ActorId::from(&taken.actor.0[..]);
    let (mut heirs, mut hashes) = (Heirs::new(), BTreeMap::<ChangeHash, ChangeHash>::new());
    let mut seqs = BTreeMap::<ActorId, u64>::new();
    let mut kept = Vec::new();
    for change in document.get_changes(&[]) {
        let is_refused = *change.actor_id() == owner && change.seq() >= taken.seq;
        if !is_refused && !change.deps().iter().any(|dep| hashes.contains_key(dep)) {
            kept.push(change);
            continue;
        }
        let (from, hash) = (change.start_op().get(), change.hash());
        heirs.entry(change.actor_id().clone()).or_insert_with(|| (from, heir(hash)));
        let anew = anew(&change, &heirs, &hashes, &mut seqs);
        hashes.insert(hash, anew.hash());
        kept.push(anew);
    }
    let mut fresh = Replica::new(ROOM).document;
    fresh.apply_changes(kept).unwrap();
    fresh
}

fn anew(
    change: &Change,
    heirs: &Heirs,
    hashes: &BTreeMap<ChangeHash, ChangeHash>,
    seqs: &mut BTreeMap<ActorId, u64>,
) -> Change {
    let ExpandedChange { operations, actor_id, start_op, time, message, deps, .. } =
        change.decode();
    let actor_id = heirs[&actor_id].1.clone();
    let seq = seqs.entry(actor_id.clone()).or_insert(0);
    *seq += 1;
    Change::from(ExpandedChange {
        operations: operations.into_iter().map(|op| renamed_op(op, heirs)).collect(),
        actor_id,
        hash: None,
        seq: *seq,
        start_op: NonZeroU64::new(start_op.get()).unwrap(),
        time,
        message,
        deps: deps.iter().map(|dep| *hashes.get(dep).unwrap_or(dep)).collect(),
        extra_bytes: Vec::new(),
        author: None,
    })
}

/// Sends every change at once and returns what the relay says before it closes.
async fn refusal(peer: &mut Peer, replica: &mut Replica) -> Frame {
    let changes: Vec<_> =
        replica.document.get_changes(&[]).iter().map(|c| c.raw_bytes().to_vec()).collect();
    let message = sync::Message {
        heads: replica.document.get_heads(),
        need: Vec::new(),
        have: Vec::new(),
        changes: changes.into(),
        flags: None,
        version: sync::MessageVersion::V1,
    };
    peer.send(&replica.frame(peer, message.encode().into())).await;
    loop {
        let frame = peer.receive().await.unwrap();
        if matches!(frame, Frame::Error { .. }) {
            assert_eq!(peer.closed().await.code, 1008);
            return frame;
        }
    }
}

/// A document after its first change is on the relay, and one that a squatter made of it under the same actor.
async fn squat(relay: &Relay) -> (Replica, Replica) {
    let mut peer = Peer::join(relay.address, "victim").await;
    let mut victim = Replica::new(ROOM);
    victim.document.put_object(ROOT, "list", ObjType::List).unwrap();
    victim.document.commit();
    victim.save(&mut peer).await;
    peer.vanish();

    let mut squatter = Replica::new(ROOM);
    squatter.document = victim.document.fork().with_actor(victim.document.get_actor().clone());
    squatter.put("squatted", 1);
    let mut peer = Peer::join(relay.address, "squatter").await;
    squatter.save(&mut peer).await;
    peer.vanish();
    (victim, squatter)
}

#[tokio::test(flavor = "multi_thread")]
async fn sy11_a_victim_writes_on_under_a_fresh_actor_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let (mut victim, mut squatter) = squat(&relay).await;

    // what the victim wrote meanwhile, and what somebody without a connection built on it
    let (_, list) = victim.document.get(ROOT, "list").unwrap().unwrap();
    victim.document.insert(&list, 0, "first").unwrap();
    victim.document.commit();
    let mut friend =
        victim.document.fork().with_actor(Replica::new(ROOM).document.get_actor().clone());
    friend.insert(&list, 1, "second").unwrap();
    friend.commit();
    victim.document.merge(&mut friend).unwrap();
    victim.document.put(&list, 0, "first of all").unwrap();
    victim.document.commit();
    let actor = victim.document.get_actor().clone();

    let mut peer = Peer::join(relay.address, "victim").await;
    let Frame::Error { taken: Some(taken), .. } = refusal(&mut peer, &mut victim).await else {
        panic!("the relay does not say which actor is taken")
    };
    let expected = TakenActor {
        document_id: victim.document_id.clone(),
        actor: ActorBytes(Bytes::copy_from_slice(actor.to_bytes())),
        seq: 2,
    };
    assert_eq!(taken, expected);

    let anew = written_anew(&mut victim.document, &taken);
    let mut again = written_anew(&mut friend, &taken);
    assert!(again.get_heads().iter().all(|head| anew.clone().get_change_by_hash(head).is_some()));
    victim.document = anew;
    victim.forget_peer();
    let mut peer = Peer::join(relay.address, "victim").await;
    victim
        .sync_until(&mut peer, |all| all.value("squatted").is_some() && all.is_acknowledged())
        .await
        .unwrap();
    squatter.forget_peer();
    let mut peer = Peer::join(relay.address, "squatter").await;
    squatter.sync_until(&mut peer, Replica::is_acknowledged).await.unwrap();
    for document in [&victim.document, &squatter.document] {
        let words = [0, 1].map(|index| {
            let (word, _) = document.get(&list, index).unwrap().unwrap();
            word.into_string().unwrap()
        });
        assert_eq!(words, ["first of all", "second"]);
        assert_eq!(document.length(&list), 2);
    }
    relay.stop().await;
}
