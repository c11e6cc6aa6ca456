//! What no device around a hub can be brought to: faults in the middle of what a replica does.

use super::*;
use crate::body::body_id;
use crate::command::{Position, Splice, TextTarget};
use crate::ids::{CardId, ColumnId, UserId};

const NOW: Timestamp = Timestamp(1_000_000);

/// A replica that has read its board and its talk, in which there is nothing.
fn replica() -> Replica {
    let person = Person { id: UserId::new("adam").unwrap(), name: "Adam".to_owned(), colour: 1 };
    let (board, storage) = (DocumentId::from_room_name("test"), StorageState::Durable);
    let options = RoomOptions { board: board.clone(), person, storage, breakdowns: Vec::new() };
    let mut replica = Replica::open(NOW, Seed([1; 32]), options);
    replica.handle_loaded(NOW, &board, Vec::new());
    replica.handle_loaded(NOW, &talk_id(&board), Vec::new());
    replica
}

/// Everything that was to be stored.
fn stores(replica: &mut Replica) -> Vec<(SaveId, DocumentId, Chunk)> {
    let outputs = std::iter::from_fn(|| replica.poll_output());
    let stores = outputs.filter_map(|output| {
        let Output::Store { save, document, chunk } = output else { return None };
        Some((save, document, chunk))
    });
    stores.collect()
}

/// Types in the body of a new card. Everything is durable but that, which is given.
fn typed(replica: &mut Replica) -> (DocumentId, Vec<(SaveId, Chunk)>) {
    let id = CardId::new("x").unwrap();
    let document = body_id(&replica.options.board, &id);
    let text = TextTarget::Body { card: id.clone() };
    let (column, title) = (ColumnId::new("todo").unwrap(), "x".to_owned());
    let add = Command::AddCard { id, column, title, position: Position::End };
    replica.handle_command(NOW, add).unwrap();
    replica.handle_command(NOW, Command::OpenText { text: text.clone() }).unwrap();
    replica.handle_loaded(NOW, &document, Vec::new());
    let splice = Splice { at: 0, delete: 0, insert: "hello".to_owned() };
    replica.handle_command(NOW, Command::EditText { text: text.clone(), seen: 0, splice }).unwrap();
    replica.handle_command(NOW, Command::FlushText { text }).unwrap();
    let (of_body, others): (Vec<_>, Vec<_>) =
        stores(replica).into_iter().partition(|(_, stored, _)| *stored == document);
    for (save, _, _) in others {
        replica.handle_stored(NOW, save);
    }
    let of_body: Vec<_> = of_body.into_iter().map(|(save, _, chunk)| (save, chunk)).collect();
    assert!(!of_body.is_empty());
    (document, of_body)
}

#[test]
fn a_save_that_ends_while_its_body_is_read_again_counts() {
    for ends_before in [true, false] {
        let mut replica = replica();
        let (document, saves) = typed(&mut replica);
        // as when automerge can't go on with it
        replica.opened.remove(&document);
        replica.bodies.get_mut(&document).unwrap().stage = Stage::Loading;
        let all_stored =
            |replica: &Replica| replica.status().edits_stored == replica.status().edits_made;
        let chunks: Vec<Chunk> = saves.iter().map(|(_, chunk)| chunk.clone()).collect();
        if !ends_before {
            replica.handle_loaded(NOW, &document, chunks.clone());
        }
        assert!(!all_stored(&replica));
        for (save, _) in saves {
            replica.handle_stored(NOW, save);
        }
        if ends_before {
            replica.handle_loaded(NOW, &document, chunks);
        }
        assert!(all_stored(&replica), "{ends_before}");
    }
}

#[test]
fn cards_of_a_file_go_again_where_what_it_says_about_them_is_refused() {
    let mut replica = replica();
    let file = r#"{"lists":[{"id":"l","name":"L"}],"cards":[{"id":"c","idList":"l","name":"Card","desc":"Body"}],
        "actions":[{"type":"commentCard","date":"1970-01-01T00:00:00.001Z",
            "data":{"text":"So?","card":{"id":"c"}}}]}"#;
    let mut plan = replica.plan_import(NOW, ImportFormat::Trello, file).unwrap();
    plan.talk.as_mut().unwrap().spoil();
    assert!(matches!(replica.carry_out(NOW, plan), Err(CommandError::Refused(_))));
    replica.finish(NOW);
    let board = replica.board().unwrap();
    assert!(board.cards().all(|card| card.deleted.is_some()));
    assert!(replica.talk().unwrap().all_comments().next().is_none());
    assert_eq!(
        stores(&mut replica).iter().filter(|(_, id, _)| *id != replica.options.board).count(),
        0
    );
}
