//! Plans for the board: what of it a command is about.

use super::hints::Hints;
use crate::ids::{CardId, ColumnId, LabelId};
use crate::plan::{self, Put};

pub(super) type Plan = plan::Plan<Hints>;
pub(super) type Planned = plan::Planned<Hints>;

impl Put {
    /// Of a card.
    pub(super) fn of_card(self, kind: &'static str, id: &CardId) -> Plan {
        self.plan(kind, Some(id), Hints::of_card(id))
    }

    /// Of a column.
    pub(super) fn of_column(self, kind: &'static str, id: &ColumnId) -> Plan {
        self.plan(kind, None, Hints::of_column(id))
    }

    /// Of a label.
    pub(super) fn of_label(self, kind: &'static str, id: &LabelId) -> Plan {
        self.plan(kind, None, Hints::of_label(id))
    }

    /// Of the room.
    pub(super) fn of_room(self, kind: &'static str) -> Plan {
        self.plan(kind, None, Hints { room: true, ..Hints::default() })
    }
}
