//! Goal: several commands are one change and one step to undo, or nothing at all. Method: what they come to together is held
//! against what they come to one after the other, on boards and lists of commands that are drawn.

use std::collections::BTreeSet;

use proptest::prelude::*;
use warroom_engine::limits::{TRANSACTION_COMMANDS_MAX, TRANSACTION_OPS_MAX};
use warroom_engine::{
    BlobId, Board, Colour, ColumnRole, Command, CommandError, Delta, Moment, Person, Position,
    Priority, Splice, TalkCommand, TextTarget, UserId,
};
use warroom_protocol::Timestamp;

use crate::world::{
    Peer, add, add_item, add_label, attach, card, column, delete, foreign, item, label, meet,
    move_card, title, user,
};

/// A board with cards a, b, c in *To do* and d in *Doing*, a label, an item and a file.
fn room() -> Peer {
    let mut peer = Peer::new(1);
    peer.act_all([add("a", "todo", "A"), add("b", "todo", "B"), add("c", "todo", "C")]);
    peer.act_all([add("d", "doing", "D"), add_label("red"), add_item("one"), attach("f")]);
    peer.take_told();
    peer
}

fn together(commands: Vec<Command>) -> Command {
    Command::Transact { commands }
}

/// One command of some kind about things that are there, that may come, and one that never is.
fn any_command() -> impl Strategy<Value = Command> {
    let id = prop::sample::select(vec!["a", "b", "c", "d", "x", "y", "gone"]);
    let to = prop::sample::select(vec!["todo", "doing", "done", "k", "nowhere"]);
    let near = prop::sample::select(vec!["a", "b", "d", "x"]);
    let position = prop_oneof![
        Just(Position::Start),
        Just(Position::End),
        near.clone().prop_map(|id| Position::Before { id: card(id) }),
        near.prop_map(|id| Position::After { id: card(id) }),
    ];
    // what is refused takes all the rest with it: it is rare
    let id = prop_oneof![20 => Just("a"), 20 => Just("b"), 20 => Just("d"), 5 => id];
    let to = prop_oneof![20 => Just("todo"), 20 => Just("done"), 5 => to];
    (0..20_u8, id, to, position, "[a-zé😀]{0,3}").prop_map(|(kind, id, to, position, words)| {
        let (of, into) = (card(id), column(to));
        match kind {
            0 => add("x", to, &words),
            1 => add("y", to, &words),
            2..=5 => move_card(id, to, position),
            6 => title(id, &words),
            7 => delete(id),
            8 => Command::RestoreCard { id: of },
            9 => Command::ArchiveCard { id: of },
            10 => Command::AttachLabel { id: of, label: label("red") },
            11 => Command::DetachLabel { id: of, label: label("red") },
            12 => Command::Assign { id: of, person: user("may") },
            13 => Command::SetPriority { id: of, priority: Priority::High },
            14 => Command::SetItemDone { card: card("a"), id: item("one"), done: true },
            15 => Command::RenameColumn { id: into, title: words },
            16 => Command::DeleteColumn { id: into },
            17 => Command::SetColumnRole { id: into, role: Some(ColumnRole::Done) },
            18 => Command::SetLabelColour { id: label("red"), colour: Some(Colour::Blue) },
            _ => Command::AddColumn {
                id: column("k"),
                title: words,
                role: None,
                position: Position::End,
            },
        }
    })
}

