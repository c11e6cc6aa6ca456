//! The kinds of command: a new one that nobody generates is an error of the compiler first, and of a test then. Those
//! that are no business of the board document stand under `elsewhere`, and those that name what was: their own tests
//! (`it/conflicts.rs`, `it/restore.rs`) make what they need.

use warroom_engine::Command;

macro_rules! kinds {
    (board: $($kind:ident),+; elsewhere: $($other:ident),* $(,)?) => {
        /// The names of those that are the board's: all of them are given.
        pub(crate) const ALL: &[&str] = &[$(stringify!($kind)),+];

        /// The name of a command's kind.
        pub(crate) fn kind(command: &Command) -> &'static str {
            match command {
                $(Command::$kind { .. } => stringify!($kind),)+
                $(Command::$other { .. } => stringify!($other),)*
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
    EditText, FlushText, CloseText, SetPerson, Undo, Redo;
    elsewhere: Talk, ResolveConflict, RestoreCardAt,
}
