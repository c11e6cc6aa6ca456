//! Our own JSON (`docs/FORMATS.md`), as [`crate::export`] writes it; what a hand or another program leaves out gets a default.

use std::collections::BTreeSet;

use super::node::{Node, parse};
use super::{Import, ImportError, ImportedCard, Importer, check_size};
use crate::board::{
    Attachment, AttachmentKind, Card, ChecklistItem, Colour, Column, ColumnRole, Label, Person,
    Priority, Stamp,
};
use crate::error::CommandError;
use crate::export::{JSON_FORMAT, JSON_VERSION, OWN_IDS};
use crate::limits::PALETTE_COLOURS;
use crate::talk::{Comment, Reaction};

/// Whose export a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Anybody's: it is held to the limits of an import.
    Foreign,
    /// This engine's, of its own board, which is to be written as it is: no limits.
    Own,
}

impl Origin {
    /// What a check of a limit says, where limits hold.
    fn limit<E>(self, checked: Result<(), E>) -> Result<(), E> {
        if self == Self::Foreign { checked } else { Ok(()) }
    }
}

/// Reads a file.
pub(super) fn read(
    text: &str,
    importer: &mut Importer,
    origin: Origin,
) -> Result<Import, ImportError> {
    origin.limit(check_size(text.len()))?;
    let tree = parse(text)?;
    let root = Node::root(&tree);
    root.object()?;
    check_format(&root)?;
    let mut reader = Reader { importer, origin, import: Import::default(), seen: BTreeSet::new() };
    reader.import.brings_ids = root.at("ids").maybe_text()? != Some(OWN_IDS);
    reader.import.title = root.at("title").text_or_empty()?;
    let checked = super::too_long("the title", &reader.import.title, crate::limits::NAME_UNITS_MAX);
    origin.limit(checked).map_err(|wrong| root.at("title").wrong(wrong))?;
    root.at("columns").each(&mut |node| reader.column(node))?;
    root.at("labels").each(&mut |node| reader.label(node))?;
    root.at("people").each(&mut |node| reader.person(node))?;
    root.at("cards").each(&mut |node| reader.card(node))?;
    Ok(reader.import)
}

fn check_format(root: &Node<'_>) -> Result<(), ImportError> {
    if root.at("format").maybe_text()? != Some(JSON_FORMAT) {
        let what = ["\"format\" is not \"", JSON_FORMAT, "\""].concat();
        let to_do = "choose the format that the file has, or export it again";
        return Err(root.wrong((what, to_do)));
    }
    let version = root.at("version");
    if version.number()? > JSON_VERSION {
        return Err(version.wrong(("a later version wrote this".to_owned(), "update the app")));
    }
    Ok(())
}

struct Reader<'a> {
    importer: &'a mut Importer,
    origin: Origin,
    import: Import,
    /// The ids so far, each with the kind of thing before it.
    seen: BTreeSet<String>,
}

