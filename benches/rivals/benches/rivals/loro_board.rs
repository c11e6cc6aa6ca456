//! The board on Loro: maps and texts, a commit for each edit.

use benches::script::{Edit, LABELS, To, WORD, body, title};
use loro::{Container, ExportMode, LoroDoc, LoroMap, LoroText, ValueOrContainer, VersionVector};
use rivals::{Library, Places};

/// A board in one document.
pub(crate) struct LoroBoard {
    doc: LoroDoc,
    places: Places,
}

impl LoroBoard {
    fn cards(&self) -> LoroMap {
        self.doc.get_map("cards")
    }

    fn card(&self, card: usize) -> LoroMap {
        map(&self.cards(), &format!("card-{card:017}"))
    }

    fn text(&self, card: usize, key: &str) -> LoroText {
        text(&self.card(card), key)
    }
}

fn map(parent: &LoroMap, key: &str) -> LoroMap {
    match parent.get(key) {
        Some(ValueOrContainer::Container(Container::Map(map))) => map,
        other => panic!("no map at {key}: {other:?}"),
    }
}

fn text(parent: &LoroMap, key: &str) -> LoroText {
    match parent.get(key) {
        Some(ValueOrContainer::Container(Container::Text(text))) => text,
        other => panic!("no text at {key}: {other:?}"),
    }
}

impl Library for LoroBoard {
    const NAME: &'static str = "loro";
    type Stored = Vec<u8>;
    type Mark = VersionVector;
    type Update = Vec<u8>;

    fn empty(number: u8) -> Self {
        let doc = LoroDoc::new();
        doc.set_peer_id(u64::from(number)).expect("a fresh document");
        Self { doc, places: Places::default() }
    }

    fn create(&mut self, card: usize, column: usize) {
        let key = format!("card-{card:017}");
        let new = self.cards().insert_container(&key, LoroMap::new()).expect("a map");
        new.insert("place", self.places.next(column, To::End)).expect("a map");
        let text = new.insert_container("title", LoroText::new()).expect("a map");
        text.insert_utf16(0, &title(card)).expect("a text");
        let text = new.insert_container("body", LoroText::new()).expect("a map");
        text.insert_utf16(0, &body(card)).expect("a text");
        new.insert_container("labels", LoroMap::new()).expect("a map");
        new.insert("deleted", false).expect("a map");
        self.doc.commit();
    }

    fn edit(&mut self, edit: &Edit) {
        match *edit {
            Edit::Move { card, column, to } => {
                let place = self.places.next(column, to);
                self.card(card).insert("place", place).expect("a map");
            }
            Edit::Title { card, at, insert } => {
                let text = self.text(card, "title");
                text.delete_utf16(at, 2).expect("within the text");
                text.insert_utf16(at, insert).expect("within the text");
            }
            Edit::Body { card, at } => self.splice(card, at, 0, WORD),
            Edit::Label { card, label } => {
                let name = LABELS.get(label).copied().unwrap_or("bug");
                let labels = map(&self.card(card), "labels");
                labels.insert(name, 1_800_000_000_000_i64).expect("a map");
            }
            Edit::Create { card, column } => self.create(card, column),
            Edit::Delete { card } => self.card(card).insert("deleted", true).expect("a map"),
        }
        self.doc.commit();
    }

    fn key(&mut self, card: usize, at: usize) -> Self::Update {
        let before = self.mark();
        self.text(card, "title").insert_utf16(at, "x").expect("within the text");
        self.doc.commit();
        self.since(&before)
    }

    fn splice(&mut self, card: usize, at: usize, delete: usize, insert: &str) {
        let text = self.text(card, "body");
        if delete > 0 {
            text.delete_utf16(at, delete).expect("within the text");
        }
        text.insert_utf16(at, insert).expect("within the text");
        self.doc.commit();
    }

    fn mark(&self) -> Self::Mark {
        self.doc.oplog_vv()
    }

    fn since(&self, mark: &Self::Mark) -> Self::Update {
        self.doc.export(ExportMode::updates(mark)).expect("what is there")
    }

    fn update_bytes(update: &Self::Update) -> usize {
        update.len()
    }

    fn receive(&mut self, update: &Self::Update) {
        self.doc.import(update).expect("our own");
    }

    fn save(&self) -> Self::Stored {
        self.doc.export(ExportMode::Snapshot).expect("what is there")
    }

    fn stored_bytes(stored: &Self::Stored) -> usize {
        stored.len()
    }

    fn load(number: u8, stored: &Self::Stored) -> Self {
        let board = Self::empty(number);
        board.doc.import(stored).expect("our own");
        board
    }

    fn read(&self) -> (usize, usize) {
        let cards = self.cards();
        let keys: Vec<String> = cards.keys().map(|key| key.to_string()).collect();
        let (mut count, mut characters) = (0, 0);
        for key in keys {
            let card = map(&cards, &key);
            let deleted = card.get("deleted").expect("a mark");
            std::hint::black_box(card.get("place").expect("a place"));
            let title = text(&card, "title").to_string();
            std::hint::black_box(map(&card, "labels").len());
            let is_there = match deleted {
                ValueOrContainer::Value(value) => value == false.into(),
                ValueOrContainer::Container(_) => false,
            };
            if is_there {
                count += 1;
                characters += title.len();
            }
        }
        (count, characters)
    }

    fn body(&self, card: usize) -> String {
        self.text(card, "body").to_string()
    }
}
