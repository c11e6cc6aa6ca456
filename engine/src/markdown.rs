//! What reading and writing Markdown (the dialect of Obsidian's Kanban plugin) have in common: letters that would mean
//! something, tags, and signs of priority.

use crate::board::Priority;

/// The signs that the plugin *Tasks* reads a priority from, most urgent first.
pub(crate) const PRIORITY_SIGNS: [(char, Priority); 5] = [
    ('🔺', Priority::Urgent),
    ('⏫', Priority::High),
    ('🔼', Priority::Normal),
    ('🔽', Priority::Low),
    ('⏬', Priority::Low),
];

/// What a backslash before it takes the meaning from.
fn is_kept(letter: char) -> bool {
    matches!(letter, '\\' | '#' | '@' | '^' | '<' | '(' | '*' | '📅')
        || PRIORITY_SIGNS.iter().any(|(sign, _)| *sign == letter)
}

/// One line that reads back as this text: the ends of lines as `<br>`.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let behind = rest.get(letter.len_utf8()..).unwrap_or_default();
        let is_word = out.chars().next_back().is_some_and(|before| !before.is_whitespace());
        let means = match letter {
            '#' | '^' => !is_word,
            '@' => behind.starts_with(['{', '[', '@']),
            '<' => rest.starts_with("<br>"),
            '(' => text.ends_with(')'),
            '*' => false,
            _ => is_kept(letter),
        };
        rest = behind;
        if letter == '\n' {
            out.push_str("<br>");
            continue;
        }
        if means {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// The text of a line that [`escaped`] or a person wrote.
pub(crate) fn unescaped(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let behind = rest.get(letter.len_utf8()..).unwrap_or_default();
        if let Some(kept) = behind.chars().next().filter(|next| letter == '\\' && is_kept(*next)) {
            out.push(kept);
            rest = behind.get(kept.len_utf8()..).unwrap_or_default();
        } else if let Some(behind) = rest.strip_prefix("<br>") {
            out.push('\n');
            rest = behind;
        } else {
            out.push(letter);
            rest = behind;
        }
    }
    out
}

/// The tag of a label: letters that a tag can't have become dashes. None where no letter is left.
pub(crate) fn tag_of(name: &str) -> Option<String> {
    let tag: String =
        name.chars().map(|letter| if is_tag_letter(letter) { letter } else { '-' }).collect();
    is_tag(&tag).then_some(tag)
}

/// Whether this, behind a `#`, is a tag: a number alone is none.
pub(crate) fn is_tag(text: &str) -> bool {
    text.chars().all(is_tag_letter) && text.chars().any(char::is_alphabetic)
}

fn is_tag_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '/')
}

/// An item of a task list without its indentation: whether it is ticked, and its text.
pub(crate) fn task(line: &str) -> Option<(bool, &str)> {
    let rest = line.strip_prefix(['-', '*', '+'])?.strip_prefix(' ')?.strip_prefix('[')?;
    let mark = rest.chars().next()?;
    let text = rest.get(mark.len_utf8()..)?.strip_prefix(']')?;
    let text = if text.is_empty() { text } else { text.strip_prefix([' ', '\t'])? };
    Some((mark != ' ', text))
}
