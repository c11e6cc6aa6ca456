//! The board's document: commands and remote changes in, chunks, sync and deltas out.

use automerge::{ChangeHash, ObjId, ReadDoc};
use warroom_protocol::sorted::{SortedMap, SortedSet};
use warroom_protocol::{Dice, DocumentId, Seed, Timestamp};

use super::hints::Hints;
use super::places::Places;
use super::read;
use super::refresh::build;
use super::schema::{TITLE, first_of_board};
use super::view::Board;
use crate::body::body_id;
use crate::coalesce::Typing;
use crate::command::{Command, Splice, TextTarget};
use crate::delta::{Delta, Origin};
use crate::document::{Document, LoadReport, Received, Stored, document_methods};
use crate::error::{CommandError, ReceiveError};
use crate::ids::{CardId, UserId};
use crate::limits::TITLE_UNITS_MAX;
use crate::text::OpenText;
use crate::transact::{Draft, Drafting as _, add_each, check_all};
use crate::undo::{Belongs, Intent, TakenBack, UndoStack, Way};
use crate::write::Writer;

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edited {
    /// Something was edited: written, or buffered and to be written by `flush`. False for commands that edit nothing
    /// (opening a text, a move to where the card is, a skipped undo).
    pub wrote: bool,
}

/// The board of a room. `take_deltas` and `take_new_chunk` are to be called after each call that takes `&mut self`.
#[derive(Debug)]
pub struct BoardDocument {
    id: DocumentId,
    person: UserId,
    pub(super) document: Document,
    pub(super) view: Board,
    /// The titles that are open for typing.
    pub(super) texts: SortedMap<CardId, OpenText>,
    pub(super) undo: UndoStack,
    /// The cards that others have open.
    watched: SortedSet<CardId>,
    /// When this replica last left its mark on a card whose body it edits.
    body_marks: SortedMap<CardId, Timestamp>,
    places: Places,
    /// Not taken yet.
    pub(super) deltas: Vec<Delta>,
}

document_methods!(BoardDocument);

impl BoardDocument {
    /// Makes the board from everything that this device has of it (nothing: the first change alone, which is the same
    /// on every replica). The first delta is a `Reset`.
    pub fn open(
        id: DocumentId,
        person: UserId,
        seed: Seed,
        stored: impl Into<Stored>,
    ) -> (Self, LoadReport) {
        let (document, report) =
            Document::open(first_of_board, person.clone(), seed, stored.into());
        let view = build(document.doc().into());
        let deltas = vec![view.to_reset()];
        let (texts, undo) = (SortedMap::new(), UndoStack::default());
        let (watched, body_marks) = (SortedSet::new(), SortedMap::new());
        let places = Places::default();
        let board =
            Self { id, person, document, view, texts, undo, watched, body_marks, places, deltas };
        (board, report)
    }

    /// Does what a person wants. Texts of bodies and the talk are not the board's: route them to [`crate::BodyDocument`]
    /// and [`crate::TalkDocument`].
    ///
    /// # Errors
    /// [`CommandError`]: nothing was changed.
    pub fn apply_command(
        &mut self,
        now: Timestamp,
        command: Command,
    ) -> Result<Edited, CommandError> {
        match command {
            Command::OpenText { text: TextTarget::Title { card } } => self.open_title(now, &card),
            Command::EditText { text: TextTarget::Title { card }, seen, splice } => {
                self.edit_title(now, &card, seen, &splice)
            }
            Command::FlushText { text: TextTarget::Title { card } } => {
                self.write_typing(now, &card)?;
                Ok(Edited { wrote: false })
            }
            Command::CloseText { text: TextTarget::Title { card } } => {
                self.write_typing(now, &card)?;
                self.texts.remove(&card);
                Ok(Edited { wrote: false })
            }
            Command::OpenText { .. }
            | Command::EditText { .. }
            | Command::FlushText { .. }
            | Command::CloseText { .. } => Err(CommandError::OutsideText),
            Command::Transact { commands } => self.transact(now, commands),
            Command::Undo => self.step_back(now, Way::Undo),
            Command::Redo => self.step_back(now, Way::Redo),
            Command::RenameRoom { .. }
            | Command::AddColumn { .. }
            | Command::RenameColumn { .. }
            | Command::MoveColumn { .. }
            | Command::SetColumnRole { .. }
            | Command::SetColumnWip { .. }
            | Command::SetColumnColour { .. }
            | Command::DeleteColumn { .. }
            | Command::RestoreColumn { .. }
            | Command::AddCard { .. }
            | Command::MoveCard { .. }
            | Command::ArchiveCard { .. }
            | Command::UnarchiveCard { .. }
            | Command::DeleteCard { .. }
            | Command::RestoreCard { .. }
            | Command::SetTitle { .. }
            | Command::Assign { .. }
            | Command::Unassign { .. }
            | Command::AttachLabel { .. }
            | Command::DetachLabel { .. }
            | Command::SetDue { .. }
            | Command::SetPriority { .. }
            | Command::AddItem { .. }
            | Command::EditItem { .. }
            | Command::MoveItem { .. }
            | Command::SetItemDone { .. }
            | Command::DeleteItem { .. }
            | Command::RestoreItem { .. }
            | Command::AddAttachment { .. }
            | Command::DeleteAttachment { .. }
            | Command::RestoreAttachment { .. }
            | Command::AddLabel { .. }
            | Command::RenameLabel { .. }
            | Command::SetLabelColour { .. }
            | Command::DeleteLabel { .. }
            | Command::RestoreLabel { .. }
            | Command::SetPerson { .. }
            | Command::Talk { .. }
            | Command::ResolveConflict { .. }
            | Command::RestoreCardAt { .. } => {
                self.prepare(now)?;
                match self.plan(now, command)? {
                    Some(plan) => self.execute(now, plan),
                    None => Ok(Edited { wrote: false }),
                }
            }
        }
    }

