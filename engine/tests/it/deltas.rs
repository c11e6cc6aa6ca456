//! Deltas replayed onto the first `Reset` give the view, and the view is that of the document, after every step of
//! random work on three replicas (each `Peer` checks both after everything it does).

use proptest::prelude::*;
use warroom_engine::{
    Colour, Command, Day, Delta, Person, Position, Priority, Splice, TextTarget, UserId,
};

use crate::world::{Peer, add, attach, card, column, item, label, meet, sync, title, user};

/// One step: who does what.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Act(Command),
    Pull(usize),
    Sync(usize),
    Later,
}

fn any_card() -> impl Strategy<Value = String> {
    (0..8_u8).prop_map(|number| format!("c{number}"))
}

fn any_column() -> impl Strategy<Value = String> {
    prop_oneof![Just("todo"), Just("doing"), Just("done"), Just("x")].prop_map(ToOwned::to_owned)
}

fn any_position<Id: Clone + std::fmt::Debug + 'static>(
    id: impl Strategy<Value = Id> + Clone + 'static,
) -> impl Strategy<Value = Position<Id>> {
    prop_oneof![
        Just(Position::Start),
        Just(Position::End),
        id.clone().prop_map(|id| Position::Before { id }),
        id.prop_map(|id| Position::After { id }),
    ]
}

fn any_card_command() -> impl Strategy<Value = Command> {
    let card_id = || any_card().prop_map(|id| card(&id));
    let place = || (card_id(), any_column(), any_position(card_id().boxed()));
    prop_oneof![
        4 => (any_card(), any_column()).prop_map(|(id, to)| add(&id, &to, &id)),
        4 => place().prop_map(|(id, to, position)| Command::MoveCard {
            id, column: column(&to), position
        }),
        2 => (any_card(), "[a-zé😀]{0,6}").prop_map(|(id, text)| title(&id, &text)),
        1 => card_id().prop_map(|id| Command::ArchiveCard { id }),
        1 => card_id().prop_map(|id| Command::UnarchiveCard { id }),
        1 => card_id().prop_map(|id| Command::DeleteCard { id }),
        1 => card_id().prop_map(|id| Command::RestoreCard { id }),
        2 => card_id().prop_map(|card| Command::OpenText { text: TextTarget::Title { card } }),
        4 => (card_id(), 0..4_u32, 0..2_u32, "[a-z😀]{0,2}").prop_map(|(card, at, delete, insert)| {
            let splice = Splice { at, delete, insert };
            Command::EditText { text: TextTarget::Title { card }, seen: 0, splice }
        }),
        1 => card_id().prop_map(|card| Command::CloseText { text: TextTarget::Title { card } }),
        1 => Just(Command::Undo),
    ]
}

fn any_face_command() -> impl Strategy<Value = Command> {
    let card_id = || any_card().prop_map(|id| card(&id));
    let item_id = || (0..3_u8).prop_map(|number| item(&format!("i{number}")));
    let label_id = || (0..3_u8).prop_map(|number| label(&format!("l{number}")));
    let person = || (0..3_u8).prop_map(|number| user(&format!("p{number}")));
    let colour = || proptest::sample::select(Colour::ALL);
    prop_oneof![
        label_id().prop_map(|id| Command::AddLabel { id, name: "L".to_owned(), colour: None }),
        (label_id(), "[a-z]{0,2}").prop_map(|(id, name)| Command::RenameLabel { id, name }),
        (label_id(), colour())
            .prop_map(|(id, colour)| Command::SetLabelColour { id, colour: Some(colour) }),
        label_id().prop_map(|id| Command::DeleteLabel { id }),
        label_id().prop_map(|id| Command::RestoreLabel { id }),
        (card_id(), label_id()).prop_map(|(id, label)| Command::AttachLabel { id, label }),
        (card_id(), label_id()).prop_map(|(id, label)| Command::DetachLabel { id, label }),
        (card_id(), person()).prop_map(|(id, person)| Command::Assign { id, person }),
        (card_id(), person()).prop_map(|(id, person)| Command::Unassign { id, person }),
        (card_id(), 1..29_u8).prop_map(|(id, day)| Command::SetDue {
            id,
            due: Day::new(&format!("2026-02-{day:02}")).ok()
        }),
        (card_id(), proptest::sample::select(Priority::ALL))
            .prop_map(|(id, priority)| Command::SetPriority { id, priority }),
        (card_id(), item_id(), any_position(item_id().boxed())).prop_map(|(card, id, position)| {
            Command::AddItem { card, id, text: "I".to_owned(), position }
        }),
        (card_id(), item_id(), any_position(item_id().boxed()))
            .prop_map(|(card, id, position)| Command::MoveItem { card, id, position }),
        (card_id(), item_id(), "[a-z]{0,2}").prop_map(|(card, id, text)| Command::EditItem {
            card,
            id,
            text
        }),
        (card_id(), item_id(), any::<bool>()).prop_map(|(card, id, done)| Command::SetItemDone {
            card,
            id,
            done
        }),
        (card_id(), item_id()).prop_map(|(card, id)| Command::DeleteItem { card, id }),
        (card_id(), item_id()).prop_map(|(card, id)| Command::RestoreItem { card, id }),
        (any_column(), 0..4_u32)
            .prop_map(|(id, wip)| Command::SetColumnWip { id: column(&id), wip: Some(wip) }),
        Just(attach("x")),
        Just(Command::Redo),
        Just(Command::Undo),
    ]
}

