//! Commands about the files and voice notes of a card. Their bytes lie outside of the document.

use super::super::card::Attachment;
use super::super::document::BoardDocument;
use super::super::hints::Hints;
use super::super::plan::{Plan, Planned};
use super::super::schema::{ATTACHMENTS, DELETED, new_attachment};
use crate::error::CommandError;
use crate::ids::{BlobId, CardId};
use crate::limits::{ATTACHMENTS_MAX, FILE_NAME_UNITS_MAX};
use crate::plan::{check_units, create, deleted};

impl BoardDocument {
    /// A file that was here and was taken off is put back by restoring it: the same bytes have the same id.
    pub(super) fn plan_new_attachment(&mut self, card: &CardId, new: &Attachment) -> Planned {
        check_units(&new.name, FILE_NAME_UNITS_MAX)?;
        check_units(&new.mime, FILE_NAME_UNITS_MAX)?;
        let shown = self.board().card(card).ok_or(CommandError::UnknownCard)?;
        if shown.attachments.len() >= ATTACHMENTS_MAX {
            return Err(CommandError::TooMany { count_max: ATTACHMENTS_MAX });
        }
        let container = self.container_of(card, ATTACHMENTS)?;
        if self.document.is_taken(&container, new.id.as_str()) {
            return Err(CommandError::IdTaken);
        }
        let steps = vec![create(container, new.id.as_str(), new_attachment(new))];
        let hints = Hints::of_card(card);
        Ok(Some(Plan { kind: "attach", card: Some(card.clone()), steps, hints, is_undoable: true }))
    }

    pub(super) fn plan_file_deleted(&mut self, card: &CardId, id: &BlobId, gone: bool) -> Planned {
        let obj = self.part_of(card, ATTACHMENTS, id.as_str())?;
        let is_gone = self.is_yes(&obj, DELETED);
        let put = deleted(obj, is_gone, gone);
        Ok(put.map(|put| put.of_card(if gone { "detach" } else { "reattach" }, card)))
    }
}
