//! Goal: what changed in a room is told in several parts, and nothing is missed between them, whatever happens there.
//! Method: the devices and the hub of `rooms.rs`, with small parts that the hub sends one by one.

use warroom_engine::Phase;

use crate::rooms::{counted, name, world};
use crate::world::{World, body};

/// Documents of one part.
const PAGE: usize = 4;

/// Writes in these bodies, whose texts begin with it then.
fn write(world: &mut World, bodies: impl IntoIterator<Item = usize>, text: &str) {
    for index in bodies {
        world.write_body(0, &name(index), text);
    }
    world.wait(30_000);
}

/// Plugs the second device in, and the hub sends so many parts.
fn plug(world: &mut World, pages: usize) {
    world.hub.pages_left = pages;
    world.plug(1);
    world.wait(1_000);
}

/// The hub sends the parts that are left.
fn go_on(world: &mut World) {
    world.hub.pages_left = usize::MAX;
    world.settle();
    world.wait(10_000);
    assert_eq!(world.status(1).phase, Phase::Saved);
}

/// What the second device reads without a network, after another start.
fn read_offline(world: &mut World, index: usize) -> String {
    world.restart_offline(1);
    world.read(1, &body(&name(index)))
}

#[test]
fn as_many_bodies_are_fetched_as_changed_however_many_pages_that_is() {
    let mut world = world(&["adam", "bea"], 20);
    world.hub.page_documents = PAGE;
    for changed in [PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1] {
        world.unplug(1);
        write(&mut world, 0..changed, "x");
        let (synced, questions) = counted(&mut world, |world| {
            world.plug(1);
            world.wait(10_000);
        });
        assert_eq!((synced.len(), questions), (changed, 1), "{changed} changed");
        assert_eq!(world.status(1).phase, Phase::Saved);
    }
}

#[test]
fn what_changes_between_two_pages_is_fetched() {
    // a device that was away, and a new one, which is told everything
    for is_new in [false, true] {
        let users: &[&str] = if is_new { &["adam"] } else { &["adam", "bea"] };
        let mut world = world(users, 20);
        world.hub.page_documents = PAGE;
        if is_new {
            world.hub.pages_left = 1;
            world.add_device("bea");
            world.settle();
        } else {
            world.unplug(1);
            write(&mut world, 0..20, "away ");
            plug(&mut world, 1);
        }
        assert_ne!(world.status(1).phase, Phase::Saved, "there is more");
        // of the part that was told, and of the next
        for index in [1, PAGE + 1] {
            world.write_body(0, &name(index), "between ");
        }
        world.wait(1_000);
        go_on(&mut world);
        let away = if is_new { "" } else { "away " };
        for index in 0..20 {
            let between = if [1, PAGE + 1].contains(&index) { "between " } else { "" };
            let expected = format!("{between}{away}{}", name(index));
            assert_eq!(read_offline(&mut world, index), expected, "new: {is_new}");
        }
    }
}

#[test]
fn a_connection_that_breaks_between_two_pages_loses_nothing() {
    for restarts in [false, true] {
        let mut world = world(&["adam", "bea"], 20);
        world.hub.page_documents = PAGE;
        world.unplug(1);
        write(&mut world, 0..20, "away ");
        for pages in [1, 2] {
            plug(&mut world, pages);
            world.wait(5_000);
            assert_ne!(world.status(1).phase, Phase::Saved, "there is more");
            world.unplug(1);
            if restarts {
                world.restart_offline(1);
            }
        }
        let (synced, questions) = counted(&mut world, |world| {
            plug(world, 0);
            go_on(world);
        });
        assert_eq!((synced.len(), questions), (20, 1), "restarts: {restarts}");
        let told = usize::MAX - world.hub.pages_left;
        assert_eq!(told, 2, "it goes on after three parts of five, restarts: {restarts}");
        for index in 0..20 {
            let expected = format!("away {}", name(index));
            assert_eq!(read_offline(&mut world, index), expected, "restarts: {restarts}");
        }
    }
}
