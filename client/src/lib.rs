//! The native shell around the engine.
