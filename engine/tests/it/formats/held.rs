//! What of a board a format can hold, to compare what went out with what came in.

use std::collections::BTreeSet;

use warroom_engine::{Board, Card, ColumnRole, Import};

use super::room::Room;

/// The board with names by which its parts can be told apart.
pub(super) fn named(mut board: Import) -> Import {
    board.columns[0].deleted = None;
    for (number, column) in board.columns.iter_mut().enumerate() {
        column.title.push_str(&["c", &number.to_string()].concat());
    }
    for (number, label) in board.labels.iter_mut().enumerate() {
        label.name.push_str(&["l", &number.to_string()].concat());
    }
    for (number, person) in board.people.iter_mut().enumerate() {
        person.name.push_str(&["p", &number.to_string()].concat());
    }
    board
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HeldCard {
    title: String,
    body: String,
    labels: BTreeSet<String>,
    items: Vec<(String, bool)>,
    due: Option<String>,
    priority: &'static str,
    /// What only one of the formats holds.
    rest: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Held {
    title: String,
    /// Title, and what stands beside it; the cards in order.
    columns: Vec<(String, Vec<HeldCard>)>,
    archived: Vec<HeldCard>,
}

fn title_of<'a>(board: &'a Board, card: &Card) -> &'a str {
    let column = board.column(&card.column).filter(|column| column.deleted.is_none());
    column.map_or("Unsorted", |column| column.title.as_str())
}

fn labels<'a>(board: &'a Board, card: &'a Card) -> impl Iterator<Item = String> + 'a {
    let labels = card.labels.iter().filter_map(|id| board.label(id)).filter(|label| !label.deleted);
    labels.map(|label| label.name.clone())
}

fn held(
    room: &Room,
    title: String,
    card: impl Fn(&Card) -> HeldCard,
    head: impl Fn(&str) -> String,
) -> Held {
    let board = room.board();
    let columns = board.columns().map(|column| {
        let cards = board.cards_in(&column.id).map(&card).collect();
        (head(&column.title), cards)
    });
    let mut columns: Vec<(String, Vec<HeldCard>)> = columns.collect();
    let unsorted: Vec<HeldCard> = board.unsorted().into_iter().map(&card).collect();
    if !unsorted.is_empty() {
        columns.push((head("Unsorted"), unsorted));
    }
    let archived = board.cards().filter(|card| card.archived.is_some() && card.deleted.is_none());
    let mut archived: Vec<HeldCard> = archived.map(card).collect();
    archived.sort();
    Held { title, columns, archived }
}

pub(super) fn by_csv(room: &Room) -> Held {
    let board = room.board();
    let card = |card: &Card| {
        let name =
            |id| board.person(id).map_or_else(|| format!("{id}"), |person| person.name.clone());
        let people: BTreeSet<String> = card.assignees.iter().map(name).collect();
        let moments = [&Some(card.created.clone()), &card.done, &card.archived];
        let moments = moments.map(|stamp| stamp.as_ref().map(|stamp| stamp.at));
        HeldCard {
            title: card.title.clone(),
            body: room.body(&card.id).to_owned(),
            labels: labels(board, card).collect(),
            items: card.checklist.iter().map(|item| (item.text.clone(), item.done)).collect(),
            due: card.due.map(|day| day.to_string()),
            priority: card.priority.word(),
            rest: vec![format!("{people:?} {moments:?} {}", title_of(board, card))],
        }
    };
    let mut held = held(room, String::new(), card, ToOwned::to_owned);
    held.columns.retain(|(_, cards)| !cards.is_empty());
    held
}

/// Ends of lines are those of one kind, and blanks around a line are not kept.
fn line(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.trim_matches(|letter: char| letter.is_whitespace() && letter != '\n').to_owned()
}

pub(super) fn by_markdown(room: &Room) -> Held {
    let board = room.board();
    let is_done_work = |card: &Card| {
        let column = board.column(&card.column).filter(|column| column.deleted.is_none());
        column.is_some_and(|column| column.role == Some(ColumnRole::Done))
    };
    let tag = |name: String| {
        let letter = |letter: char| {
            let is_kept = letter.is_alphanumeric() || "_-/".contains(letter);
            if is_kept { letter } else { '-' }
        };
        name.chars().map(letter).collect::<String>()
    };
    let card = |card: &Card| {
        // where the column counts as done work, its cards come in as done
        let done = card.done.is_some() || (card.archived.is_none() && is_done_work(card));
        HeldCard {
            title: line(&card.title),
            body: room.body(&card.id).replace("\r\n", "\n").replace('\r', "\n"),
            labels: labels(board, card).map(tag).collect(),
            items: card.checklist.iter().map(|item| (line(&item.text), item.done)).collect(),
            due: card.due.map(|day| day.to_string()),
            priority: card.priority.word(),
            rest: if card.archived.is_some() { Vec::new() } else { vec![done.to_string()] },
        }
    };
    let heads = board.columns().map(|column| {
        let is_done = column.role == Some(ColumnRole::Done);
        format!("{} {:?} {is_done}", line(&column.title), column.wip)
    });
    let mut held = held(room, board.title().to_owned(), card, line);
    for ((title, _), head) in held.columns.iter_mut().zip(heads.collect::<Vec<_>>()) {
        *title = head;
    }
    if let Some((title, _)) = held.columns.last_mut().filter(|(title, _)| title == "Unsorted") {
        title.push_str(" None false");
    }
    held
}
