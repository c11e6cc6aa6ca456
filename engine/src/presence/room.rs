//! Presence in one room: the own side, the others, and the rule for two who grab one card.

use std::collections::VecDeque;

use bytes::Bytes;
use warroom_protocol::presence::{PresenceMessage, Roster, RosterOutput};
use warroom_protocol::sorted::SortedSet;
use warroom_protocol::{PeerId, Timestamp};

use super::channels;
use super::others::{Others, rank};
use super::own::Own;
use super::{Peer, Presence, PresenceDelta};
use crate::board::Person;
use crate::ids::{CardId, UserId};
use crate::limits::CLAIM_CARDS_MAX;

/// Who is here, as one machine without connections: the replica carries its messages.
///
/// The protocol's roster knows who is alive and when to speak; this gives its channels their meaning.
#[derive(Debug)]
pub(crate) struct PresenceRoom {
    me: UserId,
    own: Own,
    others: Others,
    roster: Roster,
    payloads: VecDeque<Bytes>,
    deltas: Vec<PresenceDelta>,
}

impl PresenceRoom {
    pub(crate) fn new(now: Timestamp, peer: PeerId, person: Person) -> Self {
        let mut room = Self {
            me: person.id.clone(),
            own: Own::new(peer, person),
            others: Others::default(),
            roster: Roster::new(),
            payloads: VecDeque::new(),
            deltas: Vec::new(),
        };
        room.publish(now);
        room
    }

    /// The person has another name or colour.
    pub(crate) fn set_person(&mut self, now: Timestamp, person: Person) {
        self.me = person.id.clone();
        self.own.shown.user = Some(person);
        self.publish(now);
    }

    /// A person moves, types or looks somewhere.
    pub(crate) fn handle_presence(&mut self, now: Timestamp, presence: Presence) {
        match presence {
            Presence::Viewing { card } => self.own.shown.viewing = card,
            Presence::Typing { place } => self.own.type_in(now, place),
            Presence::Pointing { pointer } => self.own.shown.pointer = pointer,
            Presence::Idle { idle } => self.own.shown.idle = idle,
            Presence::Grab { cards } => self.grab(now, cards),
            Presence::Carry { hover } => self.own.carry(now, hover),
            Presence::Release => self.own.shown.claim = None,
        }
        self.publish(now);
    }

    fn grab(&mut self, now: Timestamp, mut cards: Vec<CardId>) {
        cards.truncate(CLAIM_CARDS_MAX);
        if let Some((card, by)) = self.others.holder(&self.me, &cards) {
            self.deltas.push(PresenceDelta::GrabDenied { card, by });
        } else {
            self.own.grab(now, cards);
        }
    }

    /// A peer said something. The caller dropped repeats.
    pub(crate) fn handle_message(
        &mut self,
        now: Timestamp,
        peer: &PeerId,
        message: PresenceMessage,
    ) {
        if *peer != self.own.peer {
            self.roster.handle_message(now, peer, message);
            self.drain(now);
        }
    }

    /// A peer is known to be gone.
    pub(crate) fn handle_gone(&mut self, now: Timestamp, peer: &PeerId) {
        self.roster.handle_goodbye(peer);
        self.drain(now);
    }

    /// Nobody but these can be heard any more.
    pub(crate) fn handle_only(&mut self, now: Timestamp, peers: &[PeerId]) {
        let gone = self.roster.peers().map(|(id, _)| id).filter(|id| !peers.contains(id));
        let gone: Vec<PeerId> = gone.cloned().collect();
        for peer in &gone {
            self.roster.handle_goodbye(peer);
        }
        self.drain(now);
    }

    /// A connection is open: whoever is there learns of us.
    pub(crate) fn handle_connected(&mut self, now: Timestamp) {
        self.roster.handle_connected(now);
        self.drain(now);
    }

    /// No connection is left: everybody is gone for us.
    pub(crate) fn handle_disconnected(&mut self, now: Timestamp) {
        self.roster.handle_disconnected();
        self.drain(now);
    }

