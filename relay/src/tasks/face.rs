//! What a room is called and has, and what happened in it.

use serde::{Deserialize, Serialize};
use warroom_engine::{
    Activity, Answer, Board, Colour, ColumnRole, Command, Cursor, Question, UserId,
};

use super::room::Room;
use super::task::{Called, person, tag};
use super::{TaskError, address_of};

/// A room as HTTP shows it: what the ids in its tasks mean.
#[derive(Debug, Serialize)]
pub(crate) struct Face {
    id: String,
    name: String,
    columns: Vec<ColumnFace>,
    labels: Vec<LabelFace>,
    people: Vec<Called>,
    /// Those in no archive.
    tasks: usize,
    archived: usize,
}

#[derive(Debug, Serialize)]
struct ColumnFace {
    id: String,
    name: String,
    role: Option<ColumnRole>,
    wip: Option<u32>,
    colour: Option<Colour>,
}

#[derive(Debug, Serialize)]
struct LabelFace {
    id: String,
    name: String,
    colour: Option<Colour>,
}

/// What is said of a room. What only the relay writes may be given, as it came, and changes nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoomEdit {
    name: String,
}

/// A room that is to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRoom {
    /// Its name in addresses, or one of its own; drawn where it is left out.
    pub(crate) room: Option<String>,
    /// What it is called.
    #[serde(default)]
    pub(crate) name: String,
}

/// Which part of what happened.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Feed {
    /// The `next` of the page before.
    before: Option<String>,
    /// How many entries at most.
    limit: Option<u32>,
}

/// A page of what happened, newest first. It may be shorter than was asked for, even empty, and another follow.
#[derive(Debug, Serialize)]
pub(crate) struct Happened {
    activity: Vec<Activity>,
    /// Who did it.
    people: Vec<Called>,
    /// To ask for the next page with, as `before`; null on the last.
    next: Option<Cursor>,
}

impl Room {
    /// What it is called and has.
    pub(crate) fn face(&self) -> Result<Face, TaskError> {
        let board = self.view()?;
        let cards = || board.cards().filter(|card| card.deleted.is_none());
        let archived = cards().filter(|card| card.archived.is_some()).count();
        Ok(Face {
            id: address_of(self.board()),
            name: board.title().to_owned(),
            columns: columns(board),
            labels: labels(board),
            people: board.people().map(|known| person(board, &known.id)).collect(),
            tasks: cards().count() - archived,
            archived,
        })
    }

    /// Makes the room.
    pub(crate) async fn found(&mut self, name: String) -> Result<Face, TaskError> {
        if self.is_stored() {
            return Err(TaskError::RoomTaken);
        }
        self.name(name).await?;
        self.settle().await?;
        self.face()
    }

    /// Calls it something else, if it is still as the request knows it.
    pub(crate) async fn rename(
        &mut self,
        edit: RoomEdit,
        expected: Option<Vec<String>>,
    ) -> Result<Face, TaskError> {
        if let Some(expected) = expected
            && !expected.contains(&tag(&self.face()?))
        {
            return Err(TaskError::Changed);
        }
        self.name(edit.name).await?;
        self.face()
    }

    async fn name(&mut self, title: String) -> Result<(), TaskError> {
        self.write_board(vec![Command::RenameRoom { title }]).await
    }

    /// What happened.
    pub(crate) async fn activity(&mut self, feed: Feed) -> Result<Happened, TaskError> {
        let Feed { before, limit } = feed;
        let before = before.map(|text| {
            Cursor::of_text(&text).ok_or_else(|| TaskError::Unknown {
                what: "page",
                named: text.chars().take(60).collect(),
                instead: "send the next of the page before".to_owned(),
            })
        });
        let before = before.transpose()?;
        let limit = limit.unwrap_or(u32::MAX);
        let question = Question::Activity { card: None, before, limit };
        let Answer::Activity { page } = self.ask(question).await? else {
            return Err(TaskError::Failed);
        };
        let board = self.view()?;
        let mut people: Vec<&UserId> = page.entries.iter().map(|entry| &entry.by).collect();
        people.sort();
        people.dedup();
        let people = people.into_iter().map(|id| person(board, id)).collect();
        Ok(Happened { activity: page.entries, people, next: page.next })
    }
}

fn columns(board: &Board) -> Vec<ColumnFace> {
    let columns = board.columns().map(|column| ColumnFace {
        id: column.id.to_string(),
        name: column.title.clone(),
        role: column.role,
        wip: column.wip,
        colour: column.colour,
    });
    columns.collect()
}

fn labels(board: &Board) -> Vec<LabelFace> {
    let labels = board.labels().filter(|label| !label.deleted).map(|label| LabelFace {
        id: label.id.to_string(),
        name: label.name.clone(),
        colour: label.colour,
    });
    labels.collect()
}
