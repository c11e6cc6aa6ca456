//! Replicas and the network between them: takes events, and checks after each of them and at each quiet point.

use std::collections::BTreeMap;

use automerge::sync::{State, SyncDoc as _};
use automerge::{Automerge, Change, ChangeHash};
use bytes::Bytes;
use warroom_engine::{
    Card, CardId, ChangeId, Command, Conflict, Moment, Person, TalkCommand, TextTarget,
};
use warroom_protocol::guard::{CheckedChange, check_change};
use warroom_protocol::{Dice, Seed};

use crate::checks::{Violation, places};
use crate::copy::{Copy, Done};
use crate::event::{Event, Who};
use crate::fault::Fault;
use crate::kinds::{kind, talk_kind};
use crate::ledger::Ledger;
use crate::shown;

/// What was done so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub(crate) operations: u64,
    pub(crate) written: u64,
    pub(crate) exchanges: u64,
    pub(crate) restarts: u64,
    pub(crate) quiet: u64,
    /// Commands that were taken, by their kind.
    pub(crate) kinds: BTreeMap<&'static str, u64>,
}

/// Which document of a replica.
type Of = fn(&Copy) -> &Automerge;

pub(crate) struct Fleet {
    pub(crate) copies: Vec<Copy>,
    /// Replicas of the same number reach each other.
    pub(crate) groups: Vec<u8>,
    pub(crate) counts: Counts,
    ledger: Ledger,
    said: Ledger,
    fault: Option<Fault>,
    /// Changes that the guard has checked already.
    checked: BTreeMap<ChangeHash, CheckedChange>,
    dice: Dice,
}

impl Fleet {
    pub(crate) fn new(count: usize, episode: u64, fault: Option<Fault>) -> Result<Self, Violation> {
        let copies: Result<Vec<_>, _> =
            (0..count).map(|who| Copy::new(who, episode, fault)).collect();
        Ok(Self {
            copies: copies?,
            groups: vec![0; count],
            counts: Counts::default(),
            ledger: Ledger::default(),
            said: Ledger::default(),
            fault,
            checked: BTreeMap::new(),
            dice: Dice::new(Seed([0xFA; 32])),
        })
    }

    /// What happens, happens.
    pub(crate) fn take(&mut self, event: &Event) -> Result<(), Violation> {
        self.counts.operations += u64::from(event.is_operation());
        match event {
            Event::Act(who, command) => self.act(*who, command),
            Event::Say(who, command) => self.say(*who, command),
            Event::Settle { who, conflict, choice } => self.settle(*who, *conflict, *choice),
            Event::RestoreAt { who, card, change } => self.restore_at(*who, card, *change),
            Event::Type { who, card, at, delete, insert } => {
                if self.copies[*who].types(card, (*at, *delete), insert)? {
                    self.counts.written += 1;
                    *self.counts.kinds.entry("EditText").or_default() += 1;
                }
                Ok(())
            }
            Event::WriteBody(who, card) => {
                let done = self.copies[*who].act(|doc, now| doc.note_body_edit(now, card))?;
                self.record(*who, &done)
            }
            Event::Read(who, count) => {
                self.copies[*who].read(*count);
                Ok(())
            }
            Event::Wait(who, ms) => self.copies[*who].wait(*ms),
            Event::Part(groups) => {
                self.groups.clone_from(groups);
                Ok(())
            }
            Event::Pull { to, from, part } => {
                if self.reach(*to, *from) {
                    self.pull(*to, *from, *part)
                } else {
                    Ok(())
                }
            }
            Event::Sync(a, b) => {
                if self.reach(*a, *b) {
                    self.sync(*a, *b)
                } else {
                    Ok(())
                }
            }
            Event::Restart { who, lost, compact } => {
                self.counts.restarts += 1;
                self.copies[*who].restart(*lost, *compact)
            }
            Event::Quiet => self.quiet(),
        }
    }

    fn reach(&self, a: Who, b: Who) -> bool {
        a != b && self.groups[a] == self.groups[b]
    }

    fn act(&mut self, who: Who, command: &Command) -> Result<(), Violation> {
        let copy = &mut self.copies[who];
        let done = copy.act(|doc, now| doc.apply_command(now, command.clone()))?;
        if done.result.is_ok() {
            *self.counts.kinds.entry(kind(command)).or_default() += 1;
            if let Command::CloseText { text: TextTarget::Title { card } } = command {
                copy.close(card);
            }
        }
        if matches!(command, Command::Undo | Command::Redo) {
            let by = (who, self.copies[who].doc.doc());
            self.ledger.check_step_back(by, (&done.before, &done.after))?;
        }
        if let (Command::SetPerson { person }, Some(change)) = (command, done.change) {
            self.write_person(who, person, change);
        }
        self.record(who, &done)?;
        if let (Command::Transact { commands }, Some(change)) = (command, done.change) {
            let by = (who, self.copies[who].doc.doc());
            let shown = (&done.before, &done.after);
            let is_twice =
                |owner: &str| commands.iter().filter(|one| names(one, owner)).count() > 1;
            self.ledger.record_on_the_way(by, change, shown, is_twice);
        }
        Ok(())
    }