    pub(crate) fn handle_timeout(&mut self, now: Timestamp) {
        if let Some(claim) = self.own.handle_timeout(now) {
            self.deltas.push(PresenceDelta::GrabExpired { cards: claim.cards });
        }
        for peer in self.others.handle_timeout(now) {
            self.tell_peer(&peer);
        }
        self.roster.handle_timeout(now);
        self.publish(now);
    }

    /// When to call `handle_timeout`.
    pub(crate) fn next_timeout(&self) -> Option<Timestamp> {
        let all = [self.roster.next_timeout(), self.own.next_timeout(), self.others.next_timeout()];
        all.into_iter().flatten().min()
    }

    /// The next payload for everyone who has the board open.
    pub(crate) fn poll_payload(&mut self) -> Option<Bytes> {
        self.payloads.pop_front()
    }

    /// What changed since the last call, in order.
    pub(crate) fn take_deltas(&mut self) -> Vec<PresenceDelta> {
        std::mem::take(&mut self.deltas)
    }

    pub(crate) fn peers(&self) -> Vec<Peer> {
        self.others.all()
    }

    /// The cards that others have open or type in.
    pub(crate) fn watched(&self) -> SortedSet<CardId> {
        self.others.watched()
    }

    /// Hands all that is shown to the roster, which says what is new of it.
    fn publish(&mut self, now: Timestamp) {
        for (channel, value) in channels::write(&self.own.shown, self.own.beat) {
            // Six channels of bounded values fit. With the longest ids that a claim may name they would not; then the
            // channel is empty, because presence is a courtesy.
            if self.roster.handle_own(now, channel, value).is_err() {
                let emptied = self.roster.handle_own(now, channel, None);
                assert!(emptied.is_ok(), "a state that fits does so with less");
            }
        }
        self.drain(now);
    }

    fn drain(&mut self, now: Timestamp) {
        while let Some(output) = self.roster.poll_output() {
            match output {
                RosterOutput::Send(payload) => self.payloads.push_back(payload),
                RosterOutput::Put(peer) => self.put(now, &peer),
                RosterOutput::Gone(peer) => {
                    self.others.remove(&peer);
                    let peer = peer.as_str().to_owned();
                    self.deltas.push(PresenceDelta::PeerGone { peer });
                }
            }
        }
    }

    fn put(&mut self, now: Timestamp, id: &PeerId) {
        let Some(peer) = self.roster.peer(id) else { return };
        if self.others.put(now, id, peer) {
            self.tell_peer(id);
        }
        if let Some(claim) = self.others.shown(id).and_then(|shown| shown.claim.as_ref()) {
            self.own.see_lamport(claim.lamport);
        }
        self.settle_claims(now, id);
    }

    /// Of two concurrent claims on a card the one with the lower (lamport, peer id) stands. Between two tabs of one
    /// person the later one takes over.
    fn settle_claims(&mut self, now: Timestamp, id: &PeerId) {
        let Some(mine) = &self.own.shown.claim else { return };
        let Some(shown) = self.others.shown(id) else { return };
        let Some(theirs) = &shown.claim else { return };
        let Some(card) = mine.cards.iter().find(|card| theirs.cards.contains(card)) else { return };
        let same_person = shown.user.as_ref().is_some_and(|user| user.id == self.me);
        let theirs_is_lower = rank(theirs, id) < rank(mine, &self.own.peer);
        if theirs_is_lower == same_person {
            return;
        }
        let card = card.clone();
        self.own.shown.claim = None;
        if let Some(by) = self.others.peer(id) {
            self.deltas.push(PresenceDelta::GrabRevoked { card, by });
        }
        self.publish(now);
    }

    fn tell_peer(&mut self, id: &PeerId) {
        if let Some(peer) = self.others.peer(id) {
            self.deltas.push(PresenceDelta::PeerPut { peer });
        }
    }
}
