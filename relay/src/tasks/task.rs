//! A card as HTTP shows it.

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use warroom_engine::{Board, Card, ColumnRole, Day, Priority, Stamp, UserId};

/// A task. What has an id of its own says what it is called beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Task {
    id: String,
    title: String,
    /// Markdown; empty where there is none.
    body: String,
    column: Called,
    /// Its order key in the column: tasks of a column are ordered by (`order`, `id`), both as bytes.
    order: String,
    labels: Vec<Called>,
    assignees: Vec<Called>,
    /// A day, or null.
    due: Option<Day>,
    priority: Priority,
    checklist: Vec<Item>,
    /// Who completed it, and when; null while it is not in a column of done work.
    done: Option<Stamped>,
    archived: bool,
    created: Stamped,
}

/// What has an id, and what it is called; null where that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Called {
    id: String,
    name: Option<String>,
}

/// A line of a checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Item {
    id: String,
    text: String,
    done: bool,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Stamped {
    /// In milliseconds since 1970-01-01 UTC, as their clock said.
    at: i64,
    by: Called,
}

impl Task {
    /// A card with its body.
    pub(super) fn of(board: &Board, card: &Card, body: String) -> Self {
        let column = board.column(&card.column).filter(|column| column.deleted.is_none());
        let is_done = column.is_some_and(|column| column.role == Some(ColumnRole::Done));
        let labels = card.labels.iter().filter_map(|id| board.label(id));
        let labels = labels.filter(|label| !label.deleted);
        Self {
            id: card.id.to_string(),
            title: card.title.clone(),
            body,
            column: Called {
                id: card.column.to_string(),
                name: column.map(|column| column.title.clone()),
            },
            order: card.order.clone(),
            labels: labels
                .map(|label| Called { id: label.id.to_string(), name: Some(label.name.clone()) })
                .collect(),
            assignees: card.assignees.iter().map(|id| person(board, id)).collect(),
            due: card.due,
            priority: card.priority,
            checklist: card
                .checklist
                .iter()
                .map(|item| Item {
                    id: item.id.to_string(),
                    text: item.text.clone(),
                    done: item.done,
                })
                .collect(),
            done: card.done.as_ref().filter(|_| is_done).map(|stamp| stamped(board, stamp)),
            archived: card.archived.is_some(),
            created: stamped(board, &card.created),
        }
    }

    /// Its id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

pub(super) fn person(board: &Board, id: &UserId) -> Called {
    Called { id: id.to_string(), name: board.person(id).map(|person| person.name.clone()) }
}

fn stamped(board: &Board, stamp: &Stamp) -> Stamped {
    Stamped { at: stamp.at, by: person(board, &stamp.by) }
}

/// The entity tag of what is shown as JSON, with its quotes: half of a SHA-256, so that it stays the same for as long as
/// everything shown does, over restarts too.
pub(crate) fn tag(shown: &impl Serialize) -> String {
    let json = serde_json::to_vec(shown).unwrap_or_default();
    let digest = Sha256::digest(json);
    let half = digest.first_chunk().map_or(0, |half| u128::from_be_bytes(*half));
    format!("\"{half:032x}\"")
}
