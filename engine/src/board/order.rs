//! Order keys: ASCII strings that compare as bytes, between any two of which there is room for another.
//!
//! A key is an integer and a fraction in base 62. The integer's first letter says its sign and how many digits follow
//! (`a`: one, `b`: two, …; `Z`: minus one digit, `Y`: minus two, …), so that putting things first or last again and
//! again makes keys longer by the logarithm only. A key between two others is drawn from the middle half of the gap, at
//! the first digit where the gap holds [`GAP_MIN`] keys: two replicas that fill the same gap offline draw different
//! ones, and where they do not, the id decides.
//!
//! Own code, because neither library fits: `fractional_index` 2.0 has no jitter and grows by a byte each 127 appends;
//! `loro_fractional_index` 1.13 takes dice of `rand` 0.8 (and with it a second `getrandom`, which does not build for
//! WASM) and grows as fast.

use warroom_protocol::Dice;

use crate::limits::ORDER_BYTES_MAX;

/// Digits in the order of their bytes.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE: u128 = 62;
/// Keys that a gap must hold for one to be drawn from its middle half: 62³ make 17 bits of jitter.
const GAP_MIN: u128 = 62 * 62 * 62;
/// Digits beyond the common beginning that are looked at: 62¹⁶ is below 2⁹⁶.
const WINDOW_DIGITS_MAX: usize = 16;
/// Digits of jitter behind an integer that nobody has yet.
const JITTER_DIGITS: usize = 3;
/// Digits of the longest integer; 62¹⁰ keys before the first or behind the last are never reached.
const INTEGER_DIGITS_MAX: u32 = 10;

fn value_of(digit: u8) -> Option<u128> {
    let index = DIGITS.iter().position(|known| *known == digit)?;
    u128::try_from(index).ok()
}

fn digit_of(value: u128) -> char {
    let index = usize::try_from(value % BASE).unwrap_or(0);
    DIGITS.get(index).map_or('0', |digit| char::from(*digit))
}

/// `value` in exactly `digits` digits.
fn digits(value: u128, digits: usize) -> String {
    let places = (0..digits).rev().map(|place| u32::try_from(place).unwrap_or(0));
    places.map(|place| digit_of(value / BASE.pow(place))).collect()
}

/// How many digits follow the first letter of a key, and whether it is negative.
fn integer_digits(letter: u8) -> Option<(u32, bool)> {
    let (digits, negative) = match letter {
        b'a'..=b'z' => (u32::from(letter - b'a') + 1, false),
        b'A'..=b'Z' => (u32::from(b'Z' - letter) + 1, true),
        _ => return None,
    };
    (digits <= INTEGER_DIGITS_MAX).then_some((digits, negative))
}

/// The integer of a key that this module could have made.
fn integer_of(key: &str) -> Option<i128> {
    let (letter, rest) = key.as_bytes().split_first()?;
    let (digits, negative) = integer_digits(*letter)?;
    let (integer, fraction) = rest.split_at_checked(usize::try_from(digits).ok()?)?;
    let fits = fraction.iter().all(|digit| value_of(*digit).is_some());
    if !fits || fraction.last() == Some(&b'0') || key.len() > ORDER_BYTES_MAX {
        return None;
    }
    let value = integer.iter().try_fold(0, |sum, digit| Some(sum * BASE + value_of(*digit)?))?;
    let value = i128::try_from(value).ok()?;
    // with n digits: 0 to 62ⁿ - 1 behind the shorter ones, or as far before them
    let shorter: i128 = (1..digits).map(|digits| 62_i128.pow(digits)).sum();
    Some(if negative { value - 62_i128.pow(digits) - shorter } else { value + shorter })
}

/// The integer `value` as the beginning of a key.
fn integer_text(value: i128) -> Option<String> {
    let mut shorter: i128 = 0;
    for count in 1..=INTEGER_DIGITS_MAX {
        let span = 62_i128.pow(count);
        let letter = u8::try_from(count - 1).ok()?;
        let places = usize::try_from(count).ok()?;
        if (0..shorter + span).contains(&value) {
            let rest = u128::try_from(value - shorter).ok()?;
            return Some(format!("{}{}", char::from(b'a' + letter), digits(rest, places)));
        }
        if (-shorter - span..0).contains(&value) {
            let rest = u128::try_from(value + shorter + span).ok()?;
            return Some(format!("{}{}", char::from(b'Z' - letter), digits(rest, places)));
        }
        shorter += span;
    }
    None
}

/// A key of the integer `value` and a random fraction that does not end in 0.
fn with_jitter(value: i128, dice: &mut Dice) -> Option<String> {
    let mut key = integer_text(value)?;
    for _ in 1..JITTER_DIGITS {
        key.push(digit_of(u128::from(dice.below(62))));
    }
    key.push(digit_of(1 + u128::from(dice.below(61))));
    Some(key)
}

/// One key between `low` and `high` (none: nothing there). None when there is no room: the two are equal, or not keys
/// of this kind, or the new key would be longer than [`ORDER_BYTES_MAX`]; then neighbours are to be re-keyed.
pub(crate) fn key_between(
    low: Option<&str>,
    high: Option<&str>,
    dice: &mut Dice,
) -> Option<String> {
    keys_between(low, high, 1, dice)?.pop()
}

