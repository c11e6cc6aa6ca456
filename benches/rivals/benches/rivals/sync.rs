//! Replicas that were offline come in step through a server, as each library does it.

use std::collections::BTreeMap;
use std::time::Duration;

use automerge::sync::{Message, State, SyncDoc as _};
use benches::script::Edit;
use benches::{Disk, Room, timed};
use bytes::Bytes;
use rivals::{Desk, Library, RawBoard};
use warroom_engine::{Chunk, body_id};
use warroom_protocol::guard::check_change;

/// How long after the first edit of the board everybody is connected: the ageing edits take two days and a half.
const AWAY: Duration = Duration::from_hours(4 * 24);

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

/// Our replicas through our relay's machines, bodies included: they were connected days after the last edit, lost the
/// connection, and made the same edits as the others' replicas.
pub(crate) fn by_relay(
    offline: &[Vec<Edit>],
    stored: &<Desk as Library>::Stored,
) -> (f64, f64, usize) {
    let base = Desk::load(100, stored);
    let board = base.board().id().clone();
    let bytes = |changes: Vec<automerge::Change>| {
        let bytes = changes.into_iter().map(|change| Bytes::copy_from_slice(change.raw_bytes()));
        bytes.map(|bytes| check_change(&bytes).expect("our own")).collect::<Vec<_>>()
    };
    let mut disk = Disk::from([(board.clone(), stored.0.clone())]);
    let mut known = BTreeMap::from([(board.clone(), bytes(base.board().doc().get_changes(&[])))]);
    for (card, chunk) in &stored.1 {
        let body = benches::body_of(100, *card, vec![Chunk::clone(chunk)]);
        let id = body_id(&board, &benches::card(*card));
        disk.insert(id.clone(), vec![chunk.clone()]);
        known.insert(id, bytes(body.doc().get_changes(&[])));
    }
    let mut room = Room::new(vec![disk; offline.len()], known);
    room.pass(AWAY);
    room.connect();
    room.disconnect();
    for (index, edits) in offline.iter().enumerate() {
        for edit in edits {
            room.edit(index, *edit);
        }
    }
    let (ms, told) = timed(|| room.connect());
    assert!(room.has_same_bodies(), "everybody has every body");
    (ms, told.seen_ms, told.bytes)
}