fn any_column_command() -> impl Strategy<Value = Command> {
    let column_id = || any_column().prop_map(|id| column(&id));
    prop_oneof![
        "[a-z]{0,3}".prop_map(|title| Command::RenameRoom { title }),
        any_position(column_id().boxed()).prop_map(|position| Command::AddColumn {
            id: column("x"),
            title: "X".to_owned(),
            role: None,
            position
        }),
        (column_id(), any_position(column_id().boxed()))
            .prop_map(|(id, position)| Command::MoveColumn { id, position }),
        (column_id(), "[a-z]{0,3}").prop_map(|(id, title)| Command::RenameColumn { id, title }),
        column_id().prop_map(|id| Command::DeleteColumn { id }),
        column_id().prop_map(|id| Command::RestoreColumn { id }),
        (0..12_u8, "[a-z]{0,3}").prop_map(|(colour, name)| {
            let id = UserId::new("p1").unwrap();
            Command::SetPerson { person: Person { id, name, colour } }
        }),
    ]
}

pub(crate) fn any_step() -> impl Strategy<Value = (usize, Step)> {
    let step = prop_oneof![
        8 => any_card_command().prop_map(Step::Act),
        4 => any_face_command().prop_map(Step::Act),
        2 => any_column_command().prop_map(Step::Act),
        2 => (0..3_usize).prop_map(Step::Pull),
        1 => (0..3_usize).prop_map(Step::Sync),
        1 => Just(Step::Later),
    ];
    (0..3_usize, step)
}

/// Two different peers of three.
fn two(peers: &mut [Peer; 3], a: usize, b: usize) -> Option<(&mut Peer, &mut Peer)> {
    peers.get_disjoint_mut([a, b]).ok().map(|[a, b]| (a, b))
}

/// Does one step.
pub(crate) fn take(peers: &mut [Peer; 3], who: usize, step: Step) {
    match step {
        Step::Act(command) => drop(peers[who].try_do(command)),
        Step::Pull(other) => {
            if let Some((a, b)) = two(peers, who, other) {
                a.pull(b);
            }
        }
        Step::Sync(other) => {
            if let Some((a, b)) = two(peers, who, other) {
                sync(a, b);
            }
        }
        Step::Later => {
            let now = warroom_protocol::Timestamp(peers[who].now.0 + 400);
            peers[who].timeout(now);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn the_view_is_that_of_the_document_after_every_step(
        seed in 0..40_u8,
        steps in proptest::collection::vec(any_step(), 1..60),
    ) {
        let mut peers = [Peer::new(seed), Peer::new(seed + 50), Peer::new(seed + 100)];
        for (who, step) in steps {
            take(&mut peers, who, step);
        }
        let [a, b, c] = &mut peers;
        meet(a, b);
        meet(b, c);
        meet(a, c);
        let again = Peer::of_chunks(200, a.stored());
        prop_assert_eq!(again.board(), a.board(), "what was stored is what is shown");
    }
}

#[test]
fn an_edit_tells_of_what_it_touched_alone() {
    let mut peer = Peer::new(1);
    peer.act_all([add("a", "todo", "A"), add("b", "todo", "B")]);
    peer.take_told();
    peer.act(title("a", "AA"));
    let told = peer.take_told();
    assert!(
        matches!(told.as_slice(), [Delta::CardPut { card: changed }] if changed.id == card("a")),
        "{told:?}"
    );
}

#[test]
fn a_remote_change_tells_of_what_it_touched_alone() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.act_all([add("a", "todo", "A"), add("b", "todo", "B")]);
    meet(&mut a, &mut b);
    b.take_told();
    a.act(title("a", "AA"));
    b.pull(&a);
    let told = b.take_told();
    assert!(
        matches!(told.as_slice(), [Delta::CardPut { card: changed }] if changed.id == card("a")),
        "{told:?}"
    );
}
