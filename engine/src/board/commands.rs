//! What each command writes: planned against the view, refused before anything is changed, then one change.

use automerge::{ObjId, ROOT, ScalarValue};
use warroom_protocol::{DocumentId, Timestamp};

use super::card::{Column, ColumnRole, Person, Stamp};
use super::document::BoardDocument;
use super::hints::Hints;
use super::place::{Placed, place};
use super::read;
use super::schema::{
    ARCHIVED, BODY, BODY_EDITED, CARDS, COLUMNS, DELETED, ORDER, PEOPLE, PLACE, TITLE,
    place as place_text,
};
use super::view::Lane;
use crate::command::{Command, Position};
use crate::error::CommandError;
use crate::ids::{CardId, ColumnId};
use crate::limits::{BODY_MARK_EVERY, NAME_UNITS_MAX, TITLE_UNITS_MAX};
use crate::undo::Register;

/// One thing that a change does.
#[derive(Debug)]
pub(super) enum Step {
    Put {
        obj: ObjId,
        key: &'static str,
        value: Register,
    },
    NewCard {
        cards: ObjId,
        id: CardId,
        place: String,
        title: String,
    },
    NewColumn {
        columns: ObjId,
        id: ColumnId,
        title: String,
        order: String,
        role: Option<ColumnRole>,
    },
    Person {
        people: ObjId,
        person: Person,
    },
    Title {
        card: ObjId,
        id: CardId,
        title: String,
    },
}

/// What taking a command back will be about.
#[derive(Debug)]
pub(super) enum Undoable {
    /// The register of the first step.
    FirstPut,
    /// What the first step creates.
    Creation,
    /// The title of the first step.
    Title,
}

/// What a command writes.
#[derive(Debug)]
pub(super) struct Plan {
    /// The kind of the change's message.
    pub(super) kind: &'static str,
    pub(super) card: Option<CardId>,
    pub(super) steps: Vec<Step>,
    pub(super) hints: Hints,
    pub(super) undoable: Option<Undoable>,
}

/// A plan, or none when everything is already as it should be.
type Planned = Result<Option<Plan>, CommandError>;

impl Plan {
    /// Writes one register of a card.
    fn card(
        kind: &'static str,
        id: &CardId,
        obj: ObjId,
        key: &'static str,
        value: Register,
    ) -> Self {
        let steps = vec![Step::Put { obj, key, value }];
        let (card, hints) = (Some(id.clone()), Hints::of_card(id));
        Self { kind, card, steps, hints, undoable: Some(Undoable::FirstPut) }
    }

    /// Writes one register of a column.
    fn column(
        kind: &'static str,
        id: &ColumnId,
        obj: ObjId,
        key: &'static str,
        value: Register,
    ) -> Self {
        let steps = vec![Step::Put { obj, key, value }];
        let hints = Hints::of_column(id);
        Self { kind, card: None, steps, hints, undoable: Some(Undoable::FirstPut) }
    }
}

/// Checks a text against its limit, in UTF-16 units.
pub(super) fn check_units(text: &str, units_max: usize) -> Result<(), CommandError> {
    // a UTF-16 unit is at least one byte, so that a long text is not counted for nothing
    let units = if text.len() <= units_max { 0 } else { text.encode_utf16().count() };
    if units > units_max { Err(CommandError::TooLong { units, units_max }) } else { Ok(()) }
}

fn text_value(text: &str) -> Register {
    Register::Scalar(ScalarValue::from(text))
}

const NULL: Register = Register::Scalar(ScalarValue::Null);

