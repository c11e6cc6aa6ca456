//! The JSON that Trello exports a board as: lists, cards, labels, checklists, members, attachments, and comments among the
//! actions. What it holds besides is passed over.

use warroom_protocol::sorted::{SortedMap, sort, sort_by};

use super::named::{fit_title, when};
use super::node::{Node, parse};
use super::{Import, ImportError, ImportedCard, Importer, check_size, too_long};
use crate::board::{Card, Colour, Day, MOMENT_MAX, Stamp};
use crate::ids::{ColumnId, LabelId, UserId};
use crate::iso;
use crate::limits::{CHECKLIST_ITEMS_MAX, COMMENT_UNITS_MAX, ITEM_UNITS_MAX, NAME_UNITS_MAX};
use crate::talk::Comment;

/// Reads a file.
pub(super) fn read(text: &str, importer: &mut Importer) -> Result<Import, ImportError> {
    check_size(text.len())?;
    let tree = parse(text)?;
    let root = Node::root(&tree);
    root.object()?;
    if root.at("lists").is_null() || root.at("cards").is_null() {
        let what = "there are no lists and cards".to_owned();
        return Err(root.wrong((what, "choose the JSON that Trello exports a board as")));
    }
    let mut reader = Reader::new(importer);
    reader.import.title = root.at("name").text_or_empty()?;
    too_long("the title", &reader.import.title, NAME_UNITS_MAX)
        .map_err(|wrong| root.at("name").wrong(wrong))?;
    reader.lists(&root.at("lists"))?;
    root.at("labels").each(&mut |node| reader.label(node))?;
    root.at("members").each(&mut |node| reader.member(node))?;
    root.at("checklists").each(&mut |node| reader.checklist(node))?;
    root.at("actions").each(&mut |node| reader.action(node))?;
    reader.cards(&root.at("cards"))?;
    Ok(reader.import)
}

/// A list of a card: its place among the card's lists, its name, and its items with theirs.
struct Checklist {
    pos: f64,
    name: String,
    items: Vec<(f64, String, bool)>,
}

/// What was said of a card.
struct Said {
    created: Stamp,
    edited: Option<i64>,
    text: String,
}

struct Reader<'a> {
    importer: &'a mut Importer,
    import: Import,
    /// Each list's column, and whether it is closed.
    columns: SortedMap<String, (ColumnId, bool)>,
    labels: SortedMap<String, LabelId>,
    people: SortedMap<String, UserId>,
    checklists: SortedMap<String, Vec<Checklist>>,
    comments: SortedMap<String, Vec<Said>>,
    creators: SortedMap<String, UserId>,
}

impl<'a> Reader<'a> {
    fn new(importer: &'a mut Importer) -> Self {
        Self {
            importer,
            import: Import::default(),
            columns: SortedMap::new(),
            labels: SortedMap::new(),
            people: SortedMap::new(),
            checklists: SortedMap::new(),
            comments: SortedMap::new(),
            creators: SortedMap::new(),
        }
    }

    /// A closed list is a deleted column, and its cards are archived.
    fn lists(&mut self, lists: &Node<'_>) -> Result<(), ImportError> {
        let mut order = order_of(lists)?;
        sort_by(&mut order, |a, b| a.0.total_cmp(&b.0));
        for (_, index) in order {
            let node = lists.index(index);
            let mut column = self.importer.column(node.at("name").text_or_empty()?);
            let closed = node.at("closed").truth()?;
            column.deleted = when(closed, &self.importer.stamp);
            let list = node.at("id").text()?.to_owned();
            self.columns.insert(list, (column.id.clone(), closed));
            self.import.add_column(column).map_err(|wrong| node.wrong(wrong))?;
        }
        Ok(())
    }

    /// Labels without a name are called by their colour.
    fn label(&mut self, node: &Node<'_>) -> Result<(), ImportError> {
        let colour = node.at("color");
        let colour = colour.maybe_text()?.unwrap_or_default();
        let name = node.at("name").text_or_empty()?;
        let mut label = self.importer.label(if name.is_empty() { colour.to_owned() } else { name });
        label.colour = colour_of(colour);
        self.labels.insert(node.at("id").text()?.to_owned(), label.id.clone());
        self.import.add_label(label).map_err(|wrong| node.wrong(wrong))
    }

    fn member(&mut self, node: &Node<'_>) -> Result<(), ImportError> {
        let id = node.at("id").text()?.to_owned();
        if self.people.contains_key(&id) {
            return Ok(());
        }
        let full = node.at("fullName").text_or_empty()?;
        let name = if full.is_empty() { node.at("username").text_or_empty()? } else { full };
        let person = self.importer.person(name);
        self.people.insert(id, person.id.clone());
        self.import.add_person(person).map_err(|wrong| node.wrong(wrong))
    }

