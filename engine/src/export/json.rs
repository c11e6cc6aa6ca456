//! Our own JSON: the values as JavaScript sees them, under one roof.

use serde::Serialize;

use crate::board::{Board, Card};

/// What stands under `format`.
pub(crate) const FORMAT: &str = "warroom-board";
/// What stands under `version`. It rises only when an old reader would take something for something else.
pub(crate) const VERSION: u64 = 1;

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Writes a list, an element a line.
fn list<T: Serialize>(name: &str, values: impl Iterator<Item = T>, out: &mut String) {
    out.extend([",\n\"", name, "\":["]);
    for (index, value) in values.enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&json(&value));
    }
    out.push(']');
}

/// Everything before the cards.
pub(super) fn begin(board: &Board, out: &mut String) {
    out.extend([
        "{\"format\":\"",
        FORMAT,
        "\",\"version\":",
        &VERSION.to_string(),
        ",\n\"title\":",
    ]);
    out.push_str(&json(&board.title()));
    list("columns", board.all_columns().into_iter(), out);
    list("labels", board.labels(), out);
    list("people", board.people(), out);
    out.push_str(",\n\"cards\":[");
}

/// One card, in the order of the ids. Of a body that is not on this device nothing is said.
pub(super) fn card(card: &Card, body: Option<&str>, out: &mut String) {
    let is_first = out.ends_with('[');
    out.push_str(if is_first { "\n" } else { ",\n" });
    out.push_str(&json(card));
    if body.is_some() || !card.has_body {
        // the card's object, with one more key
        out.pop();
        out.extend([",\"body\":", &json(&body), "}"]);
    }
}

/// Everything behind the cards.
pub(super) fn end(out: &mut String) {
    out.push_str("]}\n");
}
