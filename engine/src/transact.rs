//! Several commands as one change. Each is carried out on a copy of the document, so that the next one finds what it did; what
//! they write is then written together. So there is nothing to take back where one of them is refused.

use automerge::{Automerge, ChangeHash, ReadDoc as _};
use warroom_protocol::Timestamp;

use crate::board::Stamp;
use crate::command::Command;
use crate::delta::Delta;
use crate::document::{Document, Message};
use crate::error::CommandError;
use crate::ids::CardId;
use crate::limits::{CHANGE_TEXT_BYTES_MAX, TRANSACTION_COMMANDS_MAX, TRANSACTION_OPS_MAX};
use crate::plan::{Plan, Step};
use crate::talk::TalkCommand;
use crate::undo::{Belongs, Written};
use crate::write::Writer;

/// The kind of the change's message.
pub(crate) const TRANSACT: &str = "transact";

/// What commands are going to write into one document, while it is on trial.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The document as it is.
    kept: Automerge,
    /// How many deltas were there before.
    told: usize,
    steps: Vec<Step>,
    operations: u64,
    /// Bytes of the texts that are written or replaced as whole values.
    text_bytes: usize,
    /// The card in question, where all of them are about one.
    card: Option<CardId>,
}

/// A document into which commands are written together. Between the beginning of a draft and its end nothing else is done to it.
pub(crate) trait Drafting: Writer {
    /// What is told and not taken yet.
    fn deltas_mut(&mut self) -> &mut Vec<Delta>;

    /// Reads again what may have changed, and tells what did, but to nobody who types.
    fn read_view(&mut self, hints: &Self::Hints);

    /// Shows what the document says, and tells nothing.
    fn show_anew(&mut self);

    /// Begins one. What was typed is written already.
    fn begin_draft(&mut self) -> Draft {
        let (kept, told) = (self.document_mut().begin_trial(), self.deltas_mut().len());
        Draft { kept, told, steps: Vec::new(), operations: 0, text_bytes: 0, card: None }
    }

    /// Adds what was planned, and shows it to the next command; none where everything is as it should be.
    ///
    /// # Errors
    /// [`CommandError`]: the draft comes to nothing.
    fn add_to_draft(
        &mut self,
        now: Timestamp,
        draft: &mut Draft,
        planned: Option<Plan<Self::Hints>>,
    ) -> Result<(), CommandError> {
        let Some(Plan { kind, card, steps, hints, is_undoable: _ }) = planned else {
            return Ok(());
        };
        let stamp = self.stamp(now);
        self.document_mut().add_to_draft((now, &stamp), (kind, card), draft, steps)?;
        self.read_view(&hints);
        Ok(())
    }

    /// Ends one: writes it as one change, which belongs to others so; none where it is nothing. Without that nothing is written and
    /// nothing told.
    ///
    /// # Errors
    /// [`CommandError::Refused`]: nothing is written and nothing told.
    fn end_draft(
        &mut self,
        now: Timestamp,
        draft: Draft,
        belongs: Option<Belongs>,
    ) -> Result<Option<ChangeHash>, CommandError> {
        let (told, stamp) = (draft.told, self.stamp(now));
        let (steps, written) = self.document_mut().write_draft(now, &stamp, draft, belongs);
        match &written {
            Ok(Some(_)) => self.read_places(&steps),
            Ok(None) | Err(_) if steps.is_empty() => {}
            Ok(None) | Err(_) => {
                self.deltas_mut().truncate(told);
                self.show_anew();
            }
        }
        written
    }
}

impl Document {
    /// Writes what was planned, on trial.
    fn add_to_draft(
        &mut self,
        (now, stamp): (Timestamp, &Stamp),
        (kind, card): (&'static str, Option<CardId>),
        draft: &mut Draft,
        steps: Vec<Step>,
    ) -> Result<(), CommandError> {
        draft.text_bytes += steps.iter().map(|step| self.text_bytes(step)).sum::<usize>();
        let message = Message { kind, card: card.as_ref() };
        if let Some(change) = self.write_steps(now, &message, stamp, &steps)?
            && let Some(change) = self.doc().get_change_meta_by_hash(&change)
        {
            draft.operations += change.max_op + 1 - change.start_op;
        }
        let (is_first, known) = (draft.steps.is_empty(), draft.card.take());
        draft.card = card.filter(|card| is_first || known.as_ref() == Some(card));
        draft.steps.extend(steps);
        let fits =
            draft.operations <= TRANSACTION_OPS_MAX && draft.text_bytes <= CHANGE_TEXT_BYTES_MAX;
        if fits { Ok(()) } else { Err(too_much()) }
    }

    /// Bytes of the texts that a step is going to write or to replace as whole values.
    fn text_bytes(&self, step: &Step) -> usize {
        let replaced = if let Step::Put { obj, key, .. } = step {
            self.doc().get(obj, key.as_str()).ok().flatten()
        } else {
            None
        };
        let replaced = replaced.and_then(|(value, _)| value.as_str().map(str::len));
        step.text_bytes() + replaced.unwrap_or(0)
    }

    /// Ends the trial, and writes what it came to; gives the steps too.
    fn write_draft(
        &mut self,
        now: Timestamp,
        stamp: &Stamp,
        draft: Draft,
        belongs: Option<Belongs>,
    ) -> (Vec<Step>, Result<Option<ChangeHash>, CommandError>) {
        let Draft { kept, told: _, steps, operations: _, text_bytes: _, card } = draft;
        self.end_trial(kept);
        let Some(belongs) = belongs.filter(|_| !steps.is_empty()) else {
            return (steps, Ok(None));
        };
        let message = Message { kind: TRANSACT, card: card.as_ref() };
        let written = self.write_steps(now, &message, stamp, &steps);
        if let Ok(Some(change)) = written {
            self.remember(Written { at: now, change, card, belongs });
        }
        (steps, written)
    }
}

/// Checks what can be seen of commands before a document is copied to try them.
///
/// # Errors
/// [`CommandError::InTransaction`], or that there are too many.
pub(crate) fn check_all(commands: &[Command]) -> Result<(), CommandError> {
    if commands.len() > TRANSACTION_COMMANDS_MAX {
        return Err(too_much());
    }
    match commands.iter().position(is_alone) {
        Some(index) => Err(in_transaction(index, CommandError::NotTogether)),
        None => Ok(()),
    }
}

/// Adds the commands one after the other; they were checked.
///
/// # Errors
/// [`CommandError::InTransaction`].
pub(crate) fn add_each(
    commands: Vec<Command>,
    mut add: impl FnMut(Command) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    for (index, command) in commands.into_iter().enumerate() {
        add(command).map_err(|reason| in_transaction(index, reason))?;
    }
    Ok(())
}

fn in_transaction(index: usize, reason: CommandError) -> CommandError {
    CommandError::InTransaction { number: index + 1, reason: Box::new(reason) }
}

/// What is no edit, can't be taken back, or may have to wait for a document.
fn is_alone(command: &Command) -> bool {
    matches!(
        command,
        Command::OpenText { .. }
            | Command::EditText { .. }
            | Command::FlushText { .. }
            | Command::CloseText { .. }
            | Command::SetPerson { .. }
            | Command::RestoreCardAt { .. }
            | Command::Talk { command: TalkCommand::MarkSeen { .. } }
            | Command::Undo
            | Command::Redo
            | Command::Transact { .. }
    )
}

fn too_much() -> CommandError {
    CommandError::Refused("it is too much for one transaction: make several of it".to_owned())
}
