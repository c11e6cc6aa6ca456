//! The browser shell around the engine.
