//! The checkers: promises while the world runs, agreement in the end.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use warroom_engine::{Command, Replica, TextTarget, body_id};
use warroom_protocol::limits::FRAME_BYTES_MAX;
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::wire::Frame;
use warroom_protocol::{ChangeHash, DocumentId};

use super::World;
use crate::client::Client;
use crate::mirror::OpenText;
use crate::relay::Relay;
use crate::workload::Act;

/// Simulated time in which everyone must agree once the network is healed.
const SETTLE_WITHIN: Duration = Duration::from_mins(10);
/// Simulated time without anything under way after which nothing more is coming: longer than typed text waits to be
/// written, shorter than the heartbeats of presence leave.
const QUIET_FOR: Duration = Duration::from_secs(2);

impl World {
    /// The relay is about to tell heads: they must be on its disk by now.
    pub(super) fn check_told(&self, frame: &Bytes) -> Result<(), String> {
        for (document, heads) in heads_of(frame)? {
            let relay = self.relay.as_ref();
            let is_early =
                |hash: &&ChangeHash| relay.is_some_and(|relay| !relay.is_durable(&document, hash));
            if let Some(hash) = heads.iter().find(is_early) {
                return Err(format!(
                    "the relay tells that it has {hash} of {document} before it is durable"
                ));
            }
        }
        Ok(())
    }

    /// Heads that reach a client are a promise: a crash of the relay keeps them.
    pub(super) fn note_promises(&mut self, frame: &Bytes) -> Result<(), String> {
        for (document, heads) in heads_of(frame)? {
            self.summary.told += u64::try_from(heads.len()).unwrap_or(0);
            self.told.entry(document).or_default().extend(heads);
        }
        Ok(())
    }

    /// Faults end, everyone comes back.
    pub(super) fn heal(&mut self) -> Result<(), String> {
        self.is_working = false;
        self.trace.note(self.now, format_args!("the network is healed"));
        if self.relay.is_none() {
            self.start_relay()?;
        }
        for number in 0..self.clients.len() {
            if self.clients.get(number).is_some_and(|client| client.replica.is_none()) {
                self.start_client(number)?;
            }
            // how far people have read is shown at once and written now and then: now
            if let Some(client) = self.clients.get_mut(number) {
                client.act(self.now, Act::Hide);
            }
            self.drain_client(number)?;
        }
        Ok(())
    }

    /// Lets the world run until everyone has everything saved and nothing is under way.
    pub(super) fn settle(&mut self, what: &str) -> Result<(), String> {
        let end = self.now + SETTLE_WITHIN;
        let mut quiet_since = None;
        while self.now < end {
            let is_quiet = self.clients.iter().all(Client::is_saved)
                && self.relay.as_ref().is_some_and(Relay::is_quiet)
                && self
                    .links
                    .values()
                    .all(|link| link.to_relay.is_empty() && link.to_client.is_empty());
            quiet_since = if is_quiet { quiet_since.or(Some(self.now)) } else { None };
            let next = self.next_at().unwrap_or(end);
            if quiet_since.is_some_and(|since| next.since(since) >= QUIET_FOR) {
                return Ok(());
            }
            if !self.step()? {
                return Err(format!("{what} never settled: nothing is left to happen"));
            }
        }
        let links: Vec<_> =
            self.links.values().map(|link| (link.to_relay.len(), link.to_client.len())).collect();
        let relay = self.relay.as_ref().map(Relay::is_quiet);
        let states: Vec<String> = self
            .clients
            .iter()
            .map(|client| format!("{:?}", client.replica.as_ref().map(Replica::status)))
            .collect();
        Err(format!(
            "{what} did not settle within {} s; relay quiet: {relay:?}, frames on links: {links:?}, {}",
            SETTLE_WITHIN.as_secs(),
            states.join(" | ")
        ))
    }

