//! Markdown in the dialect of Obsidian's Kanban plugin: a heading a column, a list item a card, what is indented under it its
//! checklist and body. What is not known is passed over.

use super::named::{NO_COLUMN, at_line, fit_title, when};
use super::{FilePlace, Import, ImportError, ImportedCard, Importer, Wrong, check_size, too_long};
use crate::board::{Card, Day, Priority};
use crate::ids::ColumnId;
use crate::limits::{CHECKLIST_ITEMS_MAX, ITEM_UNITS_MAX, NAME_UNITS_MAX};
use crate::markdown::{PRIORITY_SIGNS, is_tag, task, unescaped};
use warroom_protocol::sorted::sort;

/// Reads a file.
pub(super) fn read(text: &str, importer: &mut Importer) -> Result<Import, ImportError> {
    check_size(text.len())?;
    let text = text.trim_start_matches('\u{feff}');
    let import = Import::default();
    let (place, is_board) = (Place::Board, false);
    let mut reader = Reader { importer, import, column: None, place, open: None, is_board };
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).zip(1..);
    if text.starts_with("---") {
        lines.next();
        let mut is_open = true;
        for (line, number) in lines.by_ref() {
            if line.trim_end() == "---" {
                is_open = false;
                break;
            }
            reader.front_matter(line).map_err(at_line(number))?;
        }
        if is_open {
            let wrong = ("the head of the file has no end".to_owned(), "write --- under it");
            return Err(at_line(1)(wrong));
        }
    }
    for (line, number) in lines {
        if line.starts_with("%% kanban:settings") {
            break;
        }
        reader.line(line, number)?;
    }
    reader.close_card()?;
    let Reader { import, is_board, .. } = reader;
    if import.columns.is_empty() && !is_board {
        let what = "there is no heading and no list of cards".to_owned();
        let wrong = (what, "choose a board of Obsidian's Kanban plugin, or a file like one");
        return Err(ImportError::at(FilePlace::File, wrong));
    }
    Ok(import)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Board,
    /// Behind `***`: the heading behind it is that of the archive.
    Parted,
    Archive,
}

/// The card that is being read.
struct Open {
    line: usize,
    card: Card,
    items: Vec<(String, bool)>,
    body: Vec<String>,
    /// Lines without anything, which belong to the body if more of it comes.
    blank: usize,
    /// Nothing but the checklist has come yet.
    is_checklist: bool,
}

struct Reader<'a> {
    importer: &'a mut Importer,
    import: Import,
    /// The column that cards go into.
    column: Option<ColumnId>,
    place: Place,
    open: Option<Open>,
    /// The head of the file says that it is a board.
    is_board: bool,
}

impl Reader<'_> {
    fn front_matter(&mut self, line: &str) -> Result<(), Wrong> {
        self.is_board |= line.starts_with("kanban-plugin:");
        if let Some(title) = line.strip_prefix("title:") {
            let title = title.trim();
            let quoted = serde_json::from_str::<serde_json::Value>(title).ok();
            let quoted = quoted.and_then(|value| value.as_str().map(ToOwned::to_owned));
            self.import.title = quoted.unwrap_or_else(|| title.to_owned());
            too_long("the title", &self.import.title, NAME_UNITS_MAX)?;
        }
        Ok(())
    }

    fn line(&mut self, line: &str, number: usize) -> Result<(), ImportError> {
        if let Some(open) = &mut self.open {
            if line.is_empty() {
                open.blank += 1;
                return Ok(());
            }
            if let Some(inner) = indented(line) {
                open.add(inner);
                return Ok(());
            }
        }
        let is_break = ["***", "---", "___"].contains(&line.trim_end());
        if is_break || heading(line).is_some() || item(line).is_some() {
            self.close_card()?;
        }
        if is_break {
            // a plain line between columns parts nothing else
            if line.starts_with("***") {
                self.place = Place::Parted;
            }
        } else if let Some(title) = heading(line) {
            self.heading(title).map_err(at_line(number))?;
        } else if let Some((done, title)) = item(line) {
            self.card(done, title, number)?;
        } else if line.trim() == "**Complete**" {
            if let Some(column) = &self.column {
                self.import.mark_done(&column.clone());
            }
        } else if let Some(open) = self.open.as_mut().filter(|open| open.blank == 0) {
            // a lazy line of the paragraph before
            open.add(line);
        }
        Ok(())
    }

    fn heading(&mut self, title: &str) -> Result<(), Wrong> {
        if self.place == Place::Parted {
            self.place = Place::Archive;
            return Ok(());
        }
        self.place = Place::Board;
        let (title, wip) = limit(title);
        let mut column = self.importer.column(unescaped(title));
        column.wip = wip;
        self.column = Some(column.id.clone());
        self.import.add_column(column)
    }

    fn card(&mut self, done: bool, title: &str, line: usize) -> Result<(), ImportError> {
        let column = match (&self.column, self.import.columns.first()) {
            (_, Some(first)) if self.place == Place::Archive => first.id.clone(),
            (Some(column), _) => column.clone(),
            (None, _) => {
                self.import.column_named(NO_COLUMN, self.importer).map_err(at_line(line))?
            }
        };
        let mut card = self.importer.card(column, String::new());
        card.archived = when(self.place == Place::Archive, &self.importer.stamp);
        card.done = when(done, &self.importer.stamp);
        let title = self.tail(title, &mut card).map_err(at_line(line))?;
        card.title = unescaped(title);
        let (items, body) = (Vec::new(), Vec::new());
        self.open = Some(Open { line, card, items, body, blank: 0, is_checklist: true });
        Ok(())
    }

    /// Takes what is said of the card off the end of its first line: tags, days, signs of priority, the name of a block.
    fn tail<'t>(&mut self, title: &'t str, card: &mut Card) -> Result<&'t str, Wrong> {
        let mut rest = title.trim_end();
        let mut labels = Vec::new();
        loop {
            let (before, word) = match rest.rfind([' ', '\t']) {
                Some(at) => {
                    (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default())
                }
                None => ("", rest),
            };
            let mut before = before.trim_end();
            if let Some(tag) = word.strip_prefix('#').filter(|tag| is_tag(tag)) {
                labels.push(tag.to_owned());
            } else if let Some(day) = marked_day(word) {
                card.due = Some(day);
            } else if let (Ok(day), Some(marked)) = (Day::new(word), before.strip_suffix('📅'))
                && !marked.ends_with('\\')
            {
                card.due = Some(day);
                before = marked.trim_end();
            } else if let Some(priority) = sign(word) {
                card.priority = priority;
            } else if !is_passed_over(word) {
                break;
            }
            rest = before;
        }
        for tag in labels.iter().rev() {
            card.labels.push(self.import.label_named(tag, self.importer)?);
        }
        sort(&mut card.labels);
        card.labels.dedup();
        Ok(rest)
    }

    fn close_card(&mut self) -> Result<(), ImportError> {
        let Some(Open { line, mut card, items, body, .. }) = self.open.take() else {
            return Ok(());
        };
        let fits = |text: &str| text.encode_utf16().count() <= ITEM_UNITS_MAX;
        let (kept, mut body) =
            if items.len() <= CHECKLIST_ITEMS_MAX && items.iter().all(|(text, _)| fits(text)) {
                (items, body.join("\n"))
            } else {
                // too much for a checklist: a list in the body
                let lines = items
                    .iter()
                    .map(|(text, done)| [if *done { "- [x] " } else { "- [ ] " }, text].concat());
                (Vec::new(), lines.chain(body).collect::<Vec<_>>().join("\n"))
            };
        card.checklist = self.importer.checklist(kept);
        fit_title(&mut card, &mut body);
        self.import.add_card(ImportedCard::new(card, Some(body))).map_err(at_line(line))
    }
}

