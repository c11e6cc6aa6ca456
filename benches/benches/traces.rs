//! Recorded editing sessions as a card's body: typed, received by a peer that was away, opened; and how long a keystroke
//! takes at the end of the longest. The files are not here: see `NO_TRACES`.
#![expect(clippy::print_stdout, reason = "it tells what it found")]

use std::hint::black_box;
use std::time::Duration;

use benches::{NO_TRACES, Trace, Typed, body_beyond, body_of, receive_body, timed, trace};
use bytes::Bytes;
use criterion::{BatchSize, BenchmarkId, Criterion};
use warroom_engine::Chunk;

/// The sequential recordings, the longest last.
const NAMES: [&str; 4] = ["sveltecomponent", "rustcode", "seph-blog1", "automerge-paper"];
/// Keystrokes at the end of a recording that are timed one by one.
const TIMED_KEYS: usize = 10_000;

fn main() {
    let criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(900));
    let mut criterion = criterion.configure_from_args();
    for name in NAMES {
        let Some(trace) = trace(name) else {
            println!("{NO_TRACES}");
            return;
        };
        bench(&mut criterion, name, &trace);
    }
    criterion.final_summary();
}

fn bench(criterion: &mut Criterion, name: &str, trace: &Trace) {
    let mut group = criterion.benchmark_group("trace");
    let typed = Typed::whole(1, trace);
    let stored = vec![Chunk::new(Bytes::from(typed.body.doc().save()))];
    let made = body_beyond(&typed.body, &body_of(9, 0, Vec::new()).heads());
    group.bench_function(BenchmarkId::new("typed", name), |bench| {
        bench.iter(|| black_box(Typed::whole(1, trace)));
    });
    group.bench_function(BenchmarkId::new("received by a peer", name), |bench| {
        bench.iter_batched(
            || body_of(2, 0, Vec::new()),
            |mut body| {
                receive_body(&mut body, &made);
                body
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function(BenchmarkId::new("opened with its history", name), |bench| {
        bench.iter_batched(
            || stored.clone(),
            |stored| {
                let body = body_of(3, 0, stored);
                black_box(body.text());
                body
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function(BenchmarkId::new("opened chunk by chunk", name), |bench| {
        bench.iter_batched(
            || typed.chunks.clone(),
            |stored| {
                let body = body_of(4, 0, stored);
                black_box(body.text());
                body
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
    latency(name, trace);
    let bytes: usize = stored.iter().map(|chunk| chunk.bytes.len()).sum();
    let chunks: usize = typed.chunks.iter().map(|chunk| chunk.bytes.len()).sum();
    println!(
        "trace/{name}: {} keystrokes became {} changes; compacted {} KB, as stored {} KB, the text {} KB",
        trace.transactions.len(),
        made.len(),
        bytes / 1_000,
        chunks / 1_000,
        trace.end.len() / 1_000
    );
}

/// How long each of the last keystrokes takes, whatever is due before it included.
fn latency(name: &str, trace: &Trace) {
    let mut typed = Typed::new(5);
    let first = trace.transactions.len().saturating_sub(TIMED_KEYS);
    let mut taken = Vec::with_capacity(TIMED_KEYS);
    for (index, (at_ms, patches)) in trace.transactions.iter().enumerate() {
        let (ms, ()) = timed(|| typed.key(*at_ms, patches));
        if index >= first {
            taken.push(ms);
        }
    }
    taken.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| taken.get(taken.len() * share / 1_000).copied().unwrap_or_default();
    println!(
        "trace/{name}: a keystroke at the end takes {:.3} ms (p50), {:.3} ms (p99), {:.3} ms (p99.9)",
        at(500),
        at(990),
        at(999)
    );
}
