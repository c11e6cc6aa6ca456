//! Goal: what people say is kept and arrives like the board itself, also when it was said offline, and is never taken for
//! saved before it is. Method: devices around a hub.

use warroom_engine::{
    Command, CommandError, CommentId, Delta, Output, Person, Phase, Replica, RoomOptions,
    StorageState, Talk, TalkCommand, UserId, talk_id,
};
use warroom_protocol::{Seed, Timestamp};

use crate::world::{World, add, card, room, say, talk};

fn look(about: &str) -> Command {
    talk(TalkCommand::MarkSeen { card: Some(card(about)) })
}

fn unread(world: &World, device: usize, person: &str) -> usize {
    world.talk(device).unread(&card("x"), &UserId::new(person).unwrap())
}

#[test]
fn what_two_said_offline_is_there_for_both_and_unread_for_the_other() {
    let mut world = World::new(&["adam", "bea"]);
    world.command(0, add("x")).unwrap();
    for (device, id) in [(0, "from-adam"), (1, "from-bea")] {
        world.unplug(device);
        world.command(device, say(id, "x")).unwrap();
        assert_eq!(world.talk(device).comment_count(&card("x")), 1);
    }
    world.plug(0);
    world.plug(1);
    assert_eq!(world.talk(0), world.talk(1));
    assert_eq!(world.talk(0).comment_count(&card("x")), 2);
    assert_eq!((unread(&world, 0, "adam"), unread(&world, 1, "bea")), (1, 1));
    world.command(1, look("x")).unwrap();
    assert_eq!((unread(&world, 0, "adam"), unread(&world, 1, "bea")), (1, 0));
    world.wait(20_000);
    assert_eq!(world.talk(0), world.talk(1));
    assert_eq!(world.status(0).phase, Phase::Saved);
}

#[test]
fn a_comment_is_made_then_stored_then_on_the_relay() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    world.wait(5_000);
    world.unplug(0);
    world.devices[0].is_slow = true;
    assert_eq!(world.command(0, say("q", "x")), Ok(2));
    let of = |world: &World| {
        let status = world.status(0);
        (status.edits_made, status.edits_stored, status.edits_on_relay, status.waiting)
    };
    assert_eq!(of(&world), (2, 1, 1, 1));
    let now = world.now;
    world.devices[0].store_all(now);
    assert_eq!(of(&world), (2, 2, 1, 1));
    world.restart_offline(0);
    assert_eq!(world.talk(0).comment_count(&card("x")), 1);
    assert_eq!(world.status(0).waiting, 1, "storage says what the relay had");
    world.plug(0);
    assert_eq!((world.status(0).waiting, world.status(0).phase), (0, Phase::Saved));
}

#[test]
fn looking_is_no_edit_and_holds_nothing_up() {
    let mut world = World::new(&["adam", "bea"]);
    world.command(0, add("x")).unwrap();
    for id in ["one", "two"] {
        world.command(1, say(id, "x")).unwrap();
        let edits = world.status(0).edits_made;
        assert_eq!(world.command(0, look("x")), Ok(edits));
        assert_eq!(unread(&world, 0, "adam"), 0);
        assert_eq!(world.status(0).phase, Phase::Saved, "although the second still waits");
    }
    assert_eq!(world.command(0, say("three", "x")), Ok(2));
    assert_eq!(world.status(0).edits_on_relay, 2, "an edit does not wait for a read marker");
    let now = world.now;
    world.devices[0].replica.handle_closing(now);
    world.settle();
    world.restart_offline(0);
    assert_eq!(unread(&world, 0, "adam"), 0, "it was written at the end");
}

#[test]
fn a_talk_in_which_nobody_said_anything_is_asked_for_and_not_made() {
    let mut world = World::new(&["adam", "bea"]);
    let document = talk_id(&room());
    assert_eq!(world.hub.requests, [document.clone(), document.clone()]);
    assert!(!world.hub.documents.contains_key(&document));
    assert_eq!(world.status(0).phase, Phase::Saved);
    world.command(0, add("x")).unwrap();
    world.command(0, say("q", "x")).unwrap();
    assert!(world.hub.documents.contains_key(&document));
    assert_eq!(world.talk(1).comment_count(&card("x")), 1, "who asked in vain is told");
}

#[test]
fn a_command_of_the_talk_waits_until_it_was_read() {
    let person = Person { id: UserId::new("adam").unwrap(), name: "Adam".to_owned(), colour: 1 };
    let (storage, breakdowns) = (StorageState::Durable, Vec::new());
    let options = RoomOptions { board: room(), person, storage, breakdowns };
    let now = Timestamp(1_000);
    let mut replica = Replica::open(now, Seed([1; 32]), options);
    let loads = |replica: &mut Replica| -> Vec<_> {
        let outputs = std::iter::from_fn(|| replica.poll_output());
        let loads = outputs.filter_map(|output| match output {
            Output::Load { document } => Some(document),
            _ => None,
        });
        loads.collect()
    };
    assert_eq!(loads(&mut replica), [room()]);
    assert_eq!(replica.handle_command(now, say("q", "x")), Err(CommandError::NotLoaded));
    replica.handle_loaded(now, &room(), Vec::new());
    assert_eq!(loads(&mut replica), [talk_id(&room())], "once, after the board");
    replica.handle_command(now, add("x")).unwrap();
    assert_eq!(replica.handle_command(now, say("q", "x")), Err(CommandError::NotLoaded));
    assert!(replica.talk().is_none());
    replica.handle_loaded(now, &talk_id(&room()), Vec::new());
    assert_eq!(replica.handle_command(now, say("q", "x")), Ok(2));
    assert_eq!(loads(&mut replica), []);
}

