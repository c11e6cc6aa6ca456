//! What a request wants of a task, and the commands that bring the card there.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use warroom_engine::{
    Board, Card, CardId, ChecklistItem, Colour, Column, ColumnId, Command, Day, ItemId, LabelId,
    Position, Priority, UserId,
};
use warroom_protocol::Dice;

use super::TaskError;

/// Names that an error lists at most: what a person reads over.
const LISTED_MAX: usize = 20;

/// Whether what is not given is to be as in a new task, or stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    /// `PUT`. The title has to be given; column and archive stay where they are not.
    Yes,
    /// `PATCH`.
    No,
}

/// What is said of a task. A field that is null is as in a new task. Fields that only the relay writes may be given, as
/// they came, and change nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TaskEdit {
    /// Of a new task: 1 to 64 letters, digits, `-` and `_`; drawn where it is left out.
    id: Option<String>,
    title: Option<String>,
    #[serde(default, deserialize_with = "given")]
    body: Given<String>,
    /// The first column where a new task has none.
    column: Option<Named>,
    /// Where in the column; last where it is left out.
    position: Option<Position<CardId>>,
    #[serde(default, deserialize_with = "given")]
    labels: Given<Vec<Named>>,
    #[serde(default, deserialize_with = "given")]
    assignees: Given<Vec<Named>>,
    #[serde(default, deserialize_with = "given")]
    due: Given<Day>,
    #[serde(default, deserialize_with = "given")]
    priority: Given<Priority>,
    #[serde(default, deserialize_with = "given")]
    checklist: Given<Vec<ItemEdit>>,
    archived: Option<bool>,
    #[serde(rename = "order")]
    _order: Option<IgnoredAny>,
    #[serde(rename = "done")]
    _done: Option<IgnoredAny>,
    #[serde(rename = "created")]
    _created: Option<IgnoredAny>,
}

/// None where it is not given, and none inside where it is null.
type Given<T> = Option<Option<T>>;

fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Given<T>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Something on the board, by its id or what it is called, or as a task has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "write an id or a name, or an object with an id")]
enum Named {
    Text(String),
    Called {
        id: String,
        #[serde(rename = "name")]
        _name: Option<IgnoredAny>,
    },
}

impl Named {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Called { id: text, _name: _ } => text,
        }
    }
}

/// A line of a checklist: one that is there by its id, or a new one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemEdit {
    id: Option<ItemId>,
    text: String,
    #[serde(default)]
    done: bool,
}

/// What is to be done to a card.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) commands: Vec<Command>,
    /// What its body is to read.
    pub(super) body: Option<String>,
}

/// Everything that planning looks at.
struct Planner<'a> {
    board: &'a Board,
    dice: &'a mut Dice,
    card: CardId,
    commands: Vec<Command>,
}

impl TaskEdit {
    /// What makes a new card of it.
    pub(super) fn plan_new(
        self,
        board: &Board,
        dice: &mut Dice,
    ) -> Result<(CardId, Plan), TaskError> {
        let title = self.title.clone().ok_or(TaskError::NoTitle)?;
        let id = match &self.id {
            Some(id) => CardId::new(id)?,
            None => CardId::random(dice),
        };
        let column = match &self.column {
            Some(column) => find_column(board, column)?,
            None => first_column(board)?,
        };
        let position = self.position.clone().unwrap_or(Position::End);
        let mut planner = Planner { board, dice, card: id.clone(), commands: Vec::new() };
        let add = Command::AddCard { id: id.clone(), column: column.clone(), title, position };
        planner.commands.push(add);
        planner.plan_marks(&self, None)?;
        if self.archived == Some(true) {
            planner.commands.push(Command::ArchiveCard { id: id.clone() });
        }
        let commands = planner.commands;
        let body = self.body.flatten().filter(|body| !body.is_empty());
        Ok((id, Plan { commands, body }))
    }

