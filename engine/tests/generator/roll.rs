//! What happens next: drawn from dice, about the things that there are.

use warroom_engine::{
    AttachmentKind, BlobId, CardId, Colour, ColumnId, ColumnRole, Command, CommentId, Day, ItemId,
    LabelId, Person, Position, Priority, TalkCommand, TextTarget,
};
use warroom_protocol::{Dice, Seed};

use crate::copy::person;
use crate::event::{Event, Who};
use crate::fleet::Fleet;

/// How many there are of each thing at most. A small board makes people meet, and each step is checked against a view
/// made anew, which takes time by the card.
const CARDS_MAX: usize = 12;
const COLUMNS_MAX: usize = 6;
const LABELS_MAX: usize = 5;
const ITEMS_MAX: usize = 16;
const COMMENTS_MAX: usize = 12;
const FILES: [&str; 3] = ["f0", "f1", "f2"];

/// Pieces of text; some have units outside the basic plane, where UTF-16, UTF-8 and code points all count differently.
const WORDS: [&str; 9] = ["", "a", "ship ", "über ", "😀", "日本 ", "e\u{301}", "x", "plan "];

pub(crate) struct Roller {
    dice: Dice,
    cards: Vec<CardId>,
    columns: Vec<ColumnId>,
    labels: Vec<LabelId>,
    items: Vec<(CardId, ItemId)>,
    /// With who wrote them, who alone may edit them.
    comments: Vec<(Who, CommentId)>,
}

