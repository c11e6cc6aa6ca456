//! Opening a board from this device's storage, to the first whole view: compacted, and as a heap of changes.

use benches::{SIZES, built, changes, edit_many, opened, snapshot};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};

fn open(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("open");
    group.sample_size(10);
    for cards in SIZES {
        let mut board = built(1, cards);
        edit_many(&mut board, cards, cards, 1);
        for (name, chunks) in [("compacted", snapshot(&board)), ("changes", changes(&board))] {
            group.bench_function(BenchmarkId::new(name, cards), |bench| {
                bench.iter_batched(
                    || chunks.clone(),
                    |chunks| opened(2, chunks),
                    BatchSize::LargeInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, open);
criterion_main!(benches);
