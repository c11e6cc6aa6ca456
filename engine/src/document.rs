//! One Automerge document: the only place that makes one, loads it chunk by chunk and takes in bytes from outside.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::sync::SyncDoc as _;
use automerge::transaction::{CommitOptions, Transaction};
use automerge::{
    ActorId, Author, Automerge, AutomergeError, Change, ChangeHash, LoadOptions, ObjId, PatchLog,
    TextEncoding,
};
use bytes::Bytes;
use serde::Serialize;
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::{self as protocol, Dice, Seed, Timestamp};

use crate::coalesce::{Edit, Typing};
use crate::error::{CommandError, ReceiveError};
use crate::history::{Dated, Timeline};
use crate::ids::{CardId, UserId};
use crate::limits::{TYPING_OPS_MAX, UNDO_CHANGES_MAX};
use crate::output::Chunk;
use crate::undo::{Belongs, Written};
use crate::write::splice;
use warroom_protocol::sorted::sort;

mod compact;
mod in_hand;
mod left_out;
mod load;
mod received;
mod suspects;
mod trial;

pub(crate) use compact::{Compacted, Growth};
pub use in_hand::in_hand;
pub(crate) use left_out::LeftOut;
pub(crate) use received::{Incoming, Received};
pub(crate) use suspects::Suspects;

/// SHA-256: of a change, as automerge names it, or of a stored chunk.
pub type Hash = [u8; 32];

/// Text positions are UTF-16 units on every target, as the DOM and JavaScript replicas count. Automerge's default
/// depends on cargo features.
const UNITS: TextEncoding = TextEncoding::Utf16CodeUnit;

/// Who makes every document's first change. Its first change must never change for a kind of document: another one
/// would have the same actor and number, and the two replicas could never sync again.
const FIRST_ACTOR: [u8; 16] = *b"warroom first 01";

/// What became of stored chunks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Chunks that were not read, or not wholly; what could be read of them was. To be kept apart, never deleted.
    pub quarantined: Vec<Chunk>,
    /// A snapshot could not be joined with the rest, and no chunk is to blame: nothing of it may be deleted.
    pub unmerged: bool,
}

/// What is stored of a document, in any order, and what of it is not to be trusted.
#[derive(Debug, Default)]
pub struct Stored {
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) suspects: Suspects,
}

impl From<Vec<Chunk>> for Stored {
    fn from(chunks: Vec<Chunk>) -> Self {
        Self { chunks, suspects: Suspects::default() }
    }
}

/// An Automerge document with a first change that is the same on every replica.
#[derive(Debug)]
pub(crate) struct Document {
    doc: Automerge,
    first: ChangeHash,
    person: UserId,
    dice: Dice,
    /// The actor of this opening is drawn at its first write: each new actor costs every peer 1 to 5 ms once.
    has_actor: bool,
    /// Everything below these heads was loaded from storage or handed out to be stored.
    stored: Vec<ChangeHash>,
    /// What was taken in since then, as it is going to be stored, while that is all there is since then: automerge gave
    /// it back once already.
    fresh: Fresh,
    /// What the document is made of, to make it again after a panic: the chunks that it was loaded from and those that
    /// were handed out since. They share their memory with what the shell stores.
    base: FirstChange,
    made_of: Vec<Chunk>,
    /// Those of these chunks that were not read, or not wholly.
    apart: Vec<Hash>,
    unmerged: bool,
    left_out: LeftOut,
    suspects: Suspects,
    broken: bool,
    /// Can be taken back, and is not told yet.
    written: VecDeque<Written>,
    /// Read when it is asked for the first time.
    timeline: Timeline,
}

