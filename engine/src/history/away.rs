//! "While you were away": what others changed since a moment, summed up for each card.

use automerge::{ChangeHash, ChangeMetadata};
use serde::Serialize;
use warroom_protocol::Timestamp;
use warroom_protocol::sorted::{SortedMap, sort_by};

use super::activity::Action;
use super::describe::{describe_board, describe_card, is_wanted};
use super::feed::person;
use super::moment::Dated;
use super::touched::{Part, Reader, Touched};
use super::{Moment, describe::Step};
use crate::board::schema::CARDS;
use crate::board::{BoardDocument, Source, read};
use crate::ids::{CardId, UserId};
use crate::limits::{AWAY_CARDS_MAX, AWAY_CHANGES_MAX};

/// What others changed since a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Away {
    /// Changes that others made, whether anything is left of them or not.
    pub changes: u32,
    /// Who made them, in the order of their ids.
    pub by: Vec<UserId>,
    /// What they changed of columns, labels, people and the room: from what it was to what it is.
    pub board: Vec<Action>,
    /// The cards they changed, the latest first; at most 200.
    pub cards: Vec<AwayCard>,
    /// Cards that are new, were completed, were deleted.
    pub added: u32,
    /// See `added`.
    pub completed: u32,
    /// See `added`.
    pub deleted: u32,
    /// There was more than could be looked at: the latest is told.
    pub more: bool,
}

/// What others changed of one card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AwayCard {
    /// Which.
    pub card: CardId,
    /// In how many changes.
    pub changes: u32,
    /// Who, in the order of their ids.
    pub by: Vec<UserId>,
    /// When last, milliseconds since 1970.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: i64,
    /// What, from what it was to what it is: one move, however many there were. A key that this person wrote last is
    /// left out.
    pub what: Vec<Action>,
}

/// What was found of one part.
#[derive(Debug)]
struct Sum {
    part: Part,
    /// Its keys, and whether the last to write them was somebody else.
    fields: SortedMap<String, bool>,
    /// This person's own change that made it, where one did.
    made_by_me: Option<ChangeHash>,
    changes: u32,
    by: Vec<UserId>,
    at: i64,
}

/// What was found of each part, by container and id.
type Sums = SortedMap<(&'static str, String), Sum>;

impl BoardDocument {
    /// What others changed since a moment, such as the heads that this person saw last. It costs what was changed. None
    /// when the moment names a change that is not here.
    pub fn away(&mut self, now: Timestamp, since: &Moment) -> Option<Away> {
        let me = self.person().clone();
        let board = self.document_mut().dated();
        let since = board.heads_at(now, since, None)?;
        Some(sum_up(board, &since, &me))
    }
}

fn sum_up(board: Dated<'_>, since: &[ChangeHash], me: &UserId) -> Away {
    let mut away = Away::default();
    let mut changes = board.doc.get_changes_meta(since);
    changes.retain(|change| change.hash != board.first);
    let place = |change: &ChangeMetadata<'_>| board.timeline.place(&change.hash);
    sort_by(&mut changes, |a, b| place(a).cmp(&place(b)));
    let skipped = changes.len().saturating_sub(AWAY_CHANGES_MAX);
    away.more = skipped > 0;
    let mut sums = Sums::new();
    let mut root = Touched::default();
    let mut reader = Reader::new(board.doc, None);
    for (index, window) in changes.chunks(256).enumerate() {
        let is_skipped = |at: usize| index * 256 + at < skipped;
        let hashes: Vec<ChangeHash> = window
            .iter()
            .enumerate()
            .filter(|(at, _)| !is_skipped(*at))
            .map(|(_, change)| change.hash)
            .collect();
        let read: SortedMap<ChangeHash, Touched> = reader.read(&hashes).into_iter().collect();
        for change in window {
            let by = person(change.author.as_ref()).unwrap_or_else(UserId::unknown);
            let is_other = by != *me;
            if is_other {
                away.changes += 1;
                add_person(&mut away.by, &by);
            }
            let Some(touched) = read.get(&change.hash) else { continue };
            if is_other {
                root.root.extend(touched.root.iter().cloned());
            }
            for part in &touched.parts {
                add(&mut sums, part, change, is_other.then_some(&by));
            }
        }
    }
    let step = Step { before: Source::at(board.doc, since), after: board.doc.into() };
    let touched = || sums.values().filter(|sum| sum.changes > 0);
    root.parts.extend(touched().map(|sum| sum.part.clone()));
    describe_board(step, &root, &mut |what| away.board.push(what));
    let mut cards: Vec<&Sum> = touched().filter(|sum| sum.part.container == CARDS).collect();
    sort_by(&mut cards, |a, b| b.at.cmp(&a.at));
    for sum in cards {
        add_card(&mut away, board, step, sum);
    }
    away
}

fn add_person(by: &mut Vec<UserId>, person: &UserId) {
    if let Err(at) = by.binary_search(person) {
        by.insert(at, person.clone());
    }
}

fn add(sums: &mut Sums, part: &Part, change: &ChangeMetadata<'_>, other: Option<&UserId>) {
    let key = (part.container, part.id.clone());
    if sums.get(&key).is_none_or(|sum| sum.part.obj != part.obj) {
        let (part, fields) = (Part { fields: Vec::new(), ..part.clone() }, SortedMap::new());
        let made_by_me = (part.is_new && other.is_none()).then_some(change.hash);
        let sum = Sum { part, fields, made_by_me, changes: 0, by: Vec::new(), at: 0 };
        sums.insert(key.clone(), sum);
    }
    let Some(sum) = sums.get_mut(&key) else { return };
    for field in &part.fields {
        sum.fields.insert(field.clone(), other.is_some());
    }
    if let Some(other) = other {
        sum.changes += 1;
        sum.at = change.timestamp.saturating_mul(1_000);
        add_person(&mut sum.by, other);
    }
}

fn add_card(away: &mut Away, board: Dated<'_>, step: Step<'_>, sum: &Sum) {
    let Sum { part, fields, made_by_me, changes, by, at } = sum;
    let (mut part, changes, by, at) = (part.clone(), *changes, by.clone(), *at);
    let Ok(card) = CardId::new(&part.id) else { return };
    let made_by_me = made_by_me.as_ref().map(std::slice::from_ref);
    let before = made_by_me.map_or(step.before, |made| Source::at(board.doc, made));
    part.fields =
        fields.iter().filter(|(_, is_other)| **is_other).map(|(key, _)| key.clone()).collect();
    let is_new = part.is_new && made_by_me.is_none();
    part.is_new = is_new;
    let read_at = |doc| read::card_fields(doc, &card, &part.obj, &|key| is_wanted(&part, key));
    let before = (!is_new).then(|| read_at(before));
    let after = read_at(step.after);
    let mut what = Vec::new();
    describe_card(before.as_ref(), &after, true, &mut |_, action| what.push(action));
    if is_new {
        let whole = read::card(step.after, &card, &part.obj);
        if whole.deleted.is_some() {
            // it came and went
            return;
        }
        away.added += 1;
    }
    if what.is_empty() {
        return;
    }
    let has = |wanted: fn(&Action) -> bool| u32::from(what.iter().any(wanted));
    away.completed += has(|action| matches!(action, Action::Completed { .. }));
    away.deleted += has(|action| matches!(action, Action::Deleted {}));
    if away.cards.len() < AWAY_CARDS_MAX {
        away.cards.push(AwayCard { card, changes, by, at, what });
    } else {
        away.more = true;
    }
}