    /// Notes that this person wrote in the body of a card: its address is set once, the mark at most once in five
    /// minutes. To be called when an edit of a body is written.
    ///
    /// # Errors
    /// [`CommandError`]: nothing was changed.
    pub fn note_body_edit(
        &mut self,
        now: Timestamp,
        card: &CardId,
    ) -> Result<Edited, CommandError> {
        self.prepare(now)?;
        let body = body_id(&self.id, card);
        let Some(plan) = self.plan_body_edit(now, card, &body)? else {
            return Ok(Edited { wrote: false });
        };
        let edited = self.execute(now, plan)?;
        self.body_marks.insert(card.clone(), now);
        Ok(edited)
    }

    /// Takes the newest intent back, or does again what was taken back last, unless somebody changed the same thing
    /// since: then says so. In a room the replica does this, over all of its documents.
    fn step_back(&mut self, now: Timestamp, way: Way) -> Result<Edited, CommandError> {
        self.prepare(now)?;
        for written in self.document.take_written() {
            self.undo.handle_written(&self.id, written);
        }
        loop {
            let Intent { card, changes, .. } = self.undo.pop(way).ok_or(way.nothing())?;
            let changes: Vec<ChangeHash> = changes.into_iter().map(|(_, change)| change).collect();
            let mut renewed = std::mem::take(&mut self.undo.renewed);
            let taken = self.take_back(now, (way, card.as_ref()), &changes, &mut renewed);
            self.undo.renewed = renewed;
            match taken? {
                TakenBack::By(change) => {
                    let mut taken = Intent::new(card);
                    taken.changes.push((self.id.clone(), change));
                    self.undo.handle_taken_back(way, taken);
                    return Ok(Edited { wrote: true });
                }
                TakenBack::Skipped => {
                    self.deltas.push(Delta::UndoSkipped { card });
                    return Ok(Edited { wrote: false });
                }
                // a person means the one before it
                TakenBack::Nothing => {}
            }
        }
    }

    /// Does several commands or none. In a room the replica does this, over the talk too.
    fn transact(&mut self, now: Timestamp, commands: Vec<Command>) -> Result<Edited, CommandError> {
        self.prepare(now)?;
        check_all(&commands)?;
        if commands.is_empty() {
            return Ok(Edited { wrote: false });
        }
        let mut draft = self.begin_draft();
        let added = add_each(commands, |command| self.draft(now, &mut draft, command));
        let change = self.end_draft(now, draft, added.is_ok().then_some(Belongs::Alone));
        let change = added.and(change)?;
        Ok(Edited { wrote: change.is_some() })
    }

    /// Adds a command about registers to a draft.
    ///
    /// # Errors
    /// [`CommandError`]: the draft comes to nothing.
    pub(crate) fn draft(
        &mut self,
        now: Timestamp,
        draft: &mut Draft,
        command: Command,
    ) -> Result<(), CommandError> {
        let planned = self.plan(now, command)?;
        self.add_to_draft(now, draft, planned)
    }

    /// Before anything else is written, what was typed is.
    pub(crate) fn prepare(&mut self, now: Timestamp) -> Result<(), CommandError> {
        self.check_writable()?;
        self.flush(now);
        Ok(())
    }

    pub(crate) fn check_writable(&self) -> Result<(), CommandError> {
        let writable = !self.view.is_read_only() && !self.document.is_broken();
        if writable { Ok(()) } else { Err(CommandError::ReadOnly) }
    }

