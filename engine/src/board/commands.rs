//! What each command writes: planned against the view, refused before anything is changed, then one change.

mod attachments;
mod cards;
mod checklist;
mod columns;
mod conflicts;
mod labels;
mod marks;
mod restore;

use automerge::{ObjId, ROOT, ReadDoc};
use warroom_protocol::{DocumentId, Timestamp};

use self::cards::NewCard;
use super::card::{Attachment, Person, Stamp};
use super::document::BoardDocument;
use super::hints::Hints;
use super::plan::{Plan, Planned};
use super::read;
use super::schema::{BODY, BODY_EDITED, CARDS, PEOPLE, TITLE};
use crate::command::Command;
use crate::error::CommandError;
use crate::ids::CardId;
use crate::limits::{BODY_MARK_EVERY, NAME_UNITS_MAX};
use crate::plan::{Put, Step, check_units, text};
use crate::undo::Register;

impl BoardDocument {
    /// Plans a command that is about registers; texts and undo are dealt with elsewhere.
    pub(super) fn plan(&mut self, now: Timestamp, command: Command) -> Planned {
        match command {
            Command::RenameRoom { title } => self.plan_room(&title),
            Command::AddColumn { id, title, role, position } => {
                self.plan_new_column(&id, &title, role, &position)
            }
            Command::RenameColumn { id, title } => self.plan_column_title(&id, &title),
            Command::MoveColumn { id, position } => self.plan_column_move(&id, &position),
            Command::SetColumnRole { id, role } => self.plan_column_role(&id, role),
            Command::SetColumnWip { id, wip } => self.plan_column_wip(&id, wip),
            Command::SetColumnColour { id, colour } => self.plan_column_colour(&id, colour),
            Command::DeleteColumn { id } => self.plan_column_deleted("deleteColumn", &id, true),
            Command::RestoreColumn { id } => self.plan_column_deleted("restoreColumn", &id, false),
            Command::AddCard { id, column, title, position } => {
                let (id, column, title, position) = (&id, &column, &title, &position);
                self.plan_new_card(now, &NewCard { id, column, title, position })
            }
            Command::MoveCard { id, column, position } => self.plan_move(&id, &column, &position),
            Command::ArchiveCard { id } => self.plan_archived("archive", &id, true),
            Command::UnarchiveCard { id } => self.plan_archived("unarchive", &id, false),
            Command::DeleteCard { id } => self.plan_deleted("delete", &id, true),
            Command::RestoreCard { id } => self.plan_deleted("restore", &id, false),
            Command::SetTitle { id, title } => self.plan_title(&id, title),
            Command::Assign { id, person } => self.plan_assigned(&id, &person, true),
            Command::Unassign { id, person } => self.plan_assigned(&id, &person, false),
            Command::AttachLabel { id, label } => self.plan_labelled(&id, &label, true),
            Command::DetachLabel { id, label } => self.plan_labelled(&id, &label, false),
            Command::SetDue { id, due } => self.plan_due(&id, due),
            Command::SetPriority { id, priority } => self.plan_priority(&id, priority),
            Command::AddItem { card, id, text, position } => {
                self.plan_new_item(&card, &id, &text, &position)
            }
            Command::EditItem { card, id, text } => self.plan_item_text(&card, &id, &text),
            Command::MoveItem { card, id, position } => self.plan_item_move(&card, &id, &position),
            Command::SetItemDone { card, id, done } => self.plan_item_done(&card, &id, done),
            Command::DeleteItem { card, id } => self.plan_item_deleted(&card, &id, true),
            Command::RestoreItem { card, id } => self.plan_item_deleted(&card, &id, false),
            Command::AddAttachment { card, id, kind, name, mime, bytes, duration_ms } => {
                let added = Stamp::new(now, self.person());
                let new = Attachment { id, kind, name, mime, bytes, duration_ms, added };
                self.plan_new_attachment(&card, &new)
            }
            Command::DeleteAttachment { card, id } => self.plan_file_deleted(&card, &id, true),
            Command::RestoreAttachment { card, id } => self.plan_file_deleted(&card, &id, false),
            Command::AddLabel { id, name, colour } => self.plan_new_label(&id, &name, colour),
            Command::RenameLabel { id, name } => self.plan_label_name(&id, &name),
            Command::SetLabelColour { id, colour } => self.plan_label_colour(&id, colour),
            Command::DeleteLabel { id } => self.plan_label_deleted("deleteLabel", &id, true),
            Command::RestoreLabel { id } => self.plan_label_deleted("restoreLabel", &id, false),
            Command::SetPerson { person } => self.plan_person(person),
            Command::ResolveConflict { owner, field, choice } => {
                self.plan_resolve(&owner, field, &choice)
            }
            Command::RestoreCardAt { id, moment, body: _ } => {
                let heads = self.document_mut().dated().heads_at(now, &moment, None);
                self.plan_restore_at(&id, &heads.ok_or(CommandError::UnknownMoment)?)
            }
            Command::OpenText { .. }
            | Command::EditText { .. }
            | Command::FlushText { .. }
            | Command::CloseText { .. }
            | Command::Transact { .. }
            | Command::Undo
            | Command::Redo => Ok(None),
            Command::Talk { .. } => {
                Err(CommandError::Refused("the talk is a document of its own".to_owned()))
            }
        }
    }

