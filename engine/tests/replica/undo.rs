//! Goal: what a person meant is taken back, wherever in the room it was written, and nothing that others did since.
//! Method: devices around a hub.

use proptest::prelude::*;
use warroom_engine::{
    Action, Answer, ChangeId, Command, CommandError, Delta, Moment, Phase, Position, Question,
    Splice, body_id,
};

use crate::world::{World, add, body, card, column, room};

fn move_card(id: &str, to: &str) -> Command {
    Command::MoveCard { id: card(id), column: column(to), position: Position::End }
}

/// A world in which everybody has the body of card `x` open.
fn reading(users: &[&str]) -> World {
    let mut world = World::new(users);
    world.command(0, add("x")).unwrap();
    world.wait(3_000);
    for device in 0..users.len() {
        world.read(device, &body("x"));
    }
    world
}

fn text(world: &mut World, device: usize) -> String {
    world.read(device, &body("x"))
}

fn skipped(world: &World, device: usize) -> usize {
    let deltas = world.devices[device].deltas.iter();
    deltas.filter(|delta| matches!(delta, Delta::UndoSkipped { .. })).count()
}

#[test]
fn typing_in_a_body_is_one_intent_until_it_pauses() {
    let mut world = reading(&["adam"]);
    for word in ["one ", "two "] {
        for character in word.chars().rev() {
            world.type_in(0, &body("x"), &character.to_string());
            world.wait(400);
        }
        world.wait(3_000);
    }
    assert_eq!(text(&mut world, 0), "two one ");
    world.command(0, Command::Undo).unwrap();
    assert_eq!(text(&mut world, 0), "one ");
    world.command(0, Command::Undo).unwrap();
    assert_eq!(text(&mut world, 0), "");
    world.command(0, Command::Redo).unwrap();
    world.command(0, Command::Redo).unwrap();
    assert_eq!(text(&mut world, 0), "two one ");
    world.command(0, Command::Undo).unwrap();
    assert_eq!(text(&mut world, 0), "one ");
}

#[test]
fn intents_are_taken_back_in_their_order_over_board_and_bodies() {
    let mut world = reading(&["adam"]);
    world.command(0, move_card("x", "doing")).unwrap();
    world.wait(10);
    world.type_in(0, &body("x"), "text");
    // it is written only after the next command
    world.wait(10);
    world.command(0, move_card("x", "done")).unwrap();
    let place = |world: &World| world.board(0).card(&card("x")).unwrap().column.to_string();
    let seen = |world: &mut World| (place(world), text(world, 0));
    let states = [("done", "text"), ("doing", "text"), ("doing", ""), ("todo", "")];
    let states = states.map(|(column, text)| (column.to_owned(), text.to_owned()));
    assert_eq!(seen(&mut world), states[0]);
    for state in &states[1..] {
        world.command(0, Command::Undo).unwrap();
        assert_eq!(&seen(&mut world), state);
    }
    for state in states[..3].iter().rev() {
        world.command(0, Command::Redo).unwrap();
        assert_eq!(&seen(&mut world), state);
    }
    assert_eq!(world.command(0, Command::Redo), Err(CommandError::NothingToRedo));
}

#[test]
fn a_body_that_left_memory_is_read_to_take_back_what_was_typed() {
    let mut world = World::new(&["adam"]);
    for index in 0..20 {
        let name = format!("c{index}");
        world.command(0, add(&name)).unwrap();
        world.write_body(0, &name, &name);
    }
    world.wait(30_000);
    for index in (0..20).rev() {
        world.command(0, Command::Undo).unwrap();
        world.command(0, Command::Undo).unwrap();
        assert!(world.board(0).card(&card(&format!("c{index}"))).unwrap().deleted.is_some());
    }
    assert_eq!(world.command(0, Command::Undo), Err(CommandError::NothingToUndo));
    for index in 0..20 {
        assert_eq!(world.read(0, &body(&format!("c{index}"))), "");
    }
}

#[test]
fn what_somebody_took_out_of_it_since_is_not_taken_back_and_says_so() {
    let mut world = reading(&["adam", "bea"]);
    world.type_in(0, &body("x"), "from Adam");
    world.wait(3_000);
    let splice = Splice { at: 0, delete: 4, insert: "by".to_owned() };
    let edit = Command::EditText { text: body("x"), seen: 1, splice };
    world.command(1, edit).unwrap();
    world.wait(3_000);
    world.devices[0].deltas.clear();
    world.command(0, Command::Undo).unwrap();
    assert_eq!(skipped(&world, 0), 1);
    assert_eq!(text(&mut world, 0), "by Adam");
    // what Bea took out comes back, and what she put in goes: all of it is still as she left it
    world.command(1, Command::Undo).unwrap();
    assert_eq!(text(&mut world, 1), "from Adam");
}

