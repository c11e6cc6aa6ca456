//! What people wrote, each write with those that its writer had seen: what may be shown in the end follows from that
//! alone, whoever merges with whom. It knows nothing of how the engine stores or merges.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ChangeHash};

use crate::checks::Violation;
use crate::event::Who;
use crate::shown::{Fields, Key, OUT};

#[derive(Debug, Clone)]
struct Write {
    number: u64,
    by: Who,
    /// The change that it went out in: who has that change has seen it.
    change: ChangeHash,
    value: String,
    /// The writes that its writer had seen, which it takes the place of.
    over: BTreeSet<u64>,
}

/// How writes at the same time settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// One of them is shown.
    One,
    /// What is put in stands against what is taken out; of several, one.
    AddWins,
    /// Not said: a part of something that may be hidden.
    Any,
}

fn rule(key: &Key, hidden: &BTreeSet<Key>) -> Rule {
    match key.1 {
        "label" | "assignee" | "vote" | "reaction" => Rule::AddWins,
        "itemText" | "itemDone" | "itemOrder" => {
            let item = (key.0.clone(), "item", key.2.clone());
            if hidden.contains(&item) { Rule::Any } else { Rule::One }
        }
        _ => Rule::One,
    }
}

/// Whether the register may be absent.
fn is_member(key: &Key) -> bool {
    matches!(key.1, "label" | "assignee" | "item" | "attachment" | "vote" | "reaction")
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    writes: BTreeMap<Key, Vec<Write>>,
    count: u64,
    /// Items that were hidden once: an edit of a hidden one is not seen by the ledger.
    hidden: BTreeSet<Key>,
}

fn has(doc: &Automerge, change: &ChangeHash) -> bool {
    doc.get_change_meta_by_hash(change).is_some()
}

/// Those that no other has taken the place of.
fn last<'a>(present: &[&'a Write]) -> Vec<&'a Write> {
    let stands = |write: &&&Write| !present.iter().any(|other| other.over.contains(&write.number));
    present.iter().filter(stands).copied().collect()
}

impl Ledger {
    /// What became of the shown registers by a change of `by`, whose document is `doc`.
    pub(crate) fn record(
        &mut self,
        (by, doc): (Who, &Automerge),
        change: ChangeHash,
        (before, after): (&Fields, &Fields),
    ) {
        for (key, value) in after {
            if before.get(key) != Some(value) {
                self.write((by, doc), change, key, value);
            }
        }
        for key in before.keys().filter(|key| is_member(key) && !after.contains_key(key)) {
            if key.1 == "item" {
                self.hidden.insert(key.clone());
            }
            self.write((by, doc), change, key, OUT);
        }
    }

    /// The same of several commands that were one change: a register of something that `is_named_twice` was perhaps written on
    /// the way, also where it reads as before in the end. Such a write may be shown, and takes the place of none, since it is not
    /// sure that there was one.
    pub(crate) fn record_on_the_way(
        &mut self,
        (by, doc): (Who, &Automerge),
        change: ChangeHash,
        (before, after): (&Fields, &Fields),
        is_named_twice: impl Fn(&str) -> bool,
    ) {
        for (key, value) in after {
            if before.get(key) == Some(value) && !is_member(key) && is_named_twice(&key.0) {
                self.write((by, doc), change, key, value);
                let written = self.writes.get_mut(key).and_then(|writes| writes.last_mut());
                written.unwrap().over.clear();
            }
        }
    }

    /// One write, shown or not.
    pub(crate) fn write(
        &mut self,
        (by, doc): (Who, &Automerge),
        change: ChangeHash,
        key: &Key,
        value: &str,
    ) {
        self.count += 1;
        let writes = self.writes.entry(key.clone()).or_default();
        let seen = writes.iter().filter(|write| has(doc, &write.change));
        let over = seen.map(|write| write.number).collect();
        let (number, value) = (self.count, value.to_owned());
        writes.push(Write { number, by, change, value, over });
    }

    /// What is undone or redone by `by` has to be its own: of the registers that changed, the last write was one of its.
    pub(crate) fn check_step_back(
        &self,
        (by, doc): (Who, &Automerge),
        (before, after): (&Fields, &Fields),
    ) -> Result<(), Violation> {
        let keys: BTreeSet<&Key> = before.keys().chain(after.keys()).collect();
        // what only comes or goes with its item is told by the item
        let is_both = |key: &Key| before.contains_key(key) && after.contains_key(key);
        for key in keys.into_iter().filter(|key| is_member(key) || is_both(key)) {
            let was = before.get(key).map_or(OUT, String::as_str);
            if after.get(key).map_or(OUT, String::as_str) == was {
                continue;
            }
            let writes = self.writes.get(key).into_iter().flatten();
            let present: Vec<&Write> = writes.filter(|write| has(doc, &write.change)).collect();
            let last = last(&present);
            let is_own = last.iter().any(|write| write.by == by && write.value == was);
            if !is_own && rule(key, &self.hidden) != Rule::Any {
                return Err(Violation::OthersUndone { key: key.clone(), was: was.to_owned() });
            }
        }
        Ok(())
    }

    /// Holds what is shown against what was written and has arrived.
    pub(crate) fn check(&self, doc: &Automerge, shown: &Fields) -> Result<(), Violation> {
        for (key, writes) in &self.writes {
            let present: Vec<&Write> =
                writes.iter().filter(|write| has(doc, &write.change)).collect();
            if present.is_empty() {
                continue;
            }
            let last = last(&present);
            let value = match shown.get(key) {
                Some(value) => value,
                None if is_member(key) => OUT,
                None if rule(key, &self.hidden) == Rule::Any => continue,
                None => return Err(Violation::Lost { key: key.clone() }),
            };
            let is_in = |write: &&&Write| write.value != OUT;
            let holds = match rule(key, &self.hidden) {
                Rule::Any => true,
                Rule::AddWins if last.iter().any(|write| is_in(&write)) => {
                    last.iter().filter(is_in).any(|write| write.value == *value)
                }
                Rule::AddWins => value == OUT,
                Rule::One => last.iter().any(|write| write.value == *value),
            };
            if !holds {
                let written = last.iter().map(|write| (write.by, write.value.clone())).collect();
                let (key, shown) = (key.clone(), value.to_owned());
                return Err(Violation::NotWritten { key, shown, written });
            }
        }
        let stranger = shown.keys().find(|key| key.1 == "place" && !self.writes.contains_key(*key));
        stranger.map_or(Ok(()), |key| Err(Violation::Stranger { key: key.clone() }))
    }

    /// Everyone has everything: what was overwritten, or died with the disk of its writer, is of no more interest.
    pub(crate) fn forget(&mut self, doc: &Automerge) {
        for writes in self.writes.values_mut() {
            writes.retain(|write| has(doc, &write.change));
            let present: Vec<&Write> = writes.iter().collect();
            let kept: BTreeSet<u64> = last(&present).iter().map(|write| write.number).collect();
            writes.retain(|write| kept.contains(&write.number));
        }
        self.writes.retain(|_, writes| !writes.is_empty());
    }
}
