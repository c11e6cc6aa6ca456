//! "While you were away": what others changed since a moment, summed up for each card.

use automerge::{ChangeHash, ChangeMetadata};
use serde::Serialize;
use warroom_protocol::Timestamp;
use warroom_protocol::sorted::{SortedMap, sort_by};

use super::activity::Action;
use super::describe::{describe_card, describe_part, describe_room, is_wanted};
use super::feed::person;
use super::moment::Dated;
use super::touched::{Part, Reader, Touched};
use super::{Moment, describe::Step};
use crate::board::schema::{CARDS, COLUMNS, LABELS, ORDER, PLACE, TITLE};
use crate::board::{BoardDocument, Source, read};
use crate::ids::{CardId, ColumnId, LabelId, UserId};
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
    /// What they changed of columns, labels, people and the room, as [`AwayCard::what`].
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
    /// It made room and nothing else, until somebody else gave it its place.
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

impl Sum {
    /// The part, with the keys that others wrote last; new where others made it.
    fn by_others(&self) -> Part {
        let fields = self.fields.iter().filter(|(_, is_other)| **is_other);
        let fields = fields.map(|(key, _)| key.clone()).collect();
        let is_new = self.part.is_new && self.made_by_me.is_none();
        Part { is_new, fields, ..self.part.clone() }
    }

    /// From when the part is told: since this person made it, where they did.
    fn since<'a>(&'a self, board: Dated<'a>, step: Step<'a>) -> Step<'a> {
        let made = self.made_by_me.as_ref().map(std::slice::from_ref);
        Step { before: made.map_or(step.before, |made| Source::at(board.doc, made)), ..step }
    }
}

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
    let mut is_titled = false;
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
            if touched.root.iter().any(|key| key == TITLE) {
                is_titled = is_other;
            }
            for part in &touched.parts {
                add(&mut sums, part, change, is_other.then_some(&by));
            }
        }
    }
    let step = Step { before: Source::at(board.doc, since), after: board.doc.into() };
    let touched = || sums.values().filter(|sum| sum.changes > 0);
    if is_titled {
        describe_room(step, &mut |what| away.board.push(what));
    }
    for sum in touched().filter(|sum| sum.part.container != CARDS) {
        let part = sum.by_others();
        if !(part.is_new && is_deleted(step.after, &part)) {
            describe_part(sum.since(board, step), &part, &mut |what| away.board.push(what));
        }
    }
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
        let part = Part { fields: Vec::new(), makes_room: true, ..part.clone() };
        let made_by_me = (part.is_new && other.is_none()).then_some(change.hash);
        let fields = SortedMap::new();
        let sum = Sum { part, fields, made_by_me, changes: 0, by: Vec::new(), at: 0 };
        sums.insert(key.clone(), sum);
    }
    let Some(sum) = sums.get_mut(&key) else { return };
    for field in &part.fields {
        let is_place = matches!(field.as_str(), ORDER | PLACE);
        if is_place && part.makes_room && sum.fields.contains_key(field) {
            // whoever gave it its place did
            continue;
        }
        sum.fields.insert(field.clone(), other.is_some());
        sum.part.makes_room &= !is_place || part.makes_room || other.is_none();
    }
    if let Some(other) = other {
        sum.changes += 1;
        sum.at = change.timestamp.saturating_mul(1_000);
        add_person(&mut sum.by, other);
    }
}

/// Whether a column or label is deleted.
fn is_deleted(doc: Source<'_>, part: &Part) -> bool {
    match part.container {
        COLUMNS => ColumnId::new(&part.id)
            .is_ok_and(|id| read::column(doc, &id, &part.obj).deleted.is_some()),
        LABELS => LabelId::new(&part.id).is_ok_and(|id| read::label(doc, &id, &part.obj).deleted),
        _ => false,
    }
}

fn add_card(away: &mut Away, board: Dated<'_>, step: Step<'_>, sum: &Sum) {
    let (part, changes, by, at) = (sum.by_others(), sum.changes, sum.by.clone(), sum.at);
    let Ok(card) = CardId::new(&part.id) else { return };
    let (step, is_new) = (sum.since(board, step), part.is_new);
    let read_at = |doc| read::card_fields(doc, &card, &part.obj, &|key| is_wanted(&part, key));
    let before = (!is_new).then(|| read_at(step.before));
    let after = read_at(step.after);
    let mut what = Vec::new();
    describe_card(before.as_ref(), &after, part.makes_room, &mut |_, action| what.push(action));
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
