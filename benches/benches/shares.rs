//! Where the time of an edit goes, and how much of it is automerge's: the same changes given to automerge alone, step by
//! step, and to the engine. A table, in µs of processor time a change (medians).
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "it times automerge by itself, and prints a table"
)]

use automerge::{Automerge, Change, LoadOptions, PatchLog, TextEncoding};
use benches::script::Script;
use benches::{
    AGED_EDITS, SIZES, act, beyond, edit_many, median, move_card, opened, receive, stored_board,
    timed,
};
use warroom_protocol::guard::{CheckedChange, check_change};

/// Changes that are given one by one.
const CHANGES: usize = 200;

/// What each step took, in µs, in the order in which the steps were first seen.
#[derive(Default)]
struct Steps {
    taken: Vec<(&'static str, Vec<f64>)>,
}

impl Steps {
    fn time<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let (ms, result) = timed(work);
        match self.taken.iter_mut().find(|(known, _)| *known == name) {
            Some((_, taken)) => taken.push(ms * 1_000.0),
            None => self.taken.push((name, vec![ms * 1_000.0])),
        }
        result
    }
}

fn main() {
    println!("| board | step | µs a change |\n|---|---|---|");
    for cards in SIZES {
        for edits in [0, AGED_EDITS] {
            board(cards, edits);
        }
    }
}

fn board(cards: usize, edits: usize) {
    let stored = stored_board(cards, edits);
    let before = opened(2, stored.clone());
    let mut there = opened(3, stored.clone());
    // the first change of an actor costs every peer once
    let live = Script::after(cards, edits, 3).live();
    act(&mut there, move_card(live.first().copied().unwrap_or(0), 1));
    let first = beyond(&there, &before.heads());
    let heads = there.heads();
    edit_many(&mut there, Script::after(cards, edits, 3), CHANGES);
    let arriving = beyond(&there, &heads);
    let mut steps = Steps::default();
    alone(&mut steps, &before.doc().save(), &first, &arriving);
    let mut here = opened(4, stored);
    receive(&mut here, &first);
    for change in &arriving {
        steps.time("all of it through the engine", || {
            let checked = check_change(&change.chunk).expect("our own");
            receive(&mut here, std::slice::from_ref(&checked));
        });
    }
    let age = if edits == 0 { "fresh" } else { "aged" };
    for (name, taken) in steps.taken {
        println!("| {cards} cards, {age} | {name} | {:.1} |", median(taken));
    }
}

/// Each change through automerge, step by step as the engine goes.
fn alone(steps: &mut Steps, stored: &[u8], first: &[CheckedChange], arriving: &[CheckedChange]) {
    let load = || {
        let options = LoadOptions::new().text_encoding(TextEncoding::Utf16CodeUnit);
        let mut doc = Automerge::load_with_options(stored, options).expect("our own");
        doc.apply_changes(read(first)).expect("our own");
        doc
    };
    let (mut plain, mut logged) = (load(), load());
    for change in arriving {
        steps.time("guard", || check_change(&change.chunk).expect("our own"));
        let changes = steps.time("automerge: read", || read(std::slice::from_ref(change)));
        let again = changes.clone();
        steps.time("automerge: apply", || plain.apply_changes(again).expect("our own"));
        let before = logged.get_heads();
        steps.time("automerge: apply with patches", || {
            let mut log = PatchLog::active();
            logged.apply_changes_log_patches(changes, &mut log).expect("our own");
            logged.make_patches(&mut log)
        });
        steps.time("automerge: give back the change", || logged.get_changes(&before));
        steps.time("automerge: give back its head", || logged.get_changes_meta(&before));
        steps.time("automerge: chunk to store", || logged.save_after(&before));
    }
}

fn read(changes: &[CheckedChange]) -> Vec<Change> {
    let read = changes.iter().map(|change| Change::from_bytes(change.chunk.to_vec()));
    read.collect::<Result<_, _>>().expect("our own")
}
