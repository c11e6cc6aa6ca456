//! Connections: frames keep their order, take their time, and are lost when the connection breaks.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use warroom_protocol::{ConnectionId, Timestamp};

use super::{Event, World};
use crate::plan::Plant;

/// A connection between a client and the relay. Frames keep their order; when it breaks, all in flight are lost.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) client: usize,
    pub(super) is_up: bool,
    pub(super) to_relay: VecDeque<Bytes>,
    pub(super) to_client: VecDeque<Bytes>,
    /// When the last planned delivery of a direction happens: later frames come later.
    pub(super) relay_busy_until: Timestamp,
    pub(super) client_busy_until: Timestamp,
}

impl World {
    pub(super) fn send_to_relay(&mut self, id: ConnectionId, frame: Bytes) {
        let delay = Duration::from_millis(1 + self.dice.below(self.plan.delay_ms_max));
        let Some(link) = self.links.get_mut(&id).filter(|link| link.is_up) else { return };
        link.relay_busy_until = link.relay_busy_until.max(self.now + delay);
        link.to_relay.push_back(frame);
        self.queue.plan(link.relay_busy_until, Event::ToRelay(id));
    }

    pub(super) fn send_to_client(&mut self, id: ConnectionId, frame: Bytes) {
        let delay = Duration::from_millis(1 + self.dice.below(self.plan.delay_ms_max));
        let Some(link) = self.links.get_mut(&id).filter(|link| link.is_up) else { return };
        link.client_busy_until = link.client_busy_until.max(self.now + delay);
        link.to_client.push_back(frame);
        self.queue.plan(link.client_busy_until, Event::ToClient(id));
    }

    pub(super) fn reach_relay(&mut self, id: ConnectionId) {
        let Some(link) = self.links.get_mut(&id).filter(|link| link.is_up) else { return };
        let Some(relay) = &mut self.relay else { return };
        if !relay.is_reading() {
            let at = self.now + Duration::from_millis(1);
            self.queue.plan(at, Event::ToRelay(id));
            return;
        }
        let Some(frame) = link.to_relay.pop_front() else { return };
        self.summary.frames += 1;
        self.trace.note(self.now, format_args!("relay hears {} bytes from {}", frame.len(), id.0));
        let wishes = relay.receive(self.now, id, &frame);
        self.grant(wishes);
    }

    pub(super) fn reach_client(&mut self, id: ConnectionId) -> Result<(), String> {
        let Some(link) = self.links.get_mut(&id).filter(|link| link.is_up) else { return Ok(()) };
        let Some(frame) = link.to_client.pop_front() else { return Ok(()) };
        if self.plan.plant == Some(Plant::LoseFrame) && self.is_working && self.dice.below(10) == 0
        {
            return Ok(());
        }
        let number = link.client;
        self.summary.frames += 1;
        self.trace.note(self.now, format_args!("client {number} hears {} bytes", frame.len()));
        self.note_promises(&frame)?;
        if let Some(replica) =
            self.clients.get_mut(number).and_then(|client| client.replica.as_mut())
        {
            replica.handle_received(self.now, id, &frame);
        }
        self.drain_client(number)
    }

    pub(super) fn client_notices(&mut self, id: ConnectionId) -> Result<(), String> {
        let Some(link) = self.links.remove(&id) else { return Ok(()) };
        let Some(client) =
            self.clients.get_mut(link.client).filter(|client| client.link == Some(id))
        else {
            return Ok(());
        };
        client.link = None;
        if let Some(replica) = &mut client.replica {
            replica.handle_disconnected(self.now, id);
        }
        self.drain_client(link.client)
    }

    /// Everything in flight is lost; each end notices in its own time.
    pub(super) fn break_link(&mut self, id: ConnectionId) {
        if let Some(link) = self.links.get_mut(&id).filter(|link| link.is_up) {
            link.is_up = false;
            link.to_relay.clear();
            link.to_client.clear();
            self.plan_in(1_000, Event::ClientNotices(id));
            self.plan_in(3_000, Event::RelayNotices(id));
        }
    }

    pub(super) fn disconnect_one(&mut self) {
        self.plan_fault(self.plan.disconnect_every_ms, Event::Disconnect);
        let up: Vec<ConnectionId> =
            self.links.iter().filter(|(_, link)| link.is_up).map(|(id, _)| *id).collect();
        let chosen = self.roll(up.len());
        if let Some(id) = up.get(chosen) {
            self.trace.note(self.now, format_args!("connection {} breaks", id.0));
            self.summary.faults[0] += 1;
            self.break_link(*id);
        }
    }
}
