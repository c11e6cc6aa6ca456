//! The people of one document: who is here, what each says of itself, and what we say of ourselves and when.

use std::collections::VecDeque;

use bytes::Bytes;

use super::PresenceMessage;
use crate::error::PresenceError;
use crate::ids::PeerId;
use crate::limits::{
    PRESENCE_BYTES_MAX, PRESENCE_CHANNEL_BYTES_MAX, PRESENCE_CHANNELS_MAX, PRESENCE_EXPIRY,
    PRESENCE_HEARTBEAT, PRESENCE_INTERVAL, PRESENCE_INTERVAL_ALONE, PRESENCE_PEER_BYTES_MAX,
    PRESENCE_PEERS_MAX,
};
use crate::sorted::SortedMap;
use crate::time::Timestamp;

/// Presence on one document, on one device.
///
/// What we say goes out as a snapshot of all our channels, so that only the latest message matters: one may replace
/// another, and one that is lost is healed by the next. Nothing is said, and nobody is known, while there is no
/// connection.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    peers: SortedMap<PeerId, Peer>,
    own: SortedMap<String, Option<Bytes>>,
    voice: Voice,
    outputs: VecDeque<RosterOutput>,
}

/// Whether and when we speak.
#[derive(Debug, Clone, Copy, Default)]
enum Voice {
    /// Nobody would hear.
    #[default]
    Offline,
    /// Connected, and said all at `spoke`.
    Told { spoke: Timestamp },
    /// Connected, with something to say that `spoke` did not.
    Pending { spoke: Option<Timestamp> },
}

/// Another peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// What it says of itself, by channel. Cleared channels are absent.
    pub channels: SortedMap<String, Channel>,
    /// When it was heard last.
    pub seen: Timestamp,
}

/// One channel of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// One CBOR item.
    pub value: Bytes,
    /// When it was told by itself, or changed in a snapshot. A snapshot that repeats it does not renew it.
    pub updated: Timestamp,
}

/// What [`Roster`] wants done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterOutput {
    /// Send this payload as an ephemeral message to everyone who has the document open.
    Send(Bytes),
    /// A peer is new, or says something new: look at [`Roster::peer`].
    Put(PeerId),
    /// A peer is gone.
    Gone(PeerId),
}

impl Roster {
    /// Nobody is here, and we say nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A connection is up: we introduce ourselves.
    pub fn handle_connected(&mut self, now: Timestamp) {
        self.voice = Voice::Pending { spoke: None };
        self.speak(now);
    }

    /// No connection is left: everybody is gone for us. What we say of ourselves stays for the next one.
    pub fn handle_disconnected(&mut self) {
        self.voice = Voice::Offline;
        while let Some((id, _)) = self.peers.pop_first() {
            self.outputs.push_back(RosterOutput::Gone(id));
        }
    }

    /// We say `value` (one CBOR item) on `channel` from now on, or nothing any more.
    ///
    /// # Errors
    /// [`PresenceError`] when it would not fit; then nothing changed.
    pub fn handle_own(
        &mut self,
        now: Timestamp,
        channel: &str,
        value: Option<Bytes>,
    ) -> Result<(), PresenceError> {
        let known = self.own.get(channel);
        if known.map_or(value.is_none(), |known| *known == value) {
            return Ok(());
        }
        let is_new = known.is_none();
        let name_fits = (1..=PRESENCE_CHANNEL_BYTES_MAX).contains(&channel.len());
        if !name_fits || (is_new && self.own.len() == PRESENCE_CHANNELS_MAX) {
            return Err(PresenceError::Channels);
        }
        let before = self.own.insert(channel.to_owned(), value);
        let bytes = self.snapshot().len();
        if bytes > PRESENCE_BYTES_MAX {
            match before {
                Some(before) => self.own.insert(channel.to_owned(), before),
                None => self.own.remove(channel),
            };
            return Err(PresenceError::TooLarge { bytes, bytes_max: PRESENCE_BYTES_MAX });
        }
        self.want_to_speak();
        self.speak(now);
        Ok(())
    }

    /// `sender` said something. The caller dropped repeats ([`crate::ephemeral::Heard`]) and our own.
    pub fn handle_message(&mut self, now: Timestamp, sender: &PeerId, message: PresenceMessage) {
        if message == PresenceMessage::Goodbye {
            self.handle_goodbye(sender);
            return;
        }
        let is_new = !self.peers.contains_key(sender);
        if is_new {
            if self.peers.len() == PRESENCE_PEERS_MAX {
                return;
            }
            let peer = Peer { channels: SortedMap::new(), seen: now };
            self.peers.insert(sender.clone(), peer);
            self.want_to_speak();
        }
        let Some(peer) = self.peers.get_mut(sender) else { return };
        peer.seen = now;
        if peer.take(now, message) || is_new {
            self.outputs.push_back(RosterOutput::Put(sender.clone()));
        }
        self.speak(now);
    }

