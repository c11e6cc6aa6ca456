//! Everything that is done to boards, on 100, 1,000 and 10,000 cards, with and without 20,000 edits behind them. Only
//! one of them: `cargo bench --bench boards -- merge/`.

#![expect(clippy::print_stdout, reason = "it says how much went over the wire")]

mod build;
mod edit;
mod merge;
mod open;

use std::cell::OnceCell;
use std::time::Duration;

use benches::script::Script;
use benches::{AGED_EDITS, SIZES, stored_board};
use criterion::Criterion;
use warroom_engine::Chunk;

/// A board that is made once, when the first bench wants it.
struct Base {
    cards: usize,
    edits: usize,
    stored: OnceCell<Vec<Chunk>>,
}

impl Base {
    fn new(cards: usize, edits: usize) -> Self {
        Self { cards, edits, stored: OnceCell::new() }
    }

    /// What the tables call it.
    fn name(&self) -> String {
        let age = if self.edits == 0 { "fresh" } else { "aged" };
        format!("{} cards, {age}", self.cards)
    }

    /// Edits that fit the board.
    fn script(&self, seed: u8) -> Script {
        Script::after(self.cards, self.edits, seed)
    }

    /// The board as one compacted chunk.
    fn stored(&self) -> Vec<Chunk> {
        self.stored.get_or_init(|| stored_board(self.cards, self.edits)).clone()
    }
}

fn main() {
    // few and short samples: the slow ones take seconds, and what is compared are ratios
    let criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(900));
    let mut criterion = criterion.configure_from_args();
    let bases: Vec<Base> = SIZES
        .into_iter()
        .flat_map(|cards| [Base::new(cards, 0), Base::new(cards, AGED_EDITS)])
        .collect();
    build::bench(&mut criterion, &bases);
    edit::bench(&mut criterion, &bases);
    merge::bench(&mut criterion, &bases);
    open::bench(&mut criterion, &bases);
    criterion.final_summary();
}
