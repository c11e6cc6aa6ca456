//! What both ends of the wire promise, rule by rule; names cite `docs/PROTOCOL.md`.

mod ephemeral;
mod frames;
mod generate;
mod guard;
mod handshake;
mod presence;
mod rooms;
mod vectors;
