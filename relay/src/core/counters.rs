//! What the machines count, for metrics: plain numbers, taken out and added up by the shell.

use std::ops::AddAssign;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// How often something happened since the counters were last taken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Counters {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            /// Every counter with its name, in the order of declaration.
            pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name)),*].into_iter()
            }
        }

        impl AddAssign for Counters {
            fn add_assign(&mut self, other: Self) {
                $(self.$name = self.$name.saturating_add(other.$name);)*
            }
        }
    };
}

counters! {
    /// Frames that were understood.
    frames_received,
    /// Frames of a type that this version does not know; ignored.
    frames_unknown,
    /// Frames that are nothing to a relay: a third peer's ephemerals, what a peer lacks or heard of others; dropped.
    frames_ignored,
    /// Ephemerals whose count had not risen; dropped.
    ephemerals_repeated,
    /// Ephemerals sent on, once for each receiver.
    ephemerals_sent,
    /// Goodbyes said in the name of a peer that left.
    goodbyes_sent,
    /// Ephemerals that a connection had no room for; the oldest were dropped.
    presence_dropped,
    /// Frames for documents that the peer may not see.
    denied,
    /// Connections closed for what they sent.
    refused,
    /// Changes of peers that may only read, and all while the store takes none; dropped and not acknowledged.
    changes_forbidden,
    /// Changes that were new.
    changes_taken,
    /// Changes that were here before.
    changes_repeated,
    /// Changes put aside until their dependencies come.
    orphans_kept,
    /// Changes whose dependencies did not come in time.
    orphans_dropped,
    /// Saves asked of the store.
    saves,
    /// Sync messages to peers in step: built once for all of them.
    answers_fast,
    /// Sync messages computed for one peer.
    answers_generic,
    /// Answers that no document is here.
    answers_unavailable,
    /// Messages that named what changed in a room.
    rooms_told,
    /// Documents said to be of a room that they are not derived from; served all the same.
    rooms_unproved,
    /// Remote-heads messages sent on.
    remote_heads_sent,
}