#[test]
fn what_is_about_a_card_that_is_not_there_is_refused() {
    let mut world = World::new(&["adam"]);
    let vote = |card| talk(TalkCommand::Vote { card });
    for command in [say("q", "x"), look("x"), vote(card("x"))] {
        assert_eq!(world.command(0, command), Err(CommandError::UnknownCard));
    }
    world.command(0, add("x")).unwrap();
    assert_eq!(world.command(0, vote(card("x"))), Ok(2));
}

#[test]
fn tabs_hear_what_is_said_without_a_relay() {
    let mut world = World::new(&["adam", "adam"]);
    world.unplug(0);
    world.unplug(1);
    world.join_tabs(0, 1);
    world.command(0, add("x")).unwrap();
    world.command(0, say("q", "x")).unwrap();
    assert_eq!(world.talk(1).comment_count(&card("x")), 1);
    world.command(1, say("r", "x")).unwrap();
    assert_eq!(world.talk(0), world.talk(1));
}

#[test]
fn a_talk_that_can_not_be_read_from_the_disk_comes_from_the_relay() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    world.command(0, say("q", "x")).unwrap();
    world.devices[0].cannot_read = true;
    world.restart(0);
    assert_eq!(world.talk(0).comment_count(&card("x")), 1);
    assert_eq!(world.status(0).storage, StorageState::Failed);
}

#[test]
fn what_was_said_is_taken_back_and_done_again_in_its_turn() {
    let (x, q) = (|| card("x"), || CommentId::new("q").unwrap());
    let react = |reaction: &str| TalkCommand::React { id: q(), reaction: reaction.to_owned() };
    let edit = TalkCommand::EditComment { id: q(), text: "New".to_owned() };
    let table = [
        (vec![], edit),
        (vec![], TalkCommand::DeleteComment { id: q() }),
        (vec![TalkCommand::DeleteComment { id: q() }], TalkCommand::RestoreComment { id: q() }),
        (vec![], react("👍")),
        (vec![react("👍")], react("🎉")),
        (vec![react("👍")], TalkCommand::Unreact { id: q() }),
        (vec![], TalkCommand::Vote { card: x() }),
        (vec![TalkCommand::Vote { card: x() }], TalkCommand::Unvote { card: x() }),
    ];
    for (before, command) in table {
        let mut world = World::new(&["adam"]);
        world.command(0, add("x")).unwrap();
        world.command(0, say("q", "x")).unwrap();
        for before in before {
            world.command(0, talk(before)).unwrap();
        }
        let old = world.talk(0).clone();
        world.command(0, talk(command.clone())).unwrap();
        let new = world.talk(0).clone();
        assert_ne!(old, new, "{command:?}");
        world.command(0, Command::Undo).unwrap();
        assert_eq!(world.talk(0), &old, "{command:?}");
        world.command(0, Command::Redo).unwrap();
        let votes = |talk: &Talk| talk.votes(&x()).to_vec();
        assert_eq!(world.talk(0).comments(&x()), new.comments(&x()), "{command:?}");
        assert_eq!(votes(world.talk(0)), votes(&new), "{command:?}");
    }
}

#[test]
fn undo_goes_through_board_and_talk_in_the_order_of_what_was_done() {
    let mut world = World::new(&["adam"]);
    for command in [add("x"), say("q", "x"), add("y"), look("x"), say("r", "x")] {
        world.command(0, command).unwrap();
    }
    let shown = |world: &World| {
        let cards = world.board(0).cards().filter(|card| card.deleted.is_none()).count();
        (cards, world.talk(0).comment_count(&card("x")))
    };
    for expected in [(2, 1), (1, 1), (1, 0), (0, 0)] {
        world.command(0, Command::Undo).unwrap();
        assert_eq!(shown(&world), expected);
    }
    assert_eq!(world.command(0, Command::Undo), Err(CommandError::NothingToUndo));
    for expected in [(1, 0), (1, 1), (2, 1), (2, 2)] {
        world.command(0, Command::Redo).unwrap();
        assert_eq!(shown(&world), expected);
    }
}

#[test]
fn what_another_device_changed_since_stays_and_is_told() {
    let mut world = World::new(&["adam", "adam"]);
    let edit = |text: &str| {
        let id = CommentId::new("q").unwrap();
        talk(TalkCommand::EditComment { id, text: text.to_owned() })
    };
    world.command(0, add("x")).unwrap();
    world.command(0, say("q", "x")).unwrap();
    world.command(0, edit("mine")).unwrap();
    world.command(1, edit("theirs")).unwrap();
    world.devices[0].deltas.clear();
    world.command(0, Command::Undo).unwrap();
    assert_eq!(world.talk(0).comments(&card("x"))[0].text, "theirs");
    let told = &world.devices[0].deltas;
    assert!(matches!(told.as_slice(), [Delta::UndoSkipped { .. }]), "{told:?}");
}
