//! Commands out of their JSON.

use warroom_engine::{
    AttachmentKind, Colour, ColumnRole, Command, ConflictField, Day, Priority, TalkCommand,
};

use super::fields::{Fields, bad};
use crate::error::CallError;

impl Fields {
    /// The command that the object is.
    ///
    /// # Errors
    /// [`CallError::BadCall`], or [`CallError::Command`] for a text that is not an id or a day.
    pub(super) fn command(mut self) -> Result<Command, CallError> {
        let kind = self.text("type")?;
        Ok(match kind.as_str() {
            "renameRoom" => Command::RenameRoom { title: self.text("title")? },
            "addCard" => Command::AddCard {
                id: self.id("id")?,
                column: self.id("column")?,
                title: self.text("title")?,
                position: self.position()?,
            },
            "moveCard" => Command::MoveCard {
                id: self.id("id")?,
                column: self.id("column")?,
                position: self.position()?,
            },
            "archiveCard" => Command::ArchiveCard { id: self.id("id")? },
            "unarchiveCard" => Command::UnarchiveCard { id: self.id("id")? },
            "deleteCard" => Command::DeleteCard { id: self.id("id")? },
            "restoreCard" => Command::RestoreCard { id: self.id("id")? },
            "setTitle" => Command::SetTitle { id: self.id("id")?, title: self.text("title")? },
            "openText" => Command::OpenText { text: self.target()? },
            "editText" => Command::EditText {
                text: self.target()?,
                seen: self.number("seen")?,
                splice: self.splice()?,
            },
            "flushText" => Command::FlushText { text: self.target()? },
            "closeText" => Command::CloseText { text: self.target()? },
            "talk" => Command::Talk { command: self.object("command")?.talk_command()? },
            "resolveConflict" => {
                let (owner, field) =
                    (self.conflict_owner()?, self.word("field", ConflictField::of_word)?);
                Command::ResolveConflict { owner, field, choice: self.text("choice")? }
            }
            "restoreCardAt" => {
                let (id, moment) = (self.id("id")?, self.moment("moment")?);
                Command::RestoreCardAt { id, moment, body: self.truth("body")? }
            }
            "setPerson" => Command::SetPerson { person: self.person("person")? },
            "transact" => {
                let mut commands = Vec::new();
                for command in self.objects("commands")? {
                    commands.push(command.command()?);
                }
                Command::Transact { commands }
            }
            "undo" => Command::Undo,
            "redo" => Command::Redo,
            other => return self.column_command(other),
        })
    }

    fn talk_command(mut self) -> Result<TalkCommand, CallError> {
        let kind = self.text("type")?;
        Ok(match kind.as_str() {
            "addComment" => TalkCommand::AddComment {
                id: self.id("id")?,
                card: self.id("card")?,
                text: self.text("text")?,
            },
            "editComment" => {
                TalkCommand::EditComment { id: self.id("id")?, text: self.text("text")? }
            }
            "deleteComment" => TalkCommand::DeleteComment { id: self.id("id")? },
            "restoreComment" => TalkCommand::RestoreComment { id: self.id("id")? },
            "react" => TalkCommand::React { id: self.id("id")?, reaction: self.text("reaction")? },
            "unreact" => TalkCommand::Unreact { id: self.id("id")? },
            "vote" => TalkCommand::Vote { card: self.id("card")? },
            "unvote" => TalkCommand::Unvote { card: self.id("card")? },
            "markSeen" => TalkCommand::MarkSeen { card: self.maybe_id("card")? },
            other => return Err(bad("an unknown command", other)),
        })
    }

