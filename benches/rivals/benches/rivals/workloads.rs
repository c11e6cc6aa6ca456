//! What is done to each library, and how much processor time it takes.

use benches::script::{BODY_CHARACTERS, Edit, Script};
use benches::{AGED_EDITS, OFFLINE_EDITS, Trace, timed};
use rivals::Library;

/// Cards of the usual board.
pub(crate) const CARDS: usize = 1_000;
/// Cards of the large one.
pub(crate) const MANY_CARDS: usize = 10_000;
/// Keystrokes that are timed.
pub(crate) const KEYS: usize = 100;
/// Replicas that were offline.
pub(crate) const REPLICAS: u8 = 8;

/// A row of the table and its figure: milliseconds, microseconds or bytes, as the row says.
pub(crate) type Figure = (&'static str, f64);

pub(crate) const CREATE: &str = "create 1,000 cards, ms";
pub(crate) const EDITS: &str = "20,000 edits on 1,000 cards, ms";
pub(crate) const KEY: &str = "keystroke, local + remote, 1,000 cards, aged, µs";
pub(crate) const KEY_MANY: &str = "keystroke, local + remote, 10,000 cards, fresh, µs";
pub(crate) const MERGE_2: &str = "merge 1,000 offline edits of one, ms";
pub(crate) const MERGE_2_READ: &str = "the same, to a view, ms";
pub(crate) const MERGE_8: &str = "merge 1,000 offline edits of each of seven, ms";
pub(crate) const SYNC_8: &str = "sync 8 × 1,000 through a server, ms";
pub(crate) const SYNC_8_SEEN: &str =
    "the same, until everybody sees all cards, bodies still coming, ms";
pub(crate) const SYNC_8_KB: &str = "the same, KB over the wire";
pub(crate) const LOAD: &str = "load the aged board, ms";
pub(crate) const OPEN: &str = "open to a visible board, ms";
pub(crate) const SCREEN: &str = "the same, from its projection, ms";
pub(crate) const SCREEN_BODY: &str = "show a body from its projection, ms";
pub(crate) const PAGE_FIRST: &str = "first page of the activity, ms";
pub(crate) const PAGE_NEXT: &str = "the next page, ms";
pub(crate) const READ: &str = "read all of it anew, ms";
pub(crate) const STORED: &str = "snapshot of the aged board, KB";
pub(crate) const KEY_BYTES: &str = "one keystroke alone, bytes";
pub(crate) const MOVE_BYTES: &str = "one move, bytes";
pub(crate) const TYPED: &str = "type automerge-paper, ms";
pub(crate) const PEER: &str = "a peer catches up with it, ms";
pub(crate) const BODY_OPEN: &str = "open it, ms";
pub(crate) const BODY_KB: &str = "it stored compactly, KB";

/// The boards that one library needs, made once.
pub(crate) struct Boards<L: Library> {
    fresh: L::Stored,
    aged: L::Stored,
    many: L::Stored,
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a figure for a table, below 2^52"
)]
pub(crate) fn figure(count: usize) -> f64 {
    count as f64
}

/// The edits that replica `number` makes offline.
pub(crate) fn offline(number: u8) -> Vec<Edit> {
    Script::after(CARDS, AGED_EDITS, number).take(OFFLINE_EDITS).collect()
}

/// The edits that age the board.
pub(crate) fn ageing() -> Vec<Edit> {
    Script::new(CARDS, 1).take(AGED_EDITS).collect()
}

/// A board of so many cards, made one by one.
pub(crate) fn built<L: Library>(cards: usize) -> L {
    let mut board = L::empty(1);
    for card in 0..cards {
        board.create(card, card);
    }
    board
}

impl<L: Library> Boards<L> {
    /// Makes them.
    pub(crate) fn new() -> Self {
        let fresh = built::<L>(CARDS).save();
        let mut aged = L::load(2, &fresh);
        aged.play(&ageing());
        let many = built::<L>(MANY_CARDS).save();
        Self { fresh, aged: aged.save(), many }
    }

    /// Does everything once; `sync` brings replicas in step through a server and says what went over the wire.
    pub(crate) fn run(&self, sync: impl FnOnce(Vec<L>, &L::Stored) -> (f64, usize)) -> Vec<Figure> {
        let mut figures = vec![(CREATE, timed(|| built::<L>(CARDS)).0)];
        let (mut board, edits) = (L::load(2, &self.fresh), ageing());
        figures.push((EDITS, timed(|| board.play(&edits)).0));
        drop(board);
        figures.push((KEY, Self::keys(&self.aged).0));
        let (many, bytes) = Self::keys(&self.many);
        figures.extend([(KEY_MANY, many), (KEY_BYTES, bytes)]);
        figures.extend(self.merges());
        figures.extend(self.loads());
        let replicas: Vec<L> = (1..=REPLICAS).map(|number| self.offline(10 + number)).collect();
        let (ms, bytes) = sync(replicas, &self.aged);
        figures.extend([(SYNC_8, ms), (SYNC_8_KB, figure(bytes) / 1_000.0)]);
        figures
    }