/// Everything that is shown, but for the order keys, which are drawn. `stamps`: with the moments of deleting and the like.
fn shown(board: &Board, stamps: bool) -> Vec<String> {
    let labels: Vec<_> = board.labels().collect();
    let mut shown = vec![format!("{:?} {labels:?}", board.title())];
    let Delta::Reset { columns, cards, .. } = board.to_reset() else { panic!("a reset") };
    for mut column in columns {
        column.order.clear();
        let ids: Vec<_> = board.cards_in(&column.id).map(|card| card.id.to_string()).collect();
        column.deleted = column.deleted.filter(|_| stamps);
        shown.push(format!("{column:?} {ids:?}"));
    }
    for mut card in cards {
        card.order.clear();
        card.checklist.iter_mut().for_each(|item| item.order.clear());
        if !stamps {
            (card.deleted, card.archived, card.done) = (None, None, None);
        }
        shown.push(format!("{card:?}"));
    }
    shown
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn together_commands_come_to_what_they_come_to_one_by_one_or_to_nothing(
        commands in prop::collection::vec(any_command(), 0..7)
    ) {
        let (mut all, mut each) = (room(), room());
        let (before, heads, now) = (all.board().clone(), all.doc.heads(), all.now);
        let mut refused = None;
        for (index, command) in commands.iter().enumerate() {
            // all of it happens in one moment
            each.now = now;
            if let Err(reason) = each.try_do(command.clone()) {
                let number = index + 1;
                refused = Some(CommandError::InTransaction { number, reason: Box::new(reason) });
                break;
            }
        }
        let done = all.try_do(together(commands));
        if let Some(refused) = refused {
            prop_assert_eq!(done, Err(refused));
            prop_assert_eq!((all.doc.heads(), all.take_told()), (heads, vec![]));
            return Ok(());
        }
        prop_assert_eq!(shown(all.board(), true), shown(each.board(), true));
        let changes = all.doc.doc().get_changes(&heads).len();
        prop_assert_eq!(changes, usize::from(done.unwrap().wrote), "one change, or nothing");
        // and all of it is taken back at once, and done again
        let was_made = |board: &Board, id: &str| board.card(&card(id)).is_some();
        let deleted = |board: &Board, id: &str| board.card(&card(id)).unwrap().deleted.is_some();
        let without_new = |board: &Board| -> Vec<String> {
            let is_new = |one: &String| one.contains("CardId(\"x\")") || one.contains("CardId(\"y\")");
            shown(board, true).into_iter().filter(|one| !is_new(one)).collect()
        };
        let is_gone = |id: &&str| !was_made(all.board(), id) || deleted(all.board(), id);
        if ["x", "y"].iter().all(is_gone) && without_new(all.board()) == without_new(&before) {
            // an undo means what was done before
            return Ok(());
        }
        if changes == 1 && all.try_do(Command::Undo).unwrap().wrote {
            let news = ["x", "y"].iter().filter(|id| was_made(all.board(), id));
            for id in news {
                prop_assert!(deleted(all.board(), id), "{} stays", id);
            }
            for id in ["a", "b", "c", "d"] {
                prop_assert_eq!(all.board().card(&card(id)), before.card(&card(id)));
            }
            for id in ["todo", "doing", "done"] {
                prop_assert_eq!(all.board().column(&column(id)), before.column(&column(id)));
            }
            all.act(Command::Redo);
            prop_assert_eq!(shown(all.board(), false), shown(each.board(), false));
        }
    }
}