/// What every kind of document passes on to what is underneath: its fields are `document` and `deltas`.
macro_rules! document_methods {
    ($kind:ty) => {
        impl $kind {
            /// The document underneath.
            pub(crate) fn document(&self) -> &$crate::document::Document {
                &self.document
            }

            /// The document underneath, to be written through this type's methods.
            pub(crate) fn document_mut(&mut self) -> &mut $crate::document::Document {
                &mut self.document
            }

            /// The Automerge document, to generate sync messages and to compare heads.
            pub fn doc(&self) -> &automerge::Automerge {
                self.document.doc()
            }

            /// The heads, sorted.
            pub fn heads(&self) -> Vec<automerge::ChangeHash> {
                self.document.heads()
            }

            /// Nobody has written anything yet: there is only the first change.
            pub fn is_pristine(&self) -> bool {
                self.document.is_pristine()
            }

            /// Something is to be told, or can be taken back and was not remembered yet.
            pub(crate) fn has_news(&self) -> bool {
                !self.deltas.is_empty() || self.document.has_written()
            }

            /// What changed since the last call, in order.
            pub fn take_deltas(&mut self) -> Vec<$crate::delta::Delta> {
                std::mem::take(&mut self.deltas)
            }

            /// The changes since the last call, local and remote, as one chunk to store; what was loaded is not among
            /// them.
            pub fn take_new_chunk(&mut self) -> Option<$crate::output::Chunk> {
                self.document.take_new_chunk()
            }

            /// Takes in changes that the guard has checked, in any order; those that lack others wait inside. What was
            /// typed is written out first.
            ///
            /// # Errors
            /// [`$crate::ReceiveError`]: the view is right again, and the sender is to be disconnected.
            pub fn receive_changes(
                &mut self,
                now: warroom_protocol::Timestamp,
                changes: &[warroom_protocol::guard::CheckedChange],
            ) -> Result<(), $crate::ReceiveError> {
                self.prepare_to_receive(now);
                let received = self.document.receive_changes(changes, self.has_typist());
                self.received(received)
            }

            /// Takes in a sync message whose parts the guard has checked; `changes` are those of the message. What was
            /// typed is written out first.
            ///
            /// # Errors
            /// As [`Self::receive_changes`].
            pub fn receive_message(
                &mut self,
                now: warroom_protocol::Timestamp,
                state: &mut automerge::sync::State,
                message: automerge::sync::Message,
                changes: &[warroom_protocol::guard::CheckedChange],
            ) -> Result<(), $crate::ReceiveError> {
                if !changes.is_empty() {
                    self.prepare_to_receive(now);
                }
                let incoming = $crate::document::Incoming { state, message, changes };
                let received = self.document.receive_message(incoming, self.has_typist());
                self.received(received)
            }
        }
    };
}

pub(crate) use document_methods;

/// Changes up to the heads `until`, one after the other.
#[derive(Debug, Default)]
struct Fresh {
    bytes: Vec<u8>,
    until: Vec<ChangeHash>,
}

/// Writes the first change of a kind of document; always the same operations in the same order.
pub(crate) type FirstChange = fn(&mut Transaction<'_>) -> Result<(), AutomergeError>;

/// A document of its first change alone.
///
/// # Panics
/// When automerge refuses to put fixed values into an empty document: a broken build, seen by every test.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
fn first_document(first: FirstChange) -> Automerge {
    let mut doc =
        Automerge::new_with_encoding(UNITS).with_actor(ActorId::from(FIRST_ACTOR.as_slice()));
    let mut transaction = doc.transaction();
    let result = first(&mut transaction);
    assert!(result.is_ok(), "the first change is made of fixed values");
    transaction.commit_with(CommitOptions::default().with_time(0));
    doc
}

/// Loads a compacted document, wholly or not at all.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
fn load_snapshot(chunk: Hash, bytes: &[u8]) -> Option<Automerge> {
    let options = LoadOptions::new().text_encoding(UNITS);
    caught(vec![chunk], || Automerge::load_with_options(bytes, options)).and_then(Result::ok)
}

/// Runs what may panic over foreign bytes, with the hashes of what it works on in hand. In WASM a panic ends the
/// instance; the shell starts another, and tells it what was in hand.
pub(crate) fn caught<T>(hashes: Vec<Hash>, work: impl FnOnce() -> T) -> Option<T> {
    let _held = in_hand::hold(hashes);
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn hashes_of(changes: &[CheckedChange]) -> Vec<Hash> {
    changes.iter().map(|change| change.hash.0).collect()
}

/// What a change says about itself: a hint for a list of what happened, never the truth about it.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Message<'a> {
    /// The kind of command.
    #[serde(rename = "k")]
    pub(crate) kind: &'static str,
    /// The card in question.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub(crate) card: Option<&'a CardId>,
}

impl Message<'_> {
    fn to_json(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }
}

