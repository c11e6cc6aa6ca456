//! Carrying a plan out as one change, and taking one back: the same in every document that has commands.

use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ChangeHash, ObjId, ObjType, ReadDoc, Value};
use warroom_protocol::Timestamp;

use crate::board::schema::{COLOUR, NAME, TITLE, stamp_value};
use crate::board::{Edited, Stamp};
use crate::coalesce::Edit;
use crate::document::{Document, Message};
use crate::error::CommandError;
use crate::ids::CardId;
use crate::limits::{CHANGE_TEXT_BYTES_MAX, IMPORT_OPS_MAX};
use crate::plan::{Plan, Step};
use crate::text::smallest_edit;
use crate::undo::{Belongs, Effect, Register, Renewed, TakenBack, Way, Written};

/// A document with commands that can be taken back.
pub(crate) trait Writer {
    /// What of its view is to be read again.
    type Hints;

    /// What it writes into.
    fn document(&self) -> &Document;

    /// What it writes into.
    fn document_mut(&mut self) -> &mut Document;

    /// Its person, now.
    fn stamp(&self, now: Timestamp) -> Stamp;

    /// What of its view lies at these places: the keys from the root on.
    fn hints_at(&self, places: &[Vec<String>]) -> Self::Hints;

    /// Reads again what may have changed, and tells what did.
    fn read_again(&mut self, hints: &Self::Hints);

    /// Writes a plan as one change.
    fn execute(&mut self, now: Timestamp, plan: Plan<Self::Hints>) -> Result<Edited, CommandError> {
        let Plan { kind, card, steps, hints, is_undoable } = plan;
        let stamp = self.stamp(now);
        let message = Message { kind, card: card.as_ref() };
        let change = self.document_mut().write_steps(now, &message, &stamp, &steps)?;
        if let Some(change) = change.filter(|_| is_undoable) {
            let written = Written { at: now, change, card, belongs: Belongs::Alone };
            self.document_mut().remember(written);
        }
        self.read_again(&hints);
        Ok(Edited { wrote: true })
    }

    /// Reads again what these steps have written.
    fn read_places(&mut self, steps: &[Step]) {
        let places: Vec<Vec<String>> =
            steps.iter().map(|step| self.document().place_of(step)).collect();
        let hints = self.hints_at(&places);
        self.read_again(&hints);
    }

    /// Writes steps, each with how many operations it is, cut into changes that peers take without a stall, and together one
    /// step to undo. Gives how what is meant with them belongs to them. When automerge refuses one, those before it are
    /// taken back.
    fn write_pieces(
        &mut self,
        now: Timestamp,
        steps: Vec<(usize, Step)>,
        hints: &Self::Hints,
        mut belongs: Belongs,
    ) -> Result<Belongs, CommandError> {
        let message = Message { kind: "import", card: None };
        let stamp = self.stamp(now);
        let mut changes = Vec::new();
        let mut steps = steps.into_iter().peekable();
        let mut outcome = Ok(());
        while steps.peek().is_some() && outcome.is_ok() {
            let (mut piece, mut sum, mut bytes) = (Vec::new(), 0, 0);
            while let Some((operations, step)) = steps.next_if(|(next, step)| {
                let fits = bytes + step.text_bytes() <= CHANGE_TEXT_BYTES_MAX;
                sum == 0 || (sum + next <= IMPORT_OPS_MAX && fits)
            }) {
                sum += operations;
                bytes += step.text_bytes();
                piece.push(step);
            }
            match self.document_mut().write_steps(now, &message, &stamp, &piece) {
                Ok(change) => changes.extend(change),
                Err(error) => outcome = Err(error),
            }
        }
        self.read_again(hints);
        if let Err(error) = outcome {
            let mut renewed = Renewed::default();
            self.take_back(now, (Way::Undo, None), &changes, &mut renewed)?;
            return Err(error);
        }
        for change in changes {
            self.document_mut().remember(Written { at: now, change, card: None, belongs });
            belongs = Belongs::With(change);
        }
        Ok(belongs)
    }

