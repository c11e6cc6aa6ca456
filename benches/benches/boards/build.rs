//! Building a board: cards created one by one, one change each, the view and its deltas included; and 1,000 edits.

use std::hint::black_box;

use benches::{OFFLINE_EDITS, built, edit_many, opened};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};

use crate::Base;

pub(crate) fn bench(criterion: &mut Criterion, bases: &[Base]) {
    let mut group = criterion.benchmark_group("build");
    for base in bases.iter().filter(|base| base.edits == 0) {
        group.throughput(Throughput::Elements(u64::try_from(base.cards).unwrap_or(u64::MAX)));
        group.bench_function(BenchmarkId::new("cards one by one", base.cards), |bench| {
            bench.iter(|| black_box(built(1, base.cards)));
        });
    }
    group.throughput(Throughput::Elements(u64::try_from(OFFLINE_EDITS).unwrap_or(0)));
    for base in bases {
        group.bench_function(BenchmarkId::new("1,000 mixed edits", base.name()), |bench| {
            bench.iter_batched(
                || opened(2, base.stored()),
                |mut board| {
                    edit_many(&mut board, base.script(2), OFFLINE_EDITS);
                    board
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}
