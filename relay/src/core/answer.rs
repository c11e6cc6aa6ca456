//! What a peer lacks, and how it is told: automerge's sync protocol from the graph of changes alone.
//!
//! One [`Link`] for each connection and document. It holds what the peer is known to have, what was sent to it, and
//! what it said of itself last; the next message is computed from that when its socket can take it, so there is
//! never a queue of messages. The messages are automerge's (`docs/PROTOCOL.md`, "Sync"); what differs is how little
//! is remembered: automerge keeps the set of all hashes sent, a link keeps the places above which nothing was sent.
//!
//! Who lacks most of a document that was compacted gets that, as one chunk, and then the changes after it.
//!
//! Two shapes of a message come out:
//! - *exact*, when after it the peer certainly has all that we have: `have` names our heads as the last sync, with an
//!   empty filter. It depends on nothing but what the peer had before, so peers in step get the same bytes.
//! - *generic*, when a peer's Bloom filter had a say, or when more follows.

use std::collections::BTreeSet;

use bytes::Bytes;
use warroom_protocol::ChangeHash;
use warroom_protocol::sync_message::{Bloom, Have, SyncMessage};

use crate::core::history::{CompactedPlaces, History, Place};
use crate::core::limit::Limit;
use crate::core::orphans::Orphans;
use crate::limits::{ANSWER_BYTES_MAX, RESTARTS_MAX, SERVED_MAX};

/// What one side may say and ask on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkSettings {
    /// Whether changes are wanted from this peer: it may write, and the store takes them.
    pub asks: bool,
}

/// The next message for a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What to send.
    pub message: SyncMessage,
    /// For an exact message: all that it depends on, so that peers with an equal base get equal bytes.
    pub base: Option<Vec<Place>>,
    /// Whether more follows at once, when the socket took this one.
    pub more: bool,
    /// Whether it begins with a compacted document.
    pub is_compacted: bool,
}

/// What goes into a message.
#[derive(Debug, Default)]
struct Chosen {
    /// A compacted document, before all changes.
    compacted: Option<Bytes>,
    places: BTreeSet<Place>,
    bytes: usize,
    more: bool,
}

/// The sync state of one peer and one document, for the life of a connection.
#[derive(Debug, Default)]
pub struct Link {
    /// The peer has these and what they depend on, by its own word.
    has: Vec<Place>,
    /// The peer has these and what they depend on, or was sent it on this connection, or claimed it by a filter.
    covered: Vec<Place>,
    /// Its heads as it said them last.
    their_heads: Vec<ChangeHash>,
    /// Whether it ever said what it has.
    is_met: bool,
    /// The highest changes that a filter claimed and its heads do not confirm yet: one claim in a hundred is wrong.
    unsure: Vec<Place>,
    /// It named a last sync that we do not have: it must hear what we have before anything else makes sense.
    is_foreign: bool,
    /// It said that it takes no changes.
    is_read_only: bool,
    /// Filters that still have a say, about the changes below `filters_end`.
    filters: Vec<Bloom>,
    filters_end: Option<Place>,
    /// What it asked for by name and has not got yet.
    wanted: BTreeSet<Place>,
    /// What it was sent by name.
    served: BTreeSet<Place>,
    /// Our heads and needs as it heard them last.
    told: Option<Vec<ChangeHash>>,
    asked: Vec<ChangeHash>,
    restarts: u8,
}

impl Link {
    /// A link to a peer of which nothing is known (rule: a new connection assumes nothing).
    pub fn new() -> Self {
        Self::default()
    }

    /// Its heads as it said them last, sorted.
    pub fn their_heads(&self) -> &[ChangeHash] {
        &self.their_heads
    }

    /// Takes in what a message says of its sender; its changes are in `history` already where they fit. Gives the limit
    /// that it came up to with what it asks for again, if it did.
    pub fn receive(&mut self, history: &History, message: &SyncMessage) -> Option<Limit> {
        let SyncMessage { heads, need, have, changes: _, flags } = message;
        self.their_heads.clone_from(heads);
        self.is_read_only = has_flag(*flags, SyncMessage::FLAG_READ_ONLY);
        let last_sync: BTreeSet<ChangeHash> =
            have.iter().flat_map(|have| &have.last_sync).copied().collect();
        let known_heads = places(history, heads.iter().copied());
        let known_sync = places(history, last_sync.iter().copied());
        self.is_foreign = known_sync.len() < last_sync.len();
        if history.covers_all(&known_heads) {
            self.restarts = 0;
            self.wanted.clear();
            self.served.clear();
        }
        let mut hit = None;
        if self.must_restart(history, message, &known_heads) {
            self.restart();
            hit = (self.restarts == RESTARTS_MAX).then_some(Limit::Restarts);
        }
        let said = [known_heads, known_sync].concat();
        extend(history, &mut self.has, &said);
        extend(history, &mut self.covered, &said);
        if !self.unsure.is_empty() {
            let both = [self.has.as_slice(), &self.unsure].concat();
            if history.maximal(&both) == self.has {
                self.unsure.clear();
            }
        }
        self.receive_have(history, have);
        let is_served = self.receive_need(history, need);
        hit.or((!is_served).then_some(Limit::Served))
    }

