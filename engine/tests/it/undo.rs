//! Undo takes back this replica's own newest command, and nothing that others did since.

use warroom_engine::{Command, CommandError, Delta, Position};

use crate::world::{Peer, add, card, column, delete, meet, move_card, title};

fn room() -> Peer {
    let mut peer = Peer::new(1);
    peer.act_all([add("a", "todo", "A"), add("b", "todo", "B"), add("c", "todo", "C")]);
    peer
}

#[test]
fn every_undoable_command_is_taken_back() {
    let commands = [
        move_card("a", "todo", Position::End),
        move_card("a", "done", Position::End),
        add("x", "todo", "X"),
        delete("a"),
        Command::ArchiveCard { id: card("a") },
        title("a", "Another"),
        Command::RenameRoom { title: "Room".to_owned() },
        Command::RenameColumn { id: column("todo"), title: "Later".to_owned() },
        Command::MoveColumn { id: column("todo"), position: Position::End },
        Command::DeleteColumn { id: column("todo") },
        Command::AddColumn {
            id: column("x"),
            title: "X".to_owned(),
            role: None,
            position: Position::End,
        },
    ];
    for command in commands {
        let mut peer = room();
        let shown = |peer: &Peer| {
            let board = peer.board();
            let columns: Vec<_> = board.columns().cloned().collect();
            let cards: Vec<_> =
                columns.iter().flat_map(|c| board.cards_in(&c.id)).cloned().collect();
            (board.title().to_owned(), columns, cards)
        };
        let before = shown(&peer);
        peer.act(command.clone());
        assert_ne!(shown(&peer), before, "{command:?}");
        assert!(peer.act(Command::Undo), "{command:?}");
        assert_eq!(shown(&peer), before, "{command:?}");
    }
}

#[test]
fn taking_back_a_restoration_brings_the_old_stamp_back() {
    let mut peer = room();
    peer.act(delete("a"));
    let stamp = peer.board().card(&card("a")).unwrap().deleted.clone();
    peer.act(Command::RestoreCard { id: card("a") });
    peer.act(Command::Undo);
    assert_eq!(peer.board().card(&card("a")).unwrap().deleted, stamp);
}

#[test]
fn undo_goes_back_step_by_step_and_then_has_nothing() {
    let mut peer = room();
    peer.act(move_card("a", "done", Position::End));
    peer.act(delete("b"));
    peer.act(Command::Undo);
    assert_eq!(peer.cards_in("todo"), ["b", "c"]);
    peer.act(Command::Undo);
    assert_eq!(peer.cards_in("todo"), ["a", "b", "c"]);
    for _ in 0..3 {
        peer.act(Command::Undo);
    }
    assert_eq!(peer.cards_in("todo"), Vec::<String>::new());
    assert_eq!(peer.try_do(Command::Undo), Err(CommandError::NothingToUndo));
}

#[test]
fn what_others_changed_since_stays() {
    let table = [
        (move_card("a", "doing", Position::End), move_card("a", "done", Position::End)),
        (title("a", "Mine"), title("a", "Theirs")),
        (
            Command::RenameColumn { id: column("todo"), title: "Mine".to_owned() },
            Command::RenameColumn { id: column("todo"), title: "Theirs".to_owned() },
        ),
    ];
    for (mine, theirs) in table {
        let (mut a, mut b) = (room(), Peer::new(2));
        meet(&mut a, &mut b);
        a.act(mine.clone());
        meet(&mut a, &mut b);
        b.act(theirs);
        meet(&mut a, &mut b);
        let (before, heads) = (a.board().clone(), a.doc.heads());
        a.take_told();
        assert!(!a.act(Command::Undo), "{mine:?}");
        assert_eq!((a.board(), a.doc.heads()), (&before, heads), "{mine:?}");
        assert!(matches!(a.take_told().as_slice(), [Delta::UndoSkipped { .. }]), "{mine:?}");
    }
}

#[test]
fn what_others_did_elsewhere_on_the_card_does_not_matter() {
    let (mut a, mut b) = (room(), Peer::new(2));
    meet(&mut a, &mut b);
    a.act(move_card("a", "doing", Position::End));
    meet(&mut a, &mut b);
    b.act(title("a", "Theirs"));
    meet(&mut a, &mut b);
    a.act(Command::Undo);
    assert_eq!((a.cards_in("todo")[0].as_str(), a.title_of("a").as_str()), ("a", "Theirs"));
}

#[test]
fn the_oldest_of_more_than_a_hundred_is_forgotten() {
    let mut peer = Peer::new(1);
    for number in 0..=100 {
        peer.act(add(&format!("c{number}"), "todo", ""));
    }
    for _ in 0..100 {
        peer.act(Command::Undo);
    }
    assert_eq!(peer.try_do(Command::Undo), Err(CommandError::NothingToUndo));
    assert_eq!(peer.cards_in("todo"), ["c0"]);
}
