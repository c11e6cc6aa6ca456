//! The smallest single replacement that leads from one text to another.

use super::cuts;
use crate::coalesce::Edit;

/// What lies between the common beginning and the common end; characters are never cut in half. None when the texts
/// are equal.
pub(crate) fn smallest_edit(before: &[u16], after: &[u16]) -> Option<Edit> {
    if before == after {
        return None;
    }
    let mut head = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    if cuts(before, head) || cuts(after, head) {
        head -= 1;
    }
    let rest = before.len().min(after.len()) - head;
    let ends = before.iter().rev().zip(after.iter().rev());
    let mut tail = ends.take(rest).take_while(|(a, b)| a == b).count();
    if cuts(before, before.len() - tail) || cuts(after, after.len() - tail) {
        tail -= 1;
    }
    let insert = after.get(head..after.len() - tail).unwrap_or_default().to_vec();
    Some(Edit { at: head, delete: before.len() - tail - head, insert })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, expected: Option<(usize, usize, &str)>) {
        let units = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
        let edit = smallest_edit(&units(before), &units(after));
        let expected =
            expected.map(|(at, delete, insert)| Edit { at, delete, insert: units(insert) });
        assert_eq!(edit, expected, "{before:?} to {after:?}");
    }

    #[test]
    fn only_what_differs_is_replaced() {
        check("same", "same", None);
        check("", "ab", Some((0, 0, "ab")));
        check("abcd", "abXcd", Some((2, 0, "X")));
        check("aaa", "aa", Some((2, 1, "")));
        check("one two three", "one 2 three", Some((4, 3, "2")));
    }

    #[test]
    fn a_surrogate_pair_is_replaced_whole() {
        check("a😀b", "a😁b", Some((1, 2, "😁")));
        check("😀", "🐀", Some((0, 2, "🐀")));
        check("x😀😀", "x😀", Some((3, 2, "")));
    }
}