    /// What is stored of the aged board.
    pub(crate) fn aged(&self) -> &L::Stored {
        &self.aged
    }

    /// A replica that was offline.
    pub(crate) fn offline(&self, number: u8) -> L {
        let mut board = L::load(number, &self.aged);
        board.play(&offline(number));
        board
    }

    /// What a keystroke takes from one replica into another, in µs, and its bytes.
    fn keys(stored: &L::Stored) -> (f64, f64) {
        let (mut here, mut there) = (L::load(3, stored), L::load(4, stored));
        // each has written before: the first change of an actor costs once
        let card_of_keys = card_of_keys();
        let first = here.key(card_of_keys, 0);
        there.receive(&first);
        let mut bytes = 0;
        // all of them at once: reading the thread's clock can take longer than a keystroke
        let (ms, ()) = timed(|| {
            for at in 1..=KEYS {
                let update = here.key(card_of_keys, at);
                bytes = L::update_bytes(&update);
                there.receive(&update);
            }
        });
        (ms * 1_000.0 / figure(KEYS), figure(bytes))
    }

    fn merges(&self) -> Vec<Figure> {
        let before = L::load(9, &self.aged).mark();
        let others: Vec<L::Update> =
            (2..=REPLICAS).map(|number| self.offline(10 + number).since(&before)).collect();
        let mut here = self.offline(11);
        let (merge, ()) = timed(|| {
            if let Some(update) = others.first() {
                here.receive(update);
            }
        });
        let (read, _) = timed(|| here.read());
        let mut here = self.offline(11);
        let (all, ()) = timed(|| others.iter().for_each(|update| here.receive(update)));
        let moved = Edit::Move { card: card_of_keys(), column: 0, to: benches::script::To::Start };
        let before = here.mark();
        here.edit(&moved);
        let bytes = L::update_bytes(&here.since(&before));
        vec![
            (MERGE_2, merge),
            (MERGE_2_READ, merge + read),
            (MERGE_8, all),
            (MOVE_BYTES, figure(bytes)),
        ]
    }

    fn loads(&self) -> Vec<Figure> {
        let (load, board) = timed(|| L::load(5, &self.aged));
        let (read, _) = timed(|| board.read());
        let (anew, _) = timed(|| board.read_anew());
        vec![
            (LOAD, load),
            (OPEN, load + read),
            (READ, anew),
            (STORED, figure(L::stored_bytes(&self.aged)) / 1_000.0),
        ]
    }
}

/// The card whose title is typed in: one that the ageing script leaves alive.
pub(crate) fn card_of_keys() -> usize {
    let alive = Script::after(CARDS, AGED_EDITS, 1).live();
    alive.iter().copied().find(|card| *card < CARDS).unwrap_or(0)
}

/// A board with one card whose body is empty.
pub(crate) fn blank<L: Library>() -> L {
    let mut board = L::empty(1);
    board.create(0, 0);
    board.splice(0, 0, BODY_CHARACTERS, "");
    board
}

/// Types a recorded session into the body of the card, a change for each keystroke.
pub(crate) fn record<L: Library>(board: &mut L, trace: &Trace) {
    for (at, delete, insert) in trace.transactions.iter().flat_map(|(_, patches)| patches) {
        let number = |units: u32| usize::try_from(units).unwrap_or(usize::MAX);
        board.splice(0, number(*at), number(*delete), insert);
    }
    assert!(board.body(0) == trace.end, "the recording ends in its own text");
}

/// What a recorded session takes.
pub(crate) fn trace<L: Library>(trace: &Trace) -> Vec<Figure> {
    let mut board: L = blank();
    let (before, mut peer) = (board.mark(), L::load(2, &board.save()));
    let (typed, ()) = timed(|| record(&mut board, trace));
    let update = board.since(&before);
    let (caught_up, ()) = timed(|| peer.receive(&update));
    let stored = board.save();
    let (open, _) = timed(|| L::load(3, &stored).body(0));
    vec![
        (TYPED, typed),
        (PEER, caught_up),
        (BODY_OPEN, open),
        (BODY_KB, figure(L::stored_bytes(&stored)) / 1_000.0),
    ]
}
