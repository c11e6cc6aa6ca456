//! What both ends of the wire promise, rule by rule; names cite `docs/PROTOCOL.md`.

mod frames;
mod generate;
mod vectors;
