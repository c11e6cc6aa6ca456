//! The War Room relay: sync server, storage, HTTP API and web app in one binary.
//!
//! [`serve()`] takes a listener, a [`store::Store`], a [`config::Config`] and a future that says when to stop, so the
//! relay runs inside other programs as it does alone; [`open_and_serve()`] opens the store while it answers that it starts. A socket's bytes go through [`core::Connection`] to the task of
//! an open document, which drives [`core::Document`]: take in, save, tell. Everything in [`core`] is pure; the modules
//! beside it are its shell.

pub mod clock;
mod compaction;
pub mod config;
pub mod core;
pub mod dice;
mod document_task;
pub mod error;
mod front;
mod http;
pub mod limits;
mod link;
mod metrics;
pub mod operator;
mod patience;
mod registry;
mod routes;
mod serve;
mod socket;
mod spawn;
pub mod store;
mod tasks;
pub mod telemetry;

pub use compaction::work;
pub use front::bind;
pub use serve::{open_and_serve, serve};
