//! The browser shell around the engine: `IndexedDB`, WebSocket, timers and the channel between tabs, through web-sys.
//!
//! JavaScript sees one class, `Board`. Its methods take `&self`, put what happened into the replica and return; everything
//! that follows (the callbacks into JavaScript included) is done by the *pump*, in a microtask of its own. So no call ever
//! re-enters another. Works in a worker and on the main thread.

mod board;
mod channel;
mod clock;
mod convert;
mod dice;
mod error;
mod hash;
mod js;
mod limits;
mod shell;
mod socket;
mod storage;
mod timer;
mod trap;

pub use board::Board;
pub use error::CallError;
