//! One edit on a board: a move, a title, a keystroke with its change, the view and its deltas included.

use benches::{SIZES, act, built, card, keystroke, move_card};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use warroom_engine::{Command, TextTarget};

fn edit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("edit");
    for cards in SIZES {
        let base = built(1, cards);
        let stored = benches::snapshot(&base);
        let mut board = benches::opened(2, stored.clone());
        let mut round = 0;
        group.bench_function(BenchmarkId::new("move", cards), |bench| {
            bench.iter(|| {
                round += 1;
                act(&mut board, move_card(round * 7 % cards, round));
            });
        });
        let mut board = benches::opened(3, stored.clone());
        let mut round = 0;
        group.bench_function(BenchmarkId::new("title", cards), |bench| {
            bench.iter(|| {
                round += 1;
                let title = format!("Card in round {round}");
                act(&mut board, Command::SetTitle { id: card(round * 7 % cards), title });
            });
        });
        let mut board = benches::opened(4, stored);
        let mut delete = 1;
        act(&mut board, Command::OpenText { text: TextTarget::Title { card: card(cards / 2) } });
        group.bench_function(BenchmarkId::new("keystroke", cards), |bench| {
            bench.iter(|| {
                delete = 1 - delete;
                keystroke(&mut board, cards / 2, delete);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, edit);
criterion_main!(benches);
