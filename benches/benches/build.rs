//! Building a board: cards created one by one, one change each, the view and its deltas included.

use std::hint::black_box;

use benches::{SIZES, built};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn build(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("build");
    group.sample_size(10);
    for cards in SIZES {
        group.throughput(Throughput::Elements(u64::try_from(cards).unwrap_or(u64::MAX)));
        group.bench_with_input(BenchmarkId::new("cards", cards), &cards, |bench, cards| {
            bench.iter(|| black_box(built(1, *cards)));
        });
    }
    group.finish();
}

criterion_group!(benches, build);
criterion_main!(benches);