#[test]
fn a_card_that_is_restored_with_its_body_is_taken_back_with_it() {
    let mut world = reading(&["adam", "bea"]);
    world.type_in(0, &body("x"), "old");
    world.wait(5_000);
    let at = world.now.0;
    world.wait(5_000);
    world.command(1, move_card("x", "done")).unwrap();
    let splice = Splice { at: 0, delete: 3, insert: "new".to_owned() };
    world.command(1, Command::EditText { text: body("x"), seen: 1, splice }).unwrap();
    world.wait(5_000);
    world.command(0, Command::RenameRoom { title: "Room".to_owned() }).unwrap();
    let seen = |world: &mut World| {
        let column = world.board(0).card(&card("x")).unwrap().column.to_string();
        (column, text(world, 0), world.board(0).title().to_owned())
    };
    let state = |column: &str, text: &str, title: &str| {
        (column.to_owned(), text.to_owned(), title.to_owned())
    };
    assert_eq!(seen(&mut world), state("done", "new", "Room"));
    let moment = Moment::Time { at };
    let restore = Command::RestoreCardAt { id: card("x"), moment, body: true };
    world.command(0, restore).unwrap();
    assert_eq!(seen(&mut world), state("todo", "old", "Room"));
    world.command(0, Command::Undo).unwrap();
    assert_eq!(seen(&mut world), state("done", "new", "Room"));
    world.command(0, Command::Redo).unwrap();
    assert_eq!(seen(&mut world), state("todo", "old", "Room"));
    world.command(0, Command::Undo).unwrap();
    world.command(0, Command::Undo).unwrap();
    assert_eq!(seen(&mut world), state("done", "new", ""));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Each takes so many characters out, at a fraction of the text; with `#` Bea puts something in before it.
    #[test]
    fn what_was_taken_out_piece_by_piece_comes_back_in_its_order(
        cuts in prop::collection::vec((any::<u8>(), 1..4_u8, any::<bool>()), 1..6),
        theirs in any::<bool>(),
    ) {
        let mut world = reading(&["adam", "bea"]);
        let whole = "The qu\u{1F600}ck br\u{1F600}wn fox jumps";
        world.type_in(0, &body("x"), whole);
        world.wait(3_000);
        for (at, delete, is_hers) in cuts {
            if theirs && is_hers {
                act(&mut world, &Act::Theirs { at });
            }
            act(&mut world, &Act::Mine { at, delete, insert: "" });
        }
        let mine = |world: &mut World| text(world, 0).replace('#', "");
        // one intent, or two where a pause was long
        for _ in 0..2 {
            if mine(&mut world) != whole {
                world.command(0, Command::Undo).unwrap();
            }
        }
        prop_assert_eq!(mine(&mut world), whole);
    }
}

/// The card x with a body that says `now`, and what the moment before it was; other bodies have driven it out of memory.
fn with_a_body_away(now: &str) -> (World, Moment) {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    world.write_body(0, "x", "old");
    world.wait(5_000);
    let at = world.now.0;
    // what is typed then is another entry of the activity
    world.wait(400_000);
    world.write_body(0, "x", now);
    world.command(0, move_card("x", "done")).unwrap();
    for index in 0..20 {
        let name = format!("c{index}");
        world.command(0, add(&name)).unwrap();
        world.write_body(0, &name, &name);
    }
    world.wait(30_000);
    (world, Moment::Time { at })
}

fn load_all(world: &mut World) {
    let now = world.now;
    world.devices[0].load_all(now);
    world.settle();
}

fn restore(moment: Moment) -> Command {
    Command::RestoreCardAt { id: card("x"), moment, body: true }
}

fn place(world: &World) -> String {
    world.board(0).card(&card("x")).unwrap().column.to_string()
}

