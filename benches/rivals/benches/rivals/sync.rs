//! Replicas that were offline come in step through a server, as each library does it.

use std::collections::BTreeMap;

use automerge::sync::{Message, State, SyncDoc as _};
use benches::{Disk, Room, timed};
use bytes::Bytes;
use rivals::{Desk, Library, RawBoard};
use warroom_engine::{Chunk, body_id};
use warroom_protocol::guard::check_change;

/// The server asks each replica for what it lacks, then each replica asks the server: twice as few messages as if all
/// came at once.
pub(crate) fn by_marks<L: Library>(mut replicas: Vec<L>, stored: &L::Stored) -> (f64, usize) {
    let mut server = L::load(100, stored);
    let mut bytes = 0;
    let (ms, ()) = timed(|| {
        for replica in &replicas {
            let update = replica.since(&server.mark());
            bytes += L::update_bytes(&update);
            server.receive(&update);
        }
        for replica in &mut replicas {
            let update = server.since(&replica.mark());
            bytes += L::update_bytes(&update);
            replica.receive(&update);
        }
    });
    assert_same(&replicas);
    (ms, bytes)
}

fn assert_same<L: Library>(replicas: &[L]) {
    let boards: Vec<_> = replicas.iter().map(Library::read).collect();
    assert!(boards.windows(2).all(|pair| pair.first() == pair.last()), "all see the same");
}

/// Automerge's own sync protocol, every replica with the server at the same time.
pub(crate) fn by_protocol(mut replicas: Vec<RawBoard>, stored: &Vec<u8>) -> (f64, usize) {
    let mut server = RawBoard::load(100, stored);
    let mut states: Vec<(State, State)> =
        replicas.iter().map(|_| (State::new(), State::new())).collect();
    let mut bytes = 0;
    let (ms, ()) = timed(|| {
        loop {
            let mut is_quiet = true;
            for (replica, (here, there)) in replicas.iter_mut().zip(&mut states) {
                is_quiet &= !carry(replica, here, &mut server, there, &mut bytes);
                is_quiet &= !carry(&mut server, there, replica, here, &mut bytes);
            }
            if is_quiet {
                break;
            }
        }
    });
    assert_same(&replicas);
    (ms, bytes)
}

/// Carries one message, if there is one.
fn carry(
    from: &mut RawBoard,
    state: &mut State,
    to: &mut RawBoard,
    other: &mut State,
    bytes: &mut usize,
) -> bool {
    let Some(message) = from.doc().generate_sync_message(state) else { return false };
    let message = message.encode();
    *bytes += message.len();
    let message = Message::decode(&message).expect("our own");
    to.doc_mut().receive_sync_message(other, message).expect("our own");
    true
}

/// Our replicas through our relay's machines, bodies included.
pub(crate) fn by_relay(replicas: &[Desk], stored: &<Desk as Library>::Stored) -> (f64, f64, usize) {
    let board = replicas.first().expect("a replica").board().id().clone();
    let disk = |(chunks, bodies): <Desk as Library>::Stored| -> Disk {
        let mut disk = Disk::from([(board.clone(), chunks)]);
        for (card, chunk) in bodies {
            disk.insert(body_id(&board, &benches::card(card)), vec![chunk]);
        }
        disk
    };
    let base = Desk::load(100, stored);
    let bytes = |changes: Vec<automerge::Change>| {
        let bytes = changes.into_iter().map(|change| Bytes::copy_from_slice(change.raw_bytes()));
        bytes.map(|bytes| check_change(&bytes).expect("our own")).collect::<Vec<_>>()
    };
    let mut known = BTreeMap::from([(board.clone(), bytes(base.board().doc().get_changes(&[])))]);
    for (card, chunk) in &stored.1 {
        let body = benches::body_of(100, *card, vec![Chunk::clone(chunk)]);
        let id = body_id(&board, &benches::card(*card));
        known.insert(id, bytes(body.doc().get_changes(&[])));
    }
    let disks: Vec<Disk> = replicas.iter().map(|replica| disk(replica.save())).collect();
    let mut room = Room::new(disks, known);
    let (ms, told) = timed(|| room.connect());
    (ms, told.seen_ms, told.bytes)
}
