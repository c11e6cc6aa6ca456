//! A card's body: one text in a document of its own.

use automerge::{ChangeHash, ObjId, Patch, ROOT, ReadDoc};
use warroom_protocol::{DocumentId, Seed, Timestamp};

use crate::board::schema::{TEXT, first_of_body};
use crate::board::{Edited, Source, Stamp, is_newer, text_at};
use crate::coalesce::{Edit, Typing};
use crate::command::{Splice, TextTarget};
use crate::delta::{Delta, Origin};
use crate::document::{Document, LoadReport, Message, Received, Stored, document_methods};
use crate::error::{CommandError, ReceiveError};
use crate::history::body_with;
use crate::ids::{CardId, UserId};
use crate::limits::BODY_UNITS_MAX;
use crate::projection::Projection;
use crate::text::{OpenText, smallest_edit};
use crate::undo::Belongs;
use crate::write::Writer;

/// The id of the body of `card` on the board `root`: derived, so that two people who first write it offline write into
/// the same document.
pub fn body_id(root: &DocumentId, card: &CardId) -> DocumentId {
    DocumentId::derived(root, &format!("body/{card}"))
}

/// The body of one card. Works as [`crate::BoardDocument`]; methods of the same name mean the same.
#[derive(Debug)]
pub struct BodyDocument {
    card: CardId,
    document: Document,
    open: Option<OpenText>,
    watched: bool,
    deltas: Vec<Delta>,
}

document_methods!(BodyDocument);

impl Writer for BodyDocument {
    type Hints = ();

    fn document(&self) -> &Document {
        &self.document
    }

    fn document_mut(&mut self) -> &mut Document {
        &mut self.document
    }

    fn stamp(&self, now: Timestamp) -> Stamp {
        Stamp::new(now, self.document.person())
    }

    fn hints_at(&self, _: &[Vec<String>]) {}

    /// Tells the typist what was taken back.
    fn read_again(&mut self, (): &()) {
        self.refresh(&[]);
    }
}

impl BodyDocument {
    /// Makes the body from everything that this device has of it.
    pub fn open(
        card: CardId,
        person: UserId,
        seed: Seed,
        stored: impl Into<Stored>,
    ) -> (Self, LoadReport) {
        let (document, report) = Document::open(first_of_body, person, seed, stored.into());
        (Self { card, document, open: None, watched: false, deltas: Vec::new() }, report)
    }

    /// The text, with what was typed and not written out yet.
    pub fn text(&self) -> String {
        match &self.open {
            Some(open) => open.text(),
            None => self.written().map(|(_, text)| text).unwrap_or_default(),
        }
    }

    /// The text object, and what the document has in it.
    fn written(&self) -> Option<(ObjId, String)> {
        let obj = text_at(self.doc().into(), &ROOT, TEXT)?;
        let text = self.doc().text(&obj).ok()?;
        Some((obj, text))
    }

    fn target(&self) -> TextTarget {
        TextTarget::Body { card: self.card.clone() }
    }

    /// Opens the text for typing: emits `TextOpened`.
    ///
    /// # Errors
    /// [`CommandError::OutsideText`] when the document has no text.
    pub fn open_text(&mut self, now: Timestamp) -> Result<(), CommandError> {
        self.flush(now);
        self.open_anew().ok_or(CommandError::OutsideText)
    }

    /// The same for a person who was shown what the text read as at earlier heads, and may have typed in that: opens it as
    /// it was then, and tells as splices of others what changed since. So what was typed comes where it was meant, as if it
    /// had been typed at those heads.
    ///
    /// # Errors
    /// As [`Self::open_text`].
    pub(crate) fn open_text_from(
        &mut self,
        now: Timestamp,
        shown: &Projection,
    ) -> Result<(), CommandError> {
        self.flush(now);
        let (obj, content) = self.written().ok_or(CommandError::OutsideText)?;
        let is_here = |head: &ChangeHash| self.doc().get_change_meta_by_hash(head).is_some();
        if content == shown.content || !shown.heads.iter().all(is_here) {
            return self.open_text(now);
        }
        let heads = self.doc().get_heads();
        let patches = self.doc().diff_obj(&obj, &shown.heads, &heads, false).unwrap_or_default();
        self.open = Some(OpenText::new(obj, &shown.content, BODY_UNITS_MAX));
        self.deltas.push(Delta::TextOpened { text: self.target(), content: shown.content.clone() });
        self.refresh(&patches);
        Ok(())
    }

    fn open_anew(&mut self) -> Option<()> {
        self.open = None;
        let (obj, content) = self.written()?;
        self.open = Some(OpenText::new(obj, &content, BODY_UNITS_MAX));
        self.deltas.push(Delta::TextOpened { text: self.target(), content });
        Some(())
    }

    /// A person typed: see [`crate::Command::EditText`].
    ///
    /// # Errors
    /// [`CommandError`]: nothing was changed.
    pub fn edit_text(
        &mut self,
        now: Timestamp,
        seen: u64,
        splice: &Splice,
    ) -> Result<Edited, CommandError> {
        if is_newer(self.doc().into()) || self.document.is_broken() {
            return Err(CommandError::ReadOnly);
        }
        let open = self.open.as_mut().ok_or(CommandError::OutsideText)?;
        let splice = open.edit(now, seen, splice)?;
        let (text, origin) = (self.target(), Origin::Local);
        self.deltas.push(Delta::TextSpliced { text, origin, splice });
        Ok(Edited { wrote: true })
    }

