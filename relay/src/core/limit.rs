//! Limits by name, for whoever looks at how often each was hit.

use warroom_protocol::limits::FRAME_BYTES_BEFORE_JOIN_MAX;
use warroom_protocol::{DecodeError, GuardError, HandshakeError};

use crate::core::close::{ChangeRefusal, CloseReason};
use crate::core::counters::labels;

labels! {
    /// A limit that closes, drops, refuses or cuts something when it is hit. Its name is that of the constant.
    pub enum Limit {
        ConnectionDocuments => "connection_documents_max",
        ConnectionRooms => "connection_rooms_max",
        ConnectionWatched => "connection_watched_max",
        OutboxControlBytes => "outbox_control_bytes_max",
        OutboxPresenceFrames => "outbox_presence_frames_max",
        OutboxPresenceBytes => "outbox_presence_bytes_max",
        EphemeralBytes => "ephemeral_bytes_max",
        DocumentBytes => "document_bytes_max",
        Orphans => "orphans_max",
        OrphansBytes => "orphans_bytes_max",
        OrphansFor => "orphans_for",
        Served => "served_max",
        Restarts => "restarts_max",
        Sockets => "sockets_max",
        HeaderWithin => "header_within",
        HeaderBytes => "header_bytes_max",
        SocketStall => "socket_stall_max",
        SocketCloseWithin => "socket_close_within",
        FrameBytes => "frame_bytes_max",
        FrameBytesBeforeJoin => "frame_bytes_before_join_max",
        JoinWithin => "join_within",
        PingMisses => "ping_misses_max",
        StartOpSlack => "start_op_slack_max",
        TaskRooms => "task_rooms_max",
        TaskWithin => "task_within",
        TaskDocumentOps => "task_document_ops_max",
        TaskFiles => "task_files_max",
        TaskFileBodies => "task_file_bodies_max",
        TaskFileBytes => "task_file_bytes_max",
        TaskBodyBytes => "task_body_bytes_max",
        TaskBodyWithin => "task_body_within",
        Guard => "guard",
    }
}

impl CloseReason {
    /// One word for it, for metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Restart => "restart",
            Self::Frame(_) => "frame",
            Self::Guard(_) => "guard",
            Self::Text => "text",
            Self::Handshake(_) => "handshake",
            Self::Documents { .. } => "documents",
            Self::Rooms { .. } => "rooms",
            Self::Ephemeral { .. } => "ephemeral",
            Self::Silent { .. } => "silent",
            Self::Replaced => "replaced",
            Self::Stalled { .. } => "stalled",
            Self::Overloaded => "overloaded",
            Self::Change { .. } => "change",
            Self::Store => "store",
            Self::Unreadable => "unreadable",
            Self::Internal => "internal",
        }
    }

    /// The limit that was hit, where that is why.
    pub fn limit(&self) -> Option<Limit> {
        match self {
            Self::Frame(DecodeError::TooLarge { bytes_max, .. }) => {
                let is_early = *bytes_max <= FRAME_BYTES_BEFORE_JOIN_MAX;
                Some(if is_early { Limit::FrameBytesBeforeJoin } else { Limit::FrameBytes })
            }
            Self::Guard(GuardError::TooMany { .. }) => Some(Limit::Guard),
            Self::Handshake(HandshakeError::Timeout) => Some(Limit::JoinWithin),
            Self::Documents { .. } => Some(Limit::ConnectionDocuments),
            Self::Rooms { .. } => Some(Limit::ConnectionRooms),
            Self::Ephemeral { .. } => Some(Limit::EphemeralBytes),
            Self::Silent { .. } => Some(Limit::PingMisses),
            Self::Stalled { .. } => Some(Limit::SocketStall),
            Self::Overloaded => Some(Limit::OutboxControlBytes),
            Self::Change { refusal, .. } => refusal.limit(),
            Self::Left
            | Self::Restart
            | Self::Frame(
                DecodeError::Malformed(_) | DecodeError::Field { .. } | DecodeError::Id(_),
            )
            | Self::Guard(GuardError::Malformed { .. })
            | Self::Text
            | Self::Handshake(
                HandshakeError::Version
                | HandshakeError::JoinFirst
                | HandshakeError::Unexpected
                | HandshakeError::PeerIdTaken
                | HandshakeError::WrongSender
                | HandshakeError::WrongTarget
                | HandshakeError::ByOther { .. },
            )
            | Self::Replaced
            | Self::Store
            | Self::Unreadable
            | Self::Internal => None,
        }
    }
}

impl ChangeRefusal {
    fn limit(&self) -> Option<Limit> {
        match self {
            Self::Orphans(limit) => Some(*limit),
            Self::Full { .. } => Some(Limit::DocumentBytes),
            Self::Counter { .. } => Some(Limit::StartOpSlack),
            Self::DocumentChunk
            | Self::NotCanonical
            | Self::Equivocation { .. }
            | Self::Stranger
            | Self::Gap { .. } => None,
        }
    }
}