#[test]
fn a_body_that_left_memory_is_read_to_restore_it_and_counts_as_done_only_then() {
    let (mut world, moment) = with_a_body_away("new ");
    world.devices[0].is_loading = true;
    let edit = world.command(0, restore(moment)).unwrap();
    assert_eq!(place(&world), "todo", "the face waits for nothing");
    world.wait(10);
    // what comes later is not overwritten, and an undo waits
    world.command(0, move_card("x", "doing")).unwrap();
    world.command(0, Command::RenameRoom { title: "Room".to_owned() }).unwrap();
    world.command(0, Command::Undo).unwrap();
    world.command(0, Command::Undo).unwrap();
    world.wait(10_000);
    let status = |world: &World| world.devices[0].replica.status().clone();
    assert!(status(&world).edits_stored < edit && status(&world).edits_on_relay < edit);
    assert_eq!((place(&world).as_str(), world.board(0).title()), ("doing", "Room"));
    load_all(&mut world);
    world.wait(1_000);
    assert!(status(&world).edits_on_relay >= edit);
    assert_eq!((place(&world).as_str(), world.board(0).title()), ("todo", ""));
    assert_eq!(text(&mut world, 0), "old");
    world.command(0, Command::Undo).unwrap();
    assert_eq!((place(&world).as_str(), text(&mut world, 0).as_str()), ("done", "new old"));
    for _ in 0..3 {
        world.command(0, Command::Redo).unwrap();
    }
    assert_eq!((place(&world).as_str(), text(&mut world, 0).as_str()), ("doing", "old"));
}

#[test]
fn a_moment_that_only_the_body_knows_is_known_when_it_was_read() {
    let (mut world, _) = with_a_body_away("new ");
    let question = Question::Activity { card: Some(card("x")), before: None, limit: 50 };
    let Ok(Answer::Activity { page }) = world.ask(0, question) else { panic!("no page") };
    let typed = page.entries.iter().rev();
    let mut typed = typed.filter(|entry| matches!(entry.what, Action::BodyTyped { .. }));
    let moment = Moment::Heads { heads: vec![typed.next().unwrap().id] };
    world.wait(1_000);
    world.restart_offline(0);
    world.devices[0].is_loading = true;
    world.command(0, restore(moment)).unwrap();
    assert_eq!(place(&world), "done", "not known yet");
    load_all(&mut world);
    assert_eq!((place(&world).as_str(), text(&mut world, 0).as_str()), ("todo", "old"));
    world.command(0, Command::Undo).unwrap();
    assert_eq!((place(&world).as_str(), text(&mut world, 0).as_str()), ("done", "new old"));
}

#[test]
fn a_moment_that_the_body_does_not_know_either_is_told() {
    let (mut world, _) = with_a_body_away("new ");
    let moment = Moment::Heads { heads: vec![ChangeId([7; 32])] };
    let edit = world.command(0, restore(moment)).unwrap();
    let told = world.devices[0].deltas.last();
    assert_eq!(told, Some(&Delta::RestoreSkipped { card: card("x") }));
    assert_eq!((place(&world).as_str(), text(&mut world, 0).as_str()), ("done", "new old"));
    assert!(world.devices[0].replica.status().edits_on_relay >= edit, "nothing waits for it");
}

#[test]
fn a_body_that_is_nowhere_holds_up_nothing() {
    let (mut world, moment) = with_a_body_away("new ");
    world.devices[0].disk.remove(&body_id(&room(), &card("x")));
    world.hub.documents.remove(&body_id(&room(), &card("x")));
    world.restart_offline(0);
    world.devices[0].is_loading = true;
    let edit = world.command(0, restore(moment)).unwrap();
    world.wait(1_000);
    assert!(world.status(0).edits_stored < edit, "the body may be there");
    load_all(&mut world);
    world.plug(0);
    world.wait(60_000);
    let status = world.status(0);
    assert_eq!((status.edits_stored, status.edits_on_relay), (edit, edit));
    assert_eq!((status.phase, place(&world).as_str()), (Phase::Saved, "todo"));
}

#[test]
fn a_long_body_is_taken_back_with_its_card() {
    let numbers: Vec<String> = (0..4_000).map(|number: u32| number.to_string()).collect();
    let long = numbers.join(" ") + " ";
    let (mut world, moment) = with_a_body_away(&long);
    world.command(0, restore(moment)).unwrap();
    assert_eq!((place(&world).as_str(), text(&mut world, 0).as_str()), ("todo", "old"));
    world.command(0, Command::Undo).unwrap();
    assert_eq!(place(&world), "done");
    assert!(text(&mut world, 0) == format!("{long}old"), "all of it comes back, in its order");
    world.command(0, Command::Redo).unwrap();
    assert_eq!((place(&world).as_str(), text(&mut world, 0).as_str()), ("todo", "old"));
}