impl Document {
    /// Makes the document from its first change and everything that is stored of it.
    pub(crate) fn open(
        first: FirstChange,
        person: UserId,
        seed: Seed,
        stored: Stored,
    ) -> (Self, LoadReport) {
        let Stored { chunks, suspects } = stored;
        let (base, made_of) = (first, chunks.clone());
        let doc = first_document(base);
        let first = doc.get_heads().first().copied().unwrap_or(ChangeHash([0; 32]));
        let (doc, report) = load::load(doc, chunks, &suspects);
        let document = Self {
            stored: if doc.get_heads() == [first] { Vec::new() } else { doc.get_heads() },
            fresh: Fresh::default(),
            doc,
            first,
            person,
            dice: Dice::new(seed),
            has_actor: false,
            base,
            made_of,
            apart: report.quarantined.iter().map(|chunk| chunk.hash).collect(),
            unmerged: report.unmerged,
            left_out: LeftOut::of(suspects.harmful()),
            suspects,
            broken: false,
            written: VecDeque::new(),
            timeline: Timeline::default(),
        };
        (document, report)
    }

    /// The document, to read.
    pub(crate) fn doc(&self) -> &Automerge {
        &self.doc
    }

    /// The document with the order of its changes, brought up to date.
    pub(crate) fn dated(&mut self) -> Dated<'_> {
        self.timeline.update(&self.doc);
        Dated { doc: &self.doc, timeline: &self.timeline, first: self.first }
    }

    /// Whose replica it is.
    pub(crate) fn person(&self) -> &UserId {
        &self.person
    }

    /// The heads, sorted.
    pub(crate) fn heads(&self) -> Vec<ChangeHash> {
        let mut heads = self.doc.get_heads();
        sort(&mut heads);
        heads
    }

    /// There is only the first change.
    pub(crate) fn is_pristine(&self) -> bool {
        self.doc.get_heads() == [self.first]
    }

    /// Automerge panicked and the document could not be made again: nothing more can be written or taken in.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Makes one change of what `edit` does, and gives its hash; none when everything was so already. It must do something, and have checked before that it can: automerge 0.12
    /// miscounts when the first transaction of an actor is rolled back.
    ///
    /// # Errors
    /// [`CommandError::Refused`] with automerge's words; nothing was changed.
    pub(crate) fn write(
        &mut self,
        now: Timestamp,
        message: &Message<'_>,
        edit: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>,
    ) -> Result<Option<ChangeHash>, CommandError> {
        if self.broken {
            return Err(CommandError::Refused(ReceiveError::Broken.to_string()));
        }
        self.draw_actor();
        let mut transaction = self.doc.transaction();
        match edit(&mut transaction) {
            Ok(()) => {
                let options = CommitOptions::default()
                    .with_message(message.to_json())
                    .with_time(i64::try_from(now.0 / 1_000).unwrap_or(i64::MAX));
                let (change, _) = transaction.commit_with(options);
                Ok(change)
            }
            Err(error) => {
                transaction.rollback();
                Err(CommandError::Refused(error.to_string()))
            }
        }
    }

    /// Writes edits of a text one after the other: one change, or several where one would have more operations than
    /// peers take.
    ///
    /// # Errors
    /// As [`Self::write`]; the changes before the refused one stay.
    pub(crate) fn write_edits(
        &mut self,
        now: Timestamp,
        message: &Message<'_>,
        text: &ObjId,
        Typing { begun, edits }: Typing,
    ) -> Result<(), CommandError> {
        let belongs = (now, Belongs::Typing { begun });
        self.write_pieces(now, message, text, (edits, belongs))
    }

    /// As [`Self::write_edits`], with what it belongs to and when it was meant.
    pub(crate) fn write_pieces(
        &mut self,
        now: Timestamp,
        message: &Message<'_>,
        text: &ObjId,
        (edits, (at, mut belongs)): (Vec<Edit>, (Timestamp, Belongs)),
    ) -> Result<(), CommandError> {
        let mut pieces: Vec<Edit> = edits.into_iter().flat_map(Edit::pieces).collect();
        while !pieces.is_empty() {
            let mut units = 0;
            let fits = pieces.iter().take_while(|edit| {
                units += edit.delete + edit.insert.len();
                units <= TYPING_OPS_MAX
            });
            let rest = pieces.split_off(fits.count().max(1));
            let change = self.write(now, message, |to| {
                pieces.iter().try_for_each(|edit| splice(to, text, edit))
            })?;
            if let Some(change) = change {
                let card = message.card.cloned();
                self.remember(Written { at, change, card, belongs });
                belongs = match belongs {
                    Belongs::Typing { begun } => Belongs::Typing { begun },
                    Belongs::Alone | Belongs::With(_) => Belongs::With(change),
                };
            }
            pieces = rest;
        }
        Ok(())
    }

    /// Remembers a change that can be taken back, until [`Self::take_written`].
    pub(crate) fn remember(&mut self, written: Written) {
        if self.written.len() == UNDO_CHANGES_MAX {
            // nobody asks for them
            self.written.pop_front();
        }
        self.written.push_back(written);
    }

    /// Whether [`Self::take_written`] gives any.
    pub(crate) fn has_written(&self) -> bool {
        !self.written.is_empty()
    }

    /// The changes since the last call that can be taken back, in order.
    pub(crate) fn take_written(&mut self) -> VecDeque<Written> {
        std::mem::take(&mut self.written)
    }

    /// The person signs the first change of the actor; setting an author draws an actor from the system's dice, so
    /// ours is set after it.
    fn draw_actor(&mut self) {
        if !self.has_actor {
            let author = Author::from(self.person.as_str().as_bytes().to_vec());
            self.doc.set_author(Some(author));
            let actor: [u8; 16] = self.dice.bytes();
            self.doc.set_actor(ActorId::from(actor.as_slice()));
            self.has_actor = true;
        }
    }

    /// Dice for keys and the like.
    pub(crate) fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// Takes in checked changes, in any order.
    ///
    /// # Errors
    /// [`ReceiveError`]: some changes may have been taken in, so that everything is to be read again.
    pub(crate) fn receive_changes(
        &mut self,
        changes: &[CheckedChange],
        with_patches: bool,
    ) -> Result<Received, ReceiveError> {
        let read = load::read_whole(changes)?;
        self.receive(changes, with_patches, |doc, log| doc.apply_changes_log_patches(read, log))
    }

    /// Looks whether checked changes can be taken in: a copy takes them in, and is thrown away.
    ///
    /// # Errors
    /// Those that [`Self::receive_changes`] would have; nothing was changed.
    pub(crate) fn try_changes(&self, changes: &[CheckedChange]) -> Result<(), ReceiveError> {
        if self.broken {
            return Err(ReceiveError::Broken);
        }
        let (read, before) = (load::read_whole(changes)?, self.doc.get_heads());
        let tried = caught(hashes_of(changes), || {
            let (mut copy, mut log) = (self.doc.clone(), PatchLog::active());
            let result = copy.apply_changes_log_patches(read, &mut log);
            drop(copy.make_patches(&mut log));
            (result, load::given_back(&copy, &before).is_some())
        });
        match tried {
            Some((result, true)) => {
                result.map_err(|error| ReceiveError::Refused(error.to_string()))
            }
            Some((_, false)) | None => Err(ReceiveError::Panicked),
        }
    }

    /// Takes in a checked sync message, as [`Self::receive_changes`].
    ///
    /// # Errors
    /// [`ReceiveError`].
    pub(crate) fn receive_message(
        &mut self,
        incoming: Incoming<'_>,
        with_patches: bool,
    ) -> Result<Received, ReceiveError> {
        let Incoming { state, message, changes } = incoming;
        let mut received = self.receive_suspects(changes, with_patches)?;
        received.extend(self.receive(changes, with_patches, |doc, log| {
            doc.receive_sync_message_log_patches(state, message, log)
        })?);
        Ok(received)
    }

    /// Takes in those of `changes` that are suspected, one at a time. They come in an order in which each finds what it
    /// depends on; one that does not is left to the message.
    fn receive_suspects(
        &mut self,
        changes: &[CheckedChange],
        with_patches: bool,
    ) -> Result<Received, ReceiveError> {
        let mut received = Received::default();
        for change in changes {
            let is_here = |hash: &protocol::ChangeHash| {
                self.doc.get_change_meta_by_hash(&ChangeHash(hash.0)).is_some()
            };
            let is_next = || !is_here(&change.hash) && change.deps.iter().all(is_here);
            if self.suspects.is_suspected(&change.hash.0) && is_next() {
                received.extend(self.receive_changes(std::slice::from_ref(change), with_patches)?);
            }
        }
        Ok(received)
    }

    /// What automerge can't live with, to be taken out of a message before it is checked further.
    pub(crate) fn left_out_mut(&mut self) -> (&Automerge, &mut LeftOut) {
        (&self.doc, &mut self.left_out)
    }

    /// What automerge can't live with.
    pub(crate) fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// Patches are made at once: automerge 0.12 makes wrong ones of a log that outlives a change of actors.
    fn receive(
        &mut self,
        changes: &[CheckedChange],
        with_patches: bool,
        work: impl FnOnce(&mut Automerge, &mut PatchLog) -> Result<(), AutomergeError>,
    ) -> Result<Received, ReceiveError> {
        if self.broken {
            return Err(ReceiveError::Broken);
        }
        let before = self.doc.get_heads();
        let unsaved = (before != self.stored && !self.is_pristine())
            .then(|| Chunk::new(Bytes::from(self.doc.save_after(&self.stored))));
        let doc = &mut self.doc;
        let outcome = caught(hashes_of(changes), || {
            let mut log = if with_patches { PatchLog::active() } else { PatchLog::inactive() };
            // automerge looks for the paths of what it did not even log
            let result = work(doc, &mut log)
                .map(|()| if with_patches { doc.make_patches(&mut log) } else { Vec::new() });
            (result, load::given_back(doc, &before))
        });
        let Some((result, Some(taken_in))) = outcome else {
            return Err(self.make_again(unsaved, changes));
        };
        self.note_fresh(&before, &taken_in);
        let patches = result.map_err(|error| ReceiveError::Refused(error.to_string()))?;
        Ok(Received { changes: taken_in, patches })
    }

    /// Keeps the bytes of what was taken in since `before`, where nothing else is to be stored.
    fn note_fresh(&mut self, before: &[ChangeHash], taken_in: &[Change]) {
        if before == self.stored {
            self.fresh.bytes.clear();
        } else if before != self.fresh.until {
            return;
        }
        self.fresh.bytes.extend(taken_in.iter().flat_map(Change::raw_bytes));
        self.fresh.until = self.doc.get_heads();
    }

    /// After changes that automerge can't live with, the document is made again of what it was made of before, and of
    /// those of the changes that do no harm. The others are left out from now on.
    fn make_again(&mut self, unsaved: Option<Chunk>, changes: &[CheckedChange]) -> ReceiveError {
        let (base, mut made_of) = (self.base, self.made_of.clone());
        made_of.extend(unsaved);
        let changes = load::read_all(changes);
        let suspects = &self.suspects;
        let made = caught(Vec::new(), || {
            let (mut doc, _) = load::load(first_document(base), made_of, suspects);
            let harmful = load::apply_sound(&mut doc, &changes);
            (doc, harmful)
        });
        self.has_actor = false;
        let Some((doc, harmful)) = made else {
            self.broken = true;
            return ReceiveError::Broken;
        };
        self.doc = doc;
        for change in harmful {
            self.left_out.add(change.hash(), change.deps());
        }
        ReceiveError::Panicked
    }

    /// Everything in one chunk.
    pub(crate) fn whole_chunk(&mut self) -> Chunk {
        let chunk = Chunk::new(Bytes::from(self.doc.save()));
        self.made_of.push(chunk.clone());
        chunk
    }

    /// The changes since the last call as one chunk of change after change, or none. The first change goes along with
    /// the first others, so that a storage explains itself.
    pub(crate) fn take_new_chunk(&mut self) -> Option<Chunk> {
        let heads = self.heads();
        if self.broken || self.is_pristine() || heads == self.stored {
            return None;
        }
        let fresh = std::mem::take(&mut self.fresh);
        let bytes =
            if fresh.until == heads { fresh.bytes } else { self.doc.save_after(&self.stored) };
        self.stored = heads;
        let chunk = (!bytes.is_empty()).then(|| Chunk::new(Bytes::from(bytes)))?;
        self.made_of.push(chunk.clone());
        Some(chunk)
    }
}
