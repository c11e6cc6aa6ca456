//! Every command does what it says, once, as one change; what it refuses changes nothing.

use warroom_engine::limits::{NAME_UNITS_MAX, TITLE_UNITS_MAX};
use warroom_engine::{
    ColumnRole, Command, CommandError, Person, Position, Splice, TextTarget, UserId,
};
use warroom_protocol::Timestamp;

use crate::world::{Peer, add, card, column, delete, move_card, title};

/// A board with cards a, b, c in *To do* and d in *Doing*.
fn room() -> Peer {
    let mut peer = Peer::new(1);
    peer.act_all([add("a", "todo", "A"), add("b", "todo", "B"), add("c", "todo", "C")]);
    peer.act(add("d", "doing", "D"));
    peer
}

#[test]
fn a_new_room_has_three_columns() {
    let peer = Peer::new(1);
    let columns: Vec<_> = peer.board().columns().map(|c| (c.title.as_str(), c.role)).collect();
    let roles = [Some(ColumnRole::Todo), Some(ColumnRole::Doing), Some(ColumnRole::Done)];
    assert_eq!(columns, [("To do", roles[0]), ("Doing", roles[1]), ("Done", roles[2])]);
    assert!(peer.doc.is_pristine() && peer.stored().is_empty(), "looking at a room writes nothing");
}

