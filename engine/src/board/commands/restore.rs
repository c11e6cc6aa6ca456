//! Making a card again as it was at a moment.

use automerge::{ChangeHash, ObjId};

use super::super::card::{Attachment, Card, ChecklistItem, Stamp};
use super::super::document::BoardDocument;
use super::super::hints::Hints;
use super::super::plan::Planned;
use super::super::schema::{
    ARCHIVED, ASSIGNEES, ATTACHMENTS, CHECKLIST, DELETED, DONE, DUE, LABELS, ORDER, PLACE,
    PRIORITY, TEXT, place as place_text,
};
use super::super::source::Source;
use crate::error::CommandError;
use crate::history::card_with;
use crate::ids::{CardId, LabelId, UserId};
use crate::plan::{NULL, Plan, Step, text, truth};
use crate::undo::Register;

/// The steps that make one map as it was.
struct Restoring {
    steps: Vec<Step>,
}

impl Restoring {
    fn put(&mut self, obj: &ObjId, key: &str, value: Register) {
        self.steps.push(Step::Put { obj: obj.clone(), key: key.to_owned(), value });
    }

    /// A stamp is put back as it was; two stamps of the same thing at different times are alike.
    fn stamp(&mut self, obj: &ObjId, key: &str, was: Option<&Stamp>, is: Option<&Stamp>) {
        match (was, is) {
            (Some(was), None) => self.put(obj, key, Register::Stamp(was.clone())),
            (None, Some(_)) => self.put(obj, key, NULL),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }

    /// The members of a set.
    fn set(&mut self, set: &ObjId, was: &[&str], is: &[&str]) {
        for id in was.iter().filter(|id| !is.contains(id)) {
            self.put(set, id, Register::Now);
        }
        for id in is.iter().filter(|id| !was.contains(id)) {
            self.put(set, id, Register::Absent);
        }
    }

    fn item(&mut self, obj: &ObjId, was: &ChecklistItem, is: Option<&ChecklistItem>) {
        if is.is_none() {
            self.put(obj, DELETED, truth(false));
        }
        if is.is_none_or(|is| is.text != was.text) {
            self.put(obj, TEXT, text(&was.text));
        }
        if is.is_none_or(|is| is.done != was.done) {
            self.put(obj, DONE, truth(was.done));
        }
        if is.is_none_or(|is| is.order != was.order) {
            self.put(obj, ORDER, text(&was.order));
        }
    }
}

impl BoardDocument {
    /// Only what differs is written, register by register, so that what others do meanwhile elsewhere on the card stays. The
    /// place comes back where its column is still there.
    pub(super) fn plan_restore_at(&mut self, id: &CardId, heads: &[ChangeHash]) -> Planned {
        let card = self.card_obj(id)?;
        let was =
            card_with(Source::at(self.doc(), heads), id).ok_or(CommandError::UnknownMoment)?;
        let is = self.board().card(id).cloned().ok_or(CommandError::UnknownCard)?;
        let mut restoring = Restoring { steps: Vec::new() };
        if was.title != is.title {
            let title = was.title.clone();
            restoring.steps.push(Step::Title { card: card.clone(), title });
        }
        let column = self.board().column(&was.column);
        let is_there = column.is_some_and(|column| column.deleted.is_none());
        if is_there && (&was.column, &was.order) != (&is.column, &is.order) {
            restoring.put(&card, PLACE, text(&place_text(&was.column, &was.order)));
            restoring.stamp(&card, DONE, was.done.as_ref(), is.done.as_ref());
        }
        if was.due != is.due {
            let due = was.due.map_or(NULL, |day| text(&day.to_string()));
            restoring.put(&card, DUE, due);
        }
        if was.priority != is.priority {
            restoring.put(&card, PRIORITY, text(was.priority.word()));
        }
        self.restore_parts(id, (&was, &is), &mut restoring)?;
        restoring.stamp(&card, ARCHIVED, was.archived.as_ref(), is.archived.as_ref());
        restoring.stamp(&card, DELETED, was.deleted.as_ref(), is.deleted.as_ref());
        let (steps, hints) = (restoring.steps, Hints::of_card(id));
        let plan =
            Plan { kind: "restoreAt", card: Some(id.clone()), steps, hints, is_undoable: true };
        Ok((!plan.steps.is_empty()).then_some(plan))
    }

    fn restore_parts<'c>(
        &self,
        id: &CardId,
        (was, is): (&'c Card, &'c Card),
        restoring: &mut Restoring,
    ) -> Result<(), CommandError> {
        if was.assignees != is.assignees {
            let set = self.container_of(id, ASSIGNEES)?;
            let ids =
                |card: &'c Card| card.assignees.iter().map(UserId::as_str).collect::<Vec<_>>();
            restoring.set(&set, &ids(was), &ids(is));
        }
        if was.labels != is.labels {
            let set = self.container_of(id, LABELS)?;
            let ids = |card: &'c Card| card.labels.iter().map(LabelId::as_str).collect::<Vec<_>>();
            restoring.set(&set, &ids(was), &ids(is));
        }
        for item in &was.checklist {
            let shown = is.checklist.iter().find(|other| other.id == item.id);
            if shown != Some(item)
                && let Ok(obj) = self.part_of(id, CHECKLIST, item.id.as_str())
            {
                restoring.item(&obj, item, shown);
            }
        }
        for item in is
            .checklist
            .iter()
            .filter(|item| !was.checklist.iter().any(|other| other.id == item.id))
        {
            let obj = self.part_of(id, CHECKLIST, item.id.as_str())?;
            restoring.put(&obj, DELETED, truth(true));
        }
        let has =
            |list: &[Attachment], file: &Attachment| list.iter().any(|other| other.id == file.id);
        for file in was.attachments.iter().filter(|file| !has(&is.attachments, file)) {
            if let Ok(obj) = self.part_of(id, ATTACHMENTS, file.id.as_str()) {
                restoring.put(&obj, DELETED, truth(false));
            }
        }
        for file in is.attachments.iter().filter(|file| !has(&was.attachments, file)) {
            let obj = self.part_of(id, ATTACHMENTS, file.id.as_str())?;
            restoring.put(&obj, DELETED, truth(true));
        }
        Ok(())
    }
}