    fn say(&mut self, who: Who, command: &TalkCommand) -> Result<(), Violation> {
        let done = self.copies[who].say(command.clone())?;
        if done.result.is_ok() {
            *self.counts.kinds.entry(talk_kind(command)).or_default() += 1;
        }
        if let (true, Some(change)) = (done.result.is_ok_and(|done| done.wrote), done.change) {
            self.counts.written += 1;
            let doc = self.copies[who].talk.doc.doc();
            self.said.record((who, doc), change, (&done.before, &done.after));
        }
        Ok(())
    }

    /// What is chosen is written anew, also where it shows already.
    fn settle(&mut self, who: Who, conflict: usize, choice: usize) -> Result<(), Violation> {
        let conflicts = self.copies[who].doc.conflicts();
        let Some(conflict) = conflicts.get(conflict % conflicts.len().max(1)) else {
            return Ok(());
        };
        let Conflict { owner, field, choices } = conflict;
        let choice = choices[choice % choices.len()].id.clone();
        let before = self.copies[who].doc.heads();
        self.act(who, &Command::ResolveConflict { owner: owner.clone(), field: *field, choice })?;
        let (copy, key) = (&self.copies[who], shown::key_of(owner, *field));
        let is_it = |it: &Conflict| it.owner == *owner && it.field == *field;
        if copy.doc.conflicts().iter().any(is_it) {
            return Err(Violation::Unsettled { who, key });
        }
        let after = copy.doc.heads();
        if let (true, Some(value)) = (after != before, shown::whole(copy.board()).get(&key)) {
            self.ledger.write((who, copy.doc.doc()), after[0], &key, value);
        }
        Ok(())
    }

    /// All that a card's face says is as it was, but for its place where its column is gone, and the order of its items.
    fn restore_at(&mut self, who: Who, card: &CardId, change: usize) -> Result<(), Violation> {
        let copy = &mut self.copies[who];
        copy.flush()?;
        let changes = copy.doc.doc().get_changes_meta(&[]);
        let heads = vec![ChangeId(changes[change % changes.len()].hash.0)];
        let moment = Moment::Heads { heads };
        let was = copy.doc.card_at(copy.now, card, &moment, None).and_then(|past| past.card);
        let command = Command::RestoreCardAt { id: card.clone(), moment, body: false };
        self.act(who, &command)?;
        let board = self.copies[who].board();
        let (Some(was), Some(is)) = (was, board.card(card)) else { return Ok(()) };
        let is_there = board.column(&was.column).is_some_and(|column| column.deleted.is_none());
        let face = |card: &Card| {
            let place = is_there.then(|| (card.column.clone(), card.order.clone()));
            let mut items: Vec<_> = card.checklist.iter().collect();
            items.sort_by(|a, b| a.id.cmp(&b.id));
            let items = items.iter().map(|item| (&item.id, &item.text, item.done));
            let items: Vec<_> = items.collect();
            let (archived, deleted) = (card.archived.is_some(), card.deleted.is_some());
            let lists = (&card.labels, &card.assignees, items);
            format!(
                "{} {place:?} {:?} {archived} {deleted} {:?} {lists:?}",
                card.title, card.due, card.priority
            )
        };
        let (was, is) = (face(&was), face(is));
        if was == is { Ok(()) } else { Err(Violation::NotRestored { who, was, is }) }
    }

    /// Both registers of a person are written, also the one that reads as before.
    fn write_person(&mut self, who: Who, person: &Person, change: ChangeHash) {
        let mut fields = shown::Fields::new();
        shown::person(person, &mut fields);
        for (key, value) in &fields {
            self.ledger.write((who, self.copies[who].doc.doc()), change, key, value);
        }
    }

    /// Notes what was written.
    fn record(&mut self, who: Who, done: &Done) -> Result<(), Violation> {
        let Done { result, change, before, after } = done;
        if let (true, Some(change)) = (result.as_ref().is_ok_and(|done| done.wrote), change) {
            self.counts.written += 1;
            let doc = self.copies[who].doc.doc();
            self.ledger.record((who, doc), *change, (before, after));
            let fault = self.fault.and_then(|it| it.writes(doc, &mut self.dice, (before, after)));
            if let Some(fault) = fault {
                self.copies[who].receive(&[fault])?;
            }
        }
        Ok(())
    }

    /// The changes of one that the other does not have, checked once.
    fn missing(&mut self, to: Who, from: Who, of: Of) -> Vec<CheckedChange> {
        let added = of(&self.copies[to]).get_changes_added(of(&self.copies[from]));
        let checked = &mut self.checked;
        let check = |change: &Change| {
            let known = checked.entry(change.hash()).or_insert_with(|| {
                check_change(&Bytes::copy_from_slice(change.raw_bytes())).unwrap()
            });
            known.clone()
        };
        added.iter().map(check).collect()
    }

