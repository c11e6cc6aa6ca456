//! The board on yrs: shared maps and texts, a transaction for each edit.

use benches::script::{Edit, LABELS, To, WORD, body, title};
use rivals::{Library, Places};
use yrs::updates::decoder::Decode as _;
use yrs::{
    ClientID, Doc, GetString as _, Map as _, MapPrelim, MapRef, OffsetKind, Options, ReadTxn as _,
    StateVector, Text as _, TextPrelim, TextRef, Transact as _, TransactionMut, Update,
};

/// A board in one document.
pub(crate) struct YrsBoard {
    doc: Doc,
    cards: MapRef,
    places: Places,
}

impl YrsBoard {
    fn card<T: yrs::ReadTxn>(&self, txn: &T, card: usize) -> MapRef {
        let card = self.cards.get(txn, &format!("card-{card:017}")).expect("a card");
        card.cast().expect("a map")
    }

    fn text<T: yrs::ReadTxn>(&self, txn: &T, card: usize, key: &str) -> TextRef {
        self.card(txn, card).get(txn, key).expect("a text").cast().expect("a text")
    }

    fn change(&mut self, work: impl FnOnce(&Self, &mut TransactionMut<'_>)) {
        let mut txn = self.doc.transact_mut();
        work(self, &mut txn);
    }
}

impl Library for YrsBoard {
    const NAME: &'static str = "yrs";
    type Stored = Vec<u8>;
    type Mark = StateVector;
    type Update = Vec<u8>;

    fn empty(number: u8) -> Self {
        let mut options = Options::with_client_id(ClientID::new(u64::from(number)));
        options.offset_kind = OffsetKind::Utf16;
        let doc = Doc::with_options(options);
        let cards = doc.get_or_insert_map("cards");
        Self { doc, cards, places: Places::default() }
    }

    fn create(&mut self, card: usize, column: usize) {
        let place = self.places.next(column, To::End);
        self.change(|board, txn| {
            let key = format!("card-{card:017}");
            let new = board.cards.insert(txn, key, MapPrelim::default());
            new.insert(txn, "place", place);
            new.insert(txn, "title", TextPrelim::new(title(card)));
            new.insert(txn, "body", TextPrelim::new(body(card)));
            new.insert(txn, "labels", MapPrelim::default());
            new.insert(txn, "deleted", false);
        });
    }

    fn edit(&mut self, edit: &Edit) {
        match *edit {
            Edit::Move { card, column, to } => {
                let place = self.places.next(column, to);
                self.change(|board, txn| {
                    board.card(txn, card).insert(txn, "place", place);
                });
            }
            Edit::Title { card, at, insert } => self.change(|board, txn| {
                let (text, at) = (board.text(txn, card, "title"), u32::try_from(at).unwrap_or(0));
                text.remove_range(txn, at, 2);
                text.insert(txn, at, insert);
            }),
            Edit::Body { card, at } => self.splice(card, at, 0, WORD),
            Edit::Label { card, label } => self.change(|board, txn| {
                let labels = board.card(txn, card).get(txn, "labels").expect("labels");
                let labels: MapRef = labels.cast().expect("a map");
                let name = LABELS.get(label).copied().unwrap_or("bug");
                labels.insert(txn, name, 1_800_000_000_000_i64);
            }),
            Edit::Create { card, column } => self.create(card, column),
            Edit::Delete { card } => self.change(|board, txn| {
                board.card(txn, card).insert(txn, "deleted", true);
            }),
        }
    }

    fn key(&mut self, card: usize, at: usize) -> Self::Update {
        let mut txn = self.doc.transact_mut();
        let text = self.text(&txn, card, "title");
        text.insert(&mut txn, u32::try_from(at).unwrap_or(0), "x");
        txn.commit();
        txn.encode_update_v1()
    }

    fn splice(&mut self, card: usize, at: usize, delete: usize, insert: &str) {
        self.change(|board, txn| {
            let (text, at) = (board.text(txn, card, "body"), u32::try_from(at).unwrap_or(0));
            if delete > 0 {
                text.remove_range(txn, at, u32::try_from(delete).unwrap_or(0));
            }
            text.insert(txn, at, insert);
        });
    }

    fn mark(&self) -> Self::Mark {
        self.doc.transact().state_vector()
    }

    fn since(&self, mark: &Self::Mark) -> Self::Update {
        self.doc.transact().encode_diff_v1(mark)
    }

    fn update_bytes(update: &Self::Update) -> usize {
        update.len()
    }

    fn receive(&mut self, update: &Self::Update) {
        let update = Update::decode_v1(update).expect("our own");
        self.doc.transact_mut().apply_update(update).expect("our own");
    }

    fn save(&self) -> Self::Stored {
        self.doc.transact().encode_state_as_update_v2(&StateVector::default())
    }

    fn stored_bytes(stored: &Self::Stored) -> usize {
        stored.len()
    }

    fn load(number: u8, stored: &Self::Stored) -> Self {
        let board = Self::empty(number);
        let update = Update::decode_v2(stored).expect("our own");
        board.doc.transact_mut().apply_update(update).expect("our own");
        board
    }

    fn read(&self) -> (usize, usize) {
        let txn = self.doc.transact();
        let (mut count, mut characters) = (0, 0);
        for (_, card) in self.cards.iter(&txn) {
            let card: MapRef = card.cast().expect("a map");
            let deleted = card.get(&txn, "deleted").expect("a mark").to_string(&txn);
            std::hint::black_box(card.get(&txn, "place").expect("a place").to_string(&txn));
            let title: TextRef = card.get(&txn, "title").expect("a title").cast().expect("a text");
            let title = title.get_string(&txn);
            let labels: MapRef = card.get(&txn, "labels").expect("labels").cast().expect("a map");
            std::hint::black_box(labels.len(&txn));
            if deleted == "false" {
                count += 1;
                characters += title.len();
            }
        }
        (count, characters)
    }

    fn body(&self, card: usize) -> String {
        let txn = self.doc.transact();
        self.text(&txn, card, "body").get_string(&txn)
    }
}
