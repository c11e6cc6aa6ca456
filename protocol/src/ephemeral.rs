//! Ephemeral messages: which of them are new, and the counts of our own.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::dice::Dice;
use crate::ids::{DocumentId, PeerId, SessionId};
use crate::limits::EPHEMERAL_SESSIONS_PER_SENDER_MAX;
use crate::sorted::SortedMap;
use crate::wire::Ephemeral;

/// What was heard last from each sender, so that a message is passed on once and never backwards.
///
/// Keyed by sender *and* session: by the session alone one peer could mute another with its session id and a huge
/// count. The least recently heard sender is forgotten first, and of one sender the least recently heard session, so
/// a sender with many sessions displaces only its own. Memory ≤ `senders_max` × (512 bytes of id +
/// [`EPHEMERAL_SESSIONS_PER_SENDER_MAX`] × 520 bytes).
#[derive(Debug, Clone)]
pub struct Heard {
    senders_max: usize,
    clock: u64,
    senders: SortedMap<PeerId, Sender>,
    by_use: SortedMap<u64, PeerId>,
}

#[derive(Debug, Clone)]
struct Sender {
    used: u64,
    /// Most recently heard first.
    sessions: VecDeque<(SessionId, u64)>,
}

impl Heard {
    /// Remembers at most `senders_max` senders: 1 for a relay's connection, whose messages have one sender.
    pub fn new(senders_max: usize) -> Self {
        Self { senders_max, clock: 0, senders: SortedMap::new(), by_use: SortedMap::new() }
    }

    /// Whether `message` is newer than everything heard of its session; if so it counts as heard from now on.
    pub fn is_new(&mut self, message: &Ephemeral) -> bool {
        self.touch(&message.sender_id);
        let Some(sender) = self.senders.get_mut(&message.sender_id) else { return false };
        let at = sender.sessions.iter().position(|(session, _)| *session == message.session_id);
        let known = at.and_then(|at| sender.sessions.remove(at));
        let is_new = known.as_ref().is_none_or(|(_, count)| message.count > *count);
        let count = known.map_or(message.count, |(_, count)| count.max(message.count));
        sender.sessions.push_front((message.session_id.clone(), count));
        sender.sessions.truncate(EPHEMERAL_SESSIONS_PER_SENDER_MAX);
        is_new
    }

    /// The session that `sender` used last and its highest count: what a message in its name must exceed.
    pub fn last(&self, sender: &PeerId) -> Option<(&SessionId, u64)> {
        let (session, count) = self.senders.get(sender)?.sessions.front()?;
        Some((session, *count))
    }

    fn touch(&mut self, id: &PeerId) {
        self.clock += 1;
        if let Some(sender) = self.senders.get_mut(id) {
            self.by_use.remove(&sender.used);
            sender.used = self.clock;
        } else {
            if self.senders.len() >= self.senders_max
                && let Some((_, oldest)) = self.by_use.pop_first()
            {
                self.senders.remove(&oldest);
            }
            let sender = Sender { used: self.clock, sessions: VecDeque::new() };
            self.senders.insert(id.clone(), sender);
        }
        self.by_use.insert(self.clock, id.clone());
    }
}

/// Our own ephemeral messages: one session for as long as this lives, counts from 1.
#[derive(Debug, Clone)]
pub struct EphemeralSession {
    sender_id: PeerId,
    session_id: SessionId,
    count: u64,
}

impl EphemeralSession {
    /// A session that nobody used before.
    pub fn new(sender_id: PeerId, dice: &mut Dice) -> Self {
        Self { sender_id, session_id: SessionId::random(dice), count: 0 }
    }

    /// The next message to whoever has `document_id` open, by way of `target_id`. Sending the same message to
    /// several targets takes one count: clone it and change the target.
    pub fn message(
        &mut self,
        document_id: DocumentId,
        target_id: PeerId,
        data: Bytes,
    ) -> Ephemeral {
        self.count += 1;
        Ephemeral {
            sender_id: self.sender_id.clone(),
            target_id,
            document_id,
            session_id: self.session_id.clone(),
            count: self.count,
            data,
        }
    }
}
