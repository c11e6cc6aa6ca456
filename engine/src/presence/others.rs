//! The others who are here, as values: each with what it shows, and how long its claim and typing are believed.

use warroom_protocol::presence::Peer as RosterPeer;
use warroom_protocol::sorted::{SortedMap, SortedSet};
use warroom_protocol::{PeerId, Timestamp};

use super::channels::{self, Shown};
use super::{Claim, Peer, TypingPlace};
use crate::ids::{CardId, UserId};
use crate::limits::FLEETING_EXPIRES;

/// One other peer.
#[derive(Debug)]
struct Other {
    shown: Shown,
    typing_ends: Timestamp,
    claim_ends: Timestamp,
}

/// Everybody else, by peer id. As many as the protocol's roster remembers.
#[derive(Debug, Default)]
pub(super) struct Others {
    by_peer: SortedMap<PeerId, Other>,
}

impl Others {
    pub(super) fn all(&self) -> Vec<Peer> {
        self.by_peer.iter().map(|(peer, other)| to_peer(peer, &other.shown)).collect()
    }

    pub(super) fn peer(&self, peer: &PeerId) -> Option<Peer> {
        self.by_peer.get(peer).map(|other| to_peer(peer, &other.shown))
    }

    pub(super) fn shown(&self, peer: &PeerId) -> Option<&Shown> {
        self.by_peer.get(peer).map(|other| &other.shown)
    }

    /// The roster knows this of a peer now. True when that shows.
    pub(super) fn put(&mut self, now: Timestamp, id: &PeerId, peer: &RosterPeer) -> bool {
        let mut other = Other {
            shown: channels::read(peer),
            typing_ends: channels::typing_at(peer) + FLEETING_EXPIRES,
            claim_ends: channels::claim_at(peer) + FLEETING_EXPIRES,
        };
        other.end(now);
        let is_new = self.by_peer.get(id).is_none_or(|old| old.shown != other.shown);
        self.by_peer.insert(id.clone(), other);
        is_new
    }

    pub(super) fn remove(&mut self, peer: &PeerId) {
        self.by_peer.remove(peer);
    }

    /// Ends claims and typing that were not confirmed; returns whose.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) -> Vec<PeerId> {
        let ended = self.by_peer.iter_mut().filter_map(|(peer, other)| {
            let has_ended = other.end(now);
            has_ended.then(|| peer.clone())
        });
        ended.collect()
    }

    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        let ends = self.by_peer.values().flat_map(|other| {
            let typing = other.shown.typing.as_ref().map(|_| other.typing_ends);
            let claim = other.shown.claim.as_ref().map(|_| other.claim_ends);
            [typing, claim]
        });
        ends.flatten().min()
    }

    /// The first of `cards` that somebody other than `me` is moving, and who: of several, who stands.
    pub(super) fn holder(&self, me: &UserId, cards: &[CardId]) -> Option<(CardId, Peer)> {
        let claims = self.by_peer.iter().filter_map(|(peer, other)| {
            let claim = other.shown.claim.as_ref()?;
            let is_mine = other.shown.user.as_ref().is_some_and(|user| &user.id == me);
            let card = claim.cards.iter().find(|card| cards.contains(card))?;
            (!is_mine).then_some((rank(claim, peer), card, other))
        });
        let ((_, peer), card, other) = claims.min_by(|a, b| a.0.cmp(&b.0))?;
        Some((card.clone(), to_peer(peer, &other.shown)))
    }

    /// The cards that somebody else has open or types in.
    pub(super) fn watched(&self) -> SortedSet<CardId> {
        let cards = self.by_peer.values().flat_map(|other| {
            let typing = match &other.shown.typing {
                Some(TypingPlace::Card { card }) => Some(card),
                Some(TypingPlace::Composer { column: _ }) | None => None,
            };
            [typing, other.shown.viewing.as_ref()]
        });
        cards.flatten().cloned().collect()
    }
}

impl Other {
    /// Ends what was not confirmed in time; whether anything ended.
    fn end(&mut self, now: Timestamp) -> bool {
        let typing = self.shown.typing.take_if(|_| self.typing_ends <= now);
        let claim = self.shown.claim.take_if(|_| self.claim_ends <= now);
        typing.is_some() || claim.is_some()
    }
}

/// Of two claims the one that ranks lower stands.
pub(super) fn rank<'a>(claim: &Claim, peer: &'a PeerId) -> (u64, &'a PeerId) {
    (claim.lamport, peer)
}

fn to_peer(peer: &PeerId, shown: &Shown) -> Peer {
    let Shown { user, viewing, typing, pointer, claim, idle } = shown;
    Peer {
        peer: peer.as_str().to_owned(),
        user: user.as_ref().map(|user| user.id.clone()),
        name: user.as_ref().map(|user| user.name.clone()).unwrap_or_default(),
        colour: user.as_ref().map(|user| user.colour).unwrap_or_default(),
        idle: *idle,
        viewing: viewing.clone(),
        typing: typing.clone(),
        pointer: pointer.clone(),
        claim: claim.clone(),
    }
}
