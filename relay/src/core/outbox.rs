//! What waits for one socket: a control lane, one sync frame for each document, a ring of presence.
//!
//! Plain data: the socket's task uses it under a mutex, the simulator directly.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use thiserror::Error;
use warroom_protocol::DocumentId;

use crate::core::effect::Lane;
use crate::core::limit::Limit;
use crate::limits::{
    OUTBOX_CONTROL_BYTES_MAX, OUTBOX_PRESENCE_BYTES_MAX, OUTBOX_PRESENCE_FRAMES_MAX,
};

/// The control lane is full, or a document sent without credit: close the connection as overloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the outbox of the connection is full: close it as overloaded")]
pub struct OutboxFull;

/// A frame on its way into the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The whole frame.
    pub frame: Bytes,
    /// The lane that it waited in; `None` for the control lane.
    pub lane: Option<Lane>,
    /// The document that may send its next sync frame: route `DocumentInput::Credit` to it once the socket took
    /// this one.
    pub credit: Option<DocumentId>,
}

/// What waits for one socket.
#[derive(Debug, Default)]
pub struct Outbox {
    control: VecDeque<Bytes>,
    control_bytes: usize,
    sync: VecDeque<(DocumentId, Bytes)>,
    waiting: BTreeSet<DocumentId>,
    presence: VecDeque<Bytes>,
    presence_bytes: usize,
    dropped_for_frames: u64,
    dropped_for_bytes: u64,
}

impl Outbox {
    /// An empty outbox.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a frame of the connection itself into the control lane.
    ///
    /// # Errors
    /// [`OutboxFull`] when the socket has not taken the earlier ones.
    pub fn push_control(&mut self, frame: Bytes) -> Result<(), OutboxFull> {
        let bytes = self.control_bytes.saturating_add(frame.len());
        if bytes > OUTBOX_CONTROL_BYTES_MAX {
            return Err(OutboxFull);
        }
        self.control_bytes = bytes;
        self.control.push_back(frame);
        Ok(())
    }

    /// Puts a frame of `document` into `lane`.
    ///
    /// # Errors
    /// [`OutboxFull`] when a sync frame of this document still waits.
    pub fn push(
        &mut self,
        document: &DocumentId,
        lane: Lane,
        frame: Bytes,
    ) -> Result<(), OutboxFull> {
        match lane {
            Lane::Sync => {
                if !self.waiting.insert(document.clone()) {
                    return Err(OutboxFull);
                }
                self.sync.push_back((document.clone(), frame));
                Ok(())
            }
            Lane::Presence => {
                self.push_presence(frame);
                Ok(())
            }
        }
    }

    /// The next frame for the socket: control before sync before presence, each in the order of arrival.
    pub fn take_next(&mut self) -> Option<Taken> {
        if let Some(frame) = self.take_control() {
            return Some(Taken { frame, lane: None, credit: None });
        }
        if let Some((document, frame)) = self.sync.pop_front() {
            self.waiting.remove(&document);
            return Some(Taken { frame, lane: Some(Lane::Sync), credit: Some(document) });
        }
        let frame = self.presence.pop_front()?;
        self.presence_bytes = self.presence_bytes.saturating_sub(frame.len());
        Some(Taken { frame, lane: Some(Lane::Presence), credit: None })
    }

    /// The next frame of the control lane alone: what is still sent before a close.
    pub fn take_control(&mut self) -> Option<Bytes> {
        let frame = self.control.pop_front()?;
        self.control_bytes = self.control_bytes.saturating_sub(frame.len());
        Some(frame)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.control.is_empty() && self.sync.is_empty() && self.presence.is_empty()
    }

    /// How many frames wait, in all lanes.
    pub fn len(&self) -> usize {
        self.control.len() + self.sync.len() + self.presence.len()
    }

    /// How many presence frames were dropped because the ring was full since the last call, and for which limit.
    pub fn take_dropped(&mut self) -> [(Limit, u64); 2] {
        [
            (Limit::OutboxPresenceFrames, std::mem::take(&mut self.dropped_for_frames)),
            (Limit::OutboxPresenceBytes, std::mem::take(&mut self.dropped_for_bytes)),
        ]
    }

    fn push_presence(&mut self, frame: Bytes) {
        self.presence_bytes += frame.len();
        self.presence.push_back(frame);
        while self.presence.len() > OUTBOX_PRESENCE_FRAMES_MAX
            || self.presence_bytes > OUTBOX_PRESENCE_BYTES_MAX
        {
            let is_long = self.presence.len() > OUTBOX_PRESENCE_FRAMES_MAX;
            let Some(dropped) = self.presence.pop_front() else { break };
            self.presence_bytes = self.presence_bytes.saturating_sub(dropped.len());
            let count =
                if is_long { &mut self.dropped_for_frames } else { &mut self.dropped_for_bytes };
            *count = count.saturating_add(1);
        }
    }
}
