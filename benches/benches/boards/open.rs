//! Opening a board from this device's storage, to the first whole view: compacted, and as a heap of changes; and reading
//! all of it anew; and the activity, a screenful at a time.

use std::hint::black_box;

use benches::{changes, opened, opened_room, page};
use criterion::{BatchSize, BenchmarkId, Criterion};

use crate::Base;

pub(crate) fn bench(criterion: &mut Criterion, bases: &[Base]) {
    let mut group = criterion.benchmark_group("open");
    for base in bases {
        group.bench_function(BenchmarkId::new("compacted", base.name()), |bench| {
            bench.iter_batched(
                || base.stored(),
                |chunks| opened(2, chunks),
                BatchSize::PerIteration,
            );
        });
        group.bench_function(BenchmarkId::new("change by change", base.name()), |bench| {
            let chunks = changes(&opened(2, base.stored()));
            bench.iter_batched(
                || chunks.clone(),
                |chunks| opened(2, chunks),
                BatchSize::PerIteration,
            );
        });
        group.bench_function(BenchmarkId::new("materialise", base.name()), |bench| {
            let board = opened(2, base.stored());
            bench.iter(|| black_box(board.rebuilt()));
        });
        group.bench_function(
            BenchmarkId::new("first page of the activity", base.name()),
            |bench| {
                let opened = || opened_room(&base.stored());
                bench.iter_batched_ref(opened, |room| page(room, None), BatchSize::PerIteration);
            },
        );
        group.bench_function(BenchmarkId::new("next page of the activity", base.name()), |bench| {
            let mut room = opened_room(&base.stored());
            let first = page(&mut room, None);
            bench.iter(|| page(&mut room, first.next));
        });
    }
    group.finish();
}
