//! Edits on a board, fifty in a row, the view and its deltas included: moves, titles, keystrokes with their change,
//! undos, and the chunk that goes to storage.

use std::hint::black_box;

use benches::{act, card, keystroke, move_card, opened};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use warroom_engine::{BoardDocument, Command, TextTarget};

use crate::Base;

/// Edits of one board before a fresh one is taken: texts and histories would grow without end otherwise.
const EDITS: usize = 50;

pub(crate) fn bench(criterion: &mut Criterion, bases: &[Base]) {
    let mut group = criterion.benchmark_group("edit");
    group.throughput(Throughput::Elements(u64::try_from(EDITS).unwrap_or(0)));
    for base in bases {
        // cards that are there: an aged board has lost others
        let live = base.script(2).live();
        let pick = |index: usize| live.get(index % live.len().max(1)).copied().unwrap_or(0);
        let open = pick(7);
        on(&mut group, (base, open), "moves", |board, round| {
            act(board, move_card(pick(round * 7), round));
        });
        on(&mut group, (base, open), "titles", |board, round| {
            let (id, title) = (card(pick(round * 7)), format!("Card in round {round}"));
            act(board, Command::SetTitle { id, title });
        });
        on(&mut group, (base, open), "keystrokes", |board, _| keystroke(board, open));
        on(&mut group, (base, open), "moves and undos", |board, round| {
            act(board, move_card(pick(round * 7), round));
            act(board, Command::Undo);
        });
        on(&mut group, (base, open), "moves and saves", |board, round| {
            act(board, move_card(pick(round * 7), round));
            black_box(board.take_new_chunk());
        });
    }
    group.finish();
}

/// Times edits on a board that was opened from storage, has the title of card `open` open and has been written on by its
/// actor.
fn on(
    group: &mut BenchmarkGroup<'_, WallTime>,
    (base, open): (&Base, usize),
    name: &str,
    edit: impl Fn(&mut BoardDocument, usize),
) {
    group.bench_function(BenchmarkId::new(name, base.name()), |bench| {
        let opened = || {
            let mut board = opened(2, base.stored());
            act(&mut board, move_card(open, 1));
            act(&mut board, Command::OpenText { text: TextTarget::Title { card: card(open) } });
            drop(board.take_new_chunk());
            board
        };
        let edits = |mut board: BoardDocument| {
            for round in 0..EDITS {
                edit(&mut board, round);
            }
            board
        };
        bench.iter_batched(opened, edits, BatchSize::PerIteration);
    });
}