    /// What it was not sent yet comes by itself, once it said what it has; the rest was hidden by a filter. False when
    /// some of it is too much.
    fn receive_need(&mut self, history: &History, need: &[ChangeHash]) -> bool {
        if need.is_empty() {
            return true;
        }
        let coming = if self.is_met { history.after(&self.covered) } else { Vec::new() };
        for place in places(history, need.iter().copied()) {
            let is_hidden = coming.binary_search(&place).is_err() && !self.served.contains(&place);
            if is_hidden && self.served.len() >= SERVED_MAX {
                return false;
            }
            if is_hidden {
                self.wanted.insert(place);
            }
        }
        true
    }

    /// Computes the next message and counts it as sent; `None` when there is nothing new to say.
    pub fn next(
        &mut self,
        history: &History,
        orphans: &Orphans,
        settings: LinkSettings,
    ) -> Option<Answer> {
        let heads = history.head_hashes();
        let need =
            if settings.asks { orphans.missing(history, &self.their_heads) } else { Vec::new() };
        let base = self.covered.clone();
        let wanted_by_name = !self.wanted.is_empty();
        let Chosen { compacted, places: chosen, bytes: _, more } = self.choose(history);
        let is_compacted = compacted.is_some();
        let is_news = self.told.as_ref() != Some(&heads)
            // An empty document was told once "send all you have"; saying so again would make the peer start over.
            || (!need.is_empty() && need != self.asked && !heads.is_empty());
        if chosen.is_empty() && !is_compacted && !is_news {
            return None;
        }
        let is_complete = !more && history.covers_all(&self.covered);
        let is_exact = is_complete && self.unsure.is_empty();
        let have =
            if !settings.asks || more || need.iter().any(|hash| !self.their_heads.contains(hash)) {
                Vec::new()
            } else if is_exact {
                vec![Have { last_sync: heads.clone(), bloom: Bloom::default() }]
            } else {
                vec![self.summary(history)]
            };
        let changes = chosen.iter().map(|&place| history.chunk(place).clone());
        let changes = compacted.into_iter().chain(changes).collect();
        let is_shared = is_exact && need.is_empty() && !wanted_by_name && self.served.is_empty();
        self.told = Some(heads.clone());
        self.asked.clone_from(&need);
        Some(Answer {
            message: SyncMessage { heads, need, have, changes, flags: None },
            base: is_shared.then_some(base),
            more,
            is_compacted,
        })
    }

    /// A peer that says it has less than it was sent has lost it, or its message crossed ours: it is sent again what
    /// it lacks, a few times at most.
    fn must_restart(
        &self,
        history: &History,
        message: &SyncMessage,
        known_heads: &[Place],
    ) -> bool {
        if has_flag(message.flags, SyncMessage::FLAG_RESET) {
            return true;
        }
        // Automerge's reset message: heads, and a summary that claims nothing.
        let claims_nothing = message.have.len() == 1
            && message
                .have
                .iter()
                .all(|have| have.last_sync.is_empty() && have.bloom.entries() == 0);
        if self.told.is_none()
            || self.restarts >= RESTARTS_MAX
            || !(message.heads.is_empty() || claims_nothing)
        {
            return false;
        }
        let lacks = history.after(known_heads);
        self.covered.iter().any(|place| lacks.binary_search(place).is_ok())
    }

    fn restart(&mut self) {
        self.has.clear();
        self.covered.clear();
        self.wanted.clear();
        self.served.clear();
        self.filters.clear();
        self.unsure.clear();
        self.told = None;
        self.asked.clear();
        self.restarts = self.restarts.saturating_add(1);
    }

    fn receive_have(&mut self, history: &History, have: &[Have]) {
        if have.is_empty() {
            return;
        }
        self.is_met = true;
        self.filters.clear();
        if history.covers_all(&self.covered) {
            return;
        }
        // What any filter holds counts as claimed, as automerge has it; in practice there is one.
        let filters = have.iter().map(|have| &have.bloom).filter(|bloom| bloom.entries() > 0);
        // Copies: it may take long until this peer's socket can take an answer.
        self.filters = filters.map(Bloom::detached).collect();
        self.filters_end = Some(history.end());
    }