    /// `sender` is known to be gone: it said so, or the connection that it was heard by is lost.
    pub fn handle_goodbye(&mut self, sender: &PeerId) {
        if self.peers.remove(sender).is_some() {
            self.outputs.push_back(RosterOutput::Gone(sender.clone()));
        }
    }

    /// Forgets who was silent for too long, and says what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let expired = self.peers.iter().filter(|(_, peer)| peer.seen + PRESENCE_EXPIRY <= now);
        let expired: Vec<PeerId> = expired.map(|(id, _)| id.clone()).collect();
        for id in &expired {
            self.handle_goodbye(id);
        }
        self.speak(now);
        if let Voice::Told { spoke } = self.voice
            && spoke + PRESENCE_HEARTBEAT <= now
        {
            self.send(now, PresenceMessage::Heartbeat.encode());
        }
    }

    /// When to call [`Self::handle_timeout`].
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let expiry = self.peers.values().map(|peer| peer.seen + PRESENCE_EXPIRY).min();
        let voice = match self.voice {
            Voice::Offline => None,
            Voice::Told { spoke } => Some(spoke + PRESENCE_HEARTBEAT),
            Voice::Pending { spoke } => Some(spoke.map_or(Timestamp(0), |at| at + self.interval())),
        };
        expiry.into_iter().chain(voice).min()
    }

    /// The next thing to do; call until `None` after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<RosterOutput> {
        self.outputs.pop_front()
    }

    /// Everybody else, by peer id.
    pub fn peers(&self) -> impl Iterator<Item = (&PeerId, &Peer)> {
        self.peers.iter()
    }

    /// One of them.
    pub fn peer(&self, id: &PeerId) -> Option<&Peer> {
        self.peers.get(id)
    }

    /// What a clean end says: send it, then close.
    pub fn goodbye() -> Bytes {
        PresenceMessage::Goodbye.encode()
    }

    /// All that we say. Channels that were cleared are null for as long as this lives: the reference merges
    /// snapshots into what it has.
    fn snapshot(&self) -> Bytes {
        let state = self.own.iter().map(|(channel, value)| (channel.clone(), value.clone()));
        PresenceMessage::Snapshot { state: state.collect() }.encode()
    }

    fn interval(&self) -> std::time::Duration {
        if self.peers.is_empty() { PRESENCE_INTERVAL_ALONE } else { PRESENCE_INTERVAL }
    }

    fn want_to_speak(&mut self) {
        if let Voice::Told { spoke } = self.voice {
            self.voice = Voice::Pending { spoke: Some(spoke) };
        }
    }

    /// Says what is pending, unless we spoke too short a while ago.
    fn speak(&mut self, now: Timestamp) {
        let Voice::Pending { spoke } = self.voice else { return };
        if spoke.is_none_or(|spoke| spoke + self.interval() <= now) {
            self.send(now, self.snapshot());
        }
    }

    fn send(&mut self, now: Timestamp, payload: Bytes) {
        self.voice = Voice::Told { spoke: now };
        self.outputs.push_back(RosterOutput::Send(payload));
    }
}

impl Peer {
    /// Takes in what the peer said; whether anything that is shown changed.
    fn take(&mut self, now: Timestamp, message: PresenceMessage) -> bool {
        match message {
            PresenceMessage::Update { channel, value: None } => {
                self.channels.remove(&channel).is_some()
            }
            PresenceMessage::Update { channel, value: Some(value) } => {
                self.put(now, channel, value)
            }
            PresenceMessage::Snapshot { state } => self.replace(now, state),
            PresenceMessage::Heartbeat | PresenceMessage::Goodbye => false,
        }
    }

    fn put(&mut self, now: Timestamp, channel: String, value: Bytes) -> bool {
        let freed = self.channels.get(&channel).map_or(0, |old| channel.len() + old.value.len());
        let bytes = self.bytes() - freed + channel.len() + value.len();
        let is_one_more = freed == 0;
        if bytes > PRESENCE_PEER_BYTES_MAX
            || (is_one_more && self.channels.len() == PRESENCE_CHANNELS_MAX)
        {
            return false;
        }
        self.channels.insert(channel, Channel { value, updated: now });
        true
    }

    fn replace(&mut self, now: Timestamp, state: Vec<(String, Option<Bytes>)>) -> bool {
        let mut before = std::mem::take(&mut self.channels);
        let mut has_changed = false;
        for (name, value) in state {
            let Some(value) = value else { continue };
            let channel = match before.remove(&name) {
                Some(known) if known.value == value => known,
                Some(_) | None => {
                    has_changed = true;
                    Channel { value, updated: now }
                }
            };
            self.channels.insert(name, channel);
        }
        has_changed || !before.is_empty()
    }

    fn bytes(&self) -> usize {
        self.channels.iter().map(|(name, channel)| name.len() + channel.value.len()).sum()
    }
}
