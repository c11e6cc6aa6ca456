//! Goal: several commands are one edit and one intent over the board and the talk, or nothing in either. Method: devices around a hub.

use warroom_engine::{Command, CommandError, Phase, Position, TalkCommand, talk_id};

use crate::world::{World, add, card, column, room, say, talk};

fn together(commands: impl Into<Vec<Command>>) -> Command {
    Command::Transact { commands: commands.into() }
}

fn to_done(id: &str) -> Command {
    Command::MoveCard { id: card(id), column: column("done"), position: Position::Start }
}

fn vote(id: &str) -> Command {
    talk(TalkCommand::Vote { card: card(id) })
}

/// How many changes the hub has of the board and of the talk.
fn changes(world: &World) -> [usize; 2] {
    [room(), talk_id(&room())].map(|document| {
        let document = world.hub.documents.get(&document);
        document.map_or(0, |document| document.get_changes(&[]).len())
    })
}

#[test]
fn what_is_made_and_talked_about_is_one_edit_and_one_intent() {
    let mut world = World::new(&["adam", "bea"]);
    world.command(0, add("old")).unwrap();
    world.command(0, say("first", "old")).unwrap();
    let before = changes(&world);
    let edit =
        world.command(0, together([add("x"), say("q", "x"), to_done("x"), vote("x"), vote("old")]));
    assert_eq!(edit, Ok(world.status(0).edits_made));
    assert_eq!(changes(&world), before.map(|count| count + 1), "one change in each document");
    assert_eq!(
        (world.status(0).edits_on_relay, world.status(0).phase),
        (edit.unwrap(), Phase::Saved)
    );
    let seen = |world: &World, device: usize| {
        let shown = world.board(device).card(&card("x")).cloned().unwrap();
        let (talk, x) = (world.talk(device), card("x"));
        let words = talk.comments(&x).iter().filter(|comment| !comment.deleted).count();
        let is_there = shown.deleted.is_none();
        (
            shown.column.to_string(),
            is_there,
            words,
            talk.votes(&x).len(),
            talk.votes(&card("old")).len(),
        )
    };
    let done = ("done".to_owned(), true, 1, 1, 1);
    assert_eq!((seen(&world, 0), seen(&world, 1)), (done.clone(), done.clone()));
    world.command(0, Command::Undo).unwrap();
    let undone = ("done".to_owned(), false, 0, 0, 0);
    assert_eq!((seen(&world, 0), seen(&world, 1)), (undone.clone(), undone));
    assert!(world.board(0).card(&card("old")).unwrap().deleted.is_none(), "that was before it");
    world.command(0, Command::Redo).unwrap();
    assert_eq!((seen(&world, 0), seen(&world, 1)), (done.clone(), done));
    world.command(0, Command::Undo).unwrap();
    world.command(0, Command::Undo).unwrap();
    assert_eq!(world.talk(0).comments(&card("old")).iter().filter(|it| !it.deleted).count(), 0);
}

#[test]
fn what_is_refused_in_one_document_is_written_in_neither() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    world.command(0, say("q", "x")).unwrap();
    let before = (changes(&world), world.status(0).edits_made);
    world.devices[0].deltas.clear();
    let rows = [
        (vec![to_done("x"), say("q", "x")], 2, CommandError::IdTaken),
        (vec![say("r", "y"), add("y")], 1, CommandError::UnknownCard),
        (vec![say("r", "x"), vote("x"), to_done("y")], 3, CommandError::UnknownCard),
        (vec![add("y"), vote("y"), Command::Undo], 3, CommandError::NotTogether),
    ];
    for (commands, number, reason) in rows {
        let refused = CommandError::InTransaction { number, reason: Box::new(reason) };
        assert_eq!(world.command(0, together(commands)), Err(refused));
        assert_eq!((changes(&world), world.status(0).edits_made), before);
        assert_eq!(world.devices[0].deltas, []);
    }
    assert_eq!(world.command(0, together([])), Ok(before.1), "nothing is no edit");
    world.command(0, Command::Undo).unwrap();
    assert_eq!(world.talk(0).comments(&card("x")).iter().filter(|it| !it.deleted).count(), 0);
}

#[test]
fn a_transaction_of_the_talk_alone_is_taken_back_too() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    let board = changes(&world)[0];
    world.command(0, together([say("q", "x"), say("r", "x"), vote("x")])).unwrap();
    assert_eq!(changes(&world)[0], board);
    world.restart(0);
    world.command(0, Command::Undo).unwrap();
    assert_eq!(world.talk(0).votes(&card("x")).len(), 0);
    assert!(world.talk(0).comments(&card("x")).iter().all(|comment| comment.deleted));
    world.command(0, Command::Redo).unwrap();
    assert_eq!(world.talk(0).votes(&card("x")).len(), 1);
}
