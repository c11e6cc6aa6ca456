//! Whole replicas, with storage, a relay and other tabs, without a network, a clock or a disk.

mod bodies;
mod convergence;
mod hostile;
mod hub;
mod presence;
mod saving;
mod syncing;
mod world;