impl BoardDocument {
    /// Plans a command that is about registers; texts and undo are dealt with elsewhere.
    pub(super) fn plan(&mut self, command: Command) -> Planned {
        match command {
            Command::RenameRoom { title } => self.plan_room(&title),
            Command::AddColumn { id, title, role, position } => {
                self.plan_new_column(id, title, role, &position)
            }
            Command::RenameColumn { id, title } => self.plan_column_title(&id, &title),
            Command::MoveColumn { id, position } => self.plan_column_move(&id, &position),
            Command::DeleteColumn { id } => self.plan_column_deleted(&id, true),
            Command::RestoreColumn { id } => self.plan_column_deleted(&id, false),
            Command::AddCard { id, column, title, position } => {
                self.plan_new_card(id, &column, title, &position)
            }
            Command::MoveCard { id, column, position } => self.plan_move(&id, &column, &position),
            Command::ArchiveCard { id } => self.plan_stamp("archive", &id, ARCHIVED, true),
            Command::UnarchiveCard { id } => self.plan_stamp("unarchive", &id, ARCHIVED, false),
            Command::DeleteCard { id } => self.plan_stamp("delete", &id, DELETED, true),
            Command::RestoreCard { id } => self.plan_stamp("restore", &id, DELETED, false),
            Command::SetTitle { id, title } => self.plan_title(&id, title),
            Command::SetPerson { person } => self.plan_person(person),
            Command::OpenText { .. }
            | Command::EditText { .. }
            | Command::FlushText { .. }
            | Command::CloseText { .. }
            | Command::Undo => Ok(None),
        }
    }

    /// A container of the root.
    fn container(&self, key: &str) -> Result<ObjId, CommandError> {
        read::map_at(self.doc(), &ROOT, key)
            .ok_or_else(|| CommandError::Refused(format!("the board has no {key}")))
    }

    /// The map of a card.
    pub(super) fn card_obj(&self, id: &CardId) -> Result<ObjId, CommandError> {
        let cards = self.container(CARDS)?;
        read::map_at(self.doc(), &cards, id.as_str()).ok_or(CommandError::UnknownCard)
    }

    fn column_obj(&self, id: &ColumnId) -> Result<(ObjId, Column), CommandError> {
        let columns = self.container(COLUMNS)?;
        let obj = read::map_at(self.doc(), &columns, id.as_str());
        let obj = obj.ok_or(CommandError::UnknownColumn)?;
        let column = self.board().column(id).cloned().ok_or(CommandError::UnknownColumn)?;
        Ok((obj, column))
    }

    fn plan_room(&mut self, title: &str) -> Planned {
        check_units(title, NAME_UNITS_MAX)?;
        if self.board().title() == title {
            return Ok(None);
        }
        let steps = vec![Step::Put { obj: ROOT, key: TITLE, value: text_value(title) }];
        let hints = Hints { room: true, ..Hints::default() };
        let undoable = Some(Undoable::FirstPut);
        Ok(Some(Plan { kind: "room", card: None, steps, hints, undoable }))
    }

    fn plan_new_column(
        &mut self,
        id: ColumnId,
        title: String,
        role: Option<ColumnRole>,
        position: &Position<ColumnId>,
    ) -> Planned {
        check_units(&title, NAME_UNITS_MAX)?;
        let columns = self.container(COLUMNS)?;
        if self.is_taken(&columns, id.as_str()) {
            return Err(CommandError::IdTaken);
        }
        let placed = self.place_column(position, None).ok_or_else(no_room)?;
        let mut hints = Hints::of_column(&id);
        let mut steps = vec![Step::NewColumn { columns, id, title, order: placed.key, role }];
        self.rekey_columns(placed.rekeyed, &mut steps, &mut hints)?;
        let undoable = Some(Undoable::Creation);
        Ok(Some(Plan { kind: "addColumn", card: None, steps, hints, undoable }))
    }

    fn plan_column_title(&mut self, id: &ColumnId, title: &str) -> Planned {
        check_units(title, NAME_UNITS_MAX)?;
        let (obj, column) = self.column_obj(id)?;
        let same = column.title == title;
        Ok((!same).then(|| Plan::column("renameColumn", id, obj, TITLE, text_value(title))))
    }

