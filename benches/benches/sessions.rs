//! What it costs that every session writes under an actor of its own: a board of 1,000 cards with 20,000 edits that so many
//! sessions wrote in turn is opened, and the next session writes first and later. A table of medians of processor time.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "it prints a table, and a workload that can't run has to stop it"
)]

use automerge::transaction::Transactable as _;
use automerge::{ActorId, Automerge, ObjId, ROOT, ReadDoc};
use benches::{AGED_EDITS, act, beyond, built, card, median, move_card, opened, receive, timed};
use bytes::Bytes;
use warroom_engine::Chunk;

const CARDS: usize = 1_000;
/// A team of ten has some 5,000 after a year or two.
const SESSIONS: [usize; 4] = [1, 100, 1_000, 5_000];
const ROUNDS: usize = 7;
/// Writes after the first of a session, of which one is timed as all divided by their number.
const LATER_WRITES: usize = 100;

fn main() {
    println!("| sessions | KB | open ms | ÷ one | first write ms | at a peer | later µs |");
    println!("|---|---|---|---|---|---|---|");
    let mut of_one = None;
    for sessions in SESSIONS {
        let stored = written(sessions);
        let rounds: Vec<[f64; 4]> = (0..ROUNDS).map(|_| round(&stored)).collect();
        let [open, first, peer, later] =
            std::array::from_fn(|at| median(rounds.iter().map(|round| round[at]).collect()));
        let ratio = open / *of_one.get_or_insert(open);
        let bytes: usize = stored.iter().map(|chunk| chunk.bytes.len()).sum();
        let kilobytes = bytes / 1_000;
        println!(
            "| {sessions} | {kilobytes} | {open:.0} | {ratio:.2} | {first:.2} | {peer:.2} | {later:.0} |"
        );
    }
}

/// Opens the board at a new session and at a peer, and writes there: milliseconds, of later writes microseconds each.
fn round(stored: &[Chunk]) -> [f64; 4] {
    let (open, mut here) = timed(|| opened(2, stored.to_vec()));
    let mut there = opened(3, stored.to_vec());
    let before = here.heads();
    let (first, ()) = timed(|| act(&mut here, move_card(7, 1)));
    let made = beyond(&here, &before);
    let (peer, ()) = timed(|| receive(&mut there, &made));
    let (later, ()) = timed(|| {
        for write in 0..LATER_WRITES {
            act(&mut here, move_card(8 + write, 1));
        }
    });
    let writes = f64::from(u32::try_from(LATER_WRITES).expect("a small number"));
    [open, first, peer, later * 1_000.0 / writes]
}

/// A board with 20,000 edits, half moves and half titles, of so many sessions in turn. Written with automerge alone: to
/// open the board in the engine for each of them would take minutes.
fn written(sessions: usize) -> Vec<Chunk> {
    let mut doc = built(1, CARDS).doc().clone();
    let cards = child(&doc, &ROOT, "cards");
    let cards: Vec<ObjId> =
        (0..CARDS).map(|number| child(&doc, &cards, card(number).as_str())).collect();
    let places: Vec<String> = cards.iter().map(|card| place(&doc, card)).collect();
    for edit in 0..AGED_EDITS {
        let session = edit * sessions / AGED_EDITS;
        let mut actor = [0; 16];
        actor[..8].copy_from_slice(&u64::try_from(session + 1_000).expect("small").to_be_bytes());
        doc.set_actor(ActorId::from(actor));
        // 7,919 is prime, so that all cards have their turn
        let at = edit * 7_919 % CARDS;
        let mut transaction = doc.transaction();
        if edit % 2 == 0 {
            let place = places[(at + edit) % CARDS].as_str();
            transaction.put(&cards[at], "place", place).expect("a card");
        } else {
            let title = child(&transaction, &cards[at], "title");
            transaction.splice_text(&title, 0, 1, "x").expect("a title");
        }
        transaction.commit();
    }
    vec![Chunk::new(Bytes::from(doc.save()))]
}

fn child(doc: &impl ReadDoc, parent: &ObjId, key: &str) -> ObjId {
    doc.get(parent, key).expect("readable").expect("it is there").1
}

fn place(doc: &Automerge, card: &ObjId) -> String {
    let (value, _) = doc.get(card, "place").expect("readable").expect("every card has one");
    value.into_string().expect("a string")
}
