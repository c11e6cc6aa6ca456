//! A document as it is, or as it was: everything that reads a document reads through this, so that the board of now and
//! the board of an hour ago can't be read differently.

use std::ops::Bound;

use automerge::iter::MapRange;
use automerge::{Automerge, ChangeHash, ObjId, ReadDoc, Value};

/// A document, and the heads that it is read at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    doc: &'a Automerge,
    /// None: as it is.
    heads: Option<&'a [ChangeHash]>,
}

impl<'a> From<&'a Automerge> for Source<'a> {
    fn from(doc: &'a Automerge) -> Self {
        Self { doc, heads: None }
    }
}

impl<'a> Source<'a> {
    /// The document as it was with the changes up to `heads` and no others. The heads have to be in it.
    pub(crate) fn at(doc: &'a Automerge, heads: &'a [ChangeHash]) -> Self {
        Self { doc, heads: Some(heads) }
    }

    /// The keys of a map with their winning values; nothing where it is no map.
    pub(crate) fn entries(self, obj: &ObjId) -> MapRange<'a> {
        self.entries_in(obj, (Bound::Unbounded, Bound::Unbounded))
    }

    /// As [`Self::entries`], of the keys in a range.
    pub(crate) fn entries_in(
        self,
        obj: &ObjId,
        range: (Bound<String>, Bound<String>),
    ) -> MapRange<'a> {
        match self.heads {
            None => self.doc.map_range(obj, range),
            Some(heads) => self.doc.map_range_at(obj, range, heads),
        }
    }

    /// Every value under a key that nothing has taken the place of yet: several, where they were written at the same time.
    pub(crate) fn get_all(self, obj: &ObjId, key: &str) -> Vec<(Value<'a>, ObjId)> {
        let found = match self.heads {
            None => self.doc.get_all(obj, key),
            Some(heads) => self.doc.get_all_at(obj, key, heads),
        };
        found.unwrap_or_default()
    }

    /// The winning value under a key, with the id of its operation.
    pub(crate) fn get(self, obj: &ObjId, key: &str) -> Option<(Value<'a>, ObjId)> {
        let found = match self.heads {
            None => self.doc.get(obj, key),
            Some(heads) => self.doc.get_at(obj, key, heads),
        };
        found.ok().flatten()
    }

    /// What a text says.
    pub(crate) fn text(self, obj: &ObjId) -> Option<String> {
        let text = match self.heads {
            None => self.doc.text(obj),
            Some(heads) => self.doc.text_at(obj, heads),
        };
        text.ok()
    }
}
