//! The guard against automerge itself: what honest peers send passes, what hurts automerge does not.

mod sync_message;
