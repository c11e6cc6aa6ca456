//! Reading files into one neutral [`Import`], whole and checked, before anything is written: nothing is imported by halves.

mod csv;
mod error;
mod json;
mod markdown;
mod named;
mod node;
mod trello;

use warroom_protocol::{Dice, Seed};

use crate::board::{Card, Column, Label, Person, Priority, Stamp, keys_between};
use crate::ids::{CardId, ColumnId, CommentId, ItemId, LabelId, UserId};
use crate::limits::{
    ATTACHMENTS_MAX, BODY_UNITS_MAX, CHECKLIST_ITEMS_MAX, COMMENT_UNITS_MAX, COMMENTS_MAX,
    FILE_NAME_UNITS_MAX, IMPORT_BYTES_MAX, IMPORT_CARDS_MAX, IMPORT_PARTS_MAX, ITEM_UNITS_MAX,
    MARKS_MAX, NAME_UNITS_MAX, ORDER_BYTES_MAX, REACTION_UNITS_MAX, TITLE_UNITS_MAX, VOICES_MAX,
};
use crate::talk::{Comment, Reaction};

pub use error::{FilePlace, ImportError};

/// What a file says, in the order of the file. Everything keeps the limits of the engine.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Import {
    /// The room's title; empty: none.
    pub title: String,
    /// Columns, in order. An order key is empty where the file has none: then the place in this list counts.
    pub columns: Vec<Column>,
    /// Labels.
    pub labels: Vec<Label>,
    /// People.
    pub people: Vec<Person>,
    /// Cards. Where their order keys are empty, those of one column are in order.
    pub cards: Vec<ImportedCard>,
    /// The ids are the file's own, and mean the same things as elsewhere under these ids; otherwise they were made here
    /// to tie the parts of the file together, and people are known by their names.
    pub brings_ids: bool,
}

/// The formats of text that are imported; `docs/FORMATS.md` says what each holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "typescript", derive(serde::Serialize, ts_rs::TS))]
#[cfg_attr(feature = "typescript", serde(rename_all = "camelCase"))]
pub enum ImportFormat {
    /// Our own.
    Json,
    /// A row a card.
    Csv,
    /// The dialect of Obsidian's Kanban plugin.
    Markdown,
    /// What Trello exports a board as.
    Trello,
}

impl ImportFormat {
    /// The format of this name, as JavaScript calls it.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "markdown" => Some(Self::Markdown),
            "trello" => Some(Self::Trello),
            _ => None,
        }
    }
}

/// A card of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedCard {
    /// Its face.
    pub card: Card,
    /// Its body, where it has one: an empty one is none.
    pub body: Option<String>,
    /// Comments on it, in any order.
    pub comments: Vec<Comment>,
    /// Who voted for it.
    pub votes: Vec<UserId>,
}

impl ImportedCard {
    /// A card about which nothing is said.
    pub fn new(card: Card, body: Option<String>) -> Self {
        Self { card, body, comments: Vec::new(), votes: Vec::new() }
    }
}

/// Who imports and when, and dice for the ids and keys that a file does not have.
#[derive(Debug)]
pub struct Importer {
    pub(crate) stamp: Stamp,
    pub(crate) dice: Dice,
}

impl Importer {
    /// Of `by`, at a moment in milliseconds since 1970.
    pub fn new(stamp: Stamp, seed: Seed) -> Self {
        Self { stamp, dice: Dice::new(seed) }
    }

    pub(crate) fn column(&mut self, title: String) -> Column {
        Column {
            id: ColumnId::random(&mut self.dice),
            title,
            order: String::new(),
            role: None,
            wip: None,
            colour: None,
            deleted: None,
            damaged: false,
        }
    }

    pub(crate) fn label(&mut self, name: String) -> Label {
        let id = LabelId::random(&mut self.dice);
        Label { id, name, colour: None, deleted: false, damaged: false }
    }

    pub(crate) fn comment(&mut self, card: &Card, text: String, created: Stamp) -> Comment {
        Comment {
            id: CommentId::random(&mut self.dice),
            card: card.id.clone(),
            created,
            text,
            edited: None,
            deleted: false,
            reactions: Vec::new(),
            damaged: false,
        }
    }

    pub(crate) fn person(&mut self, name: String) -> Person {
        let colour = u8::try_from(self.dice.below(u64::from(crate::limits::PALETTE_COLOURS)));
        Person { id: UserId::random(&mut self.dice), name, colour: colour.unwrap_or(0) }
    }

    pub(crate) fn card(&mut self, column: ColumnId, title: String) -> Card {
        Card {
            id: CardId::random(&mut self.dice),
            column,
            order: String::new(),
            title,
            has_body: false,
            body_edited: None,
            assignees: Vec::new(),
            labels: Vec::new(),
            checklist: Vec::new(),
            attachments: Vec::new(),
            due: None,
            priority: Priority::default(),
            created: self.stamp.clone(),
            done: None,
            archived: None,
            deleted: None,
            damaged: false,
        }
    }

    /// A checklist in this order.
    pub(crate) fn checklist(
        &mut self,
        items: Vec<(String, bool)>,
    ) -> Vec<crate::board::ChecklistItem> {
        let keys = keys_between(None, None, items.len(), &mut self.dice).unwrap_or_default();
        let items = items.into_iter().zip(keys);
        let items = items.map(|((text, done), order)| {
            let id = ItemId::random(&mut self.dice);
            crate::board::ChecklistItem { id, text, done, order }
        });
        items.collect()
    }
}

