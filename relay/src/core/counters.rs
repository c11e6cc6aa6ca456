//! What the machines count, for metrics: plain numbers, taken out and added up by the shell.

use std::ops::AddAssign;

use warroom_protocol::wire::Frame;

use crate::core::limit::Limit;

/// An enum whose variants have names, in the order of declaration.
macro_rules! labels {
    (
        $(#[$meta:meta])*
        $vis:vis enum $label:ident { $($variant:ident => $name:literal,)* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        $vis enum $label {
            $(
                #[doc = concat!("`", $name, "`")]
                $variant,
            )*
        }

        impl $label {
            /// All there are.
            $vis const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// What it is called in metrics.
            $vis fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}
pub(crate) use labels;

labels! {
    /// What a frame is, by its name on the wire.
    pub enum FrameKind {
        Join => "join",
        Peer => "peer",
        Error => "error",
        Leave => "leave",
        Request => "request",
        Sync => "sync",
        DocUnavailable => "doc-unavailable",
        Ephemeral => "ephemeral",
        RemoteSubscriptionChange => "remote-subscription-change",
        RemoteHeadsChanged => "remote-heads-changed",
        Room => "x-room",
        Unknown => "unknown",
    }
}

impl FrameKind {
    /// Of that frame.
    pub fn of(frame: &Frame) -> Self {
        match frame {
            Frame::Join { .. } => Self::Join,
            Frame::Peer { .. } => Self::Peer,
            Frame::Error { .. } => Self::Error,
            Frame::Leave { .. } => Self::Leave,
            Frame::Sync { is_request: true, .. } => Self::Request,
            Frame::Sync { is_request: false, .. } => Self::Sync,
            Frame::DocUnavailable { .. } => Self::DocUnavailable,
            Frame::Ephemeral(_) => Self::Ephemeral,
            Frame::RemoteSubscriptionChange { .. } => Self::RemoteSubscriptionChange,
            Frame::RemoteHeadsChanged { .. } => Self::RemoteHeadsChanged,
            Frame::RoomSince { .. } | Frame::Room(_) => Self::Room,
            Frame::Unknown { .. } => Self::Unknown,
        }
    }
}

/// How many of something, frames for the most, and how many bytes they had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Frames {
    /// How many.
    pub count: u64,
    /// Bytes of all of them; of frames, without what the WebSocket adds.
    pub bytes: u64,
}

impl Frames {
    /// One more.
    pub fn add(&mut self, bytes: usize) {
        *self += Self { count: 1, bytes: u64::try_from(bytes).unwrap_or(u64::MAX) };
    }
}

impl AddAssign for Frames {
    fn add_assign(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

macro_rules! counters {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// How often something happened since the counters were last taken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Counters {
            $($(#[doc = $doc])* pub $name: u64,)*
            frames: [Frames; FrameKind::ALL.len()],
            hits: [u64; Limit::ALL.len()],
        }

        impl Counters {
            /// Every plain counter with its name and what it counts, in the order of declaration.
            pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
                [$((stringify!($name), concat!($($doc),*).trim_ascii(), self.$name)),*].into_iter()
            }
        }

        impl AddAssign for Counters {
            fn add_assign(&mut self, other: Self) {
                $(self.$name = self.$name.saturating_add(other.$name);)*
                self.frames.iter_mut().zip(other.frames).for_each(|(own, other)| *own += other);
                for (own, other) in self.hits.iter_mut().zip(other.hits) {
                    *own = own.saturating_add(other);
                }
            }
        }
    };
}

counters! {
    /// Frames that are nothing to a relay: a third peer's ephemerals, what a peer lacks or heard of others; dropped.
    frames_ignored,
    /// Frames for documents that the peer may not see.
    frames_denied,
    /// Ephemerals whose count had not risen; dropped.
    ephemerals_repeated,
    /// Ephemerals sent on, once for each receiver.
    ephemerals_sent,
    /// Goodbyes said in the name of a peer that left.
    goodbyes_sent,
    /// Connections told by an error frame that what they sent is refused.
    refusals,
    /// Messages with changes of peers that may only read, and all while the store takes none; dropped and not acknowledged.
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
    /// Sync messages that began with a compacted document.
    answers_compacted,
    /// Answers that no document is here.
    answers_unavailable,
    /// Messages that named what changed in a room.
    rooms_told,
    /// Documents said to be of a room that they are not derived from; served all the same.
    rooms_unproved,
    /// Remote-heads messages sent on.
    remote_heads_sent,
}

impl Counters {
    /// That a limit was hit, and nothing else.
    pub fn hit(limit: Limit) -> Self {
        let mut counters = Self::default();
        counters.add_hits(limit, 1);
        counters
    }

    /// A limit was hit some more times.
    pub fn add_hits(&mut self, limit: Limit, times: u64) {
        for (own, hits) in Limit::ALL.iter().zip(&mut self.hits) {
            if *own == limit {
                *hits = hits.saturating_add(times);
            }
        }
    }

    /// How often each limit was hit.
    pub fn hits(&self) -> impl Iterator<Item = (Limit, u64)> {
        Limit::ALL.into_iter().zip(self.hits)
    }

    /// A frame of that many bytes was understood.
    pub fn add_frame(&mut self, kind: FrameKind, bytes: usize) {
        for (own, frames) in FrameKind::ALL.iter().zip(&mut self.frames) {
            if *own == kind {
                frames.add(bytes);
            }
        }
    }

    /// Frames that were understood, by what they are.
    pub fn frames(&self) -> impl Iterator<Item = (FrameKind, Frames)> {
        FrameKind::ALL.into_iter().zip(self.frames)
    }
}
