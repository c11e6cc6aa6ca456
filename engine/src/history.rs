//! What happened on a board, derived from the changes themselves: nothing is stored twice. `docs/HISTORY.md` has the
//! definitions.

mod change_id;
mod moment;
mod timeline;

pub use change_id::ChangeId;
pub(crate) use moment::Dated;
pub use moment::{Moment, PastCard};
pub(crate) use timeline::Timeline;
