//! The checkers: promises while the world runs, agreement in the end.

use std::time::Duration;

use bytes::Bytes;
use warroom_engine::{Command, Replica, TextTarget};
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::wire::Frame;

use super::World;
use crate::client::Client;
use crate::mirror::OpenText;
use crate::relay::Relay;
use crate::workload::Act;

/// Simulated time in which everyone must agree once the network is healed.
const SETTLE_WITHIN: Duration = Duration::from_secs(600);
/// Bytes of the longest frame that a checker reads: what peers may send.
const FRAME_BYTES_MAX: usize = 16 << 20;

impl World {
    /// Heads that reach a client are a promise: they are on the disk and stay there.
    pub(super) fn note_promises(&mut self, frame: &Bytes) -> Result<(), String> {
        let frame = Frame::decode(frame, FRAME_BYTES_MAX)
            .map_err(|error| format!("the relay sent nonsense: {error}"))?;
        if let Frame::Sync { document_id, data, .. } = frame {
            let message = SyncMessage::decode(&data)
                .map_err(|error| format!("the relay sent nonsense: {error}"))?;
            self.summary.told += u64::try_from(message.heads.len()).unwrap_or(0);
            self.told.entry(document_id).or_default().extend(message.heads);
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
            // longer than any coalescing of typed text
            if quiet_since.is_some_and(|since| self.now.since(since) >= Duration::from_secs(3)) {
                return Ok(());
            }
            if !self.step()? {
                return Err(format!("{what} never settled: nothing is left to happen"));
            }
        }
        let states: Vec<String> = self
            .clients
            .iter()
            .map(|client| format!("{:?}", client.replica.as_ref().map(Replica::status)))
            .collect();
        Err(format!(
            "{what} did not settle within {} s: {}",
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

    pub(super) fn check_the_end(&mut self) -> Result<(), String> {
        self.summary.edits = self.clients.iter().map(|client| client.edits).sum();
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
                let theirs = other.mirror.texts.get(text);
                if matches!(text, TextTarget::Body { .. })
                    && theirs.is_none_or(|theirs| theirs.units != open.units)
                {
                    return Err(format!(
                        "{text:?} differs: {:?} and {:?}",
                        read(open),
                        theirs.map(read)
                    ));
                }
            }
        }
        let promised = self.clients.iter().flat_map(|client| &client.promised);
        if let Some(lost) =
            promised.into_iter().find(|card| !first.mirror.cards.contains_key(*card))
        {
            return Err(format!("card {lost} was said to be kept, and is lost"));
        }
        Ok(())
    }
}

fn read(open: &OpenText) -> String {
    String::from_utf16_lossy(&open.units)
}
