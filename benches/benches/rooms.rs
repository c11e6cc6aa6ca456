//! What coming back to a room of 1,000 cards with bodies costs, when the relay speaks of rooms and when each body is asked
//! for: frames and bytes, and the processor time of eight people who come back with 1,000 edits each.
#![expect(clippy::print_stdout, reason = "it prints tables")]

use std::collections::BTreeMap;
use std::time::Duration;

use benches::script::{Edit, Script};
use benches::{Disk, OFFLINE_EDITS, Room, Told, megabytes, timed};

const CARDS: usize = 1_000;

/// How long everybody is away: longer than all edits take together.
const AWAY: Duration = Duration::from_hours(4 * 24);

fn main() {
    println!(
        "| changed bodies | frames, by room | KB | frames, body by body | KB |\n|---|---|---|---|---|"
    );
    let (mut by_room, mut apart) = (room(2, true), room(2, false));
    for changed in [0, 1, 100] {
        let costs = [&mut by_room, &mut apart].map(|room| come_back(room, changed));
        let cells =
            costs.map(|(frames, bytes)| format!("{frames} | {:.1}", megabytes(bytes) * 1_000.0));
        println!("| {changed} | {} |", cells.join(" | "));
    }
    println!(
        "\n| eight with {OFFLINE_EDITS} edits each | ms | until all cards are seen, ms | MB |\n|---|---|---|---|"
    );
    for (name, has_rooms) in [("by room", true), ("body by body", false)] {
        let (ms, told) = all_come_back(room(8, has_rooms));
        println!("| {name} | {ms:.0} | {:.0} | {:.1} |", told.seen_ms, megabytes(told.bytes));
    }
}

/// A room in which everybody has everything, and nobody is connected.
fn room(people: usize, has_rooms: bool) -> Room {
    let room = Room::new(vec![Disk::new(); people], BTreeMap::new());
    let mut room = if has_rooms { room } else { room.apart() };
    for card in 0..CARDS {
        room.edit(0, Edit::Create { card, column: card });
    }
    for _ in 0..2 {
        room.pass(AWAY);
        room.connect();
        room.disconnect();
    }
    room
}

/// The first changes bodies while the second is away; what the second's return costs, both ways.
fn come_back(room: &mut Room, changed: usize) -> (usize, usize) {
    for card in 0..changed {
        room.edit(0, Edit::Body { card, at: 0 });
    }
    room.pass(AWAY);
    room.connect_one(0);
    let told = room.connect_one(1);
    room.disconnect();
    (told.frames, told.bytes)
}

fn all_come_back(mut room: Room) -> (f64, Told) {
    for (person, seed) in (0..8).zip(1..) {
        let edits = Script::after(CARDS, 0, seed);
        // a new room has no labels
        let edits = edits.filter(|edit| !matches!(edit, Edit::Label { .. }));
        for edit in edits.take(OFFLINE_EDITS) {
            room.edit(person, edit);
        }
    }
    let (ms, told) = timed(|| room.connect());
    assert!(room.has_same_bodies(), "everybody has every body");
    (ms, told)
}