    fn plan_column_move(&mut self, id: &ColumnId, position: &Position<ColumnId>) -> Planned {
        let (obj, column) = self.column_obj(id)?;
        let moved = (column.order, id.clone());
        let Some(placed) = self.place_column(position, Some(&moved)) else { return Ok(None) };
        let mut plan = Plan::column("moveColumn", id, obj, ORDER, text_value(&placed.key));
        self.rekey_columns(placed.rekeyed, &mut plan.steps, &mut plan.hints)?;
        Ok(Some(plan))
    }

    fn plan_column_deleted(&mut self, id: &ColumnId, deleted: bool) -> Planned {
        let (obj, column) = self.column_obj(id)?;
        let plan = |kind, value| Some(Plan::column(kind, id, obj, DELETED, value));
        Ok(match (deleted, column.deleted.is_some()) {
            (true, false) => plan("deleteColumn", Register::StampNow),
            (false, true) => plan("restoreColumn", NULL),
            (true, true) | (false, false) => None,
        })
    }

    fn plan_new_card(
        &mut self,
        id: CardId,
        column: &ColumnId,
        title: String,
        position: &Position<CardId>,
    ) -> Planned {
        check_units(&title, TITLE_UNITS_MAX)?;
        let (cards, _) = (self.container(CARDS)?, self.column_obj(column)?);
        if self.is_taken(&cards, id.as_str()) {
            return Err(CommandError::IdTaken);
        }
        let placed = self.place_card(column, position, None).ok_or_else(no_room)?;
        let mut hints = Hints::of_card(&id);
        let card = Some(id.clone());
        let place = place_text(column, &placed.key);
        let mut steps = vec![Step::NewCard { cards, id, place, title }];
        self.rekey_cards(column, placed.rekeyed, &mut steps, &mut hints)?;
        let undoable = Some(Undoable::Creation);
        Ok(Some(Plan { kind: "add", card, steps, hints, undoable }))
    }

    /// A move into a deleted column is taken: it resurrects nothing, and the card shows in *Unsorted*.
    fn plan_move(
        &mut self,
        id: &CardId,
        column: &ColumnId,
        position: &Position<CardId>,
    ) -> Planned {
        let obj = self.card_obj(id)?;
        self.column_obj(column)?;
        let card = self.board().card(id).ok_or(CommandError::UnknownCard)?;
        let moved = (card.order.clone(), id.clone());
        let Some(placed) = self.place_card(column, position, Some(&moved)) else {
            return Ok(None);
        };
        let value = text_value(&place_text(column, &placed.key));
        let mut plan = Plan::card("move", id, obj, PLACE, value);
        self.rekey_cards(column, placed.rekeyed, &mut plan.steps, &mut plan.hints)?;
        Ok(Some(plan))
    }

    fn plan_stamp(
        &mut self,
        kind: &'static str,
        id: &CardId,
        key: &'static str,
        set: bool,
    ) -> Planned {
        let obj = self.card_obj(id)?;
        let card = self.board().card(id).ok_or(CommandError::UnknownCard)?;
        let stamp: &Option<Stamp> = if key == DELETED { &card.deleted } else { &card.archived };
        Ok(match (set, stamp.is_some()) {
            (true, false) => Some(Plan::card(kind, id, obj, key, Register::StampNow)),
            (false, true) => Some(Plan::card(kind, id, obj, key, NULL)),
            (true, true) | (false, false) => None,
        })
    }

    fn plan_title(&mut self, id: &CardId, title: String) -> Planned {
        check_units(&title, TITLE_UNITS_MAX)?;
        let obj = self.card_obj(id)?;
        let card = self.board().card(id).ok_or(CommandError::UnknownCard)?;
        if card.title == title && read::text_at(self.doc(), &obj, TITLE).is_some() {
            return Ok(None);
        }
        let steps = vec![Step::Title { card: obj, id: id.clone(), title }];
        let (card, hints) = (Some(id.clone()), Hints::of_card(id));
        Ok(Some(Plan { kind: "title", card, steps, hints, undoable: Some(Undoable::Title) }))
    }

