//! The board on raw Automerge: one document, a change for each edit.
#![expect(
    clippy::disallowed_methods,
    reason = "a rival is made as its own users make it; its actor and units are set at once"
)]

use automerge::transaction::{CommitOptions, Transactable as _, Transaction};
use automerge::{
    ActorId, Automerge, AutomergeError, Change, ChangeHash, LoadOptions, ObjId, ObjType, ROOT,
    ReadDoc as _, TextEncoding,
};
use benches::script::{COLUMNS, Edit, LABELS, To, WORD, body, title};

use crate::{Library, Places};

/// A board in one Automerge document.
#[derive(Debug)]
pub struct RawBoard {
    doc: Automerge,
    places: Places,
}

impl RawBoard {
    /// The document.
    pub fn doc(&self) -> &Automerge {
        &self.doc
    }

    /// The document, to sync it.
    pub fn doc_mut(&mut self) -> &mut Automerge {
        &mut self.doc
    }

    fn actor(number: u8) -> ActorId {
        ActorId::from([number; 16].as_slice())
    }

    fn change<T>(
        &mut self,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, AutomergeError>,
    ) -> T {
        let mut transaction = self.doc.transaction();
        let result = work(&mut transaction).expect("an edit that fits");
        transaction.commit_with(CommitOptions::default().with_time(1_800_000_000));
        result
    }

    fn at(&self, parent: &ObjId, key: &str) -> ObjId {
        let found = self.doc.get(parent, key).expect("a map");
        found.expect("a key that is there").1
    }

    fn card(&self, card: usize) -> ObjId {
        self.at(&self.at(&ROOT, "cards"), &format!("card-{card:017}"))
    }
}

impl Library for RawBoard {
    const NAME: &'static str = "automerge";
    type Stored = Vec<u8>;
    type Mark = Vec<ChangeHash>;
    type Update = Vec<Vec<u8>>;

    fn empty(number: u8) -> Self {
        let doc = Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit);
        let mut board = Self { doc: doc.with_actor(Self::actor(255)), places: Places::default() };
        board.change(|to| {
            let columns = to.put_object(ROOT, "columns", ObjType::Map)?;
            for name in COLUMNS {
                to.put(&columns, name, name)?;
            }
            to.put_object(ROOT, "cards", ObjType::Map)
        });
        board.doc.set_actor(Self::actor(number));
        board
    }

    fn create(&mut self, card: usize, column: usize) {
        let cards = self.at(&ROOT, "cards");
        let place = self.places.next(column, To::End);
        self.change(|to| {
            let new = to.put_object(&cards, format!("card-{card:017}"), ObjType::Map)?;
            to.put(&new, "place", place)?;
            let text = to.put_object(&new, "title", ObjType::Text)?;
            to.splice_text(&text, 0, 0, &title(card))?;
            let text = to.put_object(&new, "body", ObjType::Text)?;
            to.splice_text(&text, 0, 0, &body(card))?;
            to.put_object(&new, "labels", ObjType::Map)?;
            to.put(&new, "deleted", false)
        });
    }

    fn edit(&mut self, edit: &Edit) {
        match *edit {
            Edit::Move { card, column, to: place } => {
                let (obj, place) = (self.card(card), self.places.next(column, place));
                self.change(|to| to.put(&obj, "place", place));
            }
            Edit::Title { card, at, insert } => {
                let text = self.at(&self.card(card), "title");
                self.change(|to| to.splice_text(&text, at, 2, insert));
            }
            Edit::Body { card, at } => self.splice(card, at, 0, WORD),
            Edit::Label { card, label } => {
                let labels = self.at(&self.card(card), "labels");
                let name = LABELS.get(label).copied().unwrap_or("bug");
                self.change(|to| to.put(&labels, name, 1_800_000_000_000_i64));
            }
            Edit::Create { card, column } => self.create(card, column),
            Edit::Delete { card } => {
                let obj = self.card(card);
                self.change(|to| to.put(&obj, "deleted", true));
            }
        }
    }

    fn key(&mut self, card: usize, at: usize) -> Self::Update {
        let text = self.at(&self.card(card), "title");
        self.change(|to| to.splice_text(&text, at, 0, "x"));
        let change = self.doc.get_last_local_change().expect("the one of just now");
        vec![change.raw_bytes().to_vec()]
    }

    fn splice(&mut self, card: usize, at: usize, delete: usize, insert: &str) {
        let text = self.at(&self.card(card), "body");
        let delete = isize::try_from(delete).unwrap_or(isize::MAX);
        self.change(|to| to.splice_text(&text, at, delete, insert));
    }

    fn mark(&self) -> Self::Mark {
        self.doc.get_heads()
    }

    fn since(&self, mark: &Self::Mark) -> Self::Update {
        let changes = self.doc.get_changes(mark);
        changes.iter().map(|change| change.raw_bytes().to_vec()).collect()
    }

    fn update_bytes(update: &Self::Update) -> usize {
        update.iter().map(Vec::len).sum()
    }

    fn receive(&mut self, update: &Self::Update) {
        let changes = update.iter().map(|bytes| Change::from_bytes(bytes.clone()));
        let changes: Vec<Change> = changes.collect::<Result<_, _>>().expect("our own");
        self.doc.apply_changes(changes).expect("our own");
    }

    fn save(&self) -> Self::Stored {
        self.doc.save()
    }

    fn stored_bytes(stored: &Self::Stored) -> usize {
        stored.len()
    }

    fn load(number: u8, stored: &Self::Stored) -> Self {
        let options = LoadOptions::new().text_encoding(TextEncoding::Utf16CodeUnit);
        let doc = Automerge::load_with_options(stored, options).expect("our own");
        Self { doc: doc.with_actor(Self::actor(number)), places: Places::default() }
    }

    fn read(&self) -> (usize, usize) {
        let cards = self.at(&ROOT, "cards");
        let (mut count, mut characters) = (0, 0);
        for key in self.doc.keys(&cards) {
            let card = self.at(&cards, &key);
            let deleted = self.doc.get(&card, "deleted").expect("a map");
            let is_there = deleted.is_some_and(|(value, _)| value.as_bool() == Some(false));
            let place = self.doc.get(&card, "place").expect("a map");
            assert!(place.is_some(), "every card has a place");
            let title = self.doc.text(self.at(&card, "title")).expect("a text");
            if is_there {
                count += 1;
                characters += title.len();
            }
            std::hint::black_box(self.doc.keys(self.at(&card, "labels")).count());
        }
        (count, characters)
    }

    fn body(&self, card: usize) -> String {
        self.doc.text(self.at(&self.card(card), "body")).expect("a text")
    }
}
