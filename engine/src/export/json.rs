//! Our own JSON: the values as JavaScript sees them, under one roof.

use serde::Serialize;

use crate::board::{Board, Card};
use crate::ids::UserId;
use crate::import::{Import, ImportedCard};
use crate::talk::Comment;

/// What stands under `format`.
pub(crate) const FORMAT: &str = "warroom-board";
/// What stands under `version`. It rises only when an old reader would take something for something else.
pub(crate) const VERSION: u64 = 1;

/// What stands under `ids` where they tie the file together and mean nothing elsewhere ([`Import::brings_ids`]).
pub(crate) const OWN_IDS: &str = "file";

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
    head(board.title(), out);
    list("columns", board.all_columns().into_iter(), out);
    list("labels", board.labels(), out);
    list("people", board.people(), out);
    out.push_str(",\n\"cards\":[");
}

fn head(title: &str, out: &mut String) {
    out.extend(["{\"format\":\"", FORMAT, "\",\"version\":", &VERSION.to_string()]);
    out.extend([",\n\"title\":", &json(&title)]);
}

/// Writes what was read from a file.
pub(super) fn whole(import: &Import) -> String {
    let mut out = String::new();
    let Import { title, columns, labels, people, cards, brings_ids } = import;
    head(title, &mut out);
    if !brings_ids {
        out.extend([",\n\"ids\":\"", OWN_IDS, "\""]);
    }
    list("columns", columns.iter(), &mut out);
    list("labels", labels.iter(), &mut out);
    list("people", people.iter(), &mut out);
    out.push_str(",\n\"cards\":[");
    for ImportedCard { card: face, body, comments, votes } in cards {
        card(face, body.as_deref(), (comments, votes), &mut out);
    }
    end(&mut out);
    out
}

/// One card, in the order of the ids, with what was said about it and who voted for it. Of a body that is not on this device
/// nothing is said.
pub(super) fn card(
    card: &Card,
    body: Option<&str>,
    (comments, votes): (&[Comment], &[UserId]),
    out: &mut String,
) {
    let is_first = out.ends_with('[');
    out.push_str(if is_first { "\n" } else { ",\n" });
    out.push_str(&json(card));
    // the card's object, with more keys
    out.pop();
    if body.is_some() || !card.has_body {
        out.extend([",\"body\":", &json(&body)]);
    }
    if !comments.is_empty() {
        out.extend([",\"comments\":", &json(&comments)]);
    }
    if !votes.is_empty() {
        out.extend([",\"votes\":", &json(&votes)]);
    }
    out.push('}');
}

/// Everything behind the cards.
pub(super) fn end(out: &mut String) {
    out.push_str("]}\n");
}
