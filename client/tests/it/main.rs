//! The native client against the real relay, in one process, over loopback.

mod files;
mod relay;
mod rooms;