impl Reader<'_> {
    /// The id of something of this kind, which is not to come twice; a fresh one where there is none.
    fn id<Id: TryFrom<String, Error = CommandError>>(
        &mut self,
        kind: &str,
        node: &Node<'_>,
        fresh: Id,
    ) -> Result<Id, ImportError> {
        let node = node.at("id");
        if node.is_null() {
            return Ok(fresh);
        }
        let (id, text) = (node.id()?, node.text()?);
        if self.seen.insert([kind, " ", text].concat()) {
            Ok(id)
        } else {
            let to_do = "leave out one of the two, or its id";
            Err(node.wrong((["the id comes twice, ", text].concat(), to_do)))
        }
    }

    fn column(&mut self, node: &Node<'_>) -> Result<(), ImportError> {
        node.object()?;
        let new = self.importer.column(node.at("title").text_or_empty()?);
        let wip = node.at("wip");
        let wip_max = |_| wip.wrong(("the number is too large".to_owned(), "use null for none"));
        let column = Column {
            id: self.id("column", node, new.id)?,
            order: node.at("order").text_or_empty()?,
            role: node.at("role").word(ColumnRole::of_word)?,
            wip: wip.maybe_number()?.map(u32::try_from).transpose().map_err(wip_max)?,
            colour: node.at("colour").word(Colour::of_word)?,
            deleted: node.at("deleted").stamp()?,
            ..new
        };
        let checked = self.origin.limit(self.import.check_column(&column));
        checked.map_err(|wrong| node.wrong(wrong))?;
        self.import.columns.push(column);
        Ok(())
    }

    fn label(&mut self, node: &Node<'_>) -> Result<(), ImportError> {
        node.object()?;
        let new = self.importer.label(node.at("name").text_or_empty()?);
        let label = Label {
            id: self.id("label", node, new.id)?,
            colour: node.at("colour").word(Colour::of_word)?,
            deleted: node.at("deleted").truth()?,
            ..new
        };
        let checked = self.origin.limit(self.import.check_label(&label));
        checked.map_err(|wrong| node.wrong(wrong))?;
        self.import.labels.push(label);
        Ok(())
    }

    fn person(&mut self, node: &Node<'_>) -> Result<(), ImportError> {
        node.object()?;
        let new = self.importer.person(node.at("name").text_or_empty()?);
        let colour = node.at("colour");
        let known = |colour: u64| u8::try_from(colour).ok().filter(|c| *c < PALETTE_COLOURS);
        let colour = match colour.maybe_number()? {
            None => new.colour,
            Some(number) => known(number).ok_or_else(|| {
                colour.wrong(("there is no such colour".to_owned(), "use a number from 0 to 11"))
            })?,
        };
        let person = Person { id: self.id("person", node, new.id)?, colour, ..new };
        let checked = self.origin.limit(self.import.check_person(&person));
        checked.map_err(|wrong| node.wrong(wrong))?;
        self.import.people.push(person);
        Ok(())
    }

    fn card(&mut self, node: &Node<'_>) -> Result<(), ImportError> {
        node.object()?;
        let title = node.at("title").text_or_empty()?;
        let new = self.importer.card(node.at("column").id()?, title);
        let mut card = Card {
            id: self.id("card", node, new.id.clone())?,
            order: node.at("order").text_or_empty()?,
            body_edited: node.at("bodyEdited").stamp()?,
            due: node.at("due").day()?,
            priority: node.at("priority").word(Priority::of_word)?.unwrap_or_default(),
            created: node.at("created").stamp()?.unwrap_or_else(|| new.created.clone()),
            done: node.at("done").stamp()?,
            archived: node.at("archived").stamp()?,
            deleted: node.at("deleted").stamp()?,
            ..new
        };
        node.at("assignees").each(&mut |node| {
            card.assignees.push(node.id()?);
            Ok(())
        })?;
        node.at("labels").each(&mut |node| {
            card.labels.push(node.id()?);
            Ok(())
        })?;
        card.checklist = self.checklist(&node.at("checklist"))?;
        node.at("attachments").each(&mut |node| {
            card.attachments.push(attachment(node, &card.created)?);
            Ok(())
        })?;
        let body = node.at("body").maybe_text()?.map(ToOwned::to_owned);
        let mut new = ImportedCard::new(card, body);
        node.at("comments").each(&mut |node| {
            new.comments.push(self.comment(node, &new.card)?);
            Ok(())
        })?;
        node.at("votes").each(&mut |node| {
            new.votes.push(node.id()?);
            Ok(())
        })?;
        let checked = self.origin.limit(self.import.check_card(&new));
        checked.map_err(|wrong| node.wrong(wrong))?;
        self.import.push_card(new);
        Ok(())
    }

    fn comment(&mut self, node: &Node<'_>, card: &Card) -> Result<Comment, ImportError> {
        node.object()?;
        let created = node.at("created").stamp()?.unwrap_or_else(|| card.created.clone());
        let new = self.importer.comment(card, node.at("text").text_or_empty()?, created);
        let mut comment = Comment {
            id: self.id("comment", node, new.id)?,
            edited: node.at("edited").maybe_moment()?,
            deleted: node.at("deleted").truth()?,
            ..new
        };
        node.at("reactions").each(&mut |node| {
            node.object()?;
            let reaction = node.at("reaction").text_or_empty()?;
            comment.reactions.push(Reaction { by: node.at("by").id()?, reaction });
            Ok(())
        })?;
        Ok(comment)
    }

    /// Items without keys are in the order of the file, and then all of them get new keys.
    fn checklist(&mut self, node: &Node<'_>) -> Result<Vec<ChecklistItem>, ImportError> {
        let mut items = Vec::new();
        node.each(&mut |node| {
            node.object()?;
            items.push((node.at("text").text_or_empty()?, node.at("done").truth()?));
            Ok(())
        })?;
        let mut made = self.importer.checklist(items);
        let mut keys = Vec::new();
        let mut index = 0;
        node.each(&mut |node| {
            if let Some(item) = made.get_mut(index)
                && !node.at("id").is_null()
            {
                item.id = node.at("id").id()?;
            }
            keys.extend(node.at("order").maybe_text()?.map(ToOwned::to_owned));
            index += 1;
            Ok(())
        })?;
        if keys.len() == made.len() {
            made.iter_mut().zip(keys).for_each(|(item, key)| item.order = key);
        }
        let ids: BTreeSet<&str> = made.iter().map(|item| item.id.as_str()).collect();
        if ids.len() < made.len() {
            let wrong = ("the id of an item comes twice".to_owned(), "leave the ids of items out");
            return Err(node.wrong(wrong));
        }
        Ok(made)
    }
}

fn attachment(node: &Node<'_>, created: &Stamp) -> Result<Attachment, ImportError> {
    node.object()?;
    Ok(Attachment {
        id: node.at("id").id()?,
        kind: node.at("kind").word(AttachmentKind::of_word)?.unwrap_or(AttachmentKind::File),
        name: node.at("name").text_or_empty()?,
        mime: node.at("mime").text_or_empty()?,
        bytes: node.at("bytes").number()?,
        duration_ms: node.at("durationMs").maybe_number()?,
        added: node.at("added").stamp()?.unwrap_or_else(|| created.clone()),
    })
}
