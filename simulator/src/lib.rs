//! The world as data: one seed drives clients, network, relay, disk and clock through the production machines, in
//! one thread. The same seed gives the same trace, so a failure is a number.
//!
//! [`World::run`] plays a [`Plan`]: people work on one board, connections break, the relay and the clients crash,
//! the disk loses and tears what was not synced. The checkers watch for broken promises all the while, and in the
//! end, when the network is healed, everyone must see the same board.

mod client;
mod disk;
mod mirror;
mod plan;
mod queue;
mod relay;
mod trace;
mod workload;
mod world;

pub use plan::{Plan, Plant};
pub use world::{Failure, Summary, World};
