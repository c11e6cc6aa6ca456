//! The stack as it is kept on this device, so that it survives a reload: a line of text for each intent, and for each
//! stretch of operations that stand again.
//!
//! `done` or `undone`, the card or `-`, then `<document>:<change>` for each change; `renewed`, then the first old and the
//! first new operation as `<number>@<actor>`, and how many. Intents are those that the limits let in, the oldest first.

use std::fmt::Write as _;
use std::str::{FromStr as _, Split};

use automerge::legacy::OpId;
use automerge::{ActorId, ChangeHash};
use warroom_protocol::DocumentId;

use super::renewed::Run;
use super::{Intent, UndoStack};
use crate::ids::CardId;
use crate::limits::UNDO_KEPT_MAX;

const DONE: &str = "done";
const UNDONE: &str = "undone";
const RENEWED: &str = "renewed";
const NO_CARD: &str = "-";

impl UndoStack {
    /// The newest intents as text.
    pub(crate) fn write(&self) -> String {
        let mut text = String::new();
        for (name, intents) in [(DONE, &self.done), (UNDONE, &self.undone)] {
            let old = intents.len().saturating_sub(UNDO_KEPT_MAX);
            for Intent { card, changes, .. } in intents.iter().skip(old) {
                text += name;
                text += " ";
                text += card.as_ref().map_or(NO_CARD, CardId::as_str);
                for (document, change) in changes {
                    // writing into a string does not fail
                    let _written = write!(text, " {document}:{change}");
                }
                text += "\n";
            }
        }
        for Run { old, new, length } in &self.renewed.runs {
            let _written = writeln!(text, "{RENEWED} {old} {new} {length}");
        }
        text
    }

    /// Reads what [`Self::write`] wrote. None for anything else.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut stack = Self::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            match words.next()? {
                DONE => stack.done.push_back(intent(words)?),
                UNDONE => stack.undone.push_back(intent(words)?),
                RENEWED => {
                    let (old, new) = (operation(words.next()?)?, operation(words.next()?)?);
                    let length = words.next()?.parse().ok()?;
                    stack.renewed.runs.push(Run { old, new, length });
                }
                _ => return None,
            }
        }
        Some(stack)
    }
}

fn intent(mut words: Split<'_, char>) -> Option<Intent> {
    let card = Some(words.next()?).filter(|card| *card != NO_CARD);
    let card = card.map(CardId::new).transpose().ok()?;
    let change = |word: &str| {
        let (document, change) = word.split_once(':')?;
        Some((DocumentId::from_str(document).ok()?, ChangeHash::from_str(change).ok()?))
    };
    let changes: Vec<_> = words.map(change).collect::<Option<_>>()?;
    Some(Intent { changes, ..Intent::new(card) })
}

fn operation(word: &str) -> Option<OpId> {
    let (number, actor) = word.split_once('@')?;
    Some(OpId(number.parse().ok()?, ActorId::try_from(actor).ok()?))
}

#[cfg(test)]
mod tests {
    use warroom_protocol::Timestamp;

    use super::super::{Belongs, Way, Written};
    use super::*;

    fn stack() -> UndoStack {
        let mut stack = UndoStack::default();
        let room = DocumentId::from_room_name("ops");
        for number in 0..4_u8 {
            let card = CardId::new("c").ok().filter(|_| number > 1);
            let last = ChangeHash([2; 32]);
            let belongs = if number == 3 { Belongs::With(last) } else { Belongs::Alone };
            let (at, change) = (Timestamp::default(), ChangeHash([number; 32]));
            stack.handle_written(&room, Written { at, change, card, belongs });
        }
        let mut intent = stack.pop(Way::Undo).unwrap();
        intent.changes.truncate(1);
        stack.handle_taken_back(Way::Undo, intent);
        let id = |number, actor: u8| OpId(number, ActorId::from(vec![actor; 16]));
        stack.renewed.renew(&id(1, 1), &id(5, 2));
        stack.renewed.renew(&id(2, 1), &id(6, 2));
        stack.renewed.renew(&id(9, 1), &id(7, 2));
        assert!(stack.take_changed());
        assert_eq!(stack.renewed.runs.len(), 2);
        stack
    }

    #[test]
    fn it_reads_as_it_was_written() {
        for stack in [stack(), UndoStack::default()] {
            assert_eq!(UndoStack::read(&stack.write()), Some(stack));
        }
    }

    #[test]
    fn what_is_torn_is_not_read_or_holds_less() {
        let text = stack().write();
        // the end of the last line is not missed
        for length in 0..text.len() - 1 {
            let read = UndoStack::read(text.get(..length).unwrap());
            assert_ne!(read, Some(stack()), "{length}");
        }
        assert_eq!(UndoStack::read("done c nonsense"), None);
    }

    #[test]
    fn the_newest_intents_are_kept() {
        let mut long = UndoStack::default();
        let room = DocumentId::from_room_name("ops");
        for number in 0..=UNDO_KEPT_MAX {
            let change = ChangeHash([u8::try_from(number).unwrap(); 32]);
            let (at, card, belongs) = (Timestamp::default(), None, Belongs::Alone);
            long.handle_written(&room, Written { at, change, card, belongs });
        }
        let kept = UndoStack::read(&long.write()).unwrap();
        assert_eq!(kept.done.len(), UNDO_KEPT_MAX);
        assert_eq!(kept.done.back(), long.done.back());
    }
}