    /// Writes the text of a file into a body that has none.
    ///
    /// # Errors
    /// [`CommandError`].
    pub(crate) fn import(&mut self, now: Timestamp, text: &str) -> Result<(), CommandError> {
        let (obj, _) = self.written().ok_or(CommandError::OutsideText)?;
        let edit = Edit { at: 0, delete: 0, insert: text.encode_utf16().collect() };
        let message = Message { kind: "import", card: Some(&self.card) };
        self.document.write_edits(now, &message, &obj, Typing { begun: now, edits: vec![edit] })
    }

    /// Writes out what was typed and closes the text.
    pub fn close_text(&mut self, now: Timestamp) {
        self.flush(now);
        self.open = None;
    }

    /// Whether the text is open.
    pub fn is_text_open(&self) -> bool {
        self.open.is_some()
    }

    /// The card that it is the body of.
    pub(crate) fn card(&self) -> &CardId {
        &self.card
    }

    /// Whether others have the card open.
    pub(crate) fn is_watched(&self) -> bool {
        self.watched
    }

    /// Whether others have the card open.
    pub fn set_watched(&mut self, watched: bool) {
        self.watched = watched;
    }

    fn prepare_to_receive(&mut self, now: Timestamp) {
        self.flush(now);
    }

    /// Whether somebody types in it, who is to hear where others did.
    fn has_typist(&self) -> bool {
        self.open.is_some()
    }

    fn received(&mut self, received: Result<Received, ReceiveError>) -> Result<(), ReceiveError> {
        match received {
            Ok(Received { changes: _, patches }) if patches.is_empty() => Ok(()),
            Ok(Received { changes: _, patches }) => {
                self.refresh(&patches);
                Ok(())
            }
            Err(error) => {
                self.refresh(&[]);
                Err(error)
            }
        }
    }

    /// Tells the typist what others changed.
    fn refresh(&mut self, patches: &[Patch]) {
        if self.open.is_none() {
            return;
        }
        let written = self.written();
        let target = self.target();
        let Some(open) = self.open.as_mut().filter(|open| !open.has_unwritten()) else { return };
        match written {
            Some((obj, now)) if obj == *open.obj() && !open.is_left_behind() => {
                let (text, origin) = (target, Origin::Remote);
                let spliced = open.change(&now, patches).into_iter();
                self.deltas.extend(spliced.map(|splice| Delta::TextSpliced {
                    text: text.clone(),
                    origin,
                    splice,
                }));
            }
            Some(_) | None => self.open_or_tell_empty(),
        }
    }

    /// The typist starts anew from what the document has: nothing, where it has no text any more.
    fn open_or_tell_empty(&mut self) {
        if self.open_anew().is_none() {
            let (text, content) = (self.target(), String::new());
            self.deltas.push(Delta::TextOpened { text, content });
        }
    }

    /// An edit is buffered that no change holds yet.
    pub fn has_unwritten(&self) -> bool {
        self.open.as_ref().is_some_and(OpenText::has_unwritten)
    }

    /// Writes out everything that was typed.
    pub fn flush(&mut self, now: Timestamp) {
        let Some(open) = self.open.as_mut().filter(|open| open.has_unwritten()) else { return };
        let (obj, typing) = (open.obj().clone(), open.buffer().take());
        let message = Message { kind: "type", card: Some(&self.card) };
        if self.document.write_edits(now, &message, &obj, typing).is_err() {
            // what the document refused is not shown either
            self.open_or_tell_empty();
        }
    }

    /// It is of a newer major schema, or broken, or has no text.
    pub(crate) fn is_read_only(&self) -> bool {
        is_newer(self.doc().into()) || self.document.is_broken() || self.written().is_none()
    }

    /// Makes the text again as it was at these heads: one splice of what differs, in one change, unless that would have
    /// more operations than peers take. `intent`: when it was meant, and what it belongs to. The caller checks that the
    /// board may be written.
    pub(crate) fn restore_at(
        &mut self,
        now: Timestamp,
        heads: &[ChangeHash],
        intent: (Timestamp, Belongs),
    ) -> Result<Edited, CommandError> {
        if self.is_read_only() {
            return Err(CommandError::ReadOnly);
        }
        self.flush(now);
        let (text, is) = self.written().ok_or(CommandError::OutsideText)?;
        let was = body_with(Source::at(self.doc(), heads)).unwrap_or_default();
        let units = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
        let Some(edit) = smallest_edit(&units(&is), &units(&was)) else {
            return Ok(Edited { wrote: false });
        };
        let card = self.card.clone();
        let message = Message { kind: "restoreAt", card: Some(&card) };
        self.document.write_pieces(now, &message, &text, (vec![edit], intent))?;
        self.refresh(&[]);
        Ok(Edited { wrote: true })
    }

    /// Writes out what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if self.next_timeout().is_some_and(|due| due <= now) {
            self.flush(now);
        }
    }

    /// When to call `handle_timeout`.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        self.open.as_ref()?.due(self.watched)
    }
}
