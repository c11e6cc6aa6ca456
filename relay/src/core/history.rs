//! The graph of changes: hash, dependencies, actor, number, bytes. No op set.
