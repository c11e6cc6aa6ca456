//! How much memory boards take while they are opened, built and merged, and how many bytes they are: a table, no times.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use benches::script::Script;
use benches::{
    AGED_EDITS, NO_TRACES, OFFLINE_EDITS, PeakAlloc, SIZES, Typed, act, add, beyond, body_of,
    built, edit_many, keystroke, measured, megabytes, move_card, opened, receive, stored_board,
    trace,
};
use bytes::Bytes;
use warroom_engine::{BoardDocument, Chunk, Command, TextTarget};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

fn main() {
    println!("| board | compacted KB | open: peak MB | then held MB | merge of 1,000: peak MB |");
    println!("|---|---|---|---|---|");
    for cards in SIZES {
        for edits in [0, AGED_EDITS] {
            row(cards, edits);
        }
    }
    println!("\n| one change on a board of 1,000 cards | bytes |\n|---|---|");
    changes();
    println!("\n| recording | compacted KB | as stored KB | bytes a keystroke | open: peak MB |");
    println!("|---|---|---|---|---|");
    for name in ["sveltecomponent", "automerge-paper"] {
        recording(name);
    }
}

fn kilobytes(chunks: &[Chunk]) -> f64 {
    megabytes(chunks.iter().map(|chunk| chunk.bytes.len()).sum()) * 1_000.0
}

fn row(cards: usize, edits: usize) {
    let stored = stored_board(cards, edits);
    let kilobytes = kilobytes(&stored);
    let mut there = opened(2, stored.clone());
    edit_many(&mut there, Script::after(cards, edits, 2), OFFLINE_EDITS);
    let arriving = beyond(&there, &opened(3, stored.clone()).heads());
    drop(there);
    let ((open, held), mut board) = measured(&HEAP, || opened(4, stored.clone()));
    let ((merge, _), ()) = measured(&HEAP, || receive(&mut board, &arriving));
    let age = if edits == 0 { "fresh" } else { "aged" };
    println!("| {cards} cards, {age} | {kilobytes:.0} | {open:.1} | {held:.1} | {merge:.1} |");
}

/// Bytes of the change that one command makes.
fn changes() {
    let mut board = built(1, 1_000);
    drop(board.take_new_chunk());
    let mut size = |name: &str, work: &mut dyn FnMut(&mut BoardDocument)| {
        work(&mut board);
        let bytes = board.take_new_chunk().map_or(0, |chunk| chunk.bytes.len());
        println!("| {name} | {bytes} |");
    };
    let text = TextTarget::Title { card: benches::card(7) };
    size("a move", &mut |board| act(board, move_card(7, 1)));
    size("a new card", &mut |board| act(board, add(1_001)));
    size("an archived card", &mut |board| {
        act(board, Command::ArchiveCard { id: benches::card(9) });
    });
    size("one keystroke in a title, alone", &mut |board| {
        act(board, Command::OpenText { text: text.clone() });
        keystroke(board, 7);
    });
}

fn recording(name: &str) {
    let Some(trace) = trace(name) else {
        println!("{NO_TRACES}");
        return;
    };
    let typed = Typed::whole(1, &trace);
    let stored = vec![Chunk::new(Bytes::from(typed.body.doc().save()))];
    let keys = kilobytes(&typed.chunks) * 1_000.0 / count(trace.transactions.len());
    let ((peak, _), body) = measured(&HEAP, || body_of(2, 0, stored.clone()));
    drop(body);
    println!(
        "| {name} | {:.0} | {:.0} | {keys:.1} | {peak:.1} |",
        kilobytes(&stored),
        kilobytes(&typed.chunks)
    );
}

fn count(of: usize) -> f64 {
    megabytes(of) * 1_000_000.0
}
