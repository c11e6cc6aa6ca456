//! The native client against the real relay, in one process, over loopback.

mod relay;
mod rooms;
