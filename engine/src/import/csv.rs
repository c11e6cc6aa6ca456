//! Comma-separated values (RFC 4180): a row a card, the first row names the columns.

use super::named::{at_line, fit_title};
use super::{Import, ImportError, ImportedCard, Importer, Wrong, check_size};
use crate::board::{Day, Priority, Stamp};
use crate::iso;
use warroom_protocol::sorted::sort;

/// What a column of the file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Title,
    Column,
    Body,
    Labels,
    Assignees,
    Due,
    Priority,
    Checklist,
    Created,
    Done,
    Archived,
    /// Not read.
    Other,
}

/// By which words other programs call them.
const FIELDS: &[(&str, Field)] = &[
    ("title", Field::Title),
    ("name", Field::Title),
    ("card", Field::Title),
    ("card name", Field::Title),
    ("task", Field::Title),
    ("summary", Field::Title),
    ("column", Field::Column),
    ("list", Field::Column),
    ("list name", Field::Column),
    ("status", Field::Column),
    ("section", Field::Column),
    ("body", Field::Body),
    ("description", Field::Body),
    ("card description", Field::Body),
    ("notes", Field::Body),
    ("labels", Field::Labels),
    ("tags", Field::Labels),
    ("assignees", Field::Assignees),
    ("assignee", Field::Assignees),
    ("members", Field::Assignees),
    ("due", Field::Due),
    ("due date", Field::Due),
    ("priority", Field::Priority),
    ("checklist", Field::Checklist),
    ("created", Field::Created),
    ("done", Field::Done),
    ("archived", Field::Archived),
];

/// Reads a file.
pub(super) fn read(text: &str, importer: &mut Importer) -> Result<Import, ImportError> {
    check_size(text.len())?;
    let text = text.trim_start_matches('\u{feff}');
    let mut rows = Rows { rest: text, line: 1, separator: separator(text) };
    let (_, header) = rows.next()?.unwrap_or_default();
    let fields: Vec<Field> = header.iter().map(|name| field(name)).collect();
    if !fields.contains(&Field::Title) {
        let to_do = "name the columns in the first row: title, column, body, labels, assignees, due, priority, checklist";
        return Err(at_line(1)(("no column is called title".to_owned(), to_do)));
    }
    check_twins(&header, &fields).map_err(at_line(1))?;
    let mut import = Import::default();
    while let Some((line, cells)) = rows.next()? {
        if cells.iter().any(|cell| !cell.is_empty()) {
            add(&mut import, importer, &fields, cells).map_err(at_line(line))?;
        }
    }
    Ok(import)
}

fn field(name: &str) -> Field {
    let name = name.trim().to_lowercase();
    let known = FIELDS.iter().find(|(word, _)| *word == name);
    known.map_or(Field::Other, |(_, field)| *field)
}

/// Two columns about the same would leave one of them unread.
fn check_twins(header: &[String], fields: &[Field]) -> Result<(), Wrong> {
    let known = header.iter().zip(fields).filter(|(_, field)| **field != Field::Other);
    for (index, (name, field)) in known.clone().enumerate() {
        if let Some((first, _)) = known.clone().take(index).find(|(_, before)| *before == field) {
            let what = ["two columns are about the same, ", first.trim(), " and ", name.trim()];
            return Err((what.concat(), "take one of them out, or give it another name"));
        }
    }
    Ok(())
}

/// What stands between the cells of the first line most often: spreadsheets of half the world write semicolons.
fn separator(text: &str) -> char {
    let line = text.lines().next().unwrap_or_default();
    let count = |wanted: char| line.chars().filter(|letter| *letter == wanted).count();
    let most = [',', ';', '\t'].into_iter().rev().max_by_key(|separator| count(*separator));
    most.unwrap_or(',')
}

/// The rows of a file, each with its first line.
struct Rows<'a> {
    rest: &'a str,
    line: usize,
    separator: char,
}

impl Rows<'_> {
    fn next(&mut self) -> Result<Option<(usize, Vec<String>)>, ImportError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (first, mut cells) = (self.line, Vec::new());
        loop {
            cells.push(unguarded(self.cell()?));
            let mut letters = self.rest.chars();
            match letters.next() {
                Some(letter) if letter == self.separator => self.rest = letters.as_str(),
                Some('\r') if letters.as_str().starts_with('\n') => {
                    self.rest = letters.as_str().get(1..).unwrap_or_default();
                    break;
                }
                Some('\n' | '\r') => {
                    self.rest = letters.as_str();
                    break;
                }
                Some(_) => {
                    let what = "there is text behind a closing quote".to_owned();
                    let to_do = "write a quote inside of a cell twice";
                    return Err(at_line(self.line)((what, to_do)));
                }
                None => break,
            }
        }
        self.line += 1;
        Ok(Some((first, cells)))
    }

    fn cell(&mut self) -> Result<String, ImportError> {
        let Some(mut quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([self.separator, '\n', '\r']);
            let (cell, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
            self.rest = rest;
            return Ok(cell.to_owned());
        };
        let mut cell = String::new();
        loop {
            let Some((before, behind)) = quoted.split_once('"') else {
                let wrong = ("a quote is not closed".to_owned(), "close it, or write it twice");
                return Err(at_line(self.line)(wrong));
            };
            cell.push_str(before);
            let Some(more) = behind.strip_prefix('"') else {
                self.rest = behind;
                self.line += cell.matches('\n').count();
                return Ok(cell);
            };
            cell.push('"');
            quoted = more;
        }
    }
}

