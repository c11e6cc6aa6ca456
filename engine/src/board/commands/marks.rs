//! Commands about what a card's face says: who works on it, its labels, when it is due, how urgent it is.

use super::super::card::Priority;
use super::super::day::Day;
use super::super::document::BoardDocument;
use super::super::plan::Planned;
use super::super::schema::{ASSIGNEES, DUE, LABELS, PRIORITY};
use crate::error::CommandError;
use crate::ids::{CardId, LabelId, UserId};
use crate::limits::MARKS_MAX;
use crate::plan::{NULL, Put, text};
use crate::undo::Register;

/// Whether something is to be in a set, and whether it is.
struct Membership<'a> {
    key: &'static str,
    id: &'a str,
    is_in: bool,
    count: usize,
}

impl BoardDocument {
    pub(super) fn plan_assigned(
        &mut self,
        card: &CardId,
        person: &UserId,
        assigned: bool,
    ) -> Planned {
        let known = self.board().card(card).ok_or(CommandError::UnknownCard)?;
        let (is_in, count) = (known.assignees.contains(person), known.assignees.len());
        let membership = Membership { key: ASSIGNEES, id: person.as_str(), is_in, count };
        let kind = if assigned { "assign" } else { "unassign" };
        self.plan_member(kind, card, &membership, assigned)
    }

    pub(super) fn plan_labelled(
        &mut self,
        card: &CardId,
        label: &LabelId,
        labelled: bool,
    ) -> Planned {
        let known = self.board().card(card).ok_or(CommandError::UnknownCard)?;
        let (is_in, count) = (known.labels.contains(label), known.labels.len());
        if labelled && self.board().label(label).is_none() {
            return Err(CommandError::UnknownPart);
        }
        let membership = Membership { key: LABELS, id: label.as_str(), is_in, count };
        let kind = if labelled { "label" } else { "unlabel" };
        self.plan_member(kind, card, &membership, labelled)
    }

    /// A set is a map of id to the moment of adding. Each adding is an operation of its own, and taking away deletes
    /// those that were seen: so of an adding and a removal at the same time the adding stands.
    fn plan_member(
        &mut self,
        kind: &'static str,
        card: &CardId,
        membership: &Membership<'_>,
        wanted: bool,
    ) -> Planned {
        let Membership { key, id, is_in, count } = membership;
        let set = self.container_of(card, key)?;
        if *is_in == wanted {
            return Ok(None);
        }
        if wanted && *count >= MARKS_MAX {
            return Err(CommandError::TooMany { count_max: MARKS_MAX });
        }
        let value = if wanted { Register::Now } else { Register::Absent };
        Ok(Some(Put::new(set, id, value).of_card(kind, card)))
    }

    pub(super) fn plan_due(&mut self, id: &CardId, due: Option<Day>) -> Planned {
        let obj = self.card_obj(id)?;
        let card = self.board().card(id).ok_or(CommandError::UnknownCard)?;
        let value = due.map_or(NULL, |day| text(&day.to_string()));
        let put = (card.due != due).then(|| Put::new(obj, DUE, value));
        Ok(put.map(|put| put.of_card("due", id)))
    }

    pub(super) fn plan_priority(&mut self, id: &CardId, priority: Priority) -> Planned {
        let obj = self.card_obj(id)?;
        let card = self.board().card(id).ok_or(CommandError::UnknownCard)?;
        let value = text(priority.word());
        let put = (card.priority != priority).then(|| Put::new(obj, PRIORITY, value));
        Ok(put.map(|put| put.of_card("priority", id)))
    }
}
