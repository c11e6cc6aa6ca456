//! Goal: a document's chunks stay few, and whatever fails, dies or happens at the same time, no change is lost. Method:
//! devices with disks that refuse; two tabs on one storage, whose steps meet in every order, each of them the last one
//! before the power goes.

use std::collections::BTreeMap;

use bytes::Bytes;
use warroom_engine::{
    BoardDocument, Chunk, Command, Hash, Output, Person, Replica, RoomOptions, StorageState,
    UserId, body_id,
};
use warroom_protocol::{DocumentId, Seed, Timestamp};

use crate::world::{World, add, body, card, room};

fn add_many(world: &mut World, count: usize) {
    for index in 0..count {
        world.command(0, add(&format!("c{index}"))).unwrap();
    }
}

fn chunks(world: &World, document: &DocumentId) -> usize {
    world.devices[0].disk[document].len()
}

#[test]
fn many_chunks_become_one_in_a_pause_and_all_is_there() {
    let mut world = World::new(&["adam"]);
    add_many(&mut world, 40);
    assert_eq!(world.devices[0].compactions, 0, "nobody waits for it");
    assert!(chunks(&world, &room()) >= 40);
    world.wait(10_000);
    assert_eq!(world.devices[0].compactions, 1);
    assert!(chunks(&world, &room()) <= 2, "a snapshot, and what the relay has");
    let before = world.board(0).clone();
    world.restart_offline(0);
    assert_eq!(world.board(0), &before);
    assert_eq!(world.status(0).waiting, 0, "it is still known that the relay has it");
    assert_eq!(world.status(0).quarantined, 0);
    world.wait(60_000);
    assert_eq!(world.devices[0].compactions, 1);
}

#[test]
fn what_is_unsaved_is_still_known_to_be() {
    let mut world = World::new(&["adam"]);
    add_many(&mut world, 20);
    world.wait(3_000);
    world.unplug(0);
    for index in 20..40 {
        world.command(0, add(&format!("c{index}"))).unwrap();
    }
    world.wait(10_000);
    assert_eq!(world.devices[0].compactions, 1);
    world.restart_offline(0);
    assert_eq!(world.status(0).waiting, 20);
}

#[test]
fn a_board_that_never_rests_is_compacted_all_the_same() {
    let mut world = World::new(&["adam"]);
    for index in 0..140 {
        world.command(0, add(&format!("c{index}"))).unwrap();
        world.wait(4_500);
    }
    assert_eq!(world.devices[0].compactions, 1);
}

#[test]
fn where_it_fails_nothing_is_gone_and_later_edits_are_taken() {
    let mut world = World::new(&["adam"]);
    world.devices[0].cannot_compact = true;
    add_many(&mut world, 40);
    world.wait(10_000);
    assert!(world.devices[0].compactions == 1 && chunks(&world, &room()) >= 40);
    assert_eq!(world.status(0).storage, StorageState::Durable, "what people did is stored");
    world.devices[0].cannot_compact = false;
    world.command(0, add("more")).unwrap();
    world.wait(10_000);
    assert!(chunks(&world, &room()) <= 2);
    let before = world.board(0).clone();
    world.restart_offline(0);
    assert_eq!(world.board(0), &before);
}

#[test]
fn nothing_is_compacted_while_something_is_not_durable() {
    let mut world = World::new(&["adam"]);
    world.devices[0].is_slow = true;
    add_many(&mut world, 40);
    world.wait(60_000);
    assert_eq!(world.devices[0].compactions, 0);
    let now = world.now;
    world.devices[0].store_all(now);
    world.settle();
    assert_eq!(world.devices[0].compactions, 1, "as soon as all is durable");
}

#[test]
fn a_torn_chunk_is_never_deleted() {
    let mut world = World::new(&["adam"]);
    world.unplug(0);
    add_many(&mut world, 50);
    let before: Vec<Hash> = world.devices[0].disk[&room()].keys().copied().collect();
    world.command(0, add("torn")).unwrap();
    let it = world.devices[0].disk.get_mut(&room()).unwrap();
    let torn = *it.keys().find(|hash| !before.contains(hash)).unwrap();
    let half = it[&torn].slice(..20);
    it.insert(torn, half);
    world.devices[0].leaves_torn = true;
    world.restart_offline(0);
    world.wait(20_000);
    assert_eq!(world.devices[0].compactions, 1);
    assert!(world.devices[0].disk[&room()].contains_key(&torn));
}

#[test]
fn a_body_is_compacted_before_it_leaves_memory() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("long")).unwrap();
    world.read(0, &body("long"));
    for _ in 0..40 {
        world.type_in(0, &body("long"), "a");
        world.command(0, Command::FlushText { text: body("long") }).unwrap();
    }
    world.command(0, Command::CloseText { text: body("long") }).unwrap();
    for index in 0..20 {
        let name = format!("c{index}");
        world.command(0, add(&name)).unwrap();
        world.write_body(0, &name, &name);
    }
    world.wait(3_000);
    let document = body_id(&room(), &card("long"));
    assert!(chunks(&world, &document) <= 2, "{}", chunks(&world, &document));
    world.restart_offline(0);
    assert_eq!(world.read(0, &body("long")), "a".repeat(40));
}

