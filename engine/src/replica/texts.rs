//! The texts of bodies that were read for a search, kept for the next one.

use warroom_protocol::DocumentId;
use warroom_protocol::sorted::SortedMap;

use crate::limits::TEXTS_BYTES_MAX;

/// What the bodies say that did not change since they were read.
#[derive(Debug, Default)]
pub(super) struct Texts {
    by_document: SortedMap<DocumentId, String>,
    bytes: usize,
}

impl Texts {
    pub(super) fn get(&self, body: &DocumentId) -> Option<&str> {
        self.by_document.get(body).map(String::as_str)
    }

    /// Keeps a text, as long as there is room.
    pub(super) fn keep(&mut self, body: &DocumentId, text: &str) {
        self.forget(body);
        if self.bytes + text.len() <= TEXTS_BYTES_MAX {
            self.bytes += text.len();
            self.by_document.insert(body.clone(), text.to_owned());
        }
    }

    /// A document changed, or was read anew.
    pub(super) fn forget(&mut self, document: &DocumentId) {
        let text = self.by_document.remove(document);
        self.bytes -= text.map_or(0, |text| text.len());
    }
}
