//! What happened on a board, derived from the changes themselves: nothing is stored twice. `docs/HISTORY.md` has the
//! definitions.

mod activity;
mod away;
mod change_id;
mod describe;
mod feed;
mod grouping;
mod moment;
mod said;
mod timeline;
mod touched;

pub use activity::{Action, Activity, ActivityPage, Cursor};
pub use away::{Away, AwayCard};
pub use change_id::ChangeId;
pub(crate) use feed::person;
pub(crate) use moment::{Dated, body_with, card_with};
pub use moment::{Moment, PastCard};
pub(crate) use said::{Placed, Said};
pub(crate) use timeline::Timeline;