    fn checklist(&mut self, node: &Node<'_>) -> Result<(), ImportError> {
        let mut items = Vec::new();
        node.at("checkItems").each(&mut |item| {
            let done = item.at("state").maybe_text()? == Some("complete");
            items.push((item.at("pos").fraction(), item.at("name").text_or_empty()?, done));
            Ok(())
        })?;
        sort_by(&mut items, |a, b| a.0.total_cmp(&b.0));
        let (pos, name) = (node.at("pos").fraction(), node.at("name").text_or_empty()?);
        let card = node.at("idCard").text_or_empty()?;
        self.checklists.get_or_default(card).push(Checklist { pos, name, items });
        Ok(())
    }

    /// Actions tell comments and who made a card; they are few, the newest thousand, and come newest first.
    fn action(&mut self, node: &Node<'_>) -> Result<(), ImportError> {
        let kind = node.at("type").text_or_empty()?;
        let data = node.at("data");
        let card = data.at("card");
        let card = card.at("id").text_or_empty()?;
        let is_comment = kind == "commentCard" || kind == "copyCommentCard";
        if !is_comment && kind != "createCard" {
            return Ok(());
        }
        let creator = node.at("memberCreator");
        let mut by = None;
        if !creator.is_null() {
            self.member(&creator)?;
            by = self.people.get(creator.at("id").text()?).cloned();
        }
        if is_comment {
            let at = moment(&node.at("date"))?.unwrap_or(self.importer.stamp.at);
            let created = Stamp { at, by: by.unwrap_or_else(UserId::unknown) };
            let (edited, text) =
                (moment(&data.at("dateLastEdited"))?, data.at("text").text_or_empty()?);
            self.comments.get_or_default(card).push(Said { created, edited, text });
        } else if let Some(by) = by {
            self.creators.insert(card, by);
        }
        Ok(())
    }

    fn cards(&mut self, cards: &Node<'_>) -> Result<(), ImportError> {
        let mut order = order_of(cards)?;
        sort_by(&mut order, |a, b| a.0.total_cmp(&b.0));
        for (_, index) in order {
            self.card(&cards.index(index))?;
        }
        Ok(())
    }

    fn card(&mut self, node: &Node<'_>) -> Result<(), ImportError> {
        let list = node.at("idList");
        let Some((column, list_closed)) = self.columns.get(list.text()?).cloned() else {
            let to_do = "export the board again, the file is not whole";
            return Err(list.wrong(("there is no such list".to_owned(), to_do)));
        };
        let id = node.at("id").text_or_empty()?;
        let mut card = self.importer.card(column, node.at("name").text_or_empty()?);
        let by = self.creators.get(&id).unwrap_or(&self.importer.stamp.by).clone();
        if let Some(at) = made_at(&id) {
            card.created = Stamp { at, by };
        }
        let touched = moment(&node.at("dateLastActivity"))?;
        let touched = Stamp {
            at: touched.unwrap_or(self.importer.stamp.at),
            by: self.importer.stamp.by.clone(),
        };
        card.archived = when(list_closed || node.at("closed").truth()?, &touched);
        card.done = when(node.at("dueComplete").truth()?, &touched);
        card.due = due(&node.at("due"))?;
        let mut labels = Vec::new();
        node.at("labels").each(&mut |label| {
            let id = label.at("id").text()?.to_owned();
            if !self.labels.contains_key(&id) {
                self.label(label)?;
            }
            labels.extend(self.labels.get(&id).cloned());
            Ok(())
        })?;
        node.at("idLabels").each(&mut |id| {
            labels.extend(self.labels.get(id.text()?).cloned());
            Ok(())
        })?;
        sort(&mut labels);
        labels.dedup();
        card.labels = labels;
        node.at("idMembers").each(&mut |id| {
            card.assignees.extend(self.people.get(id.text()?).cloned());
            Ok(())
        })?;
        sort(&mut card.assignees);
        card.assignees.dedup();
        node.at("checklists").each(&mut |list| self.checklist(list))?;
        let mut body = node.at("desc").text_or_empty()?;
        let lists = self.checklists.remove(&id).unwrap_or_default();
        card.checklist = self.items(lists, &mut body);
        links(&node.at("attachments"), &mut body)?;
        let comments = self.said(&id, &card, &mut body);
        let mut votes = Vec::new();
        node.at("idMembersVoted").each(&mut |id| {
            votes.extend(self.people.get(id.text()?).cloned());
            Ok(())
        })?;
        fit_title(&mut card, &mut body);
        let new = ImportedCard { card, body: Some(body), comments, votes };
        self.import.add_card(new).map_err(|wrong| node.wrong(wrong))
    }

