//! What of a long output tells why it failed: said again at the end, because whoever reads a log often has its end alone.

use std::collections::VecDeque;
use std::fmt;

/// How a test runner, a compiler or a panic begins to say what is wrong.
const MARKS: [&str; 6] = ["FAIL", "not ok", "panicked at", "error:", "error[", "Error:"];

/// Lines kept from a mark on: a panic's message or an assertion's two sides.
const AFTER_MARK_LINES: usize = 12;

/// Lines kept of what is wrong, from the first on: one failure leads to others, so the first ones tell most.
const MARKED_LINES_MAX: usize = 150;

/// Lines kept of the end.
const END_LINES_MAX: usize = 30;

/// Takes lines and keeps those that tell what went wrong, in bounded memory.
#[derive(Debug, Default)]
pub(crate) struct Excerpt {
    marked: Vec<String>,
    end: VecDeque<String>,
    after_mark: usize,
}

impl Excerpt {
    pub(crate) fn line(&mut self, line: &str) {
        if MARKS.iter().any(|mark| line.contains(mark)) {
            self.after_mark = AFTER_MARK_LINES;
        }
        if self.after_mark > 0 && self.marked.len() < MARKED_LINES_MAX {
            self.after_mark -= 1;
            self.marked.push(line.to_owned());
            return;
        }
        self.end.push_back(line.to_owned());
        if self.end.len() > END_LINES_MAX {
            self.end.pop_front();
        }
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        self.marked.iter().chain(&self.end).map(String::as_str)
    }
}

/// What is wrong, then how it ended, each line on one of its own.
impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{AFTER_MARK_LINES, END_LINES_MAX, Excerpt, MARKED_LINES_MAX};

    #[test]
    fn a_failure_deep_in_the_output_is_kept_with_what_follows_it_and_so_is_the_end() {
        let mut excerpt = Excerpt::default();
        for number in 0..1000 {
            excerpt.line(&format!("ok {number}"));
            if number == 500 {
                excerpt.line("not ok 501 - a card is lost");
            }
        }
        let lines: Vec<&str> = excerpt.lines().collect();
        assert_eq!(lines.first(), Some(&"not ok 501 - a card is lost"));
        assert_eq!(lines.get(1), Some(&"ok 501"));
        assert_eq!(lines.last(), Some(&"ok 999"));
        assert_eq!(lines.len(), AFTER_MARK_LINES + END_LINES_MAX);
    }

    #[test]
    fn what_is_wrong_without_end_is_bounded_and_begins_with_the_first() {
        let mut excerpt = Excerpt::default();
        for number in 0..1000 {
            excerpt.line(&format!("error: {number}"));
        }
        let lines: Vec<&str> = excerpt.lines().collect();
        assert_eq!(lines.first(), Some(&"error: 0"));
        assert_eq!(lines.last(), Some(&"error: 999"));
        assert_eq!(lines.len(), MARKED_LINES_MAX + END_LINES_MAX);
    }
}
