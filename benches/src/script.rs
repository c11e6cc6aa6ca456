//! What people do to a board, as plain values that any library can be made to do: 40 % moves, 25 % titles, 20 % bodies,
//! and of the remaining 15 % a third each labels, new cards and deleted ones (`docs/BENCHMARKS.md`).

use warroom_protocol::{Dice, Seed};

/// Columns of the board: those of a new room.
pub const COLUMNS: [&str; 3] = ["todo", "doing", "done"];

/// Labels that the board has.
pub const LABELS: [&str; 4] = ["bug", "idea", "customer", "tired"];

/// Characters that a replacement in a title may start after: every title is longer.
const TITLE_CHARACTERS: u64 = 24;

/// Characters of a pasted body.
pub const BODY_CHARACTERS: usize = 200;

/// One edit of a board. Cards are numbers; those from [`Script::FRESH`] on are made by the script itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// A card goes to the start or the end of a column.
    Move {
        /// Which card.
        card: usize,
        /// Index into [`COLUMNS`].
        column: usize,
        /// Where in the column.
        to: To,
    },
    /// Two characters of a title are replaced by two others.
    Title {
        /// Which card.
        card: usize,
        /// Position of the first of the two.
        at: usize,
        /// What stands there from now on.
        insert: &'static str,
    },
    /// A word is typed into a body.
    Body {
        /// Which card.
        card: usize,
        /// Where: below [`BODY_CHARACTERS`].
        at: usize,
    },
    /// A label is put on a card.
    Label {
        /// Which card.
        card: usize,
        /// Index into [`LABELS`].
        label: usize,
    },
    /// A card is made at the end of a column.
    Create {
        /// Which card.
        card: usize,
        /// Index into [`COLUMNS`].
        column: usize,
    },
    /// A card is deleted, by a mark that can be taken away again.
    Delete {
        /// Which card.
        card: usize,
    },
}

/// Where a card goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// To the start of the column.
    Start,
    /// To the end of the column.
    End,
}

/// The word that is typed into bodies.
pub const WORD: &str = "really ";

/// The title of card `number`.
pub fn title(number: usize) -> String {
    format!("Card {number:05}: find out why it is slow")
}

/// The body of card `number`, [`BODY_CHARACTERS`] characters.
pub fn body(number: usize) -> String {
    let sentence = format!("What is known of {number} so far fits in a line or two. ");
    sentence.chars().cycle().take(BODY_CHARACTERS).collect()
}

/// An endless list of edits, the same for the same seed. It never touches a card that it has deleted.
#[derive(Debug, Clone)]
pub struct Script {
    dice: Dice,
    cards: Vec<usize>,
    fresh: usize,
}

impl Script {
    /// Cards of its own are numbered from here, a million for each seed.
    pub const FRESH: usize = 1_000_000;

    /// Edits of a board of the cards `0..cards`.
    pub fn new(cards: usize, seed: u8) -> Self {
        let fresh = Self::FRESH * usize::from(seed);
        Self { dice: Dice::new(Seed([seed; 32])), cards: (0..cards).collect(), fresh }
    }

    /// Edits of the board that `edits` edits of `Script::new(cards, 1)` have left.
    pub fn after(cards: usize, edits: usize, seed: u8) -> Self {
        let mut before = Self::new(cards, 1);
        before.by_ref().take(edits).for_each(drop);
        Self { cards: before.cards, ..Self::new(0, seed) }
    }

    /// The cards that are not deleted, in no order.
    pub fn live(&self) -> Vec<usize> {
        self.cards.clone()
    }

    fn roll(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        usize::try_from(self.dice.below(end)).unwrap_or(0)
    }
}

impl Iterator for Script {
    type Item = Edit;

    fn next(&mut self) -> Option<Edit> {
        let index = self.roll(self.cards.len());
        let card = *self.cards.get(index)?;
        let edit = match self.roll(100) {
            0..40 => {
                let (column, to) = (self.roll(COLUMNS.len()), self.roll(2));
                Edit::Move { card, column, to: if to == 0 { To::Start } else { To::End } }
            }
            40..65 => {
                let at = usize::try_from(self.dice.below(TITLE_CHARACTERS)).unwrap_or(0);
                let insert = if self.roll(2) == 0 { "so" } else { "qu" };
                Edit::Title { card, at, insert }
            }
            65..85 => Edit::Body { card, at: self.roll(BODY_CHARACTERS) },
            85..90 => Edit::Label { card, label: self.roll(LABELS.len()) },
            90..95 => {
                self.fresh += 1;
                self.cards.push(self.fresh);
                Edit::Create { card: self.fresh, column: self.roll(COLUMNS.len()) }
            }
            _ => {
                self.cards.swap_remove(index);
                Edit::Delete { card }
            }
        };
        Some(edit)
    }
}
