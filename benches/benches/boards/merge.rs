//! Taking in what others did: a hundred changes one by one, and the offline edits of two and of eight replicas, directly
//! and through the relay.

use std::collections::BTreeMap;

use benches::{Disk, OFFLINE_EDITS, Room, beyond, edit_many, opened, receive, snapshot};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use warroom_engine::{BoardDocument, Chunk};
use warroom_protocol::guard::CheckedChange;

use crate::Base;

/// Changes taken in one at a time.
const SINGLE_CHANGES: usize = 100;
/// How many replicas were offline.
const REPLICAS: [u8; 2] = [2, 8];
/// Sync through the relay is timed on boards of at most this many cards: opening eight replicas of a larger one for each
/// sample takes minutes.
const SYNC_CARDS_MAX: usize = 1_000;

/// Replicas that were offline for [`OFFLINE_EDITS`] edits each, and what each of them made.
struct Offline {
    boards: Vec<BoardDocument>,
    made: Vec<Vec<CheckedChange>>,
}

impl Offline {
    fn new(base: &Base, replicas: u8) -> Self {
        let before = opened(100, base.stored());
        let edited = |number: u8| {
            let mut board = opened(number, base.stored());
            edit_many(&mut board, base.script(100 + number), OFFLINE_EDITS);
            board
        };
        let boards: Vec<BoardDocument> = (1..=replicas).map(edited).collect();
        let made = boards.iter().map(|board| beyond(board, &before.heads())).collect();
        Self { boards, made }
    }

    /// What the others than the first made.
    fn arriving(&self) -> Vec<CheckedChange> {
        self.made.iter().skip(1).flatten().cloned().collect()
    }
}

pub(crate) fn bench(criterion: &mut Criterion, bases: &[Base]) {
    for base in bases {
        for replicas in REPLICAS {
            direct(criterion, base, replicas);
            if base.cards <= SYNC_CARDS_MAX {
                by_relay(criterion, base, replicas);
            }
        }
        one_by_one(criterion, base);
    }
}

/// One of the replicas takes in what all others made, as one batch.
fn direct(criterion: &mut Criterion, base: &Base, replicas: u8) {
    let mut group = criterion.benchmark_group("merge");
    group.throughput(Throughput::Elements(elements(replicas - 1)));
    let id = BenchmarkId::new(format!("{replicas} replicas, direct"), base.name());
    group.bench_function(id, |bench| {
        let offline = Offline::new(base, replicas);
        let here = offline.boards.first().map(snapshot).unwrap_or_default();
        let arriving = offline.arriving();
        bench.iter_batched(
            || opened(1, here.clone()),
            |mut board| {
                receive(&mut board, &arriving);
                board
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// All of the replicas connect to a relay that knows the board of before, until all have everything.
fn by_relay(criterion: &mut Criterion, base: &Base, replicas: u8) {
    let mut group = criterion.benchmark_group("merge");
    group.throughput(Throughput::Elements(elements(replicas)));
    let id = BenchmarkId::new(format!("{replicas} replicas, by the relay"), base.name());
    group.bench_function(id, |bench| {
        let offline = Offline::new(base, replicas);
        let before = opened(100, base.stored());
        let board = before.id().clone();
        let known: Vec<CheckedChange> = beyond(&before, &[]);
        let disk = |made: &Vec<CheckedChange>| {
            let mut chunks: Vec<Chunk> = base.stored();
            let bytes: Vec<u8> = made.iter().flat_map(|change| change.chunk.to_vec()).collect();
            chunks.push(Chunk::new(bytes.into()));
            Disk::from([(board.clone(), chunks)])
        };
        let disks: Vec<Disk> = offline.made.iter().map(disk).collect();
        let stored = BTreeMap::from([(board.clone(), known)]);
        let mut told = None;
        bench.iter_batched(
            || Room::new(disks.clone(), stored.clone()),
            |mut room| {
                told = Some(room.connect());
                room
            },
            BatchSize::PerIteration,
        );
        if let Some(told) = told {
            println!("  {} frames, {} KB over the wire", told.frames, told.bytes / 1_000);
        }
    });
    group.finish();
}

fn one_by_one(criterion: &mut Criterion, base: &Base) {
    let mut group = criterion.benchmark_group("merge");
    group.throughput(Throughput::Elements(u64::try_from(SINGLE_CHANGES).unwrap_or(0)));
    group.bench_function(BenchmarkId::new("100 changes one by one", base.name()), |bench| {
        let offline = Offline::new(base, 1);
        let arriving = offline.made.first().cloned().unwrap_or_default();
        bench.iter_batched(
            || opened(6, base.stored()),
            |mut board| {
                for change in arriving.iter().take(SINGLE_CHANGES) {
                    receive(&mut board, std::slice::from_ref(change));
                }
                board
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn elements(replicas: u8) -> u64 {
    u64::from(replicas) * u64::try_from(OFFLINE_EDITS).unwrap_or(0)
}
