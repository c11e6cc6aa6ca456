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
        on(&mut group, base, "moves", |board, round| {
            act(board, move_card(round * 7 % 100, round));
        });
        on(&mut group, base, "titles", |board, round| {
            let (id, title) = (card(round * 7 % 100), format!("Card in round {round}"));
            act(board, Command::SetTitle { id, title });
        });
        on(&mut group, base, "keystrokes", |board, _| keystroke(board, 7, 0));
        on(&mut group, base, "moves and undos", |board, round| {
            act(board, move_card(round * 7 % 100, round));
            act(board, Command::Undo);
        });
        on(&mut group, base, "moves and saves", |board, round| {
            act(board, move_card(round * 7 % 100, round));
            black_box(board.take_new_chunk());
        });
    }
    group.finish();
}

/// Times edits on a board that was opened from storage, has a title open and has been written on by its actor.
fn on(
    group: &mut BenchmarkGroup<'_, WallTime>,
    base: &Base,
    name: &str,
    edit: impl Fn(&mut BoardDocument, usize),
) {
    group.bench_function(BenchmarkId::new(name, base.name()), |bench| {
        let opened = || {
            let mut board = opened(2, base.stored());
            act(&mut board, move_card(1, 1));
            act(&mut board, Command::OpenText { text: TextTarget::Title { card: card(7) } });
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