    /// All checklists of a card are one here. Several, and those that are too long for one, stand in the body.
    fn items(
        &mut self,
        mut lists: Vec<Checklist>,
        body: &mut String,
    ) -> Vec<crate::board::ChecklistItem> {
        sort_by(&mut lists, |a, b| a.pos.total_cmp(&b.pos));
        let fits = |list: &Checklist| {
            let is_short = |text: &str| text.encode_utf16().count() <= ITEM_UNITS_MAX;
            list.items.len() <= CHECKLIST_ITEMS_MAX
                && list.items.iter().all(|(_, text, _)| is_short(text))
        };
        let first = lists.first().is_some_and(fits).then(|| lists.remove(0));
        for Checklist { name, items, .. } in lists {
            section(&name, body);
            for (_, text, done) in items {
                body.extend([
                    "\n- [",
                    if done { "x" } else { " " },
                    "] ",
                    &text.replace('\n', " "),
                ]);
            }
        }
        let items = first.map(|list| list.items).unwrap_or_default();
        self.importer.checklist(items.into_iter().map(|(_, text, done)| (text, done)).collect())
    }

    /// The comments on a card. Those that are too long for one stand in the body, oldest first.
    fn said(&mut self, id: &str, card: &Card, body: &mut String) -> Vec<Comment> {
        let mut all = self.comments.remove(id).unwrap_or_default();
        sort_by(&mut all, |a, b| a.created.at.cmp(&b.created.at));
        let (mut comments, mut is_first) = (Vec::new(), true);
        for Said { created, edited, text } in all {
            if text.encode_utf16().count() <= COMMENT_UNITS_MAX {
                let new = self.importer.comment(card, text, created);
                comments.push(Comment { edited, ..new });
                continue;
            }
            if std::mem::take(&mut is_first) {
                section("Imported comments", body);
            }
            let people = &self.import.people;
            let by = people.iter().find(|person| person.id == created.by);
            let (by, day) = (by.map_or("?", |person| &person.name), iso::write(created.at));
            let text = text.trim_end().replace('\n', "\n  ");
            body.extend(["\n- **", by, "**, ", day.get(..10).unwrap_or_default(), ": ", &text]);
        }
        comments
    }
}

/// A heading in a body.
fn section(title: &str, body: &mut String) {
    body.extend([if body.is_empty() { "" } else { "\n\n" }, "### ", title, "\n"]);
}

/// Attachments, as links: their files are at Trello.
fn links(attachments: &Node<'_>, body: &mut String) -> Result<(), ImportError> {
    let mut is_first = true;
    attachments.each(&mut |attachment| {
        let url = attachment.at("url").text_or_empty()?;
        let name = attachment.at("name").text_or_empty()?;
        if std::mem::take(&mut is_first) {
            section("Attachments", body);
        }
        let name = if name.is_empty() { &url } else { &name };
        let name = name.replace(['[', ']', '\n'], " ");
        body.extend(["\n- [", &name, "](", &url.replace(' ', "%20"), ")"]);
        Ok(())
    })
}

/// The places of the elements of a list, each with its index.
fn order_of(list: &Node<'_>) -> Result<Vec<(f64, usize)>, ImportError> {
    let mut order = Vec::new();
    list.each(&mut |node| {
        order.push((node.at("pos").fraction(), order.len()));
        Ok(())
    })?;
    Ok(order)
}

/// When something was made: its id begins with the seconds since 1970, in hex.
fn made_at(id: &str) -> Option<i64> {
    let seconds = i64::from_str_radix(id.get(..8)?, 16).ok()?;
    (id.len() == 24 && seconds > 0).then_some(seconds * 1_000)
}

fn moment(node: &Node<'_>) -> Result<Option<i64>, ImportError> {
    let Some(text) = node.maybe_text()? else { return Ok(None) };
    let at = iso::read(text).filter(|at| *at <= MOMENT_MAX);
    let wrong =
        || node.wrong(("this is not a moment".to_owned(), "write it as 2026-01-31T18:05:00Z"));
    at.map(Some).ok_or_else(wrong)
}

/// The day, in UTC.
fn due(node: &Node<'_>) -> Result<Option<Day>, ImportError> {
    let at = moment(node)?;
    Ok(at.and_then(|at| Day::new(iso::write(at).get(..10)?).ok()))
}

/// The colour that is nearest to one of Trello's; a lighter or darker one is the same.
fn colour_of(word: &str) -> Option<Colour> {
    let plain = word.split('_').next().unwrap_or_default();
    match plain {
        "purple" => Some(Colour::Violet),
        "sky" => Some(Colour::Teal),
        "lime" => Some(Colour::Green),
        "black" => Some(Colour::Grey),
        other => Colour::of_word(other),
    }
}
