//! How much memory the same work takes in every library, at its worst and afterwards: `cargo bench -p rivals --bench heap`.
//!
//! A bench of its own, because counting what is allocated takes time. JavaScript libraries are left out: what their
//! collector has not taken back yet says nothing.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::redundant_pub_crate,
    reason = "a bench prints a table, and a library that can't do the work has to stop it"
)]

mod loro_board;
#[expect(dead_code, reason = "the table of times uses the rest")]
mod workloads;
mod yrs_board;

use benches::{NO_TRACES, PeakAlloc, Trace, Typed, body_of, measured};
use bytes::Bytes;
use rivals::{Desk, Library, RawBoard};
use warroom_engine::Chunk;

use loro_board::LoroBoard;
use workloads as rows;
use yrs_board::YrsBoard;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What a row says of one library: megabytes at worst and afterwards, beyond what was there before.
type Cell = Option<(f64, f64)>;

const ROWS: [&str; 4] = [
    "create 1,000 cards",
    "load the aged board and read it",
    "merge 1,000 offline edits of one into it",
    "open automerge-paper and read it",
];

fn main() {
    let trace = benches::trace("automerge-paper");
    if trace.is_none() {
        eprintln!("{NO_TRACES}");
    }
    let columns = [
        (Desk::NAME, column::<Desk>(trace.as_ref().map(our_body))),
        (RawBoard::NAME, column::<RawBoard>(trace.as_ref().map(body::<RawBoard>))),
        (YrsBoard::NAME, column::<YrsBoard>(trace.as_ref().map(body::<YrsBoard>))),
        (LoroBoard::NAME, column::<LoroBoard>(trace.as_ref().map(body::<LoroBoard>))),
    ];
    let names = columns.each_ref().map(|(name, _)| *name);
    println!("| MB at worst, and kept | {} | ours ÷ automerge |", names.join(" | "));
    println!("|---|{}---|", "---|".repeat(names.len()));
    for (row, name) in ROWS.iter().enumerate() {
        let cells = columns.each_ref().map(|(_, cells)| cells.get(row).copied().flatten());
        let [ours, raw, ..] = cells;
        let ratio = ours.zip(raw).map(|((ours, _), (raw, _))| format!("{:.2}", ours / raw));
        let cells = cells.map(|cell| {
            cell.map_or_else(|| "–".to_owned(), |(peak, held)| format!("{peak:.1}, {held:.1}"))
        });
        println!(
            "| {name} | {} | {} |",
            cells.join(" | "),
            ratio.unwrap_or_else(|| "–".to_owned())
        );
    }
}

/// The rows of one library.
fn column<L: Library>(body: Cell) -> [Cell; 4] {
    let boards = rows::Boards::<L>::new();
    let (create, board) = measured(&HEAP, || rows::built::<L>(rows::CARDS));
    drop(board);
    let (load, mut board) = measured(&HEAP, || {
        let board = L::load(5, boards.aged());
        board.read();
        board
    });
    let update = boards.offline(12).since(&board.mark());
    let (merge, ()) = measured(&HEAP, || board.receive(&update));
    [Some(create), Some(load), Some(merge), body]
}

/// A text with a long history in one library, opened and read.
fn body<L: Library>(trace: &Trace) -> (f64, f64) {
    let mut board: L = rows::blank();
    rows::record(&mut board, trace);
    let stored = board.save();
    drop(board);
    measured(&HEAP, || {
        let board = L::load(3, &stored);
        assert!(board.body(0) == trace.end, "the recording ends in its own text");
        board
    })
    .0
}

/// The same in our engine.
fn our_body(trace: &Trace) -> (f64, f64) {
    let stored = vec![Chunk::new(Bytes::from(Typed::whole(1, trace).body.doc().save()))];
    measured(&HEAP, || {
        let body = body_of(3, 0, stored.clone());
        assert!(body.text() == trace.end, "the recording ends in its own text");
        body
    })
    .0
}