#[test]
fn what_can_be_taken_back_survives_a_reload() {
    let mut world = reading(&["adam", "bea"]);
    world.command(0, move_card("x", "doing")).unwrap();
    world.type_in(0, &body("x"), "text");
    world.wait(3_000);
    world.command(0, move_card("x", "done")).unwrap();
    world.command(0, Command::Undo).unwrap();
    world.wait(1_000);
    world.restart(0);
    let place = |world: &World| world.board(0).card(&card("x")).unwrap().column.to_string();
    assert_eq!(place(&world), "doing");
    world.command(0, Command::Redo).unwrap();
    assert_eq!(place(&world), "done");
    world.wait(1_000);
    world.restart(0);
    world.command(0, Command::Undo).unwrap();
    assert_eq!((place(&world).as_str(), text(&mut world, 0).as_str()), ("doing", "text"));
    world.command(0, Command::Undo).unwrap();
    assert_eq!((place(&world).as_str(), text(&mut world, 0).as_str()), ("doing", ""));
    // what Bea did meanwhile stays
    world.wait(1_000);
    world.restart_offline(0);
    world.command(1, move_card("x", "done")).unwrap();
    world.plug(0);
    world.command(0, Command::Undo).unwrap();
    assert_eq!((place(&world).as_str(), skipped(&world, 0)), ("done", 1));
    world.command(0, Command::Undo).unwrap();
    assert!(world.board(0).card(&card("x")).unwrap().deleted.is_some());
    assert_eq!(world.command(0, Command::Undo), Err(CommandError::NothingToUndo));
    // and another device has nothing of it
    assert_eq!(world.board(1).card(&card("x")).unwrap().column, column("done"));
}

/// One thing that happens to the text.
#[derive(Debug, Clone)]
enum Act {
    /// Adam replaces: at a fraction of the text, so many units.
    Mine {
        at: u8,
        delete: u8,
        insert: &'static str,
    },
    /// Bea puts something in.
    Theirs {
        at: u8,
    },
    Pause,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let insert = prop::sample::select(vec!["", "a", "bc", "\u{1F600}", "d\u{1F600}e"]);
    let mine = (any::<u8>(), 0..4_u8, insert);
    let mine = mine.prop_map(|(at, delete, insert)| Act::Mine { at, delete, insert });
    let theirs = any::<u8>().prop_map(|at| Act::Theirs { at });
    prop::collection::vec(prop_oneof![4 => mine, 1 => theirs, 1 => Just(Act::Pause)], 1..24)
}

/// A place in the text on a border of characters.
fn border(text: &str, fraction: u8) -> usize {
    let ends = text.chars().scan(0, |at, character| {
        *at += character.len_utf16();
        Some(*at)
    });
    let borders: Vec<usize> = std::iter::once(0).chain(ends).collect();
    borders[usize::from(fraction) * (borders.len() - 1) / 255]
}

fn act(world: &mut World, act: &Act) {
    let (device, at, delete, insert) = match act {
        Act::Pause => return world.wait(3_000),
        Act::Mine { at, delete, insert } => (0, *at, *delete, (*insert).to_owned()),
        Act::Theirs { at } => (1, *at, 0, "#".to_owned()),
    };
    let now = text(world, device);
    let from = border(&now, at);
    let units: Vec<u16> = now.encode_utf16().collect();
    let mut until = units.len().min(from + usize::from(delete));
    // what Bea wrote is hers alone, and no character is cut
    let hers = units[from..until].iter().position(|unit| *unit == u16::from(b'#'));
    until = hers.map_or(until, |hers| from + hers);
    if units.get(until).is_some_and(|unit| (0xDC00..=0xDFFF).contains(unit)) {
        until -= 1;
    }
    let number = |units: usize| u32::try_from(units).unwrap();
    let splice = Splice { at: number(from), delete: number(until - from), insert };
    world.command(device, Command::EditText { text: body("x"), seen: 0, splice }).unwrap();
    world.wait(400);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn all_of_mine_goes_and_comes_back_and_all_of_theirs_stays(acts in acts()) {
        let mut world = reading(&["adam", "bea"]);
        world.command(0, Command::RenameRoom { title: "before".to_owned() }).unwrap();
        for one in &acts {
            act(&mut world, one);
        }
        let after = text(&mut world, 0);
        let theirs: String = after.chars().filter(|character| *character == '#').collect();
        let mut steps = 0;
        while world.board(0).title() == "before" {
            world.command(0, Command::Undo).unwrap();
            steps += 1;
        }
        world.command(0, Command::Redo).unwrap();
        prop_assert_eq!(text(&mut world, 0), theirs);
        for _ in 1..steps {
            world.command(0, Command::Redo).unwrap();
        }
        // Bea's characters may stand elsewhere between mine
        let mine = |text: &str| text.replace('#', "");
        let again = text(&mut world, 0);
        prop_assert_eq!(mine(&again), mine(&after));
        prop_assert_eq!(text(&mut world, 1), again);
    }
}
