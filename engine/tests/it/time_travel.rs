//! The board as it was, at heads and at times, read by the code that reads the board as it is.

use proptest::prelude::*;
use warroom_engine::{Board, ChangeId, Moment};
use warroom_protocol::Timestamp;

use crate::deltas::{any_step, take};
use crate::world::{Peer, add, card, foreign_at, meet, move_card, title};

fn heads_of(peer: &Peer) -> Moment {
    Moment::Heads { heads: peer.doc.heads().into_iter().map(ChangeId::from).collect() }
}

fn time(at: u64) -> Moment {
    Moment::Time { at }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn the_board_at_the_heads_after_a_step_is_the_board_that_was_shown_then(
        seed in 0..40_u8,
        steps in proptest::collection::vec(any_step(), 1..40),
    ) {
        let mut peers = [Peer::new(seed), Peer::new(seed + 50), Peer::new(seed + 100)];
        let mut shown: Vec<(Moment, Board)> = Vec::new();
        for (who, step) in steps {
            take(&mut peers, who, step);
            // what is only buffered is in no change
            shown.push((heads_of(&peers[who]), peers[who].doc.rebuilt()));
        }
        let [a, b, c] = &mut peers;
        meet(a, b);
        meet(b, c);
        meet(a, c);
        let mut again = Peer::of_chunks(200, a.stored());
        for (moment, board) in shown {
            prop_assert_eq!(a.doc.board_at(a.now, &moment), Some(board.clone()));
            prop_assert_eq!(again.doc.board_at(again.now, &moment), Some(board));
        }
    }
}

/// Makes three changes of the title of card a, at the seconds 100, 200 and 300, each by who got those before it.
fn three_titles() -> (Peer, Peer) {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.now = Timestamp(100_000);
    a.act(add("a", "todo", "one"));
    meet(&mut a, &mut b);
    b.now = Timestamp(200_000);
    b.act(title("a", "two"));
    meet(&mut a, &mut b);
    a.now = Timestamp(300_000);
    a.act(title("a", "three"));
    meet(&mut a, &mut b);
    (a, b)
}

fn titles_at(peer: &mut Peer, times: &[u64]) -> Vec<Option<String>> {
    let now = Timestamp(1_000_000);
    let mut title = |at: &u64| {
        let board = peer.doc.board_at(now, &time(*at)).unwrap();
        board.card(&card("a")).map(|card| card.title.clone())
    };
    times.iter().map(&mut title).collect()
}

#[test]
fn a_time_shows_what_was_made_by_then() {
    let (mut a, mut b) = three_titles();
    let expected = [None, Some("one"), Some("one"), Some("two"), Some("two"), Some("three")];
    let expected = expected.map(|title| title.map(ToOwned::to_owned));
    let times = [99_999, 100_000, 199_999, 200_000, 299_999, 300_000];
    assert_eq!(titles_at(&mut a, &times), expected);
    assert_eq!(titles_at(&mut b, &times), expected, "the same everywhere");
    let empty = Peer::new(3);
    assert_eq!(a.doc.board_at(a.now, &time(0)).as_ref(), Some(empty.board()), "a new room");
}

#[test]
fn a_clock_that_runs_behind_shows_its_changes_with_what_they_build_on() {
    let (mut a, _) = three_titles();
    // the battery of its clock is empty
    a.now = Timestamp(5_000);
    a.act(move_card("a", "done", warroom_engine::Position::End));
    let column = |peer: &mut Peer, at| {
        let board = peer.doc.board_at(Timestamp(1_000_000), &time(at)).unwrap();
        board.card(&card("a")).unwrap().column.to_string()
    };
    assert_eq!(column(&mut a, 299_999), "todo");
    assert_eq!(column(&mut a, 300_000), "done");
    assert_eq!(titles_at(&mut a, &[250_000]), [Some("two".to_owned())], "nothing else is moved");
}

#[test]
fn a_clock_in_the_future_hides_nothing_that_came_after_it() {
    let (mut a, _) = three_titles();
    foreign_at(&mut a, 9_000_000_000, |to| {
        use automerge::transaction::Transactable;
        to.put(automerge::ROOT, "title", "from the future").unwrap();
    });
    a.now = Timestamp(400_000);
    a.act(title("a", "four"));
    assert_eq!(titles_at(&mut a, &[350_000, 400_000]), [Some("three".into()), Some("four".into())]);
}

#[test]
fn heads_that_are_not_here_are_no_moment() {
    let (mut a, _) = three_titles();
    let moment = Moment::Heads { heads: vec![ChangeId([7; 32])] };
    assert_eq!(a.doc.board_at(a.now, &moment), None);
}