#[test]
fn a_command_is_one_change_with_message_time_and_author() {
    let mut peer = room();
    let before = peer.doc.heads();
    peer.act(move_card("a", "done", Position::Start));
    let changes = peer.doc.doc().get_changes(&before);
    let [change] = changes.as_slice() else { panic!("{} changes", changes.len()) };
    assert_eq!(change.message(), Some(r#"{"k":"move","c":"a"}"#));
    assert_eq!(change.timestamp(), i64::try_from(peer.now.0 / 1_000).unwrap());
    let author = peer.doc.doc().get_author_for_actor(change.actor_id()).unwrap();
    assert_eq!(author.as_bytes(), b"p1");
}

#[test]
fn cards_go_where_they_are_told() {
    let at = |id: &str| card(id);
    let table: [(Position<_>, &str, &[&str]); 8] = [
        (Position::Start, "c", &["c", "a", "b"]),
        (Position::End, "a", &["b", "c", "a"]),
        (Position::Before { id: at("b") }, "c", &["a", "c", "b"]),
        (Position::After { id: at("b") }, "a", &["b", "a", "c"]),
        (Position::Before { id: at("d") }, "a", &["b", "c", "a"]),
        (Position::After { id: at("gone") }, "a", &["b", "c", "a"]),
        (Position::Before { id: at("a") }, "a", &["b", "c", "a"]),
        (Position::After { id: at("c") }, "d", &["a", "b", "c", "d"]),
    ];
    for (position, id, expected) in table {
        let mut peer = room();
        peer.act(move_card(id, "todo", position.clone()));
        assert_eq!(peer.cards_in("todo"), expected, "{id} to {position:?}");
    }
}

#[test]
fn what_is_already_so_writes_nothing() {
    let commands = [
        move_card("a", "todo", Position::Start),
        move_card("b", "todo", Position::After { id: card("a") }),
        move_card("b", "todo", Position::Before { id: card("c") }),
        move_card("c", "todo", Position::End),
        title("a", "A"),
        Command::RestoreCard { id: card("a") },
        Command::UnarchiveCard { id: card("a") },
        Command::RenameRoom { title: String::new() },
        Command::RenameColumn { id: column("todo"), title: "To do".to_owned() },
        Command::MoveColumn { id: column("todo"), position: Position::Start },
        Command::RestoreColumn { id: column("todo") },
        Command::OpenText { text: TextTarget::Title { card: card("a") } },
    ];
    for command in commands {
        let mut peer = room();
        let heads = peer.doc.heads();
        assert!(!peer.act(command.clone()), "{command:?}");
        assert_eq!(peer.doc.heads(), heads, "{command:?}");
    }
}

#[test]
fn a_refused_command_changes_nothing() {
    let long = "x".repeat(TITLE_UNITS_MAX + 1);
    let units = TITLE_UNITS_MAX + 1;
    let too_long = CommandError::TooLong { units, units_max: TITLE_UNITS_MAX };
    let name = "é".repeat(NAME_UNITS_MAX + 1);
    let name_units = NAME_UNITS_MAX + 1;
    let name_too_long = CommandError::TooLong { units: name_units, units_max: NAME_UNITS_MAX };
    let text = TextTarget::Title { card: card("a") };
    let splice = Splice { at: 0, delete: 0, insert: "x".to_owned() };
    let person = Person { id: UserId::new("p1").unwrap(), name: name.clone(), colour: 0 };
    let table = [
        (add("a", "todo", "again"), CommandError::IdTaken),
        (add("x", "nowhere", "x"), CommandError::UnknownColumn),
        (add("x", "todo", &long), too_long.clone()),
        (title("a", &long), too_long),
        (title("x", "x"), CommandError::UnknownCard),
        (delete("x"), CommandError::UnknownCard),
        (move_card("x", "todo", Position::End), CommandError::UnknownCard),
        (move_card("a", "nowhere", Position::End), CommandError::UnknownColumn),
        (Command::RenameRoom { title: name.clone() }, name_too_long.clone()),
        (Command::RenameColumn { id: column("todo"), title: name }, name_too_long.clone()),
        (Command::DeleteColumn { id: column("x") }, CommandError::UnknownColumn),
        (
            Command::AddColumn {
                id: column("done"),
                title: String::new(),
                role: None,
                position: Position::End,
            },
            CommandError::IdTaken,
        ),
        (Command::SetPerson { person }, name_too_long),
        (Command::EditText { text: text.clone(), seen: 0, splice }, CommandError::OutsideText),
        (
            Command::OpenText { text: TextTarget::Title { card: card("x") } },
            CommandError::UnknownCard,
        ),
        (
            Command::OpenText { text: TextTarget::Body { card: card("a") } },
            CommandError::OutsideText,
        ),
    ];
    for (command, error) in table {
        let mut peer = room();
        let heads = peer.doc.heads();
        peer.take_told();
        assert_eq!(peer.try_do(command.clone()), Err(error), "{command:?}");
        assert_eq!((peer.doc.heads(), peer.take_told()), (heads, vec![]), "{command:?}");
    }
}

#[test]
fn archived_and_deleted_cards_leave_their_column_and_come_back() {
    let pairs = [
        (Command::ArchiveCard { id: card("a") }, Command::UnarchiveCard { id: card("a") }),
        (delete("a"), Command::RestoreCard { id: card("a") }),
    ];
    for (away, back) in pairs {
        let mut peer = room();
        peer.act(away);
        assert_eq!(peer.cards_in("todo"), ["b", "c"]);
        peer.act(title("a", "edited meanwhile"));
        peer.act(back);
        assert_eq!(peer.cards_in("todo"), ["a", "b", "c"]);
        assert_eq!(peer.title_of("a"), "edited meanwhile");
    }
}

#[test]
fn the_cards_of_a_deleted_column_are_unsorted() {
    let mut peer = room();
    peer.act(Command::DeleteColumn { id: column("todo") });
    let unsorted = |peer: &Peer| -> Vec<String> {
        peer.board().unsorted().iter().map(|card| card.id.to_string()).collect()
    };
    assert_eq!(unsorted(&peer), ["a", "b", "c"]);
    assert_eq!(peer.board().columns().count(), 2);
    peer.act(move_card("d", "todo", Position::End));
    assert_eq!(unsorted(&peer), ["a", "b", "c", "d"], "a move into it resurrects nothing");
    peer.act(Command::RestoreColumn { id: column("todo") });
    assert_eq!(unsorted(&peer), Vec::<String>::new());
    assert_eq!(peer.cards_in("todo"), ["a", "b", "c", "d"]);
}

#[test]
fn columns_are_added_moved_and_renamed() {
    let mut peer = room();
    peer.act(Command::AddColumn {
        id: column("review"),
        title: "Review".to_owned(),
        role: None,
        position: Position::Before { id: column("done") },
    });
    peer.act(Command::MoveColumn { id: column("doing"), position: Position::Start });
    peer.act(Command::RenameColumn { id: column("done"), title: "Erledigt".to_owned() });
    let titles: Vec<_> = peer.board().columns().map(|column| column.title.as_str()).collect();
    assert_eq!(titles, ["Doing", "To do", "Review", "Erledigt"]);
}

#[test]
fn a_body_leaves_its_address_once_and_a_mark_every_five_minutes() {
    let mut peer = room();
    let mut note = |minute: u64| {
        let now = Timestamp(minute * 60_000);
        let wrote = peer.doc.note_body_edit(now, &card("a")).unwrap().wrote;
        let stamp = peer.board().card(&card("a")).unwrap().body_edited.clone().unwrap();
        (wrote, stamp.at / 60_000)
    };
    assert_eq!(note(100), (true, 100));
    assert_eq!(note(104), (false, 100));
    assert_eq!(note(105), (true, 105));
    assert_eq!(peer.doc.bodies().len(), 1);
    assert!(peer.board().card(&card("a")).unwrap().has_body);
}

#[test]
fn a_board_is_read_from_its_chunks() {
    let mut peer = room();
    peer.act(delete("b"));
    let again = Peer::of_chunks(2, peer.stored());
    assert_eq!(again.board(), peer.board());
    assert!(again.stored().len() == peer.stored().len(), "what was read is not stored again");
}
