//! The relay's process: its starts, crashes and wishes.

use warroom_protocol::{ConnectionId, StorageId};

use super::{Event, World};
use crate::relay::{Relay, Wish};

impl World {
    pub(super) fn start_relay(&mut self) -> Result<(), String> {
        if self.relay.is_some() {
            return Ok(());
        }
        let fresh = StorageId::new("relay-in-simulation").map_err(|error| error.to_string())?;
        self.trace.note(self.now, format_args!("relay starts"));
        let mut relay = Relay::start(&self.disk, (&fresh, self.relay_life), self.plan.plant)?;
        for (document, told) in &self.told {
            relay.read(document)?;
            if let Some(lost) = told.iter().find(|hash| !relay.is_durable(document, hash)) {
                return Err(format!(
                    "the relay told somebody that it has {lost} of {document}, and lost it"
                ));
            }
        }
        self.relay = Some(relay);
        Ok(())
    }

    pub(super) fn crash_relay(&mut self) {
        self.plan_fault(self.plan.relay_crash_every_ms, Event::CrashRelay);
        if self.relay.is_none() {
            return;
        }
        self.trace.note(self.now, format_args!("relay crashes"));
        self.summary.faults[1] += 1;
        self.disk.cut_power(&mut self.dice);
        self.relay = None;
        self.relay_life += 1;
        self.commit_planned = false;
        for id in self.links.keys().copied().collect::<Vec<_>>() {
            self.break_link(id);
        }
        self.plan_in(1_500, Event::StartRelay);
    }

    pub(super) fn relay_writes(&mut self, life: u64, id: ConnectionId) -> Result<(), String> {
        let Some(relay) = self.relay.as_mut().filter(|_| life == self.relay_life) else {
            return Ok(());
        };
        let (frame, wishes) = relay.write(self.now, id);
        if let Some(frame) = frame {
            self.check_told(&frame)?;
            self.send_to_client(id, frame);
        }
        self.grant(wishes);
        Ok(())
    }

    pub(super) fn grant(&mut self, wishes: Vec<Wish>) {
        let life = self.relay_life;
        for wish in wishes {
            match wish {
                Wish::Load(document) => self.plan_in(20, Event::RelayLoads(life, document)),
                Wish::ReadRoom(root, since) => {
                    self.plan_in(20, Event::RelayReadsRoom(life, root, since));
                }
                Wish::Commit if self.commit_planned => {}
                Wish::Commit => {
                    self.commit_planned = true;
                    self.plan_in(self.plan.commit_ms_max, Event::RelayCommits(life));
                }
                Wish::Write(id) => self.plan_in(3, Event::RelayWrites(life, id)),
                Wish::Close(id, reason) => {
                    self.trace.note(self.now, format_args!("relay closes {}: {reason}", id.0));
                    self.break_link(id);
                }
            }
        }
    }
}
