//! What the talk of a room promises, through its public face.

mod commands;
mod damaged;
mod deltas;
pub(crate) mod merges;
mod world;
