//! The War Room relay: sync server, storage, HTTP API and web app in one binary.
