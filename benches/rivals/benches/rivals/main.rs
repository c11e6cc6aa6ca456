//! The same work on every library in turn, and a table of the medians: `cargo bench -p rivals`.
//!
//! The recorded session of the table's end needs its file (`WARROOM_TRACES`), the JavaScript libraries need Node and
//! `npm ci` in `benches/rivals/javascript`, and our engine as WASM `cargo xtask wasm` and the SDK built; without them their
//! cells stay empty, which is said.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::redundant_pub_crate,
    reason = "a bench prints a table, and a library that can't do the work has to stop it"
)]

mod javascript;
mod loro_board;
mod sync;
mod table;
mod workloads;
mod yrs_board;

use benches::{NO_TRACES, Shown, Trace, Typed, body_beyond, body_of, receive_body, timed};
use bytes::Bytes;
use rivals::{Desk, Library, RawBoard};
use warroom_engine::Chunk;
use warroom_protocol::guard::check_change;

use javascript::Runner;
use loro_board::LoroBoard;
use table::Table;
use workloads::{self as rows, Boards, Figure};
use yrs_board::YrsBoard;

/// Rounds, each with all libraries in turn, so that a busy moment of the machine hits all of them; another number:
/// `cargo bench -p rivals -- --rounds 1`; with 0 only those run that run in Node.
const ROUNDS: usize = 3;

fn rounds() -> usize {
    let named = std::env::args().skip_while(|word| word != "--rounds").nth(1);
    named.and_then(|word| word.parse().ok()).unwrap_or(ROUNDS)
}

fn main() {
    let trace = benches::trace("automerge-paper");
    if trace.is_none() {
        eprintln!("{NO_TRACES}");
    }
    let mut table = Table::default();
    let rounds = rounds();
    if rounds > 0 {
        run_natively(&mut table, rounds, trace.as_ref());
    }
    // once: they take minutes; automerge types a recorded session for a quarter of an hour, and is spared that
    for runner in [Runner::Automerge, Runner::Yjs, Runner::Ours] {
        let trace = trace.as_ref().filter(|_| runner == Runner::Yjs);
        match javascript::run(runner, trace) {
            Ok(figures) => table.add(runner.name(), figures),
            Err(sentence) => eprintln!("{sentence}"),
        }
    }
    println!(
        "{}\n\n{}\n\nProcessor time, medians of {rounds} rounds; what runs in Node ran once.",
        table.to_markdown(),
        table.to_markdown_in_node()
    );
}

/// The work on the libraries of this process, so many rounds.
fn run_natively(table: &mut Table, rounds: usize, trace: Option<&Trace>) {
    let ours = Boards::<Desk>::new();
    let raw = Boards::<RawBoard>::new();
    let yrs = Boards::<YrsBoard>::new();
    let loro = Boards::<LoroBoard>::new();
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        let mut seen = Vec::new();
        let figures = ours.run(|_, stored| {
            let edits: Vec<_> =
                (1..=rows::REPLICAS).map(|number| rows::offline(10 + number)).collect();
            let (ms, seen_ms, bytes) = sync::by_relay(&edits, stored);
            seen.push((rows::SYNC_8_SEEN, seen_ms));
            (ms, bytes)
        });
        table.add(Desk::NAME, figures);
        table.add(RawBoard::NAME, raw.run(sync::by_protocol));
        table.add(YrsBoard::NAME, yrs.run(sync::by_marks));
        table.add(LoroBoard::NAME, loro.run(sync::by_marks));
        table.add(Desk::NAME, seen);
        table.add(Desk::NAME, on_screen(ours.aged()));
        if let Some(trace) = trace {
            table.add(Desk::NAME, our_trace(trace));
            table.add(RawBoard::NAME, rows::trace::<RawBoard>(trace));
            table.add(YrsBoard::NAME, rows::trace::<YrsBoard>(trace));
            table.add(LoroBoard::NAME, rows::trace::<LoroBoard>(trace));
        }
    }
}

/// What a person waits for, of our engine.
fn on_screen((board, bodies): &<Desk as Library>::Stored) -> Vec<Figure> {
    let card = rows::card_of_keys();
    let body = bodies.get(&card).expect("a card with a body");
    let Shown { board_ms, body_ms, pages_ms: (first, next) } = benches::shown(board, (card, body));
    vec![
        (rows::SCREEN, board_ms),
        (rows::SCREEN_BODY, body_ms),
        (rows::PAGE_FIRST, first),
        (rows::PAGE_NEXT, next),
    ]
}

/// The recorded session through our engine, which makes few changes of many keystrokes; a peer takes in what the relay
/// would send it, after the guard.
fn our_trace(trace: &Trace) -> Vec<Figure> {
    let (ms, typed) = timed(|| Typed::whole(1, trace));
    let made = body_beyond(&typed.body, &body_of(9, 0, Vec::new()).heads());
    let bytes: Vec<Bytes> = made.into_iter().map(|change| change.chunk).collect();
    let mut peer = body_of(2, 0, Vec::new());
    let (caught_up, ()) = timed(|| {
        let checked = bytes.iter().map(check_change);
        let checked: Vec<_> = checked.collect::<Result<_, _>>().expect("our own");
        receive_body(&mut peer, &checked);
    });
    let stored = vec![Chunk::new(Bytes::from(typed.body.doc().save()))];
    let (open, _) = timed(|| body_of(3, 0, stored.clone()).text());
    let stored: usize = stored.iter().map(|chunk| chunk.bytes.len()).sum();
    vec![
        (rows::TYPED, ms),
        (rows::PEER, caught_up),
        (rows::BODY_OPEN, open),
        (rows::BODY_KB, rows::figure(stored) / 1_000.0),
    ]
}