/// What a tab does to the storage that it shares with another.
#[derive(Debug, Clone)]
enum Step {
    Put(Vec<Chunk>),
    Delete(Vec<Hash>),
}

type Chunks = BTreeMap<Hash, Bytes>;

fn do_step(stored: &mut Chunks, step: &Step) {
    match step {
        Step::Put(chunks) => {
            stored.extend(chunks.iter().map(|chunk| (chunk.hash, chunk.bytes.clone())));
        }
        Step::Delete(hashes) => stored.retain(|hash, _| !hashes.contains(hash)),
    }
}

fn all_of(stored: &Chunks) -> Vec<Chunk> {
    stored.iter().map(|(hash, bytes)| Chunk { hash: *hash, bytes: bytes.clone() }).collect()
}

/// A tab on what is stored; what it asks of storage is done in its own mind at once.
struct Tab {
    replica: Replica,
    now: Timestamp,
    steps: Vec<Step>,
}

impl Tab {
    fn open(seed: u8, stored: &Chunks) -> Self {
        let person = Person { id: UserId::new("adam").unwrap(), name: String::new(), colour: 0 };
        let options = RoomOptions {
            board: room(),
            person,
            storage: StorageState::Durable,
            breakdowns: Vec::new(),
        };
        let now = Timestamp(1_000_000);
        let mut replica = Replica::open(now, Seed([seed; 32]), options);
        replica.handle_loaded(now, &room(), all_of(stored));
        let mut tab = Self { replica, now, steps: Vec::new() };
        tab.drain();
        tab
    }

    fn act(&mut self, name: &str) {
        self.replica.handle_command(self.now, add(name)).unwrap();
        self.drain();
    }

    fn rest(&mut self) {
        while let Some(next) = self.replica.next_timeout().filter(|next| next.0 < 1_020_000) {
            self.now = next;
            self.replica.handle_timeout(next);
            self.drain();
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.replica.poll_output() {
            match output {
                Output::Store { save, chunk, .. } => {
                    self.steps.push(Step::Put(vec![chunk]));
                    self.replica.handle_stored(self.now, save);
                }
                Output::Compact { document, chunks, replaced } => {
                    self.steps.push(Step::Put(chunks));
                    let (first, second) = replaced.split_at(replaced.len() / 2);
                    self.steps.push(Step::Delete(first.to_vec()));
                    self.steps.push(Step::Delete(second.to_vec()));
                    self.replica.handle_compacted(self.now, &document, true);
                }
                Output::Dial => self.replica.handle_dial_failed(self.now),
                _ => {}
            }
        }
    }
}

/// How many cards are stored; the same storage is read once.
fn count(stored: &Chunks, known: &mut BTreeMap<Vec<Hash>, usize>) -> usize {
    *known.entry(stored.keys().copied().collect()).or_insert_with(|| {
        let person = UserId::new("reader").unwrap();
        let (board, _) = BoardDocument::open(room(), person, Seed([9; 32]), all_of(stored));
        board.board().cards().count()
    })
}

/// Every way in which the steps of two can follow each other.
fn interleave(a: &[Step], b: &[Step], done: &mut Vec<Step>, check: &mut impl FnMut(&[Step])) {
    let (next_a, next_b) = (a.split_first(), b.split_first());
    if next_a.is_none() && next_b.is_none() {
        check(done);
    }
    for (next, is_a) in [(next_a, true), (next_b, false)] {
        let Some((step, rest)) = next else { continue };
        done.push(step.clone());
        if is_a {
            interleave(rest, b, done, check);
        } else {
            interleave(a, rest, done, check);
        }
        done.pop();
    }
}

#[test]
fn two_tabs_that_compact_at_once_lose_nothing_in_any_order_wherever_the_power_goes() {
    let mut first = Tab::open(1, &Chunks::new());
    for index in 0..35 {
        first.act(&format!("c{index}"));
    }
    let mut stored = Chunks::new();
    first.steps.iter().for_each(|step| do_step(&mut stored, step));
    let mut tabs = [Tab::open(2, &stored), Tab::open(3, &stored)];
    for (tab, name) in tabs.iter_mut().zip(["a", "b"]) {
        tab.steps.clear();
        tab.act(name);
        tab.rest();
        tab.act(&format!("late-{name}"));
        let deletes = tab.steps.iter().filter(|step| matches!(step, Step::Delete(_)));
        assert_eq!(deletes.count(), 2, "it compacted");
    }
    let (mut orders, mut known) = (0, BTreeMap::new());
    let [a, b] = tabs.map(|tab| tab.steps);
    interleave(&a, &b, &mut Vec::new(), &mut |steps| {
        orders += 1;
        let mut disk = stored.clone();
        let mut cards = 35;
        for step in steps {
            do_step(&mut disk, step);
            let now = count(&disk, &mut known);
            assert!(now >= cards, "a card is gone after {step:?}");
            cards = now;
        }
        assert_eq!(cards, 39);
    });
    assert_eq!(orders, 252, "five steps each");
}