    fn plan_person(&mut self, person: Person) -> Planned {
        check_units(&person.name, NAME_UNITS_MAX)?;
        if self.board().person(&person.id) == Some(&person) {
            return Ok(None);
        }
        let hints = Hints::of_person(&person.id);
        let steps = vec![Step::Person { people: self.container(PEOPLE)?, person }];
        Ok(Some(Plan { kind: "person", card: None, steps, hints, undoable: None }))
    }

    /// Plans the traces of an edit in the body of a card: its address once, a mark every five minutes.
    pub(super) fn plan_body_edit(
        &mut self,
        now: Timestamp,
        id: &CardId,
        body: &DocumentId,
    ) -> Planned {
        let obj = self.card_obj(id)?;
        let address = read::body_address(self.doc(), &obj);
        let mut steps = Vec::new();
        if address.is_none() {
            let value = text_value(&format!("automerge:{body}"));
            steps.push(Step::Put { obj: obj.clone(), key: BODY, value });
        }
        let recent = |at: Timestamp| now.since(at) < BODY_MARK_EVERY;
        let stamped = self.board().card(id).and_then(|card| card.body_edited.clone());
        let mine = stamped.filter(|stamp| stamp.by == *self.person());
        let mine = mine.map(|stamp| Timestamp(u64::try_from(stamp.at).unwrap_or(0)));
        if !mine.is_some_and(recent) && !self.body_marked_at(id).is_some_and(recent) {
            steps.push(Step::Put { obj, key: BODY_EDITED, value: Register::StampNow });
        }
        if steps.is_empty() {
            return Ok(None);
        }
        let (card, hints) = (Some(id.clone()), Hints::of_card(id));
        Ok(Some(Plan { kind: "body", card, steps, hints, undoable: None }))
    }

    /// The key of a card's place; None when the card is there already.
    fn place_card(
        &mut self,
        column: &ColumnId,
        position: &Position<CardId>,
        moved: Option<&(String, CardId)>,
    ) -> Option<Placed<CardId>> {
        let (board, dice) = self.board_and_dice();
        let anchor = match position {
            Position::Before { id } | Position::After { id } => {
                board.card(id).map(|card| (card.order.clone(), id.clone()))
            }
            Position::Start | Position::End => None,
        };
        let empty = Lane::new();
        let lane = board.card_lane(column).unwrap_or(&empty);
        place(lane, position, anchor.as_ref(), moved, dice)
    }

    fn place_column(
        &mut self,
        position: &Position<ColumnId>,
        moved: Option<&(String, ColumnId)>,
    ) -> Option<Placed<ColumnId>> {
        let (board, dice) = self.board_and_dice();
        let anchor = match position {
            Position::Before { id } | Position::After { id } => {
                board.column(id).map(|column| (column.order.clone(), id.clone()))
            }
            Position::Start | Position::End => None,
        };
        place(board.column_lane(), position, anchor.as_ref(), moved, dice)
    }

    fn rekey_cards(
        &self,
        column: &ColumnId,
        rekeyed: Vec<(CardId, String)>,
        steps: &mut Vec<Step>,
        hints: &mut Hints,
    ) -> Result<(), CommandError> {
        for (id, key) in rekeyed {
            let value = text_value(&place_text(column, &key));
            steps.push(Step::Put { obj: self.card_obj(&id)?, key: PLACE, value });
            hints.cards.insert(id);
        }
        Ok(())
    }

    fn rekey_columns(
        &self,
        rekeyed: Vec<(ColumnId, String)>,
        steps: &mut Vec<Step>,
        hints: &mut Hints,
    ) -> Result<(), CommandError> {
        for (id, key) in rekeyed {
            let (obj, _) = self.column_obj(&id)?;
            steps.push(Step::Put { obj, key: ORDER, value: text_value(&key) });
            hints.columns.insert(id);
        }
        Ok(())
    }
}

fn no_room() -> CommandError {
    CommandError::Refused("no order key fits there".to_owned())
}
