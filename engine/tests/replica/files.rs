//! Goal: a file becomes cards and bodies that every device has, and an export tells of all of them, with a bounded part of them
//! in memory. Method: devices around a hub.

use warroom_engine::limits::BODIES_KEPT_MAX;
use warroom_engine::{
    Action, Answer, Command, CommandError, CommentId, ImportError, ImportFormat, Imported, Output,
    Person, Phase, Question, Replica, RoomOptions, Splice, StorageState, TalkCommand, TextFormat,
    UserId, body_id, talk_id,
};
use warroom_protocol::{Seed, Timestamp};

use crate::world::{World, add, body, card, room, say, talk};

const CARDS: usize = 40;

/// A file of cards with bodies.
fn file() -> String {
    let rows = (0..CARDS)
        .map(|card| format!("Card {card},Column {},\"Body {card}\nof two lines\"", card % 3));
    format!("title,column,body\n{}", rows.collect::<Vec<_>>().join("\n"))
}

impl World {
    fn import(&mut self, device: usize, text: &str) -> Result<Imported, ImportError> {
        self.import_as(device, ImportFormat::Csv, text)
    }

    fn import_as(
        &mut self,
        device: usize,
        format: ImportFormat,
        text: &str,
    ) -> Result<Imported, ImportError> {
        let now = self.now;
        let result = self.devices[device].replica.handle_import(now, format, text);
        self.settle();
        result
    }

    fn export(&mut self, device: usize, format: TextFormat) -> String {
        match self.ask(device, Question::Export { format }) {
            Ok(Answer::Exported { text }) => text,
            other => panic!("{other:?}"),
        }
    }
}

/// The board without its order keys, ids and moments, but with its bodies.
fn shown(world: &mut World, device: usize) -> String {
    world.export(device, TextFormat::Markdown)
}

#[test]
fn what_is_imported_is_on_every_device_and_comes_out_again() {
    let mut world = World::new(&["adam", "bea"]);
    let imported = world.import(0, &file()).unwrap();
    assert_eq!((imported.cards, imported.columns), (CARDS, 3));
    assert!(imported.bodies.is_empty(), "they are written");
    world.wait(60_000);
    assert_eq!(world.status(0).phase, Phase::Saved);
    assert_eq!(world.board(0), world.board(1));
    let text = shown(&mut world, 1);
    assert_eq!(text.matches("\tBody ").count(), CARDS);
    assert_eq!(text, shown(&mut world, 0));
    for format in [TextFormat::Json, TextFormat::Csv] {
        assert_eq!(world.export(0, format), world.export(1, format));
    }
    let id = world.board(1).cards().next().unwrap().id.to_string();
    assert!(world.read(1, &body(&id)).ends_with("of two lines"));
}

#[test]
fn bodies_are_on_the_disk_before_the_board_names_them_and_leave_memory() {
    let mut world = World::new(&["adam"]);
    world.unplug(0);
    world.import(0, &file()).unwrap();
    let before = world.board(0).clone();
    world.restart_offline(0);
    assert_eq!(world.board(0), &before);
    assert_eq!(shown(&mut world, 0).matches("\tBody ").count(), CARDS);
    world.plug(0);
    world.wait(60_000);
    assert_eq!(world.status(0).phase, Phase::Saved);
    let kept = format!("{:?}", world.devices[0].replica).matches("BodyDocument {").count();
    assert!(kept <= BODIES_KEPT_MAX, "{kept} bodies are in memory");
}

#[test]
fn an_import_is_one_edit_that_is_acknowledged_and_undone() {
    let mut world = World::new(&["adam", "bea"]);
    world.command(0, add("a")).unwrap();
    let made = world.status(0).edits_made;
    world.import(0, &file()).unwrap();
    world.wait(60_000);
    let status = world.status(0);
    assert_eq!((status.edits_made, status.edits_on_relay), (made + 1, made + 1));
    world.command(0, Command::Undo).unwrap();
    let left: Vec<_> = world.board(1).cards().filter(|card| card.deleted.is_none()).collect();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, card("a"));
}

#[test]
fn a_bad_file_changes_nothing() {
    let mut world = World::new(&["adam"]);
    let (before, made) = (world.board(0).clone(), world.status(0).edits_made);
    let error = world.import(0, "title,due\na,2026-01-01\nb,tomorrow").unwrap_err();
    assert_eq!(error.to_string(), "line 3: this is not a day, tomorrow: write it as 2026-01-31");
    assert_eq!(world.board(0), &before);
    assert_eq!(world.status(0).edits_made, made);
}

