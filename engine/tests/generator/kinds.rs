//! The kinds of command: a new one that nobody generates is an error of the compiler first, and of a test then.

use warroom_engine::{Command, TalkCommand};

macro_rules! kinds {
    (board: $($kind:ident),+; talk: $($said:ident),+ $(,)?) => {
        /// Their names: all of them are given.
        pub(crate) const ALL: &[&str] = &[$(stringify!($kind),)+ $(stringify!($said)),+];

        /// The name of a command's kind.
        pub(crate) fn kind(command: &Command) -> &'static str {
            match command {
                $(Command::$kind { .. } => stringify!($kind),)+
                Command::Talk { command } => talk_kind(command),
            }
        }

        /// The name of the kind of what is said.
        pub(crate) fn talk_kind(command: &TalkCommand) -> &'static str {
            match command {
                $(TalkCommand::$said { .. } => stringify!($said),)+
            }
        }
    };
}

kinds! {
    board: RenameRoom, AddColumn, RenameColumn, MoveColumn, SetColumnRole, SetColumnWip, SetColumnColour,
    DeleteColumn, RestoreColumn, AddCard, MoveCard, ArchiveCard, UnarchiveCard, DeleteCard,
    RestoreCard, SetTitle, Assign, Unassign, AttachLabel, DetachLabel, SetDue, SetPriority, AddItem,
    EditItem, MoveItem, SetItemDone, DeleteItem, RestoreItem, AddAttachment, DeleteAttachment,
    RestoreAttachment, AddLabel, RenameLabel, SetLabelColour, DeleteLabel, RestoreLabel, OpenText,
    EditText, FlushText, CloseText, SetPerson, ResolveConflict, RestoreCardAt, Transact, Undo, Redo;
    talk: AddComment, EditComment, DeleteComment, RestoreComment, React, Unreact, Vote, Unvote, MarkSeen,
}
