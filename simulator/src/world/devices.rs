//! People and their devices.

use std::collections::VecDeque;

use warroom_engine::ConnectionKind;
use warroom_protocol::{ConnectionId, DocumentId};

use super::network::Link;
use super::{Event, World};
use crate::client::{self, Client, Replacing, Writing};
use crate::plan::Plant;
use crate::workload;

impl World {
    pub(super) fn act(&mut self, number: usize) -> Result<(), String> {
        if !self.is_working {
            return Ok(());
        }
        self.plan_in(self.plan.act_every_ms * 2, Event::Act(number));
        let Some(client) = self.clients.get_mut(number).filter(|client| client.replica.is_some())
        else {
            return Ok(());
        };
        let act = workload::next(&mut self.dice, &client.mirror);
        self.trace.note(self.now, format_args!("client {number} {act:?}"));
        client.act(self.now, act);
        self.drain_client(number)
    }

    pub(super) fn start_client(&mut self, number: usize) -> Result<(), String> {
        let client = self.clients.get_mut(number);
        if let Some(client) = client.filter(|client| client.replica.is_none()) {
            self.trace.note(self.now, format_args!("client {number} starts"));
            client.start(self.now, &mut self.dice);
        }
        self.drain_client(number)
    }

    pub(super) fn crash_client(&mut self) {
        self.plan_fault(self.plan.client_crash_every_ms, Event::CrashClient);
        let number = self.roll(self.clients.len());
        let Some(client) = self.clients.get_mut(number).filter(|client| client.replica.is_some())
        else {
            return;
        };
        self.trace.note(self.now, format_args!("client {number} crashes"));
        self.summary.faults[2] += 1;
        let link = client.link.take();
        client.crash();
        if let Some(link) = link {
            self.break_link(link);
        }
        self.plan_in(2_000, Event::StartClient(number));
    }

    pub(super) fn drain_client(&mut self, number: usize) -> Result<(), String> {
        let Some(client) = self.clients.get_mut(number) else { return Ok(()) };
        let life = client.life;
        let wishes = client.drain()?;
        for wish in wishes {
            match wish {
                client::Wish::LoadProjection(document) => {
                    self.plan_in(10, Event::Projected(number, life, document));
                }
                client::Wish::Load(document) => {
                    self.plan_in(20, Event::Loaded(number, life, document));
                }
                client::Wish::Store(writing) => {
                    self.plan_in(50, Event::Stored(number, life, writing));
                }
                client::Wish::Replace(step) => {
                    self.plan_in(300, Event::Replaces(number, life, step));
                }
                client::Wish::Send(link, frame) => self.send_to_relay(link, frame),
                client::Wish::Dial => {
                    self.plan_in(self.plan.delay_ms_max, Event::Dialed(number, life));
                }
                client::Wish::Close(link) => {
                    self.trace.note(self.now, format_args!("client {number} closes {}", link.0));
                    self.break_link(link);
                }
            }
        }
        Ok(())
    }

    pub(super) fn dialed(&mut self, number: usize, life: u64) -> Result<(), String> {
        let now = self.now;
        let Some(client) = self.clients.get_mut(number).filter(|client| client.life == life) else {
            return Ok(());
        };
        let Some(replica) = &mut client.replica else { return Ok(()) };
        if let Some(relay) = &mut self.relay {
            self.connections += 1;
            let id = ConnectionId(self.connections);
            self.trace.note(now, format_args!("client {number} is connected by {}", id.0));
            let link = Link {
                client: number,
                is_up: true,
                to_relay: VecDeque::new(),
                to_client: VecDeque::new(),
                relay_busy_until: now,
                client_busy_until: now,
            };
            self.links.insert(id, link);
            relay.accept(now, id);
            client.link = Some(id);
            replica.handle_connected(now, id, ConnectionKind::Relay);
        } else {
            replica.handle_dial_failed(now);
        }
        self.drain_client(number)
    }

    pub(super) fn projected(
        &mut self,
        number: usize,
        life: u64,
        document: &DocumentId,
    ) -> Result<(), String> {
        let Some(client) = self.clients.get_mut(number).filter(|client| client.life == life) else {
            return Ok(());
        };
        let bytes = client.projections.get(document).cloned();
        if let Some(replica) = &mut client.replica {
            replica.handle_projection(self.now, document, bytes.as_ref());
        }
        self.drain_client(number)
    }

    pub(super) fn loaded(
        &mut self,
        number: usize,
        life: u64,
        document: &DocumentId,
    ) -> Result<(), String> {
        let Some(client) = self.clients.get_mut(number).filter(|client| client.life == life) else {
            return Ok(());
        };
        let chunks = client.chunks(document);
        if let Some(replica) = &mut client.replica {
            replica.handle_loaded(self.now, document, chunks);
        }
        self.drain_client(number)?;
        if self.clients.get(number).is_some_and(|client| !client.shows_its_room()) {
            return Err(format!("client {number} shows another room than it has read"));
        }
        if let Some(lost) = self.clients.get(number).and_then(Client::lost) {
            return Err(format!("client {number} had {lost:?} on its disk, and it is lost"));
        }
        Ok(())
    }

    /// A crash may come between any two steps.
    pub(super) fn replaces(
        &mut self,
        number: usize,
        life: u64,
        mut step: Replacing,
    ) -> Result<(), String> {
        let deletes_first = self.plan.plant == Some(Plant::DeleteFirst);
        let Some(client) = self.clients.get_mut(number).filter(|client| client.life == life) else {
            return Ok(());
        };
        if !client.replace(&mut step, deletes_first) {
            self.plan_in(300, Event::Replaces(number, life, step));
            return Ok(());
        }
        self.summary.compactions += 1;
        if let Some(replica) = &mut client.replica {
            replica.handle_compacted(self.now, &step.document, true);
        }
        self.drain_client(number)
    }

    pub(super) fn stored(
        &mut self,
        number: usize,
        life: u64,
        writing: Writing,
    ) -> Result<(), String> {
        let Some(client) = self.clients.get_mut(number).filter(|client| client.life == life) else {
            return Ok(());
        };
        let Writing { save, document, chunk } = writing;
        client.keep(document, chunk);
        if let Some(replica) = &mut client.replica {
            replica.handle_stored(self.now, save);
        }
        self.drain_client(number)
    }
}