    /// A container of the root.
    pub(super) fn container(&self, key: &str) -> Result<ObjId, CommandError> {
        read::map_at(self.doc().into(), &ROOT, key)
            .ok_or_else(|| CommandError::Refused(format!("the board has no {key}")))
    }

    /// The map of a card.
    pub(super) fn card_obj(&self, id: &CardId) -> Result<ObjId, CommandError> {
        let cards = self.container(CARDS)?;
        read::map_at(self.doc().into(), &cards, id.as_str()).ok_or(CommandError::UnknownCard)
    }

    /// A container of a card. Our cards have all of them.
    fn container_of(&self, card: &CardId, key: &str) -> Result<ObjId, CommandError> {
        let obj = self.card_obj(card)?;
        read::map_at(self.doc().into(), &obj, key)
            .ok_or_else(|| CommandError::Refused(format!("the card has no {key}")))
    }

    /// Something in a container of a card.
    fn part_of(&self, card: &CardId, key: &str, id: &str) -> Result<ObjId, CommandError> {
        let container = self.container_of(card, key)?;
        read::map_at(self.doc().into(), &container, id).ok_or(CommandError::UnknownPart)
    }

    /// Whether yes is written there.
    fn is_yes(&self, obj: &ObjId, key: &str) -> bool {
        let value = self.doc().get(obj, key).ok().flatten();
        value.is_some_and(|(value, _)| value.as_bool() == Some(true))
    }

    fn plan_room(&mut self, title: &str) -> Planned {
        check_units(title, NAME_UNITS_MAX)?;
        let differs = self.board().title() != title;
        Ok(differs.then(|| Put::new(ROOT, TITLE, text(title)).of_room("room")))
    }

    fn plan_person(&mut self, person: Person) -> Planned {
        check_units(&person.name, NAME_UNITS_MAX)?;
        if self.board().person(&person.id) == Some(&person) {
            return Ok(None);
        }
        let hints = Hints::of_person(&person.id);
        let steps = vec![Step::Person { people: self.container(PEOPLE)?, person }];
        Ok(Some(Plan { kind: "person", card: None, steps, hints, is_undoable: false }))
    }

    /// Plans the traces of an edit in the body of a card: its address once, a mark every five minutes.
    pub(super) fn plan_body_edit(
        &mut self,
        now: Timestamp,
        id: &CardId,
        body: &DocumentId,
    ) -> Planned {
        let obj = self.card_obj(id)?;
        let address = read::body_address(self.doc().into(), &obj);
        let mut steps = Vec::new();
        if address.is_none() {
            let value = text(&format!("automerge:{body}"));
            steps.push(Step::Put { obj: obj.clone(), key: BODY.to_owned(), value });
        }
        let recent = |at: Timestamp| now.since(at) < BODY_MARK_EVERY;
        let stamped = self.board().card(id).and_then(|card| card.body_edited.clone());
        let mine = stamped.filter(|stamp| stamp.by == *self.person());
        let mine = mine.map(|stamp| Timestamp(u64::try_from(stamp.at).unwrap_or(0)));
        if !mine.is_some_and(recent) && !self.body_marked_at(id).is_some_and(recent) {
            steps.push(Step::Put { obj, key: BODY_EDITED.to_owned(), value: Register::StampNow });
        }
        if steps.is_empty() {
            return Ok(None);
        }
        let (card, hints) = (Some(id.clone()), Hints::of_card_keys(id, &[BODY, BODY_EDITED]));
        Ok(Some(Plan { kind: "body", card, steps, hints, is_undoable: false }))
    }
}