    /// Takes changes of this replica back, as far as nobody wrote there since.
    fn take_back(
        &mut self,
        now: Timestamp,
        (way, card): (Way, Option<&CardId>),
        changes: &[ChangeHash],
        renewed: &mut Renewed,
    ) -> Result<TakenBack, CommandError> {
        let effect = Effect::of(self.document().doc(), changes);
        if effect.is_nothing() {
            return Ok(TakenBack::Nothing);
        }
        let inverse = effect.inverse(self.document().doc(), renewed);
        if inverse.steps.is_empty() {
            return Ok(TakenBack::Skipped);
        }
        let (message, stamp) = (Message { kind: way.kind(), card }, self.stamp(now));
        let change = self.document_mut().write_steps(now, &message, &stamp, &inverse.steps)?;
        if let Some(change) = change {
            inverse.renew(self.document().doc(), change, renewed);
        }
        self.read_places(&inverse.steps);
        Ok(change.map_or(TakenBack::Nothing, TakenBack::By))
    }
}

impl Document {
    /// Whether something is under this key.
    pub(crate) fn is_taken(&self, container: &ObjId, key: &str) -> bool {
        !matches!(self.doc().get(container, key), Ok(None))
    }

    /// Writes steps as one change; none when everything was so already.
    pub(crate) fn write_steps(
        &mut self,
        now: Timestamp,
        message: &Message<'_>,
        stamp: &Stamp,
        steps: &[Step],
    ) -> Result<Option<ChangeHash>, CommandError> {
        self.write(now, message, |to| steps.iter().try_for_each(|step| write(to, stamp, step)))
    }

    /// Where a step writes: the keys from the root on.
    fn place_of(&self, step: &Step) -> Vec<String> {
        let (obj, key) = match step {
            Step::Put { obj, key, .. } | Step::Create { container: obj, key, .. } => {
                (obj, Some(key.clone()))
            }
            Step::Person { people, person } => (people, Some(person.id.to_string())),
            Step::Title { card, .. } => (card, Some(TITLE.to_owned())),
            Step::Edits { text, .. } => (text, None),
        };
        let parents = self.doc().parents(obj).into_iter().flatten();
        let mut place: Vec<String> = key.into_iter().collect();
        place.extend(parents.map(|parent| parent.prop.to_string()));
        place.reverse();
        place
    }
}

fn write(to: &mut Transaction<'_>, stamp: &Stamp, step: &Step) -> Result<(), AutomergeError> {
    match step {
        Step::Put { obj, key, value } => write_register(to, stamp, (obj, key), value),
        Step::Create { container, key, value } => {
            to.batch_create_object(container, key.as_str(), value, false).map(|_| ())
        }
        Step::Person { people, person } => {
            let id = person.id.as_str();
            let obj = match to.get(people, id)? {
                Some((Value::Object(ObjType::Map), obj)) => obj,
                Some(_) | None => to.put_object(people, id, ObjType::Map)?,
            };
            to.put(&obj, NAME, person.name.as_str())?;
            to.put(&obj, COLOUR, u64::from(person.colour))
        }
        Step::Title { card, title } => set_title(to, card, title),
        Step::Edits { text, edits } => edits.iter().try_for_each(|edit| splice(to, text, edit)),
    }
}

fn write_register(
    to: &mut Transaction<'_>,
    now: &Stamp,
    (obj, key): (&ObjId, &str),
    value: &Register,
) -> Result<(), AutomergeError> {
    let stamp = match value {
        Register::Scalar(scalar) => return to.put(obj, key, scalar.clone()),
        Register::Now => return to.put(obj, key, now.at),
        Register::Absent => return to.delete(obj, key),
        Register::Stamp(stamp) => stamp,
        Register::StampNow => now,
    };
    to.batch_create_object(obj, key, &stamp_value(stamp), false).map(|_| ())
}

/// Replaces what differs, so that others' typing elsewhere in the title stays.
fn set_title(to: &mut Transaction<'_>, card: &ObjId, title: &str) -> Result<(), AutomergeError> {
    let text = match to.get(card, TITLE)? {
        Some((Value::Object(ObjType::Text), text)) => text,
        Some(_) | None => to.put_object(card, TITLE, ObjType::Text)?,
    };
    let units = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let Some(edit) = smallest_edit(&units(&to.text(&text)?), &units(title)) else { return Ok(()) };
    splice(to, &text, &edit)
}

/// Replaces a part of a text.
pub(crate) fn splice(
    to: &mut Transaction<'_>,
    text: &ObjId,
    edit: &Edit,
) -> Result<(), AutomergeError> {
    let delete = isize::try_from(edit.delete).unwrap_or(isize::MAX);
    to.splice_text(text, edit.at, delete, &String::from_utf16_lossy(&edit.insert))
}