#[test]
fn a_body_that_has_not_come_is_left_out_of_a_file_and_an_empty_one_is_not() {
    let mut world = World::new(&["adam", "bea"]);
    let text = body("b");
    for id in ["a", "b", "c"] {
        world.command(0, add(id)).unwrap();
        world.read(0, &body(id));
        world.type_in(0, &body(id), "Text");
        world.command(0, Command::CloseText { text: body(id) }).unwrap();
    }
    world.read(0, &text);
    let splice = Splice { at: 0, delete: 4, insert: String::new() };
    world.command(0, Command::EditText { text: text.clone(), seen: 0, splice }).unwrap();
    world.command(0, Command::CloseText { text }).unwrap();
    world.wait(60_000);
    world.unplug(1);
    let document = body_id(&room(), &card("c"));
    world.devices[1].disk.remove(&document);
    world.restart_offline(1);
    for _ in 0..2 {
        let json = world.export(1, TextFormat::Json);
        let said = |id: &str| {
            let line = json.lines().find(|line| line.contains(&format!(r#""id":"{id}""#))).unwrap();
            line.split_once(r#""body":"#).map(|(_, body)| body.trim_end_matches(['}', ',', ']']))
        };
        assert_eq!([said("a"), said("b"), said("c")], [Some(r#""Text""#), Some(r#""""#), None]);
        let text = world.export(1, TextFormat::Markdown);
        assert_eq!(text.matches("\tText").count(), 1, "{text}");
        // a search keeps what it has read
        world.ask(1, Question::Search { text: "Text".to_owned() }).unwrap();
    }
}

#[test]
fn without_storage_an_import_is_one_step_to_undo_too() {
    let (mut replica, now) = alone(StorageState::MemoryOnly);
    replica.handle_loaded(now, &talk_id(&room()), Vec::new());
    replica.handle_import(now, ImportFormat::Csv, &file()).unwrap();
    let texts = |replica: &mut Replica| {
        replica.handle_question(now, 1, Question::Export { format: TextFormat::Markdown });
        let outputs = std::iter::from_fn(|| replica.poll_output());
        let texts = outputs.filter_map(|output| match output {
            Output::Answer { number: 1, answer: Ok(Answer::Exported { text }) } => Some(text),
            _ => None,
        });
        texts.collect::<String>()
    };
    assert_eq!(texts(&mut replica).matches("\tBody ").count(), CARDS);
    replica.handle_command(now, Command::Undo).unwrap();
    assert!(replica.board().unwrap().cards().all(|card| card.deleted.is_some()));
    assert_eq!(replica.handle_command(now, Command::Undo), Err(CommandError::NothingToUndo));
}

/// A file of Trello, older than any clock here, with a card about which two people said something.
const SAID: &str = r#"{"lists":[{"id":"l","name":"L"}],"cards":[{"id":"c","idList":"l","name":"Card"}],"actions":[
    {"type":"commentCard","date":"1970-01-01T00:00:00.002Z","data":{"text":"Yes","card":{"id":"c"}},
     "memberCreator":{"id":"b","fullName":"Bo"}},
    {"type":"commentCard","date":"1970-01-01T00:00:00.001Z","data":{"text":"So?","card":{"id":"c"}},
     "memberCreator":{"id":"a","fullName":"Ann"}}]}"#;

#[test]
fn what_a_file_says_about_its_cards_is_said_by_who_said_it_and_taken_back_with_them() {
    let mut world = World::new(&["adam", "bea"]);
    let imported = world.import_as(0, ImportFormat::Trello, SAID).unwrap();
    assert_eq!((imported.cards, imported.comments, imported.people), (1, 2, 2));
    assert!(imported.talk.is_empty(), "it is written");
    world.wait(60_000);
    let status = world.status(0);
    assert_eq!((status.phase, status.edits_made, status.edits_on_relay), (Phase::Saved, 1, 1));
    let said = |world: &World, device: usize| {
        let (board, talk) = (world.board(device), world.talk(device));
        let live = board.cards().filter(|card| card.deleted.is_none());
        let said = live.flat_map(|card| talk.comments(&card.id)).filter(|one| !one.deleted);
        let said = said
            .map(|one| format!("{}: {}", board.person(&one.created.by).unwrap().name, one.text));
        said.collect::<Vec<_>>()
    };
    for device in [0, 1] {
        assert_eq!(said(&world, device), ["Ann: So?", "Bo: Yes"]);
    }
    let card = world.board(0).cards().next().unwrap().id.clone();
    let unread =
        ["adam", "bea"].map(|person| world.talk(1).unread(&card, &UserId::new(person).unwrap()));
    assert_eq!(unread, [0, 2], "who imported has seen them");
    world.command(0, Command::Undo).unwrap();
    assert!(world.talk(1).comments(&card).iter().all(|one| one.deleted), "one step");
    assert!(world.board(1).card(&card).unwrap().deleted.is_some(), "one step");
    assert_eq!(world.command(0, Command::Undo), Err(CommandError::NothingToUndo));
    world.command(0, Command::Redo).unwrap();
    assert_eq!(said(&world, 1), ["Ann: So?", "Bo: Yes"]);
}

#[test]
fn the_activity_tells_every_comment_of_a_file_once_on_whatever_pages() {
    const COMMENTS: usize = 5;
    let said = (0..COMMENTS).map(|index| {
        format!(
            r#"{{"type":"commentCard","date":"1970-01-01T00:00:00.00{index}Z",
                "data":{{"text":"{index}","card":{{"id":"c"}}}}}}"#
        )
    });
    let said = said.collect::<Vec<_>>().join(",");
    let file = format!(
        r#"{{"lists":[{{"id":"l","name":"L"}}],"cards":[{{"id":"c","idList":"l","name":"Card"}}],
            "actions":[{said}]}}"#
    );
    let mut world = World::new(&["adam", "bea"]);
    world.import_as(0, ImportFormat::Trello, &file).unwrap();
    let imported = world.board(0).cards().next().unwrap().id.clone();
    for (device, limit) in [(0, 1), (1, 2), (1, 4), (0, 200)] {
        for card in [None, Some(&imported)] {
            let (mut told, mut before) = (Vec::new(), None);
            loop {
                let question = Question::Activity { card: card.cloned(), before, limit };
                let Ok(Answer::Activity { page }) = world.ask(device, question) else {
                    panic!("no page");
                };
                told.extend(page.entries.into_iter().filter_map(|entry| match entry.what {
                    Action::Commented { comment } => Some(comment),
                    _ => None,
                }));
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            told.sort();
            let all: Vec<_> = world.talk(device).all_comments().map(|one| one.id.clone()).collect();
            assert_eq!((told.len(), told), (COMMENTS, all), "{limit} on a page");
        }
    }
}

#[test]
fn nothing_of_a_file_is_written_before_the_talk_is_here_that_a_part_of_it_belongs_to() {
    let (mut replica, now) = alone(StorageState::Durable);
    let made = |replica: &Replica| (replica.board().unwrap().clone(), replica.status().edits_made);
    let before = made(&replica);
    let error = replica.handle_import(now, ImportFormat::Trello, SAID).unwrap_err();
    assert_eq!(error, ImportError::Board(CommandError::NotLoaded));
    assert_eq!(made(&replica), before);
    assert!(
        replica.handle_import(now, ImportFormat::Csv, "title\na").is_ok(),
        "nothing is said in it"
    );
    replica.handle_loaded(now, &talk_id(&room()), Vec::new());
    assert!(replica.handle_import(now, ImportFormat::Trello, SAID).is_ok());
}

#[test]
fn what_was_said_goes_out_in_json_and_comes_in_again() {
    let (q, r) = (CommentId::new("q").unwrap(), CommentId::new("r").unwrap());
    let mut world = World::new(&["adam", "bea"]);
    let commands = [
        (0, add("x")),
        (0, say("q", "x")),
        (1, say("r", "x")),
        (1, talk(TalkCommand::React { id: q.clone(), reaction: "\u{1F44D}".to_owned() })),
        (0, talk(TalkCommand::EditComment { id: q, text: "Anew".to_owned() })),
        (1, talk(TalkCommand::DeleteComment { id: r })),
        (1, talk(TalkCommand::Vote { card: card("x") })),
    ];
    for (device, command) in commands {
        world.command(device, command).unwrap();
    }
    let file = world.export(0, TextFormat::Json);
    let mut other = World::new(&["cy"]);
    assert_eq!(other.import_as(0, ImportFormat::Json, &file).unwrap().comments, 2);
    let shown = |world: &World| {
        let shown = world.talk(0);
        (shown.comments(&card("x")).to_vec(), shown.votes(&card("x")).to_vec())
    };
    assert_eq!(shown(&other), shown(&world));
    assert_eq!(other.export(0, TextFormat::Json), file);
}

#[test]
fn an_export_waits_until_the_talk_is_here() {
    let (mut replica, now) = alone(StorageState::Durable);
    replica.handle_question(now, 1, Question::Export { format: TextFormat::Json });
    let answers = |replica: &mut Replica| {
        let outputs = std::iter::from_fn(|| replica.poll_output());
        outputs.filter(|output| matches!(output, Output::Answer { .. })).count()
    };
    assert_eq!(answers(&mut replica), 0);
    replica.handle_loaded(now, &talk_id(&room()), Vec::new());
    assert_eq!(answers(&mut replica), 1);
}

/// A replica whose board is here, and whose talk is not.
fn alone(storage: StorageState) -> (Replica, Timestamp) {
    let person = Person { id: UserId::new("adam").unwrap(), name: "Adam".to_owned(), colour: 1 };
    let options = RoomOptions { board: room(), person, storage, breakdowns: Vec::new() };
    let now = Timestamp(1_000);
    let mut replica = Replica::open(now, Seed([1; 32]), options);
    replica.handle_loaded(now, &room(), Vec::new());
    (replica, now)
}
