//! The pure core of the relay, driven by hand: no socket, no disk, no clock. Tests are named after the rules of
//! `docs/PROTOCOL.md` that they hold the relay to.

mod connection;
mod convergence;
mod document;
mod history;
mod outbox;
mod support;
