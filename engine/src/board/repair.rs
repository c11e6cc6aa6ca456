//! Making room in an ordered list where none is left: neighbours with equal, foreign or overlong keys are re-keyed.

use warroom_protocol::Dice;

use super::order::keys_between;

/// A key for something new, and new keys for neighbours that had to make room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fitted {
    /// The key of the new one.
    pub(crate) key: String,
    /// Index in the list without the new one, and its new key.
    pub(crate) rekeyed: Vec<(usize, String)>,
}

/// The key for something new at `index` of a list (`keys` in order, without it). Where no key fits, the shorter run of
/// neighbours on either side is re-keyed with it; the whole list at worst. None only when the list is absurdly long.
pub(crate) fn fit(keys: &[&str], index: usize, dice: &mut Dice) -> Option<Fitted> {
    let index = index.min(keys.len());
    let at = |index: Option<usize>| index.and_then(|index| keys.get(index)).copied();
    for run in 0..=keys.len() {
        let behind = index + run;
        let bounds = (at(index.checked_sub(1)), at(Some(behind)));
        if behind <= keys.len()
            && let Some(mut made) = keys_between(bounds.0, bounds.1, run + 1, dice)
        {
            let rekeyed = made.split_off(1);
            return Some(Fitted { key: made.pop()?, rekeyed: (index..).zip(rekeyed).collect() });
        }
        if let Some(first) = index.checked_sub(run) {
            let bounds = (at(first.checked_sub(1)), at(Some(index)));
            if let Some(mut made) = keys_between(bounds.0, bounds.1, run + 1, dice) {
                let key = made.pop()?;
                return Some(Fitted { key, rekeyed: (first..).zip(made).collect() });
            }
        }
    }
    let mut made = keys_between(None, None, keys.len() + 1, dice)?;
    let key = made.remove(index);
    let others = (0..keys.len()).zip(made).collect();
    Some(Fitted { key, rekeyed: others })
}

#[cfg(test)]
mod tests {
    use warroom_protocol::Seed;

    use super::*;

    /// (list, index, how many are re-keyed)
    fn check(keys: &[&str], index: usize, rekeyed_max: usize) {
        let mut dice = Dice::new(Seed([5; 32]));
        let fitted = fit(keys, index, &mut dice).unwrap();
        let mut list: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        assert!(fitted.rekeyed.len() <= rekeyed_max, "{keys:?} at {index}: {fitted:?}");
        for (index, key) in &fitted.rekeyed {
            list[*index].clone_from(key);
        }
        list.insert(index, fitted.key);
        assert!(list[index - 1] < list[index], "{list:?}");
        assert!(list.get(index + 1).is_none_or(|next| list[index] < *next), "{list:?}");
        assert!(list.windows(2).all(|pair| pair[0] <= pair[1]), "{list:?}");
    }

    #[test]
    fn a_place_between_equal_keys_rekeys_the_shorter_run() {
        check(&["a1", "a1"], 1, 1);
        check(&["a0", "a1", "a1", "a1", "a1", "a2"], 2, 1);
        check(&["a0", "a1", "a1", "a1", "a1", "a2"], 4, 1);
        check(&["a1", "a1", "a1", "a1"], 2, 2);
    }

    #[test]
    fn foreign_keys_make_room_too() {
        check(&["", "", ""], 1, 3);
        check(&["!", "a1", "~~"], 2, 3);
        check(&["a1", "a1!"], 1, 2);
    }
}