impl Roller {
    pub(crate) fn new(episode: u64) -> Self {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&episode.to_le_bytes());
        seed[31] = 1;
        let columns = ["todo", "doing", "done"].map(|id| ColumnId::new(id).unwrap());
        Self {
            dice: Dice::new(Seed(seed)),
            cards: Vec::new(),
            columns: columns.to_vec(),
            labels: Vec::new(),
            items: Vec::new(),
            comments: Vec::new(),
        }
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.dice.below(u64::try_from(end).unwrap())).unwrap()
    }

    fn small(&mut self, end: u8) -> u8 {
        u8::try_from(self.dice.below(u64::from(end))).unwrap()
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn words(&mut self) -> String {
        let count = self.below(3);
        (0..count).map(|_| self.one(&WORDS)).collect()
    }

    /// The next event.
    pub(crate) fn next(&mut self, fleet: &Fleet) -> Event {
        let who = self.below(fleet.copies.len());
        match self.below(100) {
            0..=79 => self.operation(fleet, who),
            80..=87 => {
                let from = self.below(fleet.copies.len());
                let part = if self.below(3) == 0 { Some(self.small(255)) } else { None };
                Event::Pull { to: who, from, part }
            }
            88 => Event::Sync(who, self.below(fleet.copies.len())),
            89..=93 => Event::Read(who, self.below(6)),
            94..=96 => Event::Wait(who, u64::from(self.small(200)) * 10),
            97 => self.part(fleet.copies.len()),
            98 => {
                let (lost, compact) = (self.below(8).saturating_sub(5), self.below(2) == 0);
                Event::Restart { who, lost, compact }
            }
            _ => Event::Quiet,
        }
    }

    /// Half of the time everyone reaches everyone.
    pub(crate) fn part(&mut self, count: usize) -> Event {
        let groups = if self.below(2) == 0 { 1 } else { 2 + self.small(3) };
        Event::Part((0..count).map(|_| self.small(groups)).collect())
    }

    fn operation(&mut self, fleet: &Fleet, who: Who) -> Event {
        if self.cards.len() < 3 || self.labels.is_empty() {
            return Event::Act(who, if self.labels.is_empty() { self.label() } else { self.add() });
        }
        let card = self.one(&self.cards.clone());
        match self.below(114) {
            0..=4 if self.cards.len() < CARDS_MAX => Event::Act(who, self.add()),
            0..=23 => {
                let (column, position) = (self.column_id(), self.near_card());
                Event::Act(who, Command::MoveCard { id: card, column, position })
            }
            24..=41 => self.typing(fleet, who, card),
            42..=45 => Event::Act(who, Command::SetTitle { id: card, title: self.words() }),
            46..=51 => Event::Act(who, self.whole_card(card)),
            52..=66 => Event::Act(who, self.mark(card)),
            67..=78 => Event::Act(who, self.item(card)),
            79..=80 => Event::Act(who, self.file()),
            81..=82 => Event::Act(who, self.label()),
            83..=89 => Event::Act(who, self.column()),
            90 => {
                let title = self.words();
                Event::Act(who, Command::RenameRoom { title })
            }
            91 => {
                let (id, name, colour) = (person(who), self.words(), self.small(12));
                Event::Act(who, Command::SetPerson { person: Person { id, name, colour } })
            }
            92 => Event::WriteBody(who, card),
            93..=96 => Event::Act(who, Command::Undo),
            97..=99 => Event::Act(who, Command::Redo),
            100 | 101 => Event::Settle { who, conflict: self.below(100), choice: self.below(100) },
            102 => Event::RestoreAt { who, card, change: self.below(10_000) },
            103..=106 => Event::Act(who, self.together(&card)),
            _ => Event::Say(who, self.said(who, card)),
        }
    }

    /// Two to five commands as one. Some are refused, and all of them with it.
    fn together(&mut self, card: &CardId) -> Command {
        let count = 2 + self.below(4);
        let commands = (0..count).map(|_| {
            let id = if self.below(2) == 0 { card.clone() } else { self.one(&self.cards.clone()) };
            match self.below(11) {
                0 if self.cards.len() < CARDS_MAX => self.add(),
                0..=3 => {
                    let (column, position) = (self.column_id(), self.near_card());
                    Command::MoveCard { id, column, position }
                }
                4 => Command::SetTitle { id, title: self.words() },
                5 => self.whole_card(id),
                6 => self.item(id),
                7 => self.label(),
                8 => self.column(),
                9 => self.file(),
                _ => self.mark(id),
            }
        });
        Command::Transact { commands: commands.collect() }
    }

    fn near<Id: Clone>(&mut self, ids: &[Id]) -> Position<Id> {
        match self.below(6) {
            0 => Position::Start,
            1 => Position::End,
            2 | 3 => Position::Before { id: self.one(ids) },
            _ => Position::After { id: self.one(ids) },
        }
    }

    fn near_card(&mut self) -> Position<CardId> {
        if self.cards.is_empty() { Position::End } else { self.near(&self.cards.clone()) }
    }

    fn column_id(&mut self) -> ColumnId {
        // mostly to few columns, so that moves meet
        if self.below(2) == 0 { self.columns[0].clone() } else { self.one(&self.columns.clone()) }
    }

    fn add(&mut self) -> Command {
        let id = CardId::new(&format!("c{}", self.cards.len())).unwrap();
        let (column, title, position) = (self.column_id(), self.words(), self.near_card());
        self.cards.push(id.clone());
        Command::AddCard { id, column, title, position }
    }

    fn typing(&mut self, fleet: &Fleet, who: Who, card: CardId) -> Event {
        let open = fleet.copies[who].open_titles();
        if open.is_empty() || self.below(6) == 0 {
            return Event::Act(who, Command::OpenText { text: TextTarget::Title { card } });
        }
        let card = self.one(&open);
        let text = TextTarget::Title { card: card.clone() };
        match self.below(12) {
            0 => Event::Act(who, Command::CloseText { text }),
            1 => Event::Act(who, Command::FlushText { text }),
            _ => {
                let delete = if self.below(3) == 0 { self.below(5) } else { 0 };
                Event::Type { who, card, at: self.below(40), delete, insert: self.words() }
            }
        }
    }

    fn whole_card(&mut self, id: CardId) -> Command {
        match self.below(6) {
            0 => Command::DeleteCard { id },
            1 | 2 => Command::RestoreCard { id },
            3 => Command::ArchiveCard { id },
            _ => Command::UnarchiveCard { id },
        }
    }

    /// What a card's face says in one word.
    fn mark(&mut self, id: CardId) -> Command {
        let label = self.one(&self.labels.clone());
        let person = person(self.below(4));
        match self.below(14) {
            0..=4 => Command::AttachLabel { id, label },
            5..=7 => Command::DetachLabel { id, label },
            8 | 9 => Command::Assign { id, person },
            10 => Command::Unassign { id, person },
            11 => Command::SetPriority { id, priority: self.one(Priority::ALL) },
            _ => {
                let day = format!("2026-02-{:02}", 1 + self.below(28));
                let due = if self.below(4) == 0 { None } else { Day::new(&day).ok() };
                Command::SetDue { id, due }
            }
        }
    }

    fn item(&mut self, card: CardId) -> Command {
        if self.items.is_empty() || (self.items.len() < ITEMS_MAX && self.below(3) == 0) {
            let id = ItemId::new(&format!("i{}", self.items.len())).unwrap();
            let (text, position) = (self.words(), self.near_item(&card));
            self.items.push((card.clone(), id.clone()));
            return Command::AddItem { card, id, text, position };
        }
        let (card, id) = self.one(&self.items.clone());
        match self.below(7) {
            0 => Command::EditItem { card, id, text: self.words() },
            1..=3 => Command::MoveItem { position: self.near_item(&card), card, id },
            4 => Command::SetItemDone { card, id, done: self.below(2) == 0 },
            5 => Command::DeleteItem { card, id },
            _ => Command::RestoreItem { card, id },
        }
    }

    fn near_item(&mut self, card: &CardId) -> Position<ItemId> {
        let items = self.items.iter().filter(|(of, _)| of == card).map(|(_, id)| id.clone());
        let items: Vec<ItemId> = items.collect();
        if items.is_empty() { Position::End } else { self.near(&items) }
    }

    /// Files belong to few cards, so that what is done to them meets.
    fn file(&mut self) -> Command {
        let number = self.below(2);
        let card = self.cards[number].clone();
        let name = self.one(&FILES);
        let id = BlobId::new(name).unwrap();
        match self.below(4) {
            0 => Command::DeleteAttachment { card, id },
            1 => Command::RestoreAttachment { card, id },
            _ => Command::AddAttachment {
                card,
                id,
                kind: AttachmentKind::Voice,
                name: name.to_owned(),
                mime: "audio/ogg".to_owned(),
                bytes: 1_234,
                duration_ms: Some(5_000),
            },
        }
    }

    fn said(&mut self, who: Who, card: CardId) -> TalkCommand {
        let count = self.comments.len();
        if count == 0 || (count < COMMENTS_MAX && self.below(4) == 0) {
            let id = CommentId::new(&format!("m{count}")).unwrap();
            self.comments.push((who, id.clone()));
            return TalkCommand::AddComment { id, card, text: self.words() };
        }
        let own = self.comments.iter().filter(|(by, _)| *by == who).map(|(_, id)| id.clone());
        let own: Vec<CommentId> = own.collect();
        let (_, id) = self.one(&self.comments.clone());
        match self.below(10) {
            0 if !own.is_empty() => {
                TalkCommand::EditComment { id: self.one(&own), text: self.words() }
            }
            0 | 1 => TalkCommand::DeleteComment { id },
            2 => TalkCommand::RestoreComment { id },
            3 | 4 => TalkCommand::React { id, reaction: self.one(&["a", "b", "c"]).to_owned() },
            5 => TalkCommand::Unreact { id },
            6 | 7 => TalkCommand::Vote { card },
            8 => TalkCommand::Unvote { card },
            _ => TalkCommand::MarkSeen { card: (self.below(3) > 0).then_some(card) },
        }
    }

    fn colour(&mut self) -> Option<Colour> {
        if self.below(4) == 0 { None } else { Some(self.one(Colour::ALL)) }
    }

    fn label(&mut self) -> Command {
        if self.labels.is_empty() || (self.labels.len() < LABELS_MAX && self.below(4) == 0) {
            let id = LabelId::new(&format!("l{}", self.labels.len())).unwrap();
            self.labels.push(id.clone());
            return Command::AddLabel { id, name: self.words(), colour: self.colour() };
        }
        let id = self.one(&self.labels.clone());
        match self.below(4) {
            0 => Command::RenameLabel { id, name: self.words() },
            1 => Command::SetLabelColour { id, colour: self.colour() },
            2 => Command::DeleteLabel { id },
            _ => Command::RestoreLabel { id },
        }
    }

    fn column(&mut self) -> Command {
        if self.columns.len() < COLUMNS_MAX && self.below(6) == 0 {
            let id = ColumnId::new(&format!("k{}", self.columns.len())).unwrap();
            let (title, position) = (self.words(), self.near(&self.columns.clone()));
            self.columns.push(id.clone());
            return Command::AddColumn { id, title, role: self.role(), position };
        }
        let id = self.one(&self.columns.clone());
        match self.below(8) {
            0 => Command::RenameColumn { id, title: self.words() },
            1 | 2 => Command::MoveColumn { id, position: self.near(&self.columns.clone()) },
            3 => Command::SetColumnRole { id, role: self.role() },
            4 => Command::SetColumnWip { id, wip: Some(u32::from(self.small(5))) },
            5 => Command::SetColumnColour { id, colour: self.colour() },
            6 => Command::DeleteColumn { id },
            _ => Command::RestoreColumn { id },
        }
    }

    fn role(&mut self) -> Option<ColumnRole> {
        if self.below(3) == 0 { None } else { Some(self.one(ColumnRole::ALL)) }
    }
}