    fn pull(&mut self, to: Who, from: Who, part: Option<u8>) -> Result<(), Violation> {
        self.counts.exchanges += 1;
        let said = self.missing(to, from, |copy| copy.talk.doc.doc());
        let to_talk = &mut self.copies[to];
        to_talk.talk.receive(to_talk.now, &said)?;
        let mut changes = self.missing(to, from, |copy| copy.doc.doc());
        if let Some(part) = part {
            let mut dice = Dice::new(Seed([part; 32]));
            let drawn = |count: usize, dice: &mut Dice| {
                usize::try_from(dice.below(u64::try_from(count).unwrap())).unwrap()
            };
            for index in (1..changes.len()).rev() {
                changes.swap(index, drawn(index + 1, &mut dice));
            }
            changes.truncate(drawn(changes.len() + 1, &mut dice));
        }
        self.copies[to].receive(&changes)
    }

    fn sync(&mut self, a: Who, b: Who) -> Result<(), Violation> {
        self.counts.exchanges += 1;
        let Ok([a, b]) = self.copies.get_disjoint_mut([a, b]) else { return Ok(()) };
        let (mut to_b, mut to_a) = (State::new(), State::new());
        let checked = |message: &automerge::sync::Message| -> Vec<CheckedChange> {
            let chunks = message.changes.iter().map(Bytes::copy_from_slice);
            // a whole document, which automerge sends where there is nothing yet, is no change
            chunks.filter_map(|chunk| check_change(&chunk).ok()).collect()
        };
        for _ in 0..100 {
            let from_a = a.doc.doc().generate_sync_message(&mut to_b);
            let from_b = b.doc.doc().generate_sync_message(&mut to_a);
            if from_a.is_none() && from_b.is_none() {
                break;
            }
            if let Some(message) = from_a {
                let changes = checked(&message);
                b.receive_message(&mut to_a, message, &changes)?;
            }
            if let Some(message) = from_b {
                let changes = checked(&message);
                a.receive_message(&mut to_b, message, &changes)?;
            }
        }
        let is_same = a.doc.heads() == b.doc.heads() && a.doc.rebuilt() == b.doc.rebuilt();
        if is_same { Ok(()) } else { Err(Violation::Apart(a.who, b.who)) }
    }

    /// Everyone writes out, those who reach each other exchange everything, and everything is held against the ledger.
    fn quiet(&mut self) -> Result<(), Violation> {
        self.counts.quiet += 1;
        for copy in &mut self.copies {
            copy.flush()?;
        }
        let mut groups: BTreeMap<u8, Vec<Who>> = BTreeMap::new();
        for (who, group) in self.groups.iter().enumerate() {
            groups.entry(*group).or_default().push(who);
        }
        let is_one = groups.len() == 1;
        for members in groups.into_values() {
            let (first, others) = members.split_first().unwrap();
            self.exchange(*first, others)?;
            self.check(*first, others)?;
            if is_one {
                self.ledger.forget(self.copies[*first].doc.doc());
                self.said.forget(self.copies[*first].talk.doc.doc());
                self.checked.clear();
                self.copies.iter_mut().for_each(Copy::keep);
            }
        }
        Ok(())
    }

    /// Until all have the same: what one takes in may be what changes that wait inside it were waiting for, and these are
    /// new to the others then.
    fn exchange(&mut self, first: Who, others: &[Who]) -> Result<(), Violation> {
        for _ in 0..=others.len() {
            for other in others {
                self.pull(first, *other, None)?;
            }
            for other in others {
                self.pull(*other, first, None)?;
            }
            let heads = self.copies[first].doc.heads();
            let said = self.copies[first].talk.doc.heads();
            let is_same = |copy: &Copy| copy.doc.heads() == heads && copy.talk.doc.heads() == said;
            if others.iter().all(|other| is_same(&self.copies[*other])) {
                break;
            }
        }
        Ok(())
    }

    fn check(&mut self, first: Who, others: &[Who]) -> Result<(), Violation> {
        for who in others.iter().chain([&first]) {
            let [heads, theirs] = [first, *who].map(|who| self.copies[who].doc.heads());
            let [said, their_words] = [first, *who].map(|who| self.copies[who].talk.doc.heads());
            if said != their_words
                || self.copies[first].talk.talk() != self.copies[*who].talk.talk()
            {
                return Err(Violation::Apart(first, *who));
            }
            if heads != theirs || self.copies[first].board() != self.copies[*who].board() {
                return Err(Violation::Apart(first, *who));
            }
            self.copies[*who].check_typists()?;
        }
        let talk = &self.copies[first].talk;
        self.said.check(talk.doc.doc(), &shown::said(talk.talk()))?;
        let copy = &self.copies[first];
        places(copy.board())?;
        let mut fields = shown::whole(copy.board());
        crate::checks::keys(&fields)?;
        if let Some(fault) = self.fault {
            fault.shows(copy.doc.doc(), &mut fields);
        }
        self.ledger.check(copy.doc.doc(), &fields)
    }
}

/// Whether a command says the id of something, which is the last word of what it is called.
fn names(command: &Command, owner: &str) -> bool {
    let said = format!("{command:?}");
    let id = owner.rsplit(' ').next();
    said.split(|letter: char| !letter.is_alphanumeric()).any(|word| Some(word) == id)
}
