//! The War Room relay: sync server, storage, HTTP API and web app in one binary.

pub mod core;
pub mod limits;
