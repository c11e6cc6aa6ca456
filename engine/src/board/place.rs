//! Where something goes in an ordered list, and which keys say so.

use warroom_protocol::Dice;

use super::order::key_between;
use super::repair::fit;
use super::view::Lane;
use crate::command::Position;

/// The key of something new or moved, and new keys for neighbours that had to make room.
pub(crate) struct Placed<Id> {
    pub(crate) key: String,
    pub(crate) rekeyed: Vec<(Id, String)>,
}

/// Finds the place of `moved` (its entry in `lane`, if it is there). `anchor` is the entry of the neighbour that
/// `position` names, if it is in the lane. None when `moved` is there already, or no key can be made.
pub(crate) fn place<Id: Ord + Clone>(
    lane: &Lane<Id>,
    position: &Position<Id>,
    anchor: Option<&(String, Id)>,
    moved: Option<&(String, Id)>,
    dice: &mut Dice,
) -> Option<Placed<Id>> {
    let others = |entry: &&(String, Id)| Some(*entry) != moved;
    let anchor = anchor.filter(|anchor| lane.contains(*anchor) && Some(*anchor) != moved);
    let (low, high) = match (position, anchor) {
        (Position::Start, _) => (None, lane.iter().find(others)),
        (Position::Before { .. }, Some(anchor)) => {
            (lane.below(anchor).rev().find(others), Some(anchor))
        }
        (Position::After { .. }, Some(anchor)) => (Some(anchor), lane.above(anchor).find(others)),
        (Position::End | Position::Before { .. } | Position::After { .. }, _) => {
            (lane.iter().rev().find(others), None)
        }
    };
    if let Some(moved) = moved
        && lane.contains(moved)
        && low.is_none_or(|low| low < moved)
        && high.is_none_or(|high| moved < high)
    {
        return None;
    }
    let key = |entry: Option<&(String, Id)>| entry.map(|(key, _)| key.clone());
    if let Some(key) = key_between(key(low).as_deref(), key(high).as_deref(), dice) {
        return Some(Placed { key, rekeyed: Vec::new() });
    }
    let entries: Vec<&(String, Id)> = lane.iter().filter(others).collect();
    let index = high.and_then(|high| entries.iter().position(|entry| *entry == high));
    let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    let fitted = fit(&keys, index.unwrap_or(keys.len()), dice)?;
    let rekeyed = fitted.rekeyed.into_iter().filter_map(|(index, key)| {
        let (_, id) = entries.get(index)?;
        Some((id.clone(), key))
    });
    Some(Placed { rekeyed: rekeyed.collect(), key: fitted.key })
}
