//! Pairs about columns and the room.

use warroom_engine::{Colour, Column, ColumnRole, Command, Person, Position};

use super::{Row, row, todo};
use crate::world::{Peer, add, column, move_card, user};

const DELETED: &str = "column deleted ‖ card moved or added to it";

/// The column *To do*, deleted or not.
fn first(peer: &Peer) -> &Column {
    peer.board().column(&column("todo")).unwrap()
}

fn drop_todo() -> Command {
    Command::DeleteColumn { id: column("todo") }
}

fn rename(title: &str) -> Command {
    Command::RenameColumn { id: column("todo"), title: title.to_owned() }
}

fn to(id: &str, position: Position<warroom_engine::ColumnId>) -> Command {
    Command::MoveColumn { id: column(id), position }
}

pub(super) fn rows() -> Vec<Row> {
    let new_column = |id: &str| Command::AddColumn {
        id: column(id),
        title: id.to_owned(),
        role: None,
        position: Position::End,
    };
    vec![
        row(
            &[DELETED],
            "column deleted and card moved into it: unsorted, nothing lost or resurrected",
            (drop_todo(), move_card("d", "todo", Position::End)),
            |peer| peer.board().unsorted().len() == 4 && peer.board().columns().count() == 2,
        ),
        row(
            &[DELETED],
            "column deleted and card added to it: unsorted",
            (drop_todo(), add("x", "todo", "X")),
            |peer| peer.board().unsorted().len() == 4,
        ),
        row(
            &["column renamed ‖ renamed", "A column · title"],
            "column renamed twice: one of them",
            (rename("Later"), rename("Soon")),
            |peer| ["Later", "Soon"].contains(&first(peer).title.as_str()),
        ),
        row(
            &["column deleted ‖ renamed or moved"],
            "column deleted and renamed: both",
            (drop_todo(), rename("Later")),
            |peer| first(peer).deleted.is_some() && first(peer).title == "Later",
        ),
        row(
            &["column deleted ‖ renamed or moved"],
            "column deleted and moved: both",
            (drop_todo(), to("todo", Position::End)),
            |peer| {
                let others = peer.board().columns().all(|other| other.order < first(peer).order);
                first(peer).deleted.is_some() && others
            },
        ),
        row(
            &["item edited ‖ ticked, column coloured ‖ limited"],
            "column coloured and limited: both",
            (
                Command::SetColumnColour { id: column("todo"), colour: Some(Colour::Pink) },
                Command::SetColumnWip { id: column("todo"), wip: Some(3) },
            ),
            |peer| first(peer).colour == Some(Colour::Pink) && first(peer).wip == Some(3),
        ),
        row(
            &["Root · columns"],
            "two new columns: both",
            (new_column("x"), new_column("y")),
            |peer| peer.board().columns().count() == 5,
        ),
    ]
}

pub(super) fn key_rows() -> Vec<Row> {
    let room = |title: &str| Command::RenameRoom { title: title.to_owned() };
    let role = |role| Command::SetColumnRole { id: column("todo"), role };
    let wip = |wip| Command::SetColumnWip { id: column("todo"), wip };
    let colour = |colour| Command::SetColumnColour { id: column("todo"), colour };
    let person = |id: &str, name: &str, colour| Command::SetPerson {
        person: Person { id: user(id), name: name.to_owned(), colour },
    };
    vec![
        row(
            &["Root · title"],
            "room renamed twice: one of them",
            (room("Ours"), room("Theirs")),
            |peer| ["Ours", "Theirs"].contains(&peer.board().title()),
        ),
        row(
            &["Root · people"],
            "two people leave their names: both",
            (person("zoe", "Zoe", 1), person("yan", "Yan", 2)),
            |peer| peer.board().people().map(|person| person.name.as_str()).eq(["Yan", "Zoe"]),
        ),
        row(
            &["A column · order"],
            "two columns moved to the front: both before the third",
            (to("doing", Position::Start), to("done", Position::Start)),
            |peer| peer.board().columns().last().is_some_and(|last| last.id == column("todo")),
        ),
        row(
            &["A column · order"],
            "a column moved to two places: one of them",
            (to("doing", Position::Start), to("doing", Position::End)),
            |peer| {
                let order: Vec<_> = peer.board().columns().map(|c| c.id.to_string()).collect();
                order == ["doing", "todo", "done"] || order == ["todo", "done", "doing"]
            },
        ),
        row(
            &["A column · role"],
            "two roles: one of them, and no card is touched",
            (role(Some(ColumnRole::Done)), role(None)),
            |peer| first(peer).role != Some(ColumnRole::Todo) && todo(peer).len() == 3,
        ),
        row(&["A column · wip"], "two limits: one of them", (wip(Some(1)), wip(Some(2))), |peer| {
            matches!(first(peer).wip, Some(1 | 2)) && todo(peer).len() == 3
        }),
        row(
            &["A column · colour"],
            "two colours: one of them",
            (colour(Some(Colour::Red)), colour(Some(Colour::Blue))),
            |peer| matches!(first(peer).colour, Some(Colour::Red | Colour::Blue)),
        ),
        row(
            &["A column · deleted"],
            "deleted twice: deleted",
            (drop_todo(), drop_todo()),
            |peer| first(peer).deleted.is_some() && peer.board().unsorted().len() == 3,
        ),
    ]
}
