//! A card made again as it was: all of its face, in one change that can be taken back, without touching what others do
//! elsewhere on it.

use warroom_engine::{
    BlobId, Card, ChangeId, Command, CommandError, Day, Moment, Position, Priority,
};

use crate::world::{
    Peer, add, add_item, add_label, attach, card, column, delete, item, label, meet, move_card,
    title, user,
};

fn now(peer: &Peer) -> Moment {
    Moment::Heads { heads: peer.doc.heads().into_iter().map(ChangeId::from).collect() }
}

fn restore(moment: &Moment) -> Command {
    Command::RestoreCardAt { id: card("a"), moment: moment.clone(), body: false }
}

fn shown(peer: &Peer) -> Card {
    peer.board().card(&card("a")).unwrap().clone()
}

/// Card a with everything on its face.
fn full() -> Peer {
    let mut peer = Peer::new(1);
    let a = || card("a");
    peer.act_all([
        add("a", "todo", "A"),
        add_label("l"),
        add_label("m"),
        add_item("i"),
        add_item("k"),
    ]);
    peer.act_all([
        attach("f"),
        Command::Assign { id: a(), person: user("p1") },
        Command::AttachLabel { id: a(), label: label("l") },
        Command::SetDue { id: a(), due: Day::new("2026-11-25").ok() },
        Command::SetPriority { id: a(), priority: Priority::High },
        Command::SetItemDone { card: a(), id: item("i"), done: true },
        move_card("a", "done", Position::End),
    ]);
    peer
}

/// Everything about card a is changed.
fn changes() -> Vec<Command> {
    let a = || card("a");
    vec![
        title("a", "another title"),
        move_card("a", "doing", Position::End),
        attach("g"),
        Command::DeleteAttachment { card: a(), id: BlobId::new("f").unwrap() },
        Command::Assign { id: a(), person: user("p2") },
        Command::Unassign { id: a(), person: user("p1") },
        Command::AttachLabel { id: a(), label: label("m") },
        Command::DetachLabel { id: a(), label: label("l") },
        Command::SetDue { id: a(), due: None },
        Command::SetPriority { id: a(), priority: Priority::Low },
        Command::SetItemDone { card: a(), id: item("i"), done: false },
        Command::EditItem { card: a(), id: item("i"), text: "other".to_owned() },
        Command::DeleteItem { card: a(), id: item("k") },
        add_item("n"),
        Command::MoveItem { card: a(), id: item("i"), position: Position::End },
        Command::ArchiveCard { id: a() },
        delete("a"),
    ]
}

#[test]
fn a_card_is_made_again_as_it_was_in_one_change() {
    let mut peer = full();
    let (was, moment) = (shown(&peer), now(&peer));
    peer.act_all(changes());
    let (is, before) = (shown(&peer), peer.doc.doc().get_changes(&[]).len());
    assert!(peer.act(restore(&moment)));
    assert_eq!(shown(&peer), was);
    assert_eq!(peer.doc.doc().get_changes(&[]).len(), before + 1);
    assert!(!peer.act(restore(&moment)), "it is so already");
    peer.act(Command::Undo);
    let undone = shown(&peer);
    assert_eq!((undone.title, undone.column), (is.title, is.column));
    assert_eq!((undone.labels, undone.assignees, undone.due), (is.labels, is.assignees, is.due));
    assert_eq!((undone.checklist, undone.deleted.is_some()), (is.checklist, true));
}

#[test]
fn what_others_do_elsewhere_on_the_card_stays() {
    let (mut a, mut b) = (full(), Peer::new(2));
    meet(&mut a, &mut b);
    let moment = now(&a);
    a.act(title("a", "A changed"));
    meet(&mut a, &mut b);
    b.act(title("a", "A changed!"));
    b.act(Command::Assign { id: card("a"), person: user("p9") });
    a.act(restore(&moment));
    meet(&mut a, &mut b);
    assert_eq!(a.title_of("a"), "A!");
    assert!(shown(&a).assignees.contains(&user("p9")));
}

#[test]
fn a_card_whose_column_is_gone_stays_where_it_is() {
    let mut peer = full();
    peer.act(Command::AddColumn {
        id: column("x"),
        title: "X".to_owned(),
        role: None,
        position: Position::End,
    });
    peer.act(move_card("a", "x", Position::End));
    let moment = now(&peer);
    peer.act_all([move_card("a", "todo", Position::End), title("a", "B")]);
    peer.act(Command::DeleteColumn { id: column("x") });
    peer.act(restore(&moment));
    assert_eq!((shown(&peer).column, shown(&peer).title), (column("todo"), "A".to_owned()));
}

#[test]
fn a_moment_without_the_card_is_refused() {
    let mut peer = Peer::new(1);
    let moment = now(&peer);
    peer.act(add("a", "todo", "A"));
    assert_eq!(peer.try_do(restore(&moment)), Err(CommandError::UnknownMoment));
    let unknown = Moment::Heads { heads: vec![ChangeId([3; 32])] };
    assert_eq!(peer.try_do(restore(&unknown)), Err(CommandError::UnknownMoment));
}