    pub(super) fn open_title(
        &mut self,
        now: Timestamp,
        card: &CardId,
    ) -> Result<Edited, CommandError> {
        let obj = self.card_obj(card)?;
        let text =
            read::text_at(self.doc().into(), &obj, TITLE).ok_or(CommandError::OutsideText)?;
        self.write_typing(now, card)?;
        let content = self.doc().text(&text).unwrap_or_default();
        self.texts.insert(card.clone(), OpenText::new(text, &content, TITLE_UNITS_MAX));
        let text = TextTarget::Title { card: card.clone() };
        self.deltas.push(Delta::TextOpened { text, content });
        Ok(Edited { wrote: false })
    }

    fn edit_title(
        &mut self,
        now: Timestamp,
        card: &CardId,
        seen: u64,
        splice: &Splice,
    ) -> Result<Edited, CommandError> {
        self.check_writable()?;
        let text = self.texts.get_mut(card).ok_or(CommandError::OutsideText)?;
        let splice = text.edit(now, seen, splice)?;
        let title = text.text();
        self.tell(Delta::TextSpliced {
            text: TextTarget::Title { card: card.clone() },
            origin: Origin::Local,
            splice,
        });
        if let Some(shown) = self.view.card(card)
            && shown.title != title
        {
            let mut shown = shown.clone();
            shown.title = title;
            self.tell(Delta::CardPut { card: shown });
        }
        Ok(Edited { wrote: true })
    }

    fn prepare_to_receive(&mut self, now: Timestamp) {
        self.flush(now);
    }

    /// Whether somebody types in a title, who is to hear where in it others did.
    fn has_typist(&self) -> bool {
        !self.texts.is_empty()
    }

    fn received(&mut self, received: Result<Received, ReceiveError>) -> Result<(), ReceiveError> {
        match received {
            Ok(Received { changes, patches }) => {
                let hints = self.places.touched(self.document.doc(), &changes);
                self.refresh(&hints, &patches);
                Ok(())
            }
            Err(error) => {
                self.refresh(&Hints { all: true, ..Hints::default() }, &[]);
                Err(error)
            }
        }
    }

    /// The document's id.
    pub fn id(&self) -> &DocumentId {
        &self.id
    }

    /// An edit is buffered that no change holds yet.
    pub fn has_unwritten(&self) -> bool {
        self.texts.values().any(OpenText::has_unwritten)
    }

    /// Writes out everything that was typed.
    pub fn flush(&mut self, now: Timestamp) {
        self.write_typing_where(now, |_, _| true);
    }

    /// Writes out what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.write_typing_where(now, |text, watched| {
            text.due(watched).is_some_and(|due| due <= now)
        });
    }

    fn write_typing_where(&mut self, now: Timestamp, chosen: impl Fn(&OpenText, bool) -> bool) {
        let cards: Vec<CardId> = self
            .texts
            .iter()
            .filter(|(card, text)| {
                text.has_unwritten() && chosen(text, self.watched.contains(card))
            })
            .map(|(card, _)| card.clone())
            .collect();
        for card in cards {
            if self.write_typing(now, &card).is_err() {
                // what the document refused is not shown either: the text is opened anew as the document has it
                self.open_anew(&card);
            }
        }
    }

    /// When to call `handle_timeout`.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let due = self.texts.iter().map(|(card, text)| text.due(self.watched.contains(card)));
        due.flatten().min()
    }

    /// The cards that others have open: typing in them is written out every 100 ms.
    pub fn set_watched(&mut self, cards: SortedSet<CardId>) {
        self.watched = cards;
    }

    /// The view.
    pub fn board(&self) -> &Board {
        &self.view
    }

    /// A view made anew from the document, as it is without what is only buffered: what `board` must equal.
    pub fn rebuilt(&self) -> Board {
        build(self.doc().into())
    }

    /// The view as JSON, as it is kept for the first paint of the next start.
    pub fn projection(&self) -> String {
        // only maps with keys that are not text fail to become JSON, and there is none
        serde_json::to_string(&self.view.to_reset()).unwrap_or_default()
    }

    /// The cards that have a body, each with its document, in the order of their ids.
    pub fn bodies(&self) -> Vec<(CardId, DocumentId)> {
        let with_body = self.view.cards().filter(|card| card.has_body);
        with_body.map(|card| (card.id.clone(), body_id(&self.id, &card.id))).collect()
    }

    pub(crate) fn person(&self) -> &UserId {
        &self.person
    }

    pub(super) fn body_marked_at(&self, card: &CardId) -> Option<Timestamp> {
        self.body_marks.get(card).copied()
    }

    pub(super) fn board_and_dice(&mut self) -> (&Board, &mut Dice) {
        (&self.view, self.document.dice())
    }

    /// What waits to be written into a title, and its text.
    pub(super) fn take_typing(&mut self, card: &CardId) -> Option<(ObjId, Typing)> {
        let text = self.texts.get_mut(card)?;
        let typing = text.buffer().take();
        (!typing.edits.is_empty()).then(|| (text.obj().clone(), typing))
    }
}
