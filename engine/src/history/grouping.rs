//! Entries that belong together become one: typing, and the same done to many.

use std::mem::discriminant;
use std::time::Duration;

use super::activity::{Action, Activity};
use crate::limits::{ACTIVITY_FLOOD, ACTIVITY_FLOOD_PAUSE, ACTIVITY_TYPING_PAUSE};

/// How far back an entry is looked for that an older one continues: others may do something meanwhile.
const LOOK_BACK: usize = 16;

/// The entries of a page, newest first, as older ones are added.
#[derive(Debug, Default)]
pub(super) struct Entries {
    list: Vec<Activity>,
}

/// What becomes of an entry.
enum Fate {
    /// It is an earlier part of the entry at this index.
    Continues(usize),
    /// It is one of many alike, which stand from this index on.
    Floods(usize),
    IsNew,
}

impl Entries {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn take(self) -> Vec<Activity> {
        self.list
    }

    /// Whether the list would not grow by an entry.
    pub(super) fn absorbs(&self, older: &Activity) -> bool {
        !matches!(self.fate(older), Fate::IsNew)
    }

    /// Adds an entry that is older than all there are.
    pub(super) fn add(&mut self, older: Activity) {
        match self.fate(&older) {
            Fate::IsNew => self.list.push(older),
            Fate::Continues(index) => {
                if let Some(newer) = self.list.get_mut(index) {
                    newer.since = newer.since.min(older.since);
                    newer.what.begin_with(older.what);
                }
            }
            Fate::Floods(first) => {
                let alike = self.list.split_off((first + 1).min(self.list.len()));
                if let Some(newest) = self.list.last_mut() {
                    newest.count +=
                        alike.iter().map(|entry| entry.count).sum::<u32>() + older.count;
                    newest.since = newest.since.min(older.since);
                }
            }
        }
    }

    fn fate(&self, older: &Activity) -> Fate {
        let is_alike = |newer: &Activity| {
            newer.by == older.by && discriminant(&newer.what) == discriminant(&older.what)
        };
        if older.what.is_typing() {
            let known = self.list.iter().enumerate().rev().take(LOOK_BACK);
            let mut known = known.filter(|(_, newer)| is_alike(newer) && newer.card == older.card);
            let is_near = |newer: &Activity| within(newer, older, ACTIVITY_TYPING_PAUSE);
            return match known.next() {
                Some((index, newer)) if is_near(newer) => Fate::Continues(index),
                Some(_) | None => Fate::IsNew,
            };
        }
        let mut first = self.list.len();
        let (mut count, mut after) = (1, older);
        for (index, newer) in self.list.iter().enumerate().rev() {
            if !is_alike(newer) || !within(newer, after, ACTIVITY_FLOOD_PAUSE) {
                break;
            }
            count += usize::try_from(newer.count).unwrap_or(usize::MAX);
            (first, after) = (index, newer);
        }
        if count >= ACTIVITY_FLOOD { Fate::Floods(first) } else { Fate::IsNew }
    }
}

fn within(newer: &Activity, older: &Activity, pause: Duration) -> bool {
    let between = newer.since.saturating_sub(older.at).unsigned_abs();
    u128::from(between) <= pause.as_millis()
}

impl Action {
    /// Whether it is a part of writing a text.
    fn is_typing(&self) -> bool {
        matches!(self, Self::Titled { .. } | Self::BodyTyped { .. })
    }

    /// Puts an earlier part of the same typing before this one.
    fn begin_with(&mut self, earlier: Self) {
        match (self, earlier) {
            (Self::Titled { before, .. }, Self::Titled { before: first, .. }) => *before = first,
            (Self::BodyTyped { characters }, Self::BodyTyped { characters: more }) => {
                *characters = characters.saturating_add(more);
            }
            (_, _) => {}
        }
    }
}