    /// What goes into the next message.
    fn choose(&mut self, history: &History) -> Chosen {
        let mut chosen = Chosen::default();
        if self.is_read_only || self.is_foreign {
            return chosen;
        }
        for place in std::mem::take(&mut self.wanted) {
            if chosen.bytes >= ANSWER_BYTES_MAX {
                self.wanted.insert(place);
                continue;
            }
            chosen.bytes = chosen.bytes.saturating_add(history.chunk(place).len());
            self.served.insert(place);
            chosen.places.insert(place);
        }
        chosen.more = !self.wanted.is_empty();
        if self.is_met && !chosen.more {
            self.choose_compacted(history, &mut chosen);
            self.choose_lacking(history, &mut chosen);
        }
        chosen
    }

    /// A compacted document is for who lacks more than a third of its changes, as automerge has it, and more bytes of them
    /// than it has. Who was sent one on this connection and lost it again gets the changes.
    fn choose_compacted(&mut self, history: &History, chosen: &mut Chosen) {
        let Some(CompactedPlaces { heads, count, chunk }) = history.compacted() else { return };
        if self.restarts > 0 || !chosen.places.is_empty() {
            return;
        }
        let lacking = history.after(&self.covered);
        if lacking.len() <= count / 3 {
            return;
        }
        let mut with = self.covered.clone();
        extend(history, &mut with, heads);
        let after = history.after(&with);
        let replaced = lacking.iter().filter(|place| after.binary_search(place).is_err());
        let replaced = replaced.filter(|&&place| !self.claims(history, place));
        let sizes: Vec<usize> = replaced.map(|&place| history.chunk(place).len()).collect();
        if sizes.len() > count / 3 && sizes.iter().sum::<usize>() > chunk.len() {
            chosen.compacted = Some(chunk.clone());
            chosen.bytes = chosen.bytes.saturating_add(chunk.len());
            self.covered = with;
        }
    }

    fn choose_lacking(&mut self, history: &History, chosen: &mut Chosen) {
        let lacking = history.after(&self.covered);
        let mut sent = BTreeSet::new();
        let mut seen = Vec::new();
        for place in lacking {
            if chosen.bytes >= ANSWER_BYTES_MAX {
                chosen.more = true;
                break;
            }
            seen.push(place);
            // Whoever lacks a change lacks what depends on it, whatever a filter says.
            let must = history.deps(place).iter().any(|dep| sent.contains(dep));
            if !must && self.claims(history, place) {
                self.unsure.push(place);
                continue;
            }
            sent.insert(place);
            if !self.served.contains(&place) && chosen.places.insert(place) {
                chosen.bytes = chosen.bytes.saturating_add(history.chunk(place).len());
            }
        }
        self.unsure = history.maximal(&self.unsure);
        if chosen.more {
            extend(history, &mut self.covered, &seen);
        } else {
            self.covered = history.heads();
            self.filters.clear();
        }
    }

    /// Whether a filter says that the peer has the change. It can't speak of changes that came after it was made.
    fn claims(&self, history: &History, place: Place) -> bool {
        !self.filters.is_empty()
            && self.filters_end.is_some_and(|end| place < end)
            && self.filters.iter().any(|filter| filter.contains(&history.hash(place)))
    }

    /// "Since what we both have, I have this."
    fn summary(&self, history: &History) -> Have {
        let mut last_sync: Vec<_> = self.has.iter().map(|&place| history.hash(place)).collect();
        last_sync.sort_unstable();
        let since: Vec<_> =
            history.after(&self.has).iter().map(|&place| history.hash(place)).collect();
        Have { last_sync, bloom: Bloom::build(&since) }
    }
}

fn has_flag(flags: Option<u8>, flag: u8) -> bool {
    flags.is_some_and(|flags| flags & flag != 0)
}

fn places(history: &History, hashes: impl IntoIterator<Item = ChangeHash>) -> Vec<Place> {
    hashes.into_iter().filter_map(|hash| history.place_of(&hash)).collect()
}

/// Adds `more` to a set of places that stands for all that its members depend on, and keeps it small.
fn extend(history: &History, set: &mut Vec<Place>, more: &[Place]) {
    let before = set.len();
    for &place in more {
        if !set.contains(&place) {
            set.push(place);
        }
    }
    if set.len() > before {
        *set = history.maximal(set);
    }
}
