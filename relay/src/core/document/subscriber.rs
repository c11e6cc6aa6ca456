//! One connection that has the document open: what it may do, what it knows, whether its socket can take more.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use warroom_protocol::wire::{Ephemeral, Frame, RemoteHeads, SharedFrame};
use warroom_protocol::{ChangeHash, PeerId, SessionId, StorageId, Timestamp};

use crate::core::answer::{Answer, Link, LinkSettings};
use crate::core::counters::Counters;
use crate::core::document::DocumentSettings;
use crate::core::effect::Access;
use crate::core::history::Place;
use crate::core::ledger::Ledger;

/// Messages that were built in one act of telling, by what they depend on.
pub(super) type Shared = BTreeMap<(bool, Vec<Place>), SharedFrame>;

/// One connection that has the document open.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts about a peer that hold in any combination"
)]
pub(super) struct Subscriber {
    pub(super) peer: PeerId,
    pub(super) access: Access,
    /// Its storage, where others may ask about it.
    pub(super) storage: Option<StorageId>,
    /// Storages of others that it wants to hear of.
    pub(super) watched: BTreeSet<StorageId>,
    pub(super) link: Link,
    /// Whether the socket took the last sync frame, so that the next may be computed.
    pub(super) has_credit: bool,
    /// Whether something happened since the last message was computed.
    pub(super) is_due: bool,
    /// Whether it asked for the document and must hear if it is not here.
    pub(super) has_requested: bool,
    /// Whether it is being closed: it is told nothing more.
    pub(super) is_refused: bool,
    /// The session and the count of its last ephemeral message.
    pub(super) spoke: Option<(SessionId, u64)>,
}

impl Subscriber {
    pub(super) fn new(peer: PeerId, access: Access, storage: Option<StorageId>) -> Self {
        Self {
            peer,
            access,
            storage,
            watched: BTreeSet::new(),
            link: Link::new(),
            has_credit: true,
            is_due: false,
            has_requested: false,
            is_refused: false,
            spoke: None,
        }
    }

    /// The next frame of the sync lane, if one is due and the socket can take it. All of `ledger` is durable.
    pub(super) fn next_frame(
        &mut self,
        settings: &DocumentSettings,
        ledger: &Ledger,
        shared: &mut Shared,
        counters: &mut Counters,
    ) -> Option<Bytes> {
        if !self.has_credit || !self.is_due || self.is_refused {
            return None;
        }
        self.is_due = false;
        let frame = if std::mem::take(&mut self.has_requested) && ledger.history.is_empty() {
            counters.answers_unavailable += 1;
            self.unavailable(settings)
        } else {
            let asks = settings.is_writable && self.access == Access::Write;
            let answer = self.link.next(&ledger.history, &ledger.orphans, LinkSettings { asks })?;
            self.is_due = answer.more;
            counters.answers_compacted += u64::from(answer.is_compacted);
            self.encode(settings, answer, (asks, shared), counters)
        };
        self.has_credit = false;
        Some(frame)
    }

    fn unavailable(&self, settings: &DocumentSettings) -> Bytes {
        let frame = Frame::DocUnavailable {
            sender_id: settings.relay.clone(),
            target_id: self.peer.clone(),
            document_id: settings.id.clone(),
        };
        frame.encode()
    }

    fn encode(
        &self,
        settings: &DocumentSettings,
        answer: Answer,
        (asks, shared): (bool, &mut Shared),
        counters: &mut Counters,
    ) -> Bytes {
        let build = || {
            let data = answer.message.encode();
            SharedFrame::sync(&settings.relay, &settings.id, &data)
        };
        if let Some(base) = answer.base {
            counters.answers_fast += 1;
            shared.entry((asks, base)).or_insert_with(build).to(&self.peer)
        } else {
            counters.answers_generic += 1;
            build().to(&self.peer)
        }
    }

    /// Its goodbye, where it ever spoke.
    pub(super) fn goodbye(&self, settings: &DocumentSettings, data: Bytes) -> Option<Ephemeral> {
        let (session_id, count) = self.spoke.clone()?;
        Some(Ephemeral {
            sender_id: self.peer.clone(),
            target_id: settings.relay.clone(),
            document_id: settings.id.clone(),
            session_id,
            count: count.saturating_add(1),
            data,
        })
    }
}

/// What the storage of one subscriber has, for another that asked to hear of it.
pub(super) fn remote_heads(
    settings: &DocumentSettings,
    target_id: PeerId,
    (storage, heads, now): (StorageId, &[ChangeHash], Timestamp),
) -> Bytes {
    let heads = RemoteHeads { heads: heads.to_vec(), timestamp: now };
    let frame = Frame::RemoteHeadsChanged {
        sender_id: settings.relay.clone(),
        target_id,
        document_id: settings.id.clone(),
        new_heads: vec![(storage, heads)],
    };
    frame.encode()
}
