//! Goal: several commands are one edit and one intent over the board and the talk, or nothing in either. Method: devices around a hub.

use bytes::Bytes;
use warroom_engine::limits::{CHANGE_TEXT_BYTES_MAX, COMMENT_UNITS_MAX};
use warroom_engine::{Command, CommandError, CommentId, Phase, Position, TalkCommand, talk_id};
use warroom_protocol::guard::check_change;

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
    let (before, made) = (changes(&world), world.status(0).edits_made);
    let edit =
        world.command(0, together([add("x"), say("q", "x"), to_done("x"), vote("x"), vote("old")]));
    assert_eq!((edit.clone(), world.status(0).edits_made), (Ok(made + 1), made + 1));
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

/// Checks every change of the room as a peer does that gets it.
fn check_changes(world: &World) {
    for document in world.hub.documents.values() {
        for change in document.get_changes(&[]) {
            let sent = change.clone().bytes().into_owned();
            check_change(&Bytes::from(sent)).unwrap();
        }
    }
}

#[test]
fn texts_that_no_peer_would_take_are_refused_and_so_are_those_that_undoing_would_bring_back() {
    for letter in ["a", "語"] {
        let mut world = World::new(&["adam", "bea"]);
        world.command(0, add("x")).unwrap();
        let long = letter.repeat(COMMENT_UNITS_MAX);
        let id = |number: usize| CommentId::new(&format!("c{number}")).unwrap();
        let comment = |number| {
            let (id, card, text) = (id(number), card("x"), long.clone());
            talk(TalkCommand::AddComment { id, card, text })
        };
        let shorten = |number| {
            let (id, text) = (id(number), "short".to_owned());
            talk(TalkCommand::EditComment { id, text })
        };
        let fits = (CHANGE_TEXT_BYTES_MAX - 1_000) / long.len();
        let before = changes(&world);
        for count in [fits + 1, 500] {
            let commands: Vec<_> = (0..count).map(comment).collect();
            let refused = world.command(0, together(commands)).map_err(|refused| refused.code());
            assert_eq!((refused, changes(&world)), (Err("refused"), before));
        }
        for first in [0, fits] {
            let commands: Vec<_> = (first..first + fits).map(comment).collect();
            world.command(0, together(commands)).unwrap();
        }
        let commands: Vec<_> = (0..2 * fits).map(shorten).collect();
        let refused = world.command(0, together(commands)).map_err(|refused| refused.code());
        assert_eq!(refused, Err("refused"), "undoing it would be too much for a peer");
        let commands: Vec<_> = (0..fits).map(shorten).collect();
        for command in [together(commands), Command::Undo, Command::Redo] {
            world.command(0, command).unwrap();
        }
        check_changes(&world);
        assert_eq!(world.talk(0), world.talk(1));
    }
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

#[test]
fn a_comment_that_was_made_deleted_and_brought_back_is_taken_back() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    let delete = |id| talk(TalkCommand::DeleteComment { id: CommentId::new(id).unwrap() });
    let restore = talk(TalkCommand::RestoreComment { id: CommentId::new("q").unwrap() });
    let said =
        |world: &World| world.talk(0).comments(&card("x")).iter().filter(|it| !it.deleted).count();
    world.command(0, together([say("q", "x"), delete("q"), restore])).unwrap();
    assert_eq!(said(&world), 1);
    world.command(0, Command::Undo).unwrap();
    assert_eq!(said(&world), 0);
    world.command(0, Command::Redo).unwrap();
    assert_eq!(said(&world), 1);
    world.command(0, Command::Undo).unwrap();
    world.command(0, together([say("r", "x"), delete("r")])).unwrap();
    world.command(0, Command::Undo).unwrap();
    let x = world.board(0).card(&card("x")).unwrap();
    assert!(x.deleted.is_some(), "the one before it is meant");
}