    /// Everyone opens every body, so that they can be compared.
    pub(super) fn open_all_bodies(&mut self) -> Result<(), String> {
        for number in 0..self.clients.len() {
            let Some(client) = self.clients.get_mut(number) else { continue };
            let cards: Vec<_> = client.mirror.cards.values().filter(|card| card.has_body).collect();
            let texts: Vec<TextTarget> =
                cards.into_iter().map(|card| TextTarget::Body { card: card.id.clone() }).collect();
            for text in texts
                .into_iter()
                .filter(|text| !client.mirror.texts.contains_key(text))
                .collect::<Vec<_>>()
            {
                client.act(self.now, Act::Command(Command::OpenText { text }));
            }
            self.drain_client(number)?;
        }
        Ok(())
    }

    /// Everyone who is saved has on its disk what the relay has of every body, so that it is there when the relay is not.
    pub(super) fn check_bodies_on_disks(&mut self) -> Result<(), String> {
        let Some(relay) = &mut self.relay else { return Ok(()) };
        for (number, client) in self.clients.iter().enumerate() {
            for card in client.mirror.cards.values().filter(|card| card.has_body) {
                let document = body_id(client.board(), &card.id);
                let changes = relay.read(&document)?;
                let mut heads: BTreeSet<ChangeHash> =
                    changes.iter().map(|change| change.hash).collect();
                for dep in changes.iter().flat_map(|change| &change.deps) {
                    heads.remove(dep);
                }
                let stored = client.stored_heads(card);
                if !heads.is_empty() && stored != heads {
                    return Err(format!(
                        "client {number} is saved and lacks some of the body {document}: it has {stored:?} of {heads:?}"
                    ));
                }
            }
        }
        Ok(())
    }

    pub(super) fn check_the_end(&mut self) -> Result<(), String> {
        self.summary.edits = self.clients.iter().map(|client| client.edits).sum();
        if let Some(number) = self.clients.iter().position(|client| !client.shows_its_room()) {
            return Err(format!("client {number} shows another room than it has"));
        }
        let Some((first, others)) = self.clients.split_first() else { return Ok(()) };
        for (number, other) in others.iter().enumerate() {
            if first.mirror.shared() != other.mirror.shared() {
                let number = number + 1;
                return Err(format!(
                    "clients 0 and {number} see different boards:\n{:?}\n{:?}",
                    first.mirror, other.mirror
                ));
            }
            for (text, open) in &first.mirror.texts {
                // a title, or a body that nobody wrote, is open only where somebody opened it
                let TextTarget::Body { card } = text else { continue };
                if !first.mirror.cards.get(card).is_some_and(|card| card.has_body) {
                    continue;
                }
                let theirs = other.mirror.texts.get(text);
                if theirs.is_none_or(|theirs| theirs.units != open.units) {
                    return Err(format!(
                        "{text:?} differs: {:?} and {:?}",
                        read(open),
                        theirs.map(read)
                    ));
                }
            }
        }
        let promised = self.clients.iter().flat_map(|client| &client.promised);
        if let Some(lost) = promised.into_iter().find(|made| !first.mirror.has(made)) {
            return Err(format!("{lost:?} was said to be kept, and is lost"));
        }
        Ok(())
    }
}

fn read(open: &OpenText) -> String {
    String::from_utf16_lossy(&open.units)
}

/// What a frame of the relay says that it has.
fn heads_of(frame: &Bytes) -> Result<Vec<(DocumentId, Vec<ChangeHash>)>, String> {
    let nonsense = |error: &dyn std::fmt::Display| format!("the relay sent nonsense: {error}");
    let frame = Frame::decode(frame, FRAME_BYTES_MAX).map_err(|error| nonsense(&error))?;
    if let Frame::Room(news) = frame {
        let named = news.documents.into_iter().map(|named| (named.document_id, named.heads));
        return Ok(named.collect());
    }
    let Frame::Sync { document_id, data, .. } = frame else { return Ok(Vec::new()) };
    let message = SyncMessage::decode(&data).map_err(|error| nonsense(&error))?;
    Ok(vec![(document_id, message.heads)])
}
