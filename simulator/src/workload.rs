//! What a person does next, given the board they see.

use warroom_engine::{
    Card, CardId, Column, ColumnId, Command, CommentId, Hover, Position, Presence, Splice,
    TalkCommand, TextTarget, TypingPlace,
};
use warroom_protocol::Dice;

use crate::mirror::Mirror;

/// One act of a person.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Changes the board.
    Command(Command),
    /// Shows what they are doing.
    Presence(Presence),
    /// Looks at something else.
    Hide,
}

/// What this person does next.
pub(crate) fn next(dice: &mut Dice, mirror: &Mirror) -> Act {
    let cards: Vec<&Card> = mirror.cards.values().collect();
    let columns: Vec<&Column> = mirror.columns.values().collect();
    let (card, column) = (pick(dice, &cards), pick(dice, &columns));
    let Some(column) = column else {
        return Act::Command(add_column(dice));
    };
    let Some(card) = card else {
        return Act::Command(add_card(dice, &column.id, None));
    };
    match dice.below(120) {
        0..=19 => Act::Command(add_card(dice, &column.id, Some(&card.id))),
        20..=44 => Act::Command(move_card(dice, card, &column.id, &cards)),
        45..=64 => Act::Command(typing(dice, mirror, &card.id)),
        65..=69 => Act::Command(Command::SetTitle { id: card.id.clone(), title: words(dice) }),
        70..=73 => Act::Command(Command::DeleteCard { id: card.id.clone() }),
        74..=77 => Act::Command(Command::RestoreCard { id: card.id.clone() }),
        78..=79 => Act::Command(Command::ArchiveCard { id: card.id.clone() }),
        80..=81 => Act::Command(Command::UnarchiveCard { id: card.id.clone() }),
        82..=83 => Act::Command(add_column(dice)),
        84..=85 => {
            Act::Command(Command::RenameColumn { id: column.id.clone(), title: words(dice) })
        }
        86 => {
            Act::Command(Command::MoveColumn { id: column.id.clone(), position: Position::Start })
        }
        87 => Act::Command(Command::DeleteColumn { id: column.id.clone() }),
        88 => Act::Command(Command::RestoreColumn { id: column.id.clone() }),
        89 => Act::Command(Command::RenameRoom { title: words(dice) }),
        90..=92 => Act::Command(Command::Undo),
        93..=95 => Act::Hide,
        100..=111 => Act::Command(Command::Talk { command: talk(dice, mirror, &card.id) }),
        112..=119 => Act::Command(together(dice, &cards, &column.id)),
        _ => Act::Presence(presence(dice, card, column)),
    }
}

fn pick<'a, T>(dice: &mut Dice, all: &[&'a T]) -> Option<&'a T> {
    let count = u64::try_from(all.len()).unwrap_or(0);
    all.get(usize::try_from(dice.below(count)).unwrap_or(0)).copied()
}

fn add_column(dice: &mut Dice) -> Command {
    let id = ColumnId::random(dice);
    Command::AddColumn { id, title: words(dice), role: None, position: Position::End }
}

fn add_card(dice: &mut Dice, column: &ColumnId, near: Option<&CardId>) -> Command {
    let id = CardId::random(dice);
    let position = match (dice.below(3), near) {
        (0, Some(near)) => Position::Before { id: near.clone() },
        (1, _) => Position::Start,
        (_, _) => Position::End,
    };
    Command::AddCard { id, column: column.clone(), title: words(dice), position }
}

fn move_card(dice: &mut Dice, card: &Card, column: &ColumnId, cards: &[&Card]) -> Command {
    let position = match (dice.below(4), pick(dice, cards)) {
        (0, Some(near)) => Position::Before { id: near.id.clone() },
        (1, Some(near)) => Position::After { id: near.id.clone() },
        (2, _) => Position::Start,
        (_, _) => Position::End,
    };
    Command::MoveCard { id: card.id.clone(), column: column.clone(), position }
}

