//! What of the talk is to be read again.

use automerge::Patch;
use warroom_protocol::sorted::SortedSet;

use crate::board::keys_of;
use crate::board::schema::{COMMENTS, PERSON_SEPARATOR, SCHEMA, SEEN, VOTES};
use crate::ids::{CardId, CommentId};

/// The parts of the talk that may differ from the view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TalkHints {
    /// Everything: a container, the schema or something unknown changed.
    pub(super) all: bool,
    pub(super) comments: SortedSet<CommentId>,
    /// The cards whose votes changed.
    pub(super) votes: SortedSet<CardId>,
    /// The keys of read markers.
    pub(super) seen: SortedSet<String>,
}

impl TalkHints {
    pub(super) fn of_comment(id: &CommentId) -> Self {
        let mut hints = Self::default();
        hints.comments.insert(id.clone());
        hints
    }

    pub(super) fn of_votes(card: &CardId) -> Self {
        let mut hints = Self::default();
        hints.votes.insert(card.clone());
        hints
    }

    pub(super) fn of_patches(patches: &[Patch]) -> Self {
        let mut hints = Self::default();
        for patch in patches {
            let (first, second) = keys_of(patch);
            hints.add(first, second);
        }
        hints
    }

    /// What lies at these places: the keys from the root on.
    pub(super) fn of_places(places: &[Vec<String>]) -> Self {
        let mut hints = Self::default();
        for place in places {
            let mut keys = place.iter().map(String::as_str);
            hints.add(keys.next(), keys.next());
        }
        hints
    }

    /// Adds what lies under `first` and `second` of the root.
    fn add(&mut self, first: Option<&str>, second: Option<&str>) {
        match (first, second) {
            (Some(COMMENTS), Some(key)) => {
                // what is under a key that is no id is not shown
                if let Ok(id) = CommentId::new(key) {
                    self.comments.insert(id);
                }
            }
            (Some(VOTES), Some(key)) => {
                let card = key.split_once(PERSON_SEPARATOR).map(|(card, _)| CardId::new(card));
                if let Some(Ok(card)) = card {
                    self.votes.insert(card);
                }
            }
            (Some(SEEN), Some(key)) => {
                self.seen.insert(key.to_owned());
            }
            (Some(COMMENTS | VOTES | SEEN | SCHEMA) | None, _) => self.all = true,
            (Some(_), _) => {}
        }
    }
}
