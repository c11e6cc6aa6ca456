//! How an import is written: few changes, nothing of the board is changed by it, and it is one step to undo.

use bytes::Bytes;
use warroom_engine::limits::{COMMENT_UNITS_MAX, IMPORT_OPS_MAX, IMPORT_PARTS_MAX, NAME_UNITS_MAX};
use warroom_engine::{Command, Import, ImportFormat, LabelId, TextFormat};
use warroom_protocol::guard::check_change;

use super::room::{Room, importer, read};
use crate::world::{add, card, column, delete, label, meet};

/// A file of so many cards in three columns, each with a label, an item and a body.
fn file(cards: usize) -> String {
    let cards: Vec<String> = (0..cards)
        .map(|number| {
            format!(
                r#"{{"column":"c{}","title":"Card number {number}","labels":["l"],"checklist":[{{"text":"item"}}],"body":"body {number}"}}"#,
                number % 3
            )
        })
        .collect();
    format!(
        r#"{{"format":"warroom-board","version":1,"title":"Moved in",
        "columns":[{{"id":"c0","title":"To do"}},{{"id":"c1","title":"Review"}},{{"id":"c2","title":"Done"}}],
        "labels":[{{"id":"l","name":"bug","colour":"red"}}],"cards":[{}]}}"#,
        cards.join(",")
    )
}

fn titles(room: &Room) -> Vec<&str> {
    room.board().columns().map(|column| column.title.as_str()).collect()
}