    fn column_command(mut self, kind: &str) -> Result<Command, CallError> {
        Ok(match kind {
            "addColumn" => Command::AddColumn {
                id: self.id("id")?,
                title: self.text("title")?,
                role: self.maybe_word("role", ColumnRole::of_word)?,
                position: self.position()?,
            },
            "renameColumn" => {
                Command::RenameColumn { id: self.id("id")?, title: self.text("title")? }
            }
            "moveColumn" => Command::MoveColumn { id: self.id("id")?, position: self.position()? },
            "setColumnRole" => {
                let role = self.maybe_word("role", ColumnRole::of_word)?;
                Command::SetColumnRole { id: self.id("id")?, role }
            }
            "setColumnWip" => {
                let wip = self.maybe_number("wip")?.map(u32::try_from).transpose();
                let wip = wip.map_err(|_| bad("too large a number:", "wip"))?;
                Command::SetColumnWip { id: self.id("id")?, wip }
            }
            "setColumnColour" => {
                let colour = self.maybe_word("colour", Colour::of_word)?;
                Command::SetColumnColour { id: self.id("id")?, colour }
            }
            "deleteColumn" => Command::DeleteColumn { id: self.id("id")? },
            "restoreColumn" => Command::RestoreColumn { id: self.id("id")? },
            other => return self.face_command(other),
        })
    }

    fn face_command(mut self, kind: &str) -> Result<Command, CallError> {
        Ok(match kind {
            "assign" => Command::Assign { id: self.id("id")?, person: self.id("person")? },
            "unassign" => Command::Unassign { id: self.id("id")?, person: self.id("person")? },
            "attachLabel" => Command::AttachLabel { id: self.id("id")?, label: self.id("label")? },
            "detachLabel" => Command::DetachLabel { id: self.id("id")?, label: self.id("label")? },
            "setDue" => {
                let due = if self.is_null("due") { None } else { Some(self.text("due")?) };
                let due = due.map(|day| Day::new(&day)).transpose()?;
                Command::SetDue { id: self.id("id")?, due }
            }
            "setPriority" => {
                let priority = self.word("priority", Priority::of_word)?;
                Command::SetPriority { id: self.id("id")?, priority }
            }
            "addLabel" => Command::AddLabel {
                id: self.id("id")?,
                name: self.text("name")?,
                colour: self.maybe_word("colour", Colour::of_word)?,
            },
            "renameLabel" => Command::RenameLabel { id: self.id("id")?, name: self.text("name")? },
            "setLabelColour" => {
                let colour = self.maybe_word("colour", Colour::of_word)?;
                Command::SetLabelColour { id: self.id("id")?, colour }
            }
            "deleteLabel" => Command::DeleteLabel { id: self.id("id")? },
            "restoreLabel" => Command::RestoreLabel { id: self.id("id")? },
            other => return self.part_command(other),
        })
    }

    fn part_command(mut self, kind: &str) -> Result<Command, CallError> {
        Ok(match kind {
            "addItem" => Command::AddItem {
                card: self.id("card")?,
                id: self.id("id")?,
                text: self.text("text")?,
                position: self.position()?,
            },
            "editItem" => Command::EditItem {
                card: self.id("card")?,
                id: self.id("id")?,
                text: self.text("text")?,
            },
            "moveItem" => Command::MoveItem {
                card: self.id("card")?,
                id: self.id("id")?,
                position: self.position()?,
            },
            "setItemDone" => Command::SetItemDone {
                card: self.id("card")?,
                id: self.id("id")?,
                done: self.truth("done")?,
            },
            "deleteItem" => Command::DeleteItem { card: self.id("card")?, id: self.id("id")? },
            "restoreItem" => Command::RestoreItem { card: self.id("card")?, id: self.id("id")? },
            "addAttachment" => Command::AddAttachment {
                card: self.id("card")?,
                id: self.id("id")?,
                kind: self.word("kind", AttachmentKind::of_word)?,
                name: self.text("name")?,
                mime: self.text("mime")?,
                bytes: self.number("bytes")?,
                duration_ms: self.maybe_number("durationMs")?,
            },
            "deleteAttachment" => {
                Command::DeleteAttachment { card: self.id("card")?, id: self.id("id")? }
            }
            "restoreAttachment" => {
                Command::RestoreAttachment { card: self.id("card")?, id: self.id("id")? }
            }
            other => return Err(bad("an unknown command", other)),
        })
    }
}