/// Takes away the apostrophe that keeps a spreadsheet from computing a cell.
fn unguarded(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if crate::export::is_formula(rest) => rest.to_owned(),
        Some(_) | None => cell,
    }
}

fn add(
    import: &mut Import,
    importer: &mut Importer,
    fields: &[Field],
    cells: Vec<String>,
) -> Result<(), Wrong> {
    let mut body = String::new();
    let column = fields.iter().zip(&cells).find(|(field, _)| **field == Field::Column);
    let column = column.map_or("", |(_, cell)| cell.as_str());
    let column = import.column_named(column, importer)?;
    let mut card = importer.card(column, String::new());
    for (field, cell) in fields.iter().zip(cells) {
        match field {
            Field::Title => card.title = cell,
            Field::Body => body = cell,
            Field::Labels => {
                for name in list(&cell, ",;\n") {
                    card.labels.push(import.label_named(&name, importer)?);
                }
            }
            Field::Assignees => {
                for name in list(&cell, ",;\n") {
                    card.assignees.push(import.person_named(&name, importer)?);
                }
            }
            Field::Due => card.due = day(&cell)?,
            Field::Priority => card.priority = priority(&cell)?,
            Field::Checklist => card.checklist = importer.checklist(items(&cell)),
            Field::Created => {
                card.created =
                    moment(&cell, &importer.stamp)?.unwrap_or_else(|| card.created.clone());
            }
            Field::Done => card.done = moment(&cell, &importer.stamp)?,
            Field::Archived => card.archived = moment(&cell, &importer.stamp)?,
            Field::Column | Field::Other => {}
        }
    }
    sort(&mut card.labels);
    card.labels.dedup();
    sort(&mut card.assignees);
    card.assignees.dedup();
    fit_title(&mut card, &mut body);
    import.add_card(ImportedCard::new(card, Some(body)))
}

/// The parts of a cell. A backslash keeps the letter behind it from being a separator or a blank to be cut off; `\n` is the
/// end of a line.
fn list(cell: &str, separators: &str) -> Vec<String> {
    let (mut parts, mut part, mut kept) = (Vec::new(), String::new(), 0);
    let mut letters = cell.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' {
            part.extend(letters.next().map(|next| if next == 'n' { '\n' } else { next }));
            kept = part.len();
        } else if separators.contains(letter) {
            part.truncate(kept);
            parts.push(std::mem::take(&mut part));
            kept = 0;
        } else if !letter.is_whitespace() {
            part.push(letter);
            kept = part.len();
        } else if !part.is_empty() {
            part.push(letter);
        }
    }
    part.truncate(kept);
    parts.push(part);
    parts.retain(|part| !part.is_empty());
    parts
}

/// The lines of a checklist, `[x] text` or `[ ] text` or text alone.
fn items(cell: &str) -> Vec<(String, bool)> {
    let lines = cell.split('\n').filter(|line| !line.trim().is_empty());
    let items = lines.map(|line| {
        let (text, done) = match line.split_at_checked(3) {
            Some(("[x]" | "[X]", text)) => (text, true),
            Some(("[ ]", text)) => (text, false),
            Some(_) | None => (line, false),
        };
        (list(text, "").concat(), done)
    });
    items.collect()
}

fn day(cell: &str) -> Result<Option<Day>, Wrong> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Ok(None);
    }
    let day = cell.get(..10).and_then(|day| Day::new(day).ok());
    let wrong = || (["this is not a day, ", cell].concat(), "write it as 2026-01-31");
    day.map(Some).ok_or_else(wrong)
}

fn priority(cell: &str) -> Result<Priority, Wrong> {
    let word = cell.trim().to_lowercase();
    if word.is_empty() || word == "medium" || word == "none" {
        return Ok(Priority::Normal);
    }
    let wrong = || (["an unknown priority, ", &word].concat(), "use low, normal, high or urgent");
    Priority::of_word(&word).ok_or_else(wrong)
}

/// A moment, or yes: now.
fn moment(cell: &str, now: &Stamp) -> Result<Option<Stamp>, Wrong> {
    let cell = cell.trim();
    let word = cell.to_lowercase();
    if ["", "no", "false", "0"].contains(&word.as_str()) {
        return Ok(None);
    }
    if ["yes", "true", "1", "x"].contains(&word.as_str()) {
        return Ok(Some(now.clone()));
    }
    let at = iso::read(cell).filter(|at| *at <= crate::board::MOMENT_MAX);
    let wrong = || {
        let to_do = "write it as 2026-01-31T18:05:00Z, or yes or no";
        (["this is not a moment, ", cell].concat(), to_do)
    };
    at.map(|at| Some(Stamp { at, by: now.by.clone() })).ok_or_else(wrong)
}
