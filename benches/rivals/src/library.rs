//! What every library has to be able to do.

use benches::script::{COLUMNS, Edit, To};

/// A board in one library.
pub trait Library: Sized {
    /// What the table calls it.
    const NAME: &'static str;
    /// What is stored.
    type Stored: Clone;
    /// What a replica has, to ask for what is newer.
    type Mark: Clone;
    /// What is sent to others.
    type Update;

    /// A board without cards, the same on all replicas, at replica `number`.
    fn empty(number: u8) -> Self;

    /// Makes a card with its title and its body.
    fn create(&mut self, card: usize, column: usize);

    /// One edit of a script; not of a card that it creates, for which there is [`Self::create`].
    fn edit(&mut self, edit: &Edit);

    /// Types one letter into the title of a card at a position, as one change, and gives what others need of it.
    fn key(&mut self, card: usize, at: usize) -> Self::Update;

    /// Types into the body of a card, as one change.
    fn splice(&mut self, card: usize, at: usize, delete: usize, insert: &str);

    /// What the replica has.
    fn mark(&self) -> Self::Mark;

    /// What it has beyond the mark.
    fn since(&self, mark: &Self::Mark) -> Self::Update;

    /// Bytes of an update on the wire.
    fn update_bytes(update: &Self::Update) -> usize;

    /// Takes in what others sent.
    fn receive(&mut self, update: &Self::Update);

    /// Everything, to be stored compactly.
    fn save(&self) -> Self::Stored;

    /// Bytes of what is stored.
    fn stored_bytes(stored: &Self::Stored) -> usize;

    /// Opens what was stored, at replica `number`.
    fn load(number: u8, stored: &Self::Stored) -> Self;

    /// Reads the whole board, as for a first paint: the number of cards that are not deleted and of all characters of
    /// their titles.
    fn read(&self) -> (usize, usize);

    /// As [`Self::read`], from the document where a view is kept.
    fn read_anew(&self) -> (usize, usize) {
        self.read()
    }

    /// The body of a card.
    fn body(&self, card: usize) -> String;

    /// Does a whole script, cards that it makes included.
    fn play(&mut self, edits: &[Edit]) {
        for edit in edits {
            if let Edit::Create { card, column } = *edit {
                self.create(card, column);
            } else {
                self.edit(edit);
            }
        }
    }
}

/// Order keys for libraries that have none: above all earlier ones of the column, or below them.
#[derive(Debug, Clone, Default)]
pub struct Places {
    first: i64,
    last: i64,
}

impl Places {
    /// The middle of all keys, which are numbers of eight digits.
    const MIDDLE: i64 = 50_000_000;

    /// A fresh place, `<column>/<key>`.
    pub fn next(&mut self, column: usize, to: To) -> String {
        let key = match to {
            To::Start => {
                self.first -= 1;
                self.first
            }
            To::End => {
                self.last += 1;
                self.last
            }
        };
        let column = COLUMNS.get(column % COLUMNS.len()).copied().unwrap_or("todo");
        format!("{column}/{:08}", Self::MIDDLE + key)
    }
}