impl Open {
    /// A line of the card, without its indentation.
    fn add(&mut self, line: &str) {
        let blank = std::mem::take(&mut self.blank);
        if self.is_checklist {
            if blank == 0
                && let Some((done, text)) = task(line)
            {
                self.items.push((unescaped(text.trim()), done));
                return;
            }
            // one line without anything parts the checklist, or the title, from the body
            self.is_checklist = false;
            self.body.extend((1..blank).map(|_| String::new()));
            if blank == 0 && line.is_empty() {
                return;
            }
        } else {
            self.body.extend((0..blank).map(|_| String::new()));
        }
        self.body.push(line.to_owned());
    }
}

/// The line of a list item's inside: without a tab, or two to four blanks.
fn indented(line: &str) -> Option<&str> {
    if let Some(inner) = line.strip_prefix('\t') {
        return Some(inner);
    }
    let blanks = line.bytes().take_while(|byte| *byte == b' ').count();
    if blanks < 2 { None } else { line.get(blanks.min(4)..) }
}

fn heading(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    let is_heading = (1..=6).contains(&level) && (title.is_empty() || title.starts_with(' '));
    is_heading.then(|| title.trim())
}

/// A title with how many cards the column should hold behind it.
fn limit(title: &str) -> (&str, Option<u32>) {
    let parts = title.strip_suffix(')').and_then(|title| title.rsplit_once('('));
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| is_number)
    };
    match parts.map(|(before, text)| (before, number(text))) {
        Some((before, Some(wip))) if !before.ends_with('\\') => (before.trim_end(), Some(wip)),
        Some(_) | None => (title, None),
    }
}

/// An item of a list: whether it is ticked, and what it says.
fn item(line: &str) -> Option<(bool, &str)> {
    if let Some((done, text)) = task(line) {
        return Some((done, text.trim()));
    }
    let rest = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let rest = if rest.len() < line.len() {
        rest.strip_prefix(['.', ')'])?
    } else {
        line.strip_prefix(['-', '*', '+'])?
    };
    let is_item = rest.is_empty() || rest.starts_with([' ', '\t']);
    is_item.then(|| (false, rest.trim()))
}

/// `@{2026-01-31}` or `@[[2026-01-31]]`.
fn marked_day(word: &str) -> Option<Day> {
    let inner = word.strip_prefix("@{").and_then(|word| word.strip_suffix('}'));
    let linked = || word.strip_prefix("@[[").and_then(|word| word.strip_suffix("]]"));
    Day::new(inner.or_else(linked)?).ok()
}

fn sign(word: &str) -> Option<Priority> {
    let mut letters = word.chars();
    let letter = letters.next().filter(|_| letters.as_str().is_empty())?;
    let known = PRIORITY_SIGNS.iter().find(|(sign, _)| *sign == letter);
    known.map(|(_, priority)| *priority)
}

/// A time of day, or the name of a block: nothing that a card says here.
fn is_passed_over(word: &str) -> bool {
    let is_time = word.starts_with("@@{") && word.ends_with('}');
    let name = word.strip_prefix('^');
    let is_name =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_time || name.is_some_and(|name| !name.is_empty() && is_name(name))
}
