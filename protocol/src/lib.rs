//! What both ends of the wire share: frames, ids, handshake, presence, limits, and the guard that checks sync
//! messages and changes before automerge may see them. No I/O, no clock, no dice of its own, no automerge.

pub mod backoff;
mod dice;
pub mod ephemeral;
mod error;
pub mod guard;
pub mod handshake;
mod ids;
pub mod limits;
pub mod presence;
pub mod sorted;
pub mod sync_message;
mod time;
pub mod wire;

pub use dice::{Dice, Seed};
pub use error::{DecodeError, GuardError, HandshakeError, IdError, PresenceError, TakenActor};
pub use ids::{ChangeHash, ConnectionId, Cursor, DocumentId, PeerId, SaveId, SessionId, StorageId};
pub use time::Timestamp;
