//! Changes that came before what they depend on: they wait, within bounds, and nobody can keep the places from others.

use automerge::ROOT;
use automerge::transaction::Transactable;
use warroom_protocol::ConnectionId;
use warroom_relay::core::Limit;
use warroom_relay::core::close::ChangeRefusal;
use warroom_relay::limits::{ORPHANS_BYTES_MAX, ORPHANS_MAX};

use crate::support::{Desk, chunks, misfit, put, replica, upload, written};

#[test]
fn f6_orphans_are_bounded_never_saved_and_dropped_in_time() {
    let many = i64::try_from(ORPHANS_MAX).unwrap() + 2;
    let writer = written(1, many);
    let mut desk = Desk::open(&[]);
    let later = chunks(&writer)[1..=ORPHANS_MAX].to_vec();
    desk.sync(1, upload(&writer, later));
    assert!(desk.saves.is_empty() && desk.refused.is_empty(), "they wait: {:?}", desk.refused);
    desk.wait_ms(59_999);
    assert!(desk.refused.is_empty());
    desk.wait_ms(1);
    assert_eq!(
        desk.refused,
        [(ConnectionId(1), misfit(ChangeRefusal::Orphans(Limit::OrphansFor)))]
    );
    desk.sync(3, upload(&writer, chunks(&writer)[..1].to_vec()));
    assert_eq!(desk.saved().len(), 1, "they are forgotten");
}

#[test]
fn f6_who_fills_the_places_of_orphans_makes_room_for_who_needs_one() {
    let attacker = written(1, i64::try_from(ORPHANS_MAX).unwrap() + 1);
    let mut desk = Desk::open(&[]);
    desk.sync(1, upload(&attacker, chunks(&attacker)[1..].to_vec()));
    assert!(desk.refused.is_empty(), "all places are taken: {:?}", desk.refused);
    let honest = written(2, 3);
    desk.sync(2, upload(&honest, chunks(&honest)[1..].to_vec()));
    assert_eq!(desk.refused, [(ConnectionId(1), misfit(ChangeRefusal::Orphans(Limit::Orphans)))]);
    desk.sync(2, upload(&honest, chunks(&honest)[..1].to_vec()));
    assert_eq!(desk.saved().len(), 3, "nothing of the honest one was lost");
}

/// Many small shares, and one large change that is nobody's fault but its sender's.
#[test]
fn f6_the_largest_share_of_bytes_makes_room() {
    let mut desk = Desk::open(&[]);
    let mut large = replica(9);
    put(&mut large, "first", 1);
    let mut transaction = large.transaction();
    let noise: Vec<u8> = (0..ORPHANS_BYTES_MAX).map(|at| at.to_le_bytes()[0]).collect();
    transaction.put(ROOT, "noise", noise).unwrap();
    transaction.commit();
    for connection in 1..=5_u32 {
        let writer = written(connection, 2);
        desk.sync(connection.into(), upload(&writer, chunks(&writer)[1..].to_vec()));
    }
    desk.sync(9, upload(&large, chunks(&large)[1..].to_vec()));
    assert_eq!(
        desk.refused,
        [(ConnectionId(9), misfit(ChangeRefusal::Orphans(Limit::OrphansBytes)))]
    );
    for connection in 1..=5_u32 {
        let writer = written(connection, 2);
        desk.sync(connection.into(), upload(&writer, chunks(&writer)[..1].to_vec()));
        assert_eq!(desk.saved().len(), 2, "writer {connection}");
    }
}

#[test]
fn an_orphan_is_adopted_when_what_it_depends_on_comes() {
    let writer = written(1, 3);
    let mut desk = Desk::open(&[]);
    desk.sync(1, upload(&writer, chunks(&writer)[1..].to_vec()));
    let asked = desk.take_sync(1);
    assert_eq!(asked.need.len(), 1, "the missing one is asked for by name");
    desk.sync(1, upload(&writer, chunks(&writer)[..1].to_vec()));
    assert_eq!(desk.saved().len(), 3);
}
