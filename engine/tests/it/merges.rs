//! What becomes of concurrent commands: every row of the tables of `docs/BOARD.md`, with every order of actors, of
//! counters and of delivery.

mod alone;
mod cards;
mod columns;
mod face;
mod past;
mod table;

use std::collections::BTreeMap;

use warroom_engine::{Card, Command};

use crate::talk;
use crate::world::{Peer, add, add_item, add_label, card, label, meet, title};

/// What must hold, whoever wins.
type Check = fn(&Peer) -> bool;

/// Two commands given at the same time.
struct Row {
    /// The rows of `docs/BOARD.md` that it tests: the pair's cell, or the table and the key (`A card · due`).
    of: &'static [&'static str],
    name: &'static str,
    /// Does what has to be there before, in two replicas that have met, and gives mine and theirs.
    prepare: Box<Prepare>,
    check: Check,
}

type Prepare = dyn Fn(&mut Peer, &mut Peer) -> (Command, Command);

fn row(
    of: &'static [&'static str],
    name: &'static str,
    (mine, theirs): (Command, Command),
    check: Check,
) -> Row {
    row_of(of, name, move |_, _| (mine.clone(), theirs.clone()), check)
}

fn row_of(
    of: &'static [&'static str],
    name: &'static str,
    prepare: impl Fn(&mut Peer, &mut Peer) -> (Command, Command) + 'static,
    check: Check,
) -> Row {
    Row { of, name, prepare: Box::new(prepare), check }
}

/// A test of its own: for rows that are about more than two commands.
struct Alone {
    of: &'static [&'static str],
    test: fn(),
}

/// Pairs of seeds; actors are drawn from them, and both orders of actors are among the pairs.
const SEEDS: [(u8, u8); 5] = [(1, 2), (3, 4), (5, 6), (7, 8), (2, 1)];

/// Whose operations have the higher counters: of two writes the higher counter wins, of equal ones the actor.
#[derive(Debug, Clone, Copy)]
enum Ahead {
    Nobody,
    Mine,
    Theirs,
}

fn rows() -> Vec<Row> {
    [
        cards::rows(),
        cards::key_rows(),
        columns::rows(),
        columns::key_rows(),
        face::rows(),
        face::part_rows(),
        past::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn todo(peer: &Peer) -> Vec<String> {
    peer.cards_in("todo")
}

fn shown(peer: &Peer) -> &Card {
    peer.board().card(&card("a")).unwrap()
}

fn is_deleted(peer: &Peer) -> bool {
    shown(peer).deleted.is_some()
}

/// Card a stands in one column, once.
fn is_in_one_column(peer: &Peer) -> bool {
    let columns = ["todo", "doing", "done"];
    columns.iter().flat_map(|column| peer.cards_in(column)).filter(|id| id == "a").count() == 1
}

/// Two replicas that share cards a, b, c in *To do* and d in *Doing*; a has a label and two items.
fn pair(first: u8, second: u8) -> (Peer, Peer) {
    let (mut a, mut b) = (Peer::new(first), Peer::new(second));
    a.act_all([add("a", "todo", "A"), add("b", "todo", "B"), add("c", "todo", "C")]);
    a.act(add("d", "doing", "D"));
    a.act_all(["bug", "idea", "old"].map(add_label));
    a.act(Command::AttachLabel { id: card("a"), label: label("old") });
    a.act_all(["one", "two"].map(add_item));
    // both have written, so that both actors are drawn before the pair
    b.act(Command::RenameRoom { title: "Room".to_owned() });
    meet(&mut a, &mut b);
    (a, b)
}

/// Every order of actors and of counters, as (seeds, who is ahead): where the counters differ, actors decide nothing.
fn orders() -> impl Iterator<Item = ((u8, u8), Ahead)> {
    let ahead = [Ahead::Mine, Ahead::Theirs].map(|ahead| (SEEDS[0], ahead));
    SEEDS.into_iter().map(|seeds| (seeds, Ahead::Nobody)).chain(ahead)
}

/// Both do theirs at the same time, in one order of actors and counters; gives whether mine is the lower actor.
fn check_row(row: &Row, seeds: (u8, u8), ahead: Ahead) -> bool {
    let Row { of: _, name, prepare, check } = row;
    let (mut a, mut b) = pair(seeds.0, seeds.1);
    let (mine, theirs) = prepare(&mut a, &mut b);
    match ahead {
        Ahead::Nobody => {}
        Ahead::Mine => drop(a.act(title("d", "some operations more"))),
        Ahead::Theirs => drop(b.act(title("d", "some operations more"))),
    }
    a.act(mine);
    b.act(theirs);
    // others get both, in either order
    let (mut here, mut there) = (Peer::new(11), Peer::new(12));
    here.pull(&a);
    here.pull(&b);
    there.pull(&b);
    there.pull(&a);
    meet(&mut a, &mut b);
    for peer in [&a, &b, &here, &there] {
        assert_eq!(peer.board(), a.board(), "{name}: same changes, same view");
        assert!(check(peer), "{name} ({seeds:?}, {ahead:?}): {:#?}", peer.board());
    }
    a.doc.doc().get_actor() < b.doc.doc().get_actor()
}

#[test]
fn every_pair_converges_as_the_table_says() {
    for row in rows() {
        let mut actors_in_order = [false, false];
        for (seeds, ahead) in orders() {
            let in_order = check_row(&row, seeds, ahead);
            actors_in_order[usize::from(in_order)] = true;
        }
        assert_eq!(actors_in_order, [true, true], "{}: both orders of actors were tried", row.name);
    }
}

#[test]
fn what_takes_more_than_two_commands_converges_as_the_table_says() {
    for Alone { of: _, test } in alone::all() {
        test();
    }
}

/// A row that is added to a table of `docs/BOARD.md` is added here too, and none is tested that is not there. A cell
/// that names several things (`a, b or c`) has as many tests.
#[test]
fn every_row_of_the_tables_is_tested() {
    let mut tests: BTreeMap<&str, usize> = BTreeMap::new();
    let (rows, alone) = (rows(), alone::all());
    let named = rows.iter().map(|row| row.of).chain(alone.iter().map(|alone| alone.of));
    for of in named.chain(talk::merges::named()).flatten() {
        *tests.entry(of).or_default() += 1;
    }
    for (of, needed) in table::rows() {
        let found = tests.remove(of.as_str()).unwrap_or(0);
        assert!(found >= needed, "docs/BOARD.md, {of}: {found} of {needed} tests in merges.rs");
    }
    assert_eq!(tests, BTreeMap::new(), "these rows are tested and not in docs/BOARD.md");
}
