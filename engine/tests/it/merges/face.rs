//! Pairs about what a card's face says: labels, people, checklist and files.

use warroom_engine::{Colour, Command, Position};

use super::{Row, row, shown};
use crate::world::{add, add_item, attach, card, item, label, user};

const ADDED: &str = "two labels, people, items or files added to a card";

pub(super) fn rows() -> Vec<Row> {
    let attach_label = |id: &str| Command::AttachLabel { id: card("a"), label: label(id) };
    let assign = |person: &str| Command::Assign { id: card("a"), person: user(person) };
    let new_label =
        |id: &str| Command::AddLabel { id: label(id), name: id.to_owned(), colour: None };
    vec![
        row(
            &[ADDED, "A card · labels"],
            "two labels: both",
            (attach_label("bug"), attach_label("idea")),
            |p| shown(p).labels == [label("bug"), label("idea"), label("old")],
        ),
        row(
            &["A card · labels"],
            "the same label twice: there",
            (attach_label("bug"), attach_label("bug")),
            |p| shown(p).labels == [label("bug"), label("old")],
        ),
        row(
            &["label deleted ‖ put on a card"],
            "label deleted and put on a card: deleted, and the card keeps it",
            (Command::DeleteLabel { id: label("bug") }, attach_label("bug")),
            |p| {
                shown(p).labels.contains(&label("bug"))
                    && p.board().label(&label("bug")).is_some_and(|bug| bug.deleted)
            },
        ),
        row(
            &[ADDED, "A card · assignees"],
            "two people put on a card: both",
            (assign("zoe"), assign("yan")),
            |p| shown(p).assignees == [user("yan"), user("zoe")],
        ),
        row(&["Root · labels"], "two new labels: both", (new_label("x"), new_label("y")), |p| {
            p.board().labels().count() == 5
        }),
        row(
            &["Root · labels"],
            "label renamed and coloured: both",
            (
                Command::RenameLabel { id: label("bug"), name: "Defect".to_owned() },
                Command::SetLabelColour { id: label("bug"), colour: Some(Colour::Blue) },
            ),
            |p| {
                p.board()
                    .label(&label("bug"))
                    .is_some_and(|bug| bug.name == "Defect" && bug.colour == Some(Colour::Blue))
            },
        ),
        row(
            &["Root · cards"],
            "a new card and a label on another: both",
            (add("x", "done", "X"), attach_label("bug")),
            |p| p.board().cards().count() == 5 && shown(p).labels.len() == 2,
        ),
    ]
}

pub(super) fn part_rows() -> Vec<Row> {
    let a = || card("a");
    let edit = |text: &str| Command::EditItem { card: a(), id: item("one"), text: text.to_owned() };
    let to_end = |id: &str| Command::MoveItem { card: a(), id: item(id), position: Position::End };
    let tick = || Command::SetItemDone { card: a(), id: item("one"), done: true };
    vec![
        row(
            &[ADDED, "A card · checklist"],
            "two new items: both",
            (add_item("x"), add_item("y")),
            |p| shown(p).checklist.len() == 4,
        ),
        row(
            &["item edited ‖ ticked, column coloured ‖ limited"],
            "item edited and ticked: both",
            (edit("1"), tick()),
            |p| shown(p).checklist[0].text == "1" && shown(p).checklist[0].done,
        ),
        row(
            &["due day ‖ due day, priority ‖ priority, item's text ‖ item's text"],
            "item edited twice: one of them",
            (edit("1"), edit("eins")),
            |p| ["1", "eins"].contains(&shown(p).checklist[0].text.as_str()),
        ),
        row(
            &["A card · checklist"],
            "two items moved to the end: both there, once",
            (to_end("one"), to_end("two")),
            |p| shown(p).checklist.len() == 2,
        ),
        row(
            &[ADDED, "A card · attachments"],
            "two files: both",
            (attach("x"), attach("y")),
            |p| shown(p).attachments.len() == 2,
        ),
        row(
            &["A card · attachments"],
            "the same file twice: once",
            (attach("x"), attach("x")),
            |p| shown(p).attachments.len() == 1,
        ),
    ]
}
