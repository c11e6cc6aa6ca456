//! Parts of a board that a file knows by their names alone.

use super::{FilePlace, Import, ImportError, Importer, Wrong};
use crate::board::{Card, ColumnRole, Stamp};
use crate::ids::{ColumnId, LabelId, UserId};
use crate::limits::{BODY_UNITS_MAX, TITLE_UNITS_MAX};

/// Where cards go whose file names no column.
pub(super) const NO_COLUMN: &str = "To do";

impl Import {
    /// The column of this title, new if it is the first time.
    pub(super) fn column_named(
        &mut self,
        title: &str,
        importer: &mut Importer,
    ) -> Result<ColumnId, Wrong> {
        let title = if title.is_empty() { NO_COLUMN } else { title };
        if let Some(column) = self.columns.iter().find(|column| column.title == title) {
            return Ok(column.id.clone());
        }
        let column = importer.column(title.to_owned());
        let id = column.id.clone();
        self.add_column(column)?;
        Ok(id)
    }

    /// The label of this name, new if it is the first time.
    pub(super) fn label_named(
        &mut self,
        name: &str,
        importer: &mut Importer,
    ) -> Result<LabelId, Wrong> {
        if let Some(label) = self.labels.iter().find(|label| label.name == name) {
            return Ok(label.id.clone());
        }
        let label = importer.label(name.to_owned());
        let id = label.id.clone();
        self.add_label(label)?;
        Ok(id)
    }

    /// The person of this name, new if it is the first time.
    pub(super) fn person_named(
        &mut self,
        name: &str,
        importer: &mut Importer,
    ) -> Result<UserId, Wrong> {
        if let Some(person) = self.people.iter().find(|person| person.name == name) {
            return Ok(person.id.clone());
        }
        let person = importer.person(name.to_owned());
        let id = person.id.clone();
        self.add_person(person)?;
        Ok(id)
    }

    /// Says of the newest column of a file what its cards are.
    pub(super) fn mark_done(&mut self, column: &ColumnId) {
        if let Some(column) = self.columns.iter_mut().find(|known| known.id == *column) {
            column.role = Some(ColumnRole::Done);
        }
    }
}

/// A title that is too long for one is cut, and stands whole at the beginning of the body.
pub(super) fn fit_title(card: &mut Card, body: &mut String) {
    let units = card.title.encode_utf16().count();
    if units <= TITLE_UNITS_MAX || units > BODY_UNITS_MAX {
        return;
    }
    let mut left = TITLE_UNITS_MAX - 1;
    let short = card.title.chars().take_while(|letter| {
        let fits = letter.len_utf16() <= left;
        left = left.saturating_sub(letter.len_utf16());
        fits
    });
    let short: String = short.chain(['…']).collect();
    let whole = std::mem::replace(&mut card.title, short);
    let rest = std::mem::take(body);
    *body = if rest.is_empty() { whole } else { [&whole, "\n\n", &rest].concat() };
}

/// What is wrong in a line of a file, from 1.
pub(super) fn at_line(line: usize) -> impl Fn(Wrong) -> ImportError {
    move |wrong| ImportError::at(FilePlace::Line { line, column: None }, wrong)
}

/// A stamp where something is so.
pub(super) fn when(is_so: bool, stamp: &Stamp) -> Option<Stamp> {
    is_so.then(|| stamp.clone())
}