#[test]
fn a_transaction_is_one_change_that_says_so() {
    let mut peer = room();
    let heads = peer.doc.heads();
    peer.act(together(vec![add("x", "todo", "X"), move_card("x", "done", Position::Start)]));
    peer.act(together(vec![title("x", "Y"), delete("a")]));
    let changes = peer.doc.doc().get_changes(&heads);
    let messages: Vec<_> = changes.iter().map(|change| change.message().unwrap()).collect();
    assert_eq!(messages, [r#"{"k":"transact","c":"x"}"#, r#"{"k":"transact"}"#]);
    let done = peer.board().card(&card("x")).unwrap().done.as_ref();
    assert_eq!(done.map(|stamp| stamp.by.as_str()), Some("p1"), "the move completed what was made");
}

#[test]
fn nothing_and_what_is_so_already_writes_nothing() {
    let mut peer = room();
    let heads = peer.doc.heads();
    assert!(!peer.act(together(Vec::new())));
    let so = move_card("c", "todo", Position::End);
    assert!(!peer.act(together(vec![title("a", "A"), so])));
    assert_eq!((peer.doc.heads(), peer.take_told()), (heads, vec![]));
}

#[test]
fn what_can_not_be_one_of_several_is_refused_with_all_of_them() {
    let text = || TextTarget::Title { card: card("a") };
    let splice = Splice { at: 0, delete: 0, insert: "x".to_owned() };
    let person = Person { id: UserId::new("p1").unwrap(), name: "Adam".to_owned(), colour: 1 };
    let table = [
        Command::OpenText { text: text() },
        Command::EditText { text: text(), seen: 0, splice },
        Command::FlushText { text: text() },
        Command::CloseText { text: text() },
        Command::SetPerson { person },
        Command::Talk { command: TalkCommand::MarkSeen { card: None } },
        Command::RestoreCardAt { id: card("a"), moment: Moment::Time { at: 1 }, body: true },
        Command::Undo,
        Command::Redo,
        together(vec![delete("a")]),
    ];
    for command in table {
        let mut peer = room();
        let heads = peer.doc.heads();
        let reason = Box::new(CommandError::NotTogether);
        let refused = CommandError::InTransaction { number: 2, reason };
        assert_eq!(refused.code(), "notTogether");
        // it is seen before any of them is tried
        for first in [delete("a"), delete("gone")] {
            let commands = vec![first, command.clone()];
            assert_eq!(peer.try_do(together(commands)), Err(refused.clone()), "{command:?}");
        }
        assert_eq!((peer.doc.heads(), peer.take_told()), (heads, vec![]), "{command:?}");
    }
}

#[test]
fn what_is_too_much_for_one_change_is_refused() {
    let mut peer = room();
    let heads = peer.doc.heads();
    let ticks = |count: usize| {
        let tick =
            |index| Command::SetItemDone { card: card("a"), id: item("one"), done: index % 2 == 0 };
        together((0..count).map(tick).collect())
    };
    let code = |refused: CommandError| refused.code();
    let too_many = peer.try_do(ticks(TRANSACTION_COMMANDS_MAX + 1));
    assert_eq!(too_many.map_err(code), Err("refused"));
    let titles = usize::try_from(TRANSACTION_OPS_MAX / 500).unwrap();
    let long = |index: usize| title("a", &["x", "y"][index % 2].repeat(500));
    let too_much = peer.try_do(together((0..=titles).map(long).collect()));
    assert_eq!(too_much.map_err(code), Err("refused"));
    assert_eq!(peer.doc.heads(), heads);
    assert!(peer.act(ticks(TRANSACTION_COMMANDS_MAX - 1)));
}

#[test]
fn what_others_did_since_stays_and_the_rest_is_taken_back() {
    let (mut mine, mut theirs) = (room(), Peer::new(2));
    meet(&mut mine, &mut theirs);
    let done = |id: &str| move_card(id, "done", Position::End);
    mine.act(together(vec![done("a"), done("b"), title("c", "Sea"), add("x", "todo", "X")]));
    meet(&mut mine, &mut theirs);
    theirs.act(move_card("a", "doing", Position::End));
    meet(&mut mine, &mut theirs);
    assert!(mine.act(Command::Undo));
    let at = |id: &str| mine.board().card(&card(id)).unwrap();
    assert_eq!((at("a").column.as_str(), at("a").done.is_some()), ("doing", false), "it is theirs");
    assert_eq!((at("b").column.as_str(), at("b").done.is_some()), ("todo", false));
    assert_eq!((at("c").title.as_str(), at("x").deleted.is_some()), ("C", true));
    mine.act(Command::Redo);
    let at = |id: &str| mine.board().card(&card(id)).unwrap();
    assert_eq!((at("a").column.as_str(), at("b").column.as_str()), ("doing", "done"));
    assert!(at("b").done.is_some() && at("x").deleted.is_none() && at("c").title == "Sea");
}

/// The way of a card through done work and out again, together, beside somebody who completes it: whoever is shown is shown
/// whole, since a place and a completion are always written one after the other.
#[test]
fn a_card_that_passes_through_done_work_is_completed_only_where_it_stands() {
    let mut seen = BTreeSet::new();
    for (mine_is, theirs_is) in [(1, 2), (2, 1)] {
        for before in [0, 1, 2, 3, 4, 8, 16] {
            let (mut mine, mut theirs) = (Peer::new(mine_is), Peer::new(theirs_is));
            mine.act_all([add("a", "todo", "A"), add("b", "todo", "B")]);
            meet(&mut mine, &mut theirs);
            // whose write is the later one depends on how much was written before it
            theirs.act_all((0..before).map(|round| title("b", &"b".repeat(round + 1))));
            let there = move_card("a", "done", Position::End);
            let back = move_card("a", "doing", Position::End);
            assert!(mine.act(together(vec![there.clone(), back, title("b", "Sea")])));
            theirs.act(there);
            meet(&mut mine, &mut theirs);
            let card = mine.board().card(&card("a")).unwrap();
            let is_in_done_work = card.column == column("done");
            assert_eq!(card.done.is_some(), is_in_done_work, "{mine_is} {before}: {card:?}");
            seen.insert(is_in_done_work);
        }
    }
    assert_eq!(seen.len(), 2, "either was shown");
}

/// What makes something, deletes it and brings it back, and how to see whether it is there.
type Life = (&'static str, [Command; 3], fn(&Board) -> bool);

fn lives() -> [Life; 5] {
    let (x, one) = (|| card("x"), || item("new"));
    let file = |board: &Board| {
        let a = board.card(&card("a")).unwrap();
        a.attachments.iter().any(|it| it.id.as_str() == "g")
    };
    let new_item = |board: &Board| {
        let a = board.card(&card("a")).unwrap();
        a.checklist.iter().any(|it| it.id == item("new"))
    };
    let k = || column("k");
    let new_column =
        Command::AddColumn { id: k(), title: "K".to_owned(), role: None, position: Position::End };
    let g = || BlobId::new("g").unwrap();
    [
        ("card", [add("x", "todo", "X"), delete("x"), Command::RestoreCard { id: x() }], |board| {
            board.card(&card("x")).unwrap().deleted.is_none()
        }),
        (
            "column",
            [new_column, Command::DeleteColumn { id: k() }, Command::RestoreColumn { id: k() }],
            |board| board.column(&column("k")).unwrap().deleted.is_none(),
        ),
        (
            "item",
            [
                add_item("new"),
                Command::DeleteItem { card: card("a"), id: one() },
                Command::RestoreItem { card: card("a"), id: one() },
            ],
            new_item,
        ),
        (
            "label",
            [
                add_label("new"),
                Command::DeleteLabel { id: label("new") },
                Command::RestoreLabel { id: label("new") },
            ],
            |board| !board.label(&label("new")).unwrap().deleted,
        ),
        (
            "file",
            [
                attach("g"),
                Command::DeleteAttachment { card: card("a"), id: g() },
                Command::RestoreAttachment { card: card("a"), id: g() },
            ],
            file,
        ),
    ]
}

#[test]
fn what_is_made_deleted_and_brought_back_is_taken_back_and_what_is_made_and_deleted_is_nothing() {
    for (kind, [make, delete, restore], is_there) in lives() {
        let mut peer = room();
        peer.act(together(vec![make.clone(), delete.clone(), restore.clone()]));
        assert!(is_there(peer.board()), "{kind}");
        assert!(peer.act(Command::Undo) && !is_there(peer.board()), "{kind}");
        assert!(peer.act(Command::Redo) && is_there(peer.board()), "{kind}");
        let mut peer = room();
        peer.act(Command::RenameRoom { title: "before".to_owned() });
        peer.act(together(vec![make, delete]));
        assert!(peer.act(Command::Undo) && !is_there(peer.board()), "{kind}");
        assert_eq!(peer.board().title(), "", "{kind}: the one before it is meant");
    }
}

#[test]
fn a_typist_of_a_title_hears_of_it_once() {
    let mut peer = room();
    let text = TextTarget::Title { card: card("a") };
    peer.act(Command::OpenText { text: text.clone() });
    let splice = Splice { at: 1, delete: 0, insert: "!".to_owned() };
    peer.act(Command::EditText { text: text.clone(), seen: 0, splice });
    peer.take_told();
    assert!(peer.try_do(together(vec![title("a", "Z"), delete("gone")])).is_err());
    assert_eq!(peer.take_told(), [], "what was typed is written, and nothing else");
    peer.act(together(vec![title("a", "ab"), title("a", "abc"), delete("b")]));
    let told = peer.take_told();
    let spliced = told.iter().filter(|delta| matches!(delta, Delta::TextSpliced { .. })).count();
    assert_eq!((spliced, peer.title_of("a")), (1, "abc".to_owned()));
}

#[test]
fn a_board_that_can_only_be_read_is_not_written() {
    let mut peer = room();
    foreign(&mut peer, |to| {
        use automerge::transaction::Transactable as _;
        to.put(automerge::ROOT, "schema", 2_u64).unwrap();
    });
    assert_eq!(peer.try_do(together(vec![delete("a")])), Err(CommandError::ReadOnly));
}

#[test]
fn moments_of_a_transaction_are_one() {
    let mut peer = room();
    peer.now = Timestamp(5_000_000);
    peer.act(together(vec![delete("a"), Command::ArchiveCard { id: card("b") }]));
    let at = |id: &str| peer.board().card(&card(id)).unwrap().clone();
    let stamps = [at("a").deleted.unwrap().at, at("b").archived.unwrap().at];
    assert_eq!(stamps[0], stamps[1]);
}