/// A few commands as one, about the board and what is said: all of it is promised together.
fn together(dice: &mut Dice, cards: &[&Card], column: &ColumnId) -> Command {
    let count = 2 + dice.below(3);
    let commands = (0..count).filter_map(|_| {
        let card = pick(dice, cards)?;
        Some(match dice.below(7) {
            0 | 1 => add_card(dice, column, Some(&card.id)),
            2 | 3 => move_card(dice, card, column, cards),
            4 => Command::SetTitle { id: card.id.clone(), title: words(dice) },
            5 => {
                let (id, card, text) = (CommentId::random(dice), card.id.clone(), words(dice));
                Command::Talk { command: TalkCommand::AddComment { id, card, text } }
            }
            _ => Command::Talk { command: TalkCommand::Vote { card: card.id.clone() } },
        })
    });
    Command::Transact { commands: commands.collect() }
}

/// Types in an open text, or opens one, or closes it.
fn typing(dice: &mut Dice, mirror: &Mirror, card: &CardId) -> Command {
    let open: Vec<(&TextTarget, _)> = mirror.texts.iter().collect();
    let count = u64::try_from(open.len()).unwrap_or(0);
    let chosen = open.get(usize::try_from(dice.below(count)).unwrap_or(0));
    let Some((text, open)) = chosen.filter(|_| dice.below(5) > 0) else {
        let card = card.clone();
        let text =
            if dice.below(2) == 0 { TextTarget::Title { card } } else { TextTarget::Body { card } };
        return Command::OpenText { text };
    };
    let text = (*text).clone();
    match dice.below(8) {
        0 => Command::CloseText { text },
        1 => Command::FlushText { text },
        _ => {
            let length = u64::try_from(open.units.len()).unwrap_or(0);
            let at = dice.below(length + 1);
            let delete = if dice.below(3) == 0 { dice.below(length - at + 1).min(4) } else { 0 };
            let splice = Splice {
                at: u32::try_from(at).unwrap_or(0),
                delete: u32::try_from(delete).unwrap_or(0),
                insert: words(dice),
            };
            Command::EditText { text, seen: open.seen, splice }
        }
    }
}

/// Says something about a card, or reads what was said. Somebody else's comment can't be edited; that is refused.
fn talk(dice: &mut Dice, mirror: &Mirror, card: &CardId) -> TalkCommand {
    let card = card.clone();
    let comments: Vec<&CommentId> = mirror.comments.keys().collect();
    let Some(id) = pick(dice, &comments).cloned().filter(|_| dice.below(4) > 0) else {
        return TalkCommand::AddComment { id: CommentId::random(dice), card, text: words(dice) };
    };
    match dice.below(10) {
        0 | 1 => TalkCommand::EditComment { id, text: words(dice) },
        2 => TalkCommand::DeleteComment { id },
        3 => TalkCommand::RestoreComment { id },
        4 => TalkCommand::React { id, reaction: words(dice) },
        5 => TalkCommand::Unreact { id },
        6 | 7 => TalkCommand::Vote { card },
        8 => TalkCommand::Unvote { card },
        _ => TalkCommand::MarkSeen { card: (dice.below(3) > 0).then_some(card) },
    }
}

fn presence(dice: &mut Dice, card: &Card, column: &Column) -> Presence {
    match dice.below(6) {
        0 => Presence::Viewing { card: Some(card.id.clone()) },
        1 => Presence::Typing { place: Some(TypingPlace::Card { card: card.id.clone() }) },
        2 => Presence::Grab { cards: vec![card.id.clone()] },
        3 => Presence::Carry { hover: Some(Hover { column: column.id.clone(), before: None }) },
        4 => Presence::Release,
        _ => Presence::Idle { idle: dice.below(2) == 0 },
    }
}

/// A few words; some have units outside the basic plane, where UTF-16, UTF-8 and code points all count differently.
fn words(dice: &mut Dice) -> String {
    const WORDS: [&str; 8] = ["ship ", "plan ", "über ", "😀", "日本 ", "fix ", "e\u{301} ", "x"];
    let count = 1 + dice.below(3);
    (0..count)
        .filter_map(|_| WORDS.get(usize::try_from(dice.below(8)).unwrap_or(0)))
        .copied()
        .collect()
}
