//! Taking in what others did: one change, and a thousand edits made offline on both sides.

use benches::{SIZES, beyond, built, edit_many, opened, receive, snapshot};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Edits on each side of an offline merge.
const OFFLINE_EDITS: usize = 1_000;
/// Changes taken in one at a time.
const SINGLE_CHANGES: usize = 100;

fn merge(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("merge");
    group.sample_size(10);
    for cards in SIZES {
        let stored = snapshot(&built(1, cards));
        let (mut here, mut there) = (opened(2, stored.clone()), opened(3, stored.clone()));
        edit_many(&mut here, cards, OFFLINE_EDITS, 1);
        edit_many(&mut there, cards, OFFLINE_EDITS, 2);
        let (here_stored, arriving) = (snapshot(&here), beyond(&there, &opened(4, stored.clone())));
        group.throughput(Throughput::Elements(u64::try_from(OFFLINE_EDITS).unwrap_or(0)));
        group.bench_function(BenchmarkId::new("offline", cards), |bench| {
            bench.iter_batched(
                || opened(5, here_stored.clone()),
                |mut board| {
                    receive(&mut board, &arriving);
                    board
                },
                BatchSize::LargeInput,
            );
        });
        let singles = arriving.get(..SINGLE_CHANGES).unwrap_or_default();
        group.throughput(Throughput::Elements(u64::try_from(SINGLE_CHANGES).unwrap_or(0)));
        group.bench_function(BenchmarkId::new("one by one", cards), |bench| {
            bench.iter_batched(
                || opened(6, stored.clone()),
                |mut board| {
                    for change in singles {
                        receive(&mut board, std::slice::from_ref(change));
                    }
                    board
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, merge);
criterion_main!(benches);