/// `count` keys between `low` and `high`, rising, as [`key_between`].
pub(crate) fn keys_between(
    low: Option<&str>,
    high: Option<&str>,
    count: usize,
    dice: &mut Dice,
) -> Option<Vec<String>> {
    let steps = 1..=i128::try_from(count).ok()?;
    match (low, high) {
        (None, None) => steps.map(|step| with_jitter(step - 1, dice)).collect(),
        (Some(low), None) => {
            let from = integer_of(low)?;
            steps.map(|step| with_jitter(from + step, dice)).collect()
        }
        (None, Some(high)) => {
            let to = integer_of(high)?;
            steps.rev().map(|step| with_jitter(to - step, dice)).collect()
        }
        (Some(low), Some(high)) => {
            let valid = integer_of(low).is_some() && integer_of(high).is_some();
            if valid && low < high { spread(low, high, count, dice) } else { None }
        }
    }
}

/// Keys spread over the gap between two: each from the middle half of its share.
fn spread(low: &str, high: &str, count: usize, dice: &mut Dice) -> Option<Vec<String>> {
    let (low_bytes, high_bytes) = (low.as_bytes(), high.as_bytes());
    let common = low_bytes.iter().zip(high_bytes).take_while(|(low, high)| low == high).count();
    let shares = u128::try_from(count).ok()?;
    let (mut from, mut to) = (0_u128, 0_u128);
    for place in 0..WINDOW_DIGITS_MAX {
        let digit = |key: &[u8]| key.get(common + place).map_or(Some(0), |digit| value_of(*digit));
        from = from * BASE + digit(low_bytes)?;
        to = to * BASE + digit(high_bytes)?;
        let share = (to - from) / shares;
        if share >= GAP_MIN {
            let prefix = low.get(..common)?;
            return (0..shares)
                .map(|index| {
                    let half = u64::try_from(share / 2).unwrap_or(u64::MAX);
                    let value = from + share * index + share / 4 + u128::from(dice.below(half));
                    finish(prefix, &digits(value, place + 1))
                })
                .collect();
        }
    }
    None
}

/// Puts a key together: no 0 at the end of the fraction (nothing would fit before it), all digits of the integer.
fn finish(prefix: &str, digits: &str) -> Option<String> {
    let key = format!("{prefix}{digits}");
    let trimmed = key.trim_end_matches('0');
    let (count, _) = integer_digits(*key.as_bytes().first()?)?;
    let whole = usize::try_from(count).ok()? + 1;
    let key = match key.get(..trimmed.len().max(whole)) {
        Some(short) => short.to_owned(),
        None => format!("{key:0<whole$}"),
    };
    (key.len() <= ORDER_BYTES_MAX).then_some(key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use warroom_protocol::Seed;

    use super::*;
    use crate::board::repair::fit;

    fn dice(number: u8) -> Dice {
        Dice::new(Seed([number; 32]))
    }

    #[test]
    fn integers_count_on_across_every_length() {
        let mut before: Option<String> = None;
        for value in (-300_000..300_000).step_by(7) {
            let text = integer_text(value).unwrap();
            assert_eq!(integer_of(&text), Some(value), "{text}");
            assert!(
                before.is_none_or(|before| before < text),
                "{text} is not behind the one before"
            );
            before = Some(text);
        }
    }

    #[test]
    fn keys_that_nobody_made_have_no_room_beside_them() {
        let mut dice = dice(1);
        for key in ["", "!", "a", "b1", "a00", "é", &"a".repeat(80)] {
            assert_eq!(key_between(Some(key), None, &mut dice), None, "{key}");
            assert_eq!(key_between(Some(key), Some("zz"), &mut dice), None, "{key}");
        }
        assert_eq!(key_between(Some("a1"), Some("a1"), &mut dice), None);
        assert_eq!(key_between(Some("a2"), Some("a1"), &mut dice), None);
    }

    #[test]
    fn two_replicas_that_fill_one_gap_draw_different_keys() {
        let keys: BTreeSet<String> = (0..200)
            .filter_map(|seed| key_between(Some("a1"), Some("a2"), &mut dice(seed)))
            .collect();
        assert!(keys.len() > 195, "{} of 200 differ", keys.len());
    }

    /// Goal: keys stay short for ever. Method: 10⁵ moves in a list of 200, half of them to a random place, the others
    /// always to the same few, the worst a person can do.
    #[test]
    fn keys_stay_within_64_bytes_after_a_hundred_thousand_moves() {
        let mut dice = dice(9);
        let mut list: Vec<String> = keys_between(None, None, 200, &mut dice).unwrap();
        let mut longest = 0;
        for round in 0..100_000 {
            let from = usize::try_from(dice.below(200)).unwrap();
            list.remove(from);
            let to = match round % 6 {
                0 => 0,
                1 => list.len(),
                2 => 1,
                _ => usize::try_from(dice.below(200)).unwrap(),
            };
            let keys: Vec<&str> = list.iter().map(String::as_str).collect();
            let fitted = fit(&keys, to, &mut dice).unwrap();
            for (index, key) in fitted.rekeyed {
                list[index] = key;
            }
            list.insert(to, fitted.key);
            longest = longest.max(list[to].len());
        }
        assert!(list.windows(2).all(|pair| pair[0] < pair[1]), "the list is not in order");
        assert!(longest <= 64, "a key has {longest} bytes");
    }

    proptest! {
        #[test]
        fn a_key_between_two_lies_between_them(seed: u8, places in proptest::collection::vec(0..100_usize, 1..120)) {
            let mut dice = dice(seed);
            let mut list: Vec<String> = Vec::new();
            for place in places {
                let at = place % (list.len() + 1);
                let low = at.checked_sub(1).map(|index| list[index].as_str());
                let key = key_between(low, list.get(at).map(String::as_str), &mut dice);
                if let Some(key) = key {
                    list.insert(at, key);
                }
                prop_assert!(list.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(list.iter().all(|key| integer_of(key).is_some()));
            }
        }
    }
}