#[test]
fn a_thousand_cards_are_few_changes() {
    let mut room = Room::new(1);
    let imported = room.put(read(ImportFormat::Json, &file(1_000)).unwrap()).unwrap();
    assert_eq!((imported.cards, imported.columns, imported.labels), (1_000, 1, 1));
    assert_eq!(room.bodies.len(), 1_000);
    let changes = room.peer.doc.doc().get_changes(&[]);
    let operations: usize = changes.iter().map(automerge::Change::len).sum();
    let few = operations / IMPORT_OPS_MAX + 3;
    assert!(changes.len() <= few, "{} changes of {operations} operations", changes.len());
    assert!(changes.iter().all(|change| change.len() <= IMPORT_OPS_MAX));
    let message = changes.last().unwrap().message();
    assert_eq!(message, Some(r#"{"k":"import"}"#));
}

#[test]
fn no_change_of_an_import_is_too_long_for_a_peer() {
    for letter in ["a", "語"] {
        let (comment, name) = (letter.repeat(COMMENT_UNITS_MAX), letter.repeat(NAME_UNITS_MAX));
        let comments = vec![format!(r#"{{"text":"{comment}"}}"#); 400].join(",");
        let people: Vec<_> = (0..IMPORT_PARTS_MAX)
            .map(|number| format!(r#"{{"id":"p{number}","name":"{name}"}}"#))
            .collect();
        let file = format!(
            r#"{{"format":"warroom-board","version":1,"people":[{}],
            "columns":[{{"id":"c","title":"To do"}}],
            "cards":[{{"column":"c","title":"Card","comments":[{comments}]}}]}}"#,
            people.join(",")
        );
        let mut room = Room::new(1);
        room.put(read(ImportFormat::Json, &file).unwrap()).unwrap();
        let talk = room.talk.doc().get_changes(&[]);
        for change in talk.into_iter().chain(room.peer.doc.doc().get_changes(&[])) {
            check_change(&Bytes::from(change.clone().bytes().into_owned())).unwrap();
        }
    }
}

#[test]
fn the_columns_of_the_file_take_the_place_of_those_of_a_new_room() {
    let mut room = Room::new(1);
    room.put(read(ImportFormat::Json, &file(3)).unwrap()).unwrap();
    assert_eq!(titles(&room), ["To do", "Review", "Done"]);
    assert_eq!(room.board().title(), "Moved in");
    assert!(room.board().column(&column("doing")).unwrap().deleted.is_some());
    assert_eq!(room.peer.cards_in("todo").len(), 1, "a column of the same title is the same");
}

#[test]
fn an_import_adds_to_what_is_there() {
    let mut room = Room::new(1);
    room.peer.act_all([add("a", "todo", "A"), Command::RenameRoom { title: "Ours".to_owned() }]);
    let id = label("ours");
    room.peer.act(Command::AddLabel { id, name: "bug".to_owned(), colour: None });
    room.put(read(ImportFormat::Json, &file(3)).unwrap()).unwrap();
    assert_eq!(room.board().title(), "Ours");
    assert_eq!(titles(&room), ["To do", "Doing", "Done", "Review"]);
    let todo = room.peer.cards_in("todo");
    assert_eq!((todo.len(), todo[0].as_str()), (2, "a"), "behind those that are there");
    let new = room.board().card(&card(&todo[1])).unwrap();
    assert_eq!(new.labels, [label("ours")], "a label of the same name is the same");
}

#[test]
fn cards_whose_ids_are_taken_come_as_copies() {
    let mut room = Room::new(1);
    room.put(read(ImportFormat::Json, &file(2)).unwrap()).unwrap();
    let text = room.export(TextFormat::Json);
    let before: Vec<_> = room.board().cards().cloned().collect();
    room.put(read(ImportFormat::Json, &text).unwrap()).unwrap();
    assert_eq!(room.board().cards().count(), 4);
    assert_eq!(room.bodies.len(), 4, "each with its body");
    assert!(before.iter().all(|card| room.board().card(&card.id) == Some(card)));
    assert_eq!(titles(&room), ["To do", "Review", "Done"]);
}

/// Goal: an export of a device that has not all bodies is read for what it says, and for nothing else.
#[test]
fn a_body_that_is_not_here_is_left_out_and_comes_in_as_none() {
    let mut room = Room::new(1);
    room.put(read(ImportFormat::Json, &file(2)).unwrap()).unwrap();
    let gone = room.board().cards().find(|card| card.title == "Card number 1").unwrap().clone();
    room.bodies.remove(&gone.id);
    for format in [TextFormat::Csv, TextFormat::Markdown] {
        assert_eq!(room.export(format).matches("body ").count(), 1);
    }
    let json = room.export(TextFormat::Json);
    let mut cards = json.lines().filter(|line| line.contains("Card number"));
    assert!(cards.clone().any(|card| card.contains(r#""body":"body 0""#)), "{json}");
    assert!(cards.any(|card| !card.contains(r#""body":"#)), "{json}");

    let other = Room::of(2, read(ImportFormat::Json, &json).unwrap());
    room.put(read(ImportFormat::Json, &json).unwrap()).unwrap();
    assert_eq!(room.board().card(&gone.id), Some(&gone), "what is here is left as it is");
    for (room, cards) in [(&other, 2), (&room, 4)] {
        assert_eq!(room.board().cards().count(), cards);
        let copies = room.board().cards().filter(|card| card.title == gone.title);
        assert_eq!(copies.filter(|copy| !copy.has_body).count(), 1, "it has none");
    }
}

#[test]
fn an_import_is_one_step_to_undo_and_to_redo() {
    let mut room = Room::new(1);
    let before = titles(&room).join(" ");
    room.put(read(ImportFormat::Json, &file(400)).unwrap()).unwrap();
    let after = room.board().clone();
    room.peer.act(Command::Undo);
    assert_eq!(titles(&room).join(" "), before);
    assert_eq!(room.board().title(), "");
    assert!(room.board().cards().all(|card| card.deleted.is_some()));
    assert!(room.board().labels().all(|label| label.deleted));
    room.peer.act(Command::Redo);
    let shown = |board: &warroom_engine::Board| {
        let columns: Vec<_> = board.columns().map(|column| column.id.clone()).collect();
        let cards = columns.iter().map(|id| board.cards_in(id).cloned().collect::<Vec<_>>());
        cards.collect::<Vec<_>>()
    };
    assert_eq!(shown(room.board()), shown(&after));
}

#[test]
fn people_stay_when_an_import_is_taken_back_because_a_name_is_nothing_to_bring_back() {
    let mut room = Room::new(1);
    room.put(read(ImportFormat::Csv, "title,assignees\na,Ann; Bo").unwrap()).unwrap();
    let names = |room: &Room| {
        let card = room.board().cards().next().unwrap();
        let names = card.assignees.iter().map(|id| Some(room.board().person(id)?.name.clone()));
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names
    };
    for step in [Command::Undo, Command::Redo] {
        room.peer.act(step);
        assert_eq!(names(&room), ["Ann", "Bo"].map(|name| Some(name.to_owned())));
    }
}

#[test]
fn undo_takes_back_what_still_stands_of_an_import() {
    let (mut one, mut two) = (Room::new(1), Room::new(2));
    one.put(read(ImportFormat::Json, &file(3)).unwrap()).unwrap();
    meet(&mut one.peer, &mut two.peer);
    let first = one.board().cards().next().unwrap().id.to_string();
    two.peer.act_all([delete(&first), Command::RestoreCard { id: card(&first) }]);
    meet(&mut one.peer, &mut two.peer);
    one.peer.act(Command::Undo);
    let left: Vec<_> = one.board().cards().filter(|card| card.deleted.is_none()).collect();
    assert_eq!(left.len(), 1, "a colleague has touched it since");
    assert_eq!(left[0].id, card(&first));
}

#[test]
fn columns_of_one_title_are_as_many_as_in_the_file_however_often_it_comes() {
    let mut room = Room::new(1);
    let file = "## Plan\n\n- [ ] a\n\n## Plan\n\n- [ ] b\n";
    for times in 1..4 {
        let mut importer = importer(u8::try_from(times).unwrap());
        room.put(Import::read(ImportFormat::Markdown, file, &mut importer).unwrap()).unwrap();
        assert_eq!(titles(&room), ["Plan", "Plan"]);
        let counts = room.board().columns().map(|column| room.board().cards_in(&column.id).count());
        assert_eq!(counts.collect::<Vec<_>>(), [times, times], "each has its own");
    }
}

#[test]
fn a_column_is_matched_by_its_id_before_another_is_by_its_title() {
    let mut room = Room::new(1);
    room.peer.act(add("a", "todo", "A"));
    let file = r#"{"format":"warroom-board","version":1,"columns":[{"id":"x","title":"To do"},{"id":"todo","title":"Backlog"}],
        "cards":[{"id":"b","column":"todo"}]}"#;
    room.put(read(ImportFormat::Json, file).unwrap()).unwrap();
    assert_eq!(titles(&room), ["To do", "Doing", "Done", "To do"]);
    assert_eq!(room.peer.cards_in("todo"), ["a", "b"]);
}

/// Goal: what comes with a label shows one, although the room has deleted the label of that id.
#[test]
fn a_label_that_was_deleted_here_comes_again_by_its_name_or_as_a_new_one() {
    let file = |deleted: bool| {
        format!(
            r#"{{"format":"warroom-board","version":1,"labels":[{{"id":"l","name":"bug","deleted":{deleted}}}],
            "cards":[{{"id":"new","column":"todo","labels":["l"]}}]}}"#
        )
    };
    let shown = |other: bool, deleted: bool| {
        let mut room = Room::new(1);
        let (id, name) = (label("l"), "bug".to_owned());
        room.peer.act(Command::AddLabel { id, name: name.clone(), colour: None });
        room.peer.act(Command::DeleteLabel { id: label("l") });
        if other {
            room.peer.act(Command::AddLabel { id: label("m"), name, colour: None });
        }
        room.put(read(ImportFormat::Json, &file(deleted)).unwrap()).unwrap();
        assert!(room.board().label(&label("l")).unwrap().deleted, "what is here stays as it is");
        let card = room.board().card(&card("new")).unwrap();
        let here = card.labels.iter().map(|id| room.board().label(id).unwrap());
        let here = here.map(|label| (label.id.clone(), label.name.clone(), label.deleted));
        here.collect::<Vec<(LabelId, String, bool)>>()
    };
    let alone = shown(false, false);
    assert!(matches!(alone.as_slice(), [(id, name, false)] if *id != label("l") && name == "bug"));
    assert_eq!(shown(true, false), [(label("m"), "bug".to_owned(), false)]);
    assert_eq!(shown(true, true), [(label("l"), "bug".to_owned(), true)], "deleted in both");
}
