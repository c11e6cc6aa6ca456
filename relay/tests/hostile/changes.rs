//! Changes that hurt who applies them, expands them or goes on after them (F3 to F7).

use automerge::transaction::Transactable;
use automerge::{ObjType, ROOT, ReadDoc, ScalarValue};
use bytes::Bytes;
use warroom_protocol::limits::{CHANGE_DEPTH_MAX, START_OP_SLACK_MAX};

use crate::attack::{Attack, Intruder, Outcome, Scene, joined};
use crate::forge::{Parts, deflated, leb, with_checksum};

/// A row whose chunks are made of the parts of an honest change.
fn forged(
    name: &'static str,
    outcome: Outcome,
    forge: impl Fn(Parts, &mut Intruder) -> Bytes + 'static,
) -> Attack {
    joined(name, outcome, move |intruder| {
        let honest = Parts::of(&intruder.change());
        let chunk = forge(honest, intruder);
        intruder.send_chunks(vec![chunk])
    })
}

fn nested(intruder: &mut Intruder, depth: usize) -> Bytes {
    let mut document = intruder.copy();
    let mut object = ROOT;
    for _ in 0..depth {
        object = document.put_object(&object, "0", ObjType::Map).unwrap();
    }
    document.commit();
    Bytes::copy_from_slice(document.get_last_local_change().unwrap().raw_bytes())
}

/// A change of a hundred bytes that announces 250,000 operations, without what it depends on.
fn heavy(intruder: &mut Intruder) -> Bytes {
    let mut document = intruder.copy();
    let list = document.put_object(ROOT, "list", ObjType::List).unwrap();
    document.splice(&list, 0, 0, vec![ScalarValue::Null; 249_999]).unwrap();
    document.commit();
    let honest = Parts::of(&document.get_last_local_change().unwrap());
    Parts { deps: vec![[7; 32]], ..honest }.chunk()
}

const MALFORMED: Outcome = Outcome::Closed(1007, "refused: malformed");

fn shapes() -> Vec<Attack> {
    vec![
        forged("a wrong checksum", MALFORMED, |honest, _| {
            let mut chunk = honest.chunk().to_vec();
            chunk[4] ^= 1;
            chunk.into()
        }),
        forged("F3: an author after the first change", MALFORMED, |honest, _| {
            Parts { seq: 2, extra: b"\x01\x05alice".to_vec(), ..honest }.chunk()
        }),
        forged("F3: a run of one", MALFORMED, |honest, _| {
            honest.with_column(0x42, Some(&[2, 1, 1, 1])).chunk()
        }),
        forged("F3: predecessors that are not there", MALFORMED, |honest, _| {
            honest.with_column(0x70, Some(&[3, 1])).chunk()
        }),
        forged("a bundle", Outcome::Closed(1008, "whole-document chunks"), |honest, _| {
            let mut chunk = honest.chunk().to_vec();
            chunk[8] = 3;
            with_checksum(&chunk)
        }),
        forged("F5: maps nested 500 deep", Outcome::Closed(1007, "refused: "), |_, intruder| {
            nested(intruder, 500)
        }),
        forged("F5: one too deep", Outcome::Closed(1007, "refused: "), |_, intruder| {
            nested(intruder, usize::from(CHANGE_DEPTH_MAX) + 1)
        }),
    ]
}

fn bombs() -> Vec<Attack> {
    vec![
        forged(
            "F6: 64 MiB of blanks, deflated",
            Outcome::Closed(1007, "bytes of an inflated change"),
            |honest, _| deflated(&Parts { message: vec![b' '; 64 << 20], ..honest }.content()),
        ),
        forged(
            "F6: a run of 2^40 operations",
            Outcome::Closed(1007, "operations of a change"),
            |honest, _| {
                let mut run = Vec::new();
                leb(&mut run, 1 << 40);
                run.push(1);
                honest.with_column(0x42, Some(&run)).chunk()
            },
        ),
        joined(
            "F6: a million letters in a kilobyte",
            Outcome::Closed(1007, "bytes of an inflated change: 262145"),
            |intruder| {
                let mut document = intruder.copy();
                let text = document.put_object(ROOT, "text", ObjType::Text).unwrap();
                document.splice_text(&text, 0, 0, &"a".repeat(1_000_000)).unwrap();
                document.commit();
                let change = document.get_last_local_change().unwrap().bytes().to_vec();
                assert!(change.len() < 2_000, "{} bytes", change.len());
                intruder.send_chunks(vec![change.into()])
            },
        ),
        joined(
            "F6: a thousand changes of 250,000 operations",
            Outcome::Closed(1007, "operations of a change"),
            |intruder| {
                let chunk = heavy(intruder);
                intruder.send_chunks(vec![chunk; 1_000])
            },
        ),
    ]
}

fn misfits() -> Vec<Attack> {
    let counter = Outcome::Closed(1008, "operation counter");
    vec![
        forged("F4: start_op 2^32 - 1", Outcome::Closed(1007, "refused: "), |honest, _| {
            Parts { start_op: u64::from(u32::MAX), ..honest }.chunk()
        }),
        forged("F4: a counter from far away", counter, |honest, _| {
            Parts { start_op: honest.start_op + START_OP_SLACK_MAX + 1, ..honest }.chunk()
        }),
        forged("a counter that was used before", counter, |honest, _| {
            Parts { start_op: 1, ..honest }.chunk()
        }),
        forged("a number left out", Outcome::Closed(1008, "follows 0"), |honest, _| {
            Parts { seq: 3, ..honest }.chunk()
        }),
        joined(
            "F7: somebody else's number again",
            Outcome::Closed(1008, "two different changes of one actor bear the number"),
            |intruder| {
                let theirs = Parts::of(&intruder.change_of_other());
                let squatted = Parts { time: theirs.time + 1, ..theirs }.chunk();
                intruder.send_chunks(vec![squatted])
            },
        ),
        joined(
            "operations of others without depending on them",
            Outcome::Closed(1008, "names operations that it does not depend on"),
            |intruder| {
                let mut document = intruder.copy();
                let key = document.keys(ROOT).next().unwrap();
                document.delete(ROOT, key).unwrap();
                document.commit();
                let honest = Parts::of(&document.get_last_local_change().unwrap());
                intruder.send_chunks(vec![Parts { deps: Vec::new(), ..honest }.chunk()])
            },
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_changes_close_their_connection_and_are_in_nobodys_board() {
    let mut scene = Scene::open().await;
    let before = Intruder::join(&scene.relay, "reader").await.replica.len();
    scene.suffer(shapes()).await;
    scene.suffer(bombs()).await;
    scene.suffer(misfits()).await;
    let after = Intruder::join(&scene.relay, "reader").await.replica.len();
    assert_eq!(before, after, "a refused change is in the document");
    scene.close().await;
}