/// What is wrong with a part of a file, in words for people, and what to do.
pub(crate) type Wrong = (String, &'static str);

pub(crate) fn too_long(what: &str, text: &str, units_max: usize) -> Result<(), Wrong> {
    let units = if text.len() <= units_max { 0 } else { text.encode_utf16().count() };
    if units <= units_max {
        return Ok(());
    }
    let words =
        [what, " has ", &units.to_string(), " characters, at most ", &units_max.to_string()];
    Err((words.concat() + " are kept here", "shorten it in the file"))
}

fn too_many(what: &str, count: usize, count_max: usize) -> Result<(), Wrong> {
    if count <= count_max {
        return Ok(());
    }
    let words = ["there are ", &count.to_string(), " ", what, ", at most ", &count_max.to_string()];
    Err((words.concat() + " are kept here", "take some out of the file, or split it"))
}

/// Refuses a file that is too large to be read at all.
pub(crate) fn check_size(bytes: usize) -> Result<(), ImportError> {
    let too_many = too_many("bytes", bytes, IMPORT_BYTES_MAX);
    too_many.map_err(|wrong| ImportError::at(FilePlace::File, wrong))
}

impl Import {
    /// Reads a file and checks all of it. Without the feature `formats` all of them are taken for JSON.
    ///
    /// # Errors
    /// [`ImportError`] says where, what and what to do.
    pub fn read(
        format: ImportFormat,
        text: &str,
        importer: &mut Importer,
    ) -> Result<Self, ImportError> {
        let format = if cfg!(feature = "formats") { format } else { ImportFormat::Json };
        match format {
            ImportFormat::Json => json::read(text, importer, json::Origin::Foreign),
            ImportFormat::Csv => csv::read(text, importer),
            ImportFormat::Markdown => markdown::read(text, importer),
            ImportFormat::Trello => trello::read(text, importer),
        }
    }

    /// Reads what this engine exported: a board outgrows the limits of foreign files by merging, and in its age.
    ///
    /// # Errors
    /// Where it is no export of the engine.
    pub(crate) fn read_own(json: &str, importer: &mut Importer) -> Result<Self, ImportError> {
        json::read(json, importer, json::Origin::Own)
    }

    /// Adds a column after it was checked.
    pub(crate) fn add_column(&mut self, column: Column) -> Result<(), Wrong> {
        self.check_column(&column)?;
        self.columns.push(column);
        Ok(())
    }

    fn check_column(&self, column: &Column) -> Result<(), Wrong> {
        too_many("columns", self.columns.len() + 1, IMPORT_PARTS_MAX)?;
        too_long("the column's title", &column.title, NAME_UNITS_MAX)?;
        check_order(&column.order)
    }

    pub(crate) fn add_label(&mut self, label: Label) -> Result<(), Wrong> {
        self.check_label(&label)?;
        self.labels.push(label);
        Ok(())
    }

    fn check_label(&self, label: &Label) -> Result<(), Wrong> {
        too_many("labels", self.labels.len() + 1, IMPORT_PARTS_MAX)?;
        too_long("the label's name", &label.name, NAME_UNITS_MAX)
    }

    pub(crate) fn add_person(&mut self, person: Person) -> Result<(), Wrong> {
        self.check_person(&person)?;
        self.people.push(person);
        Ok(())
    }

    fn check_person(&self, person: &Person) -> Result<(), Wrong> {
        too_many("people", self.people.len() + 1, IMPORT_PARTS_MAX)?;
        too_long("the person's name", &person.name, NAME_UNITS_MAX)
    }

    /// Adds a card after it was checked.
    pub(crate) fn add_card(&mut self, new: ImportedCard) -> Result<(), Wrong> {
        self.check_card(&new)?;
        self.push_card(new);
        Ok(())
    }

    fn push_card(&mut self, mut new: ImportedCard) {
        new.body = new.body.filter(|body| !body.is_empty());
        new.card.has_body = new.body.is_some();
        self.cards.push(new);
    }

    fn check_card(&self, new: &ImportedCard) -> Result<(), Wrong> {
        let ImportedCard { card, body, comments, votes } = new;
        too_many("cards", self.cards.len() + 1, IMPORT_CARDS_MAX)?;
        too_long("the title", &card.title, TITLE_UNITS_MAX)?;
        too_long("the body", body.as_deref().unwrap_or_default(), BODY_UNITS_MAX)?;
        check_order(&card.order)?;
        too_many("people", card.assignees.len(), MARKS_MAX)?;
        too_many("labels", card.labels.len(), MARKS_MAX)?;
        too_many("items", card.checklist.len(), CHECKLIST_ITEMS_MAX)?;
        too_many("attachments", card.attachments.len(), ATTACHMENTS_MAX)?;
        for item in &card.checklist {
            too_long("the item", &item.text, ITEM_UNITS_MAX)?;
            check_order(&item.order)?;
        }
        for attachment in &card.attachments {
            too_long("the file's name", &attachment.name, FILE_NAME_UNITS_MAX)?;
            too_long("the file's media type", &attachment.mime, FILE_NAME_UNITS_MAX)?;
        }
        too_many("comments", comments.len(), COMMENTS_MAX)?;
        too_many("votes", votes.len(), VOICES_MAX)?;
        for comment in comments {
            too_long("the comment", &comment.text, COMMENT_UNITS_MAX)?;
            too_many("reactions", comment.reactions.len(), VOICES_MAX)?;
            for Reaction { by: _, reaction } in &comment.reactions {
                too_long("the reaction", reaction, REACTION_UNITS_MAX)?;
            }
        }
        Ok(())
    }
}

fn check_order(order: &str) -> Result<(), Wrong> {
    if order.len() <= ORDER_BYTES_MAX {
        return Ok(());
    }
    Err(("the order key is too long".to_owned(), "leave it out: the order of the file counts then"))
}