    /// What makes a card that is there what it says.
    pub(super) fn plan(
        mut self,
        whole: Whole,
        (board, card): (&Board, &Card),
        dice: &mut Dice,
    ) -> Result<Plan, TaskError> {
        if whole == Whole::Yes {
            self.fill()?;
        }
        if self.id.as_ref().is_some_and(|id| id != card.id.as_str()) {
            return Err(TaskError::OtherId);
        }
        let mut planner = Planner { board, dice, card: card.id.clone(), commands: Vec::new() };
        let id = card.id.clone();
        if let Some(title) = self.title.clone().filter(|title| *title != card.title) {
            planner.commands.push(Command::SetTitle { id: id.clone(), title });
        }
        // a card whose column is deleted can be written back as it was read
        let stays = self.column.as_ref().is_none_or(|named| named.text() == card.column.as_str());
        let column = match &self.column {
            Some(named) if !stays => find_column(board, named)?,
            Some(_) | None => &card.column,
        };
        if *column != card.column || self.position.is_some() {
            let position = self.position.clone().unwrap_or(Position::End);
            let column = column.clone();
            planner.commands.push(Command::MoveCard { id: id.clone(), column, position });
        }
        planner.plan_marks(&self, Some(card))?;
        match self.archived {
            Some(true) if card.archived.is_none() => {
                planner.commands.push(Command::ArchiveCard { id });
            }
            Some(false) if card.archived.is_some() => {
                planner.commands.push(Command::UnarchiveCard { id });
            }
            Some(_) | None => {}
        }
        let commands = planner.commands;
        let body = self.body.map(Option::unwrap_or_default);
        Ok(Plan { commands, body: body.filter(|body| card.has_body || !body.is_empty()) })
    }

    /// Says of everything that is not given that it is as in a new task.
    fn fill(&mut self) -> Result<(), TaskError> {
        if self.title.is_none() {
            return Err(TaskError::NoTitle);
        }
        self.body.get_or_insert(None);
        self.labels.get_or_insert(None);
        self.assignees.get_or_insert(None);
        self.due.get_or_insert(None);
        self.priority.get_or_insert(None);
        self.checklist.get_or_insert(None);
        Ok(())
    }
}

