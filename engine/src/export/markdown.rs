//! Markdown in the dialect of Obsidian's Kanban plugin.

use crate::board::{Board, Card, Column, ColumnRole};
use crate::markdown::{PRIORITY_SIGNS, escaped, tag_of, task};

/// The head of the file.
pub(super) fn begin(board: &Board, out: &mut String) {
    out.push_str("---\n\nkanban-plugin: board\n");
    if !board.title().is_empty() {
        // a text of JSON is one of YAML
        out.extend(["title: ", &serde_json::to_string(board.title()).unwrap_or_default(), "\n"]);
    }
    out.push_str("\n---\n\n");
}

/// The head of a column.
pub(super) fn column(column: &Column, out: &mut String) {
    heading(&column.title, out);
    if let Some(wip) = column.wip {
        out.extend([" (", &wip.to_string(), ")"]);
    }
    out.push_str("\n\n");
    if column.role == Some(ColumnRole::Done) {
        out.push_str("**Complete**\n");
    }
}

pub(super) fn heading(title: &str, out: &mut String) {
    out.extend(["\n\n## ", &escaped(&lines(title))]);
}

/// The head of what is archived.
pub(super) fn archive(out: &mut String) {
    out.push_str("\n\n***\n\n## Archive\n\n");
}

/// One card.
pub(super) fn card(board: &Board, card: &Card, body: &str, out: &mut String) {
    out.push_str(if card.done.is_some() { "- [x] " } else { "- [ ] " });
    out.push_str(&escaped(&lines(&card.title)));
    for label in crate::export::labels(board, card) {
        if let Some(tag) = tag_of(&label.name) {
            out.extend([" #", &tag]);
        }
    }
    if let Some(due) = card.due {
        out.extend([" @{", &due.to_string(), "}"]);
    }
    let mut signs = PRIORITY_SIGNS.iter().filter(|(_, priority)| *priority == card.priority);
    if card.priority != crate::board::Priority::Normal
        && let Some((sign, _)) = signs.next()
    {
        out.push(' ');
        out.push(*sign);
    }
    out.push('\n');
    for item in &card.checklist {
        let mark = if item.done { "\t- [x] " } else { "\t- [ ] " };
        out.extend([mark, &escaped(&lines(&item.text)), "\n"]);
    }
    if body.is_empty() {
        return;
    }
    let body = lines(body);
    let first = body.split('\n').next().unwrap_or_default();
    if !card.checklist.is_empty() || first.trim().is_empty() || task(first).is_some() {
        out.push_str("\t\n");
    }
    for line in body.split('\n') {
        out.extend(["\t", line, "\n"]);
    }
}

/// The end of the file.
pub(super) fn end(out: &mut String) {
    out.push_str("\n\n%% kanban:settings\n```\n{\"kanban-plugin\":\"board\"}\n```\n%%\n");
}

/// All ends of lines alike.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
