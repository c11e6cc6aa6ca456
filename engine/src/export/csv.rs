//! Comma-separated values (RFC 4180): a row a card.

use warroom_protocol::sorted::sort;

use crate::board::{Board, Card};
use crate::iso;

const HEADER: &str =
    "title,column,body,labels,assignees,due,priority,checklist,created,done,archived,id\r\n";

pub(super) fn begin(out: &mut String) {
    out.push_str(HEADER);
}

/// One card, in the column of this title.
pub(super) fn card(board: &Board, card: &Card, (column, body): (&str, &str), out: &mut String) {
    let labels = crate::export::labels(board, card);
    let labels: Vec<String> = labels.iter().map(|label| escaped(&label.name, ",;")).collect();
    let assignees = card.assignees.iter().map(|id| {
        let name = board.person(id).map(|person| person.name.as_str());
        escaped(name.filter(|name| !name.is_empty()).unwrap_or(id.as_str()), ",;")
    });
    let mut assignees: Vec<String> = assignees.collect();
    sort(&mut assignees);
    let items = card
        .checklist
        .iter()
        .map(|item| [if item.done { "[x] " } else { "[ ] " }, &escaped(&item.text, "")].concat());
    let items: Vec<String> = items.collect();
    let moment = |at: Option<i64>| at.map(iso::write).unwrap_or_default();
    let cells = [
        card.title.clone(),
        column.to_owned(),
        body.to_owned(),
        labels.join("; "),
        assignees.join("; "),
        card.due.map(|day| day.to_string()).unwrap_or_default(),
        card.priority.word().to_owned(),
        items.join("\n"),
        moment(Some(card.created.at)),
        moment(card.done.as_ref().map(|done| done.at)),
        moment(card.archived.as_ref().map(|archived| archived.at)),
        card.id.to_string(),
    ];
    for (index, text) in cells.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        cell(text, out);
    }
    out.push_str("\r\n");
}

fn cell(text: &str, out: &mut String) {
    let guard = if is_formula(text) { "'" } else { "" };
    if text.contains([',', '"', '\n', '\r', ';', '\t']) {
        out.extend(["\"", guard, &text.replace('"', "\"\""), "\""]);
    } else {
        out.extend([guard, text]);
    }
}

/// Whether a spreadsheet may take a cell for a formula, or, behind apostrophes, what is left when one was taken away.
pub(crate) fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A part of a cell: with a backslash before what would part it or be cut off.
fn escaped(text: &str, separators: &str) -> String {
    let mut out = String::new();
    let last = text.chars().count().saturating_sub(1);
    for (index, letter) in text.chars().enumerate() {
        let is_edge = (index == 0 || index == last) && letter.is_whitespace();
        if letter == '\n' {
            out.push_str("\\n");
            continue;
        }
        if letter == '\\' || separators.contains(letter) || is_edge {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