impl Planner<'_> {
    /// What is on the face of a card, beside its title and place.
    fn plan_marks(&mut self, edit: &TaskEdit, card: Option<&Card>) -> Result<(), TaskError> {
        let id = self.card.clone();
        if let Some(labels) = &edit.labels {
            self.plan_labels(labels.as_deref().unwrap_or_default(), card)?;
        }
        if let Some(people) = &edit.assignees {
            self.plan_people(people.as_deref().unwrap_or_default(), card)?;
        }
        if let Some(due) = edit.due
            && due != card.and_then(|card| card.due)
        {
            self.commands.push(Command::SetDue { id: id.clone(), due });
        }
        if let Some(priority) = edit.priority {
            let priority = priority.unwrap_or_default();
            if priority != card.map_or_else(Priority::default, |card| card.priority) {
                self.commands.push(Command::SetPriority { id, priority });
            }
        }
        if let Some(items) = &edit.checklist {
            let there = card.map_or(&[][..], |card| &card.checklist);
            self.plan_items(items.as_deref().unwrap_or_default(), there);
        }
        Ok(())
    }

    /// A label that is called by a name that no other has is made.
    fn plan_labels(&mut self, labels: &[Named], card: Option<&Card>) -> Result<(), TaskError> {
        let shown = |id: &LabelId| self.board.label(id).is_some_and(|label| !label.deleted);
        let there: Vec<_> = card.map_or(&[][..], |card| &card.labels).to_vec();
        let there: Vec<_> = there.into_iter().filter(shown).collect();
        let mut wanted = Vec::new();
        let mut made: Vec<(String, LabelId)> = Vec::new();
        for named in labels {
            let text = named.text();
            let known = self.board.labels().filter(|label| !label.deleted);
            let known = known.filter(|label| label.id.as_str() == text || label.name == text);
            let known = known.max_by_key(|label| label.id.as_str() == text);
            let known = known.map(|label| label.id.clone());
            let new = made.iter().find(|(name, _)| name == text).map(|(_, id)| id.clone());
            let id = match (known.or(new), named) {
                (Some(id), _) => id,
                (None, Named::Called { .. }) => {
                    let instead = "send its name alone to make it".to_owned();
                    return Err(TaskError::Unknown {
                        what: "label",
                        named: shortened(text),
                        instead,
                    });
                }
                (None, Named::Text(name)) => {
                    let id = LabelId::random(self.dice);
                    let (name, colour): (_, Option<Colour>) = (name.clone(), None);
                    made.push((name.clone(), id.clone()));
                    self.commands.push(Command::AddLabel { id: id.clone(), name, colour });
                    id
                }
            };
            wanted.push(id);
        }
        let id = &self.card;
        let gone = there.iter().filter(|label| !wanted.contains(label));
        let gone = gone.map(|label| Command::DetachLabel { id: id.clone(), label: label.clone() });
        let new = wanted.iter().filter(|label| !there.contains(label));
        let new = new.map(|label| Command::AttachLabel { id: id.clone(), label: label.clone() });
        self.commands.extend(gone.chain(new));
        Ok(())
    }

    fn plan_people(&mut self, people: &[Named], card: Option<&Card>) -> Result<(), TaskError> {
        let there = card.map_or(&[][..], |card| &card.assignees);
        let find = |named: &Named| -> Result<UserId, TaskError> {
            let text = named.text();
            let is_there = there.iter().find(|id| id.as_str() == text);
            let by_id = || self.board.people().find(|person| person.id.as_str() == text);
            let by_name = || self.board.people().find(|person| person.name == text);
            let known = || by_id().or_else(by_name).map(|person| &person.id);
            is_there.or_else(known).cloned().ok_or_else(|| {
                let names = self.board.people().map(|person| person.name.as_str());
                TaskError::Unknown {
                    what: "person",
                    named: shortened(text),
                    instead: one_of(names, "people are known once they opened the board"),
                }
            })
        };
        let wanted = people.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let id = &self.card;
        let gone = there.iter().filter(|person| !wanted.contains(person));
        let gone = gone.map(|person| Command::Unassign { id: id.clone(), person: person.clone() });
        let new = wanted.iter().filter(|person| !there.contains(person));
        let new = new.map(|person| Command::Assign { id: id.clone(), person: person.clone() });
        self.commands.extend(gone.chain(new));
        Ok(())
    }

    /// The list as it is given, in its order. An item is the one that was there where it has its id.
    fn plan_items(&mut self, items: &[ItemEdit], there: &[ChecklistItem]) {
        let card = self.card.clone();
        let known = |item: &ItemEdit| {
            item.id.as_ref().and_then(|id| there.iter().find(|known| known.id == *id))
        };
        let kept: Vec<&ItemId> = items.iter().filter_map(known).map(|known| &known.id).collect();
        for gone in there.iter().filter(|known| !kept.contains(&&known.id)) {
            let id = gone.id.clone();
            self.commands.push(Command::DeleteItem { card: card.clone(), id });
        }
        let before = there.iter().map(|known| &known.id).filter(|id| kept.contains(id));
        let is_in_order = before.eq(kept.iter().copied());
        let mut position = Position::Start;
        for item in items {
            let card = card.clone();
            let (id, was_done) = if let Some(known) = known(item) {
                let id = known.id.clone();
                if !is_in_order {
                    let (card, id, position) = (card.clone(), id.clone(), position.clone());
                    self.commands.push(Command::MoveItem { card, id, position });
                }
                if known.text != item.text {
                    let (card, id, text) = (card.clone(), id.clone(), item.text.clone());
                    self.commands.push(Command::EditItem { card, id, text });
                }
                (id, known.done)
            } else {
                let id = item.id.clone().unwrap_or_else(|| ItemId::random(self.dice));
                let (text, position) = (item.text.clone(), position.clone());
                let add = Command::AddItem { card: card.clone(), id: id.clone(), text, position };
                self.commands.push(add);
                (id, false)
            };
            if was_done != item.done {
                let (id, done) = (id.clone(), item.done);
                self.commands.push(Command::SetItemDone { card, id, done });
            }
            position = Position::After { id };
        }
    }
}

fn first_column(board: &Board) -> Result<&ColumnId, TaskError> {
    board.columns().next().map(|column| &column.id).ok_or_else(|| TaskError::Unknown {
        what: "column",
        named: String::new(),
        instead: "the board has none, add one in the app".to_owned(),
    })
}

fn find_column<'a>(board: &'a Board, named: &Named) -> Result<&'a ColumnId, TaskError> {
    let text = named.text();
    let by_id = board.columns().find(|column| column.id.as_str() == text);
    let found = by_id.or_else(|| board.columns().find(|column| column.title == text));
    found.map(|column: &Column| &column.id).ok_or_else(|| TaskError::Unknown {
        what: "column",
        named: shortened(text),
        instead: one_of(board.columns().map(|column| column.id.as_str()), "the board has none"),
    })
}

fn one_of(names: impl Iterator<Item: AsRef<str>>, none: &str) -> String {
    let names: Vec<String> =
        names.take(LISTED_MAX).map(|name| format!("{:?}", name.as_ref())).collect();
    if names.is_empty() { none.to_owned() } else { format!("use one of {}", names.join(", ")) }
}

/// Enough of a name to know it again.
fn shortened(name: &str) -> String {
    name.chars().take(60).collect()
}
