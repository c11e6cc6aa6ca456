//! Goal: whatever happens in whatever order, in the end all devices show one board, saved, and no stored edit is lost.
//! Method: random commands, cuts, restarts and waits over devices around a hub; two of them are tabs besides.

use proptest::prelude::*;
use warroom_engine::{Command, Phase, Position, TalkCommand};

use crate::world::{World, add, body, card, column, say, talk};

const DEVICES: usize = 3;

/// One thing that happens to one device.
#[derive(Debug, Clone)]
enum Step {
    Add(u8),
    Move(u8, u8),
    Rename(u8, u8),
    Delete(u8),
    Restore(u8),
    Archive(u8),
    Open(u8),
    Type(u8),
    Close(u8),
    Say(u8),
    Vote(u8),
    Look(u8),
    Undo,
    Cut,
    Unplug,
    Plug,
    Restart,
    Wait(u16),
}

fn step() -> impl Strategy<Value = Step> {
    let card = 0..4_u8;
    prop_oneof![
        3 => card.clone().prop_map(Step::Add),
        4 => (card.clone(), 0..3_u8).prop_map(|(card, column)| Step::Move(card, column)),
        2 => (card.clone(), any::<u8>()).prop_map(|(card, title)| Step::Rename(card, title)),
        1 => card.clone().prop_map(Step::Delete),
        1 => card.clone().prop_map(Step::Restore),
        1 => card.clone().prop_map(Step::Archive),
        2 => card.clone().prop_map(Step::Open),
        4 => card.clone().prop_map(Step::Type),
        1 => card.clone().prop_map(Step::Close),
        3 => card.clone().prop_map(Step::Say),
        1 => card.clone().prop_map(Step::Vote),
        2 => card.prop_map(Step::Look),
        1 => Just(Step::Undo),
        1 => Just(Step::Cut),
        1 => Just(Step::Unplug),
        2 => Just(Step::Plug),
        1 => Just(Step::Restart),
        2 => (0..3_000_u16).prop_map(Step::Wait),
    ]
}

/// A command may be refused: the card may not be there yet, or be there already.
fn try_command(world: &mut World, device: usize, command: Command) {
    drop(world.command(device, command));
}

fn take(world: &mut World, device: usize, step: &Step) {
    let name = |number: &u8| format!("c{number}");
    match step {
        // ids are random and 128 bits long: no two devices ever make the same card
        Step::Add(number) => {
            try_command(world, usize::from(*number) % DEVICES, add(&name(number)));
        }
        Step::Move(number, to) => {
            let to = ["todo", "doing", "done"][usize::from(*to)];
            let (id, column) = (card(&name(number)), column(to));
            let position = Position::Start;
            try_command(world, device, Command::MoveCard { id, column, position });
        }
        Step::Rename(number, title) => {
            let (id, title) = (card(&name(number)), title.to_string());
            try_command(world, device, Command::SetTitle { id, title });
        }
        Step::Delete(number) => {
            try_command(world, device, Command::DeleteCard { id: card(&name(number)) });
        }
        Step::Restore(number) => {
            try_command(world, device, Command::RestoreCard { id: card(&name(number)) });
        }
        Step::Archive(number) => {
            try_command(world, device, Command::ArchiveCard { id: card(&name(number)) });
        }
        Step::Open(number) => {
            try_command(world, device, Command::OpenText { text: body(&name(number)) });
        }
        Step::Type(number) => world.try_type(device, &body(&name(number)), "a"),
        Step::Close(number) => {
            try_command(world, device, Command::CloseText { text: body(&name(number)) });
        }
        Step::Say(number) => {
            // as ids of comments are random, no two devices ever make the same
            let id = format!("{device}-{}", world.status(device).edits_made);
            try_command(world, device, say(&format!("{id}-{}", world.now.0), &name(number)));
        }
        Step::Vote(number) => {
            try_command(world, device, talk(TalkCommand::Vote { card: card(&name(number)) }));
        }
        Step::Look(number) => {
            let card = Some(card(&name(number)));
            try_command(world, device, talk(TalkCommand::MarkSeen { card }));
        }
        Step::Undo => try_command(world, device, Command::Undo),
        Step::Cut => world.cut(device),
        Step::Unplug => world.unplug(device),
        Step::Plug => world.plug(device),
        Step::Restart => {
            let edits = world.status(device).edits_stored;
            let is_all_stored = edits == world.status(device).edits_made;
            let before = world.board(device).clone();
            let said: Vec<_> = world.talk(device).all_comments().cloned().collect();
            world.restart_offline(device);
            if is_all_stored {
                assert_eq!(&before, world.board(device), "a restart loses nothing stored");
                assert!(
                    world.talk(device).all_comments().eq(&said),
                    "a restart loses nothing said"
                );
            }
            if world.tabs_are_apart() {
                world.join_tabs(0, 1);
            }
        }
        Step::Wait(ms) => world.wait(u64::from(*ms)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn devices_converge(steps in prop::collection::vec((0..DEVICES, step()), 1..60)) {
        let mut world = World::new(&["adam", "adam", "bea"]);
        world.join_tabs(0, 1);
        for (device, step) in &steps {
            take(&mut world, *device, step);
            world.settle();
        }
        for device in 0..DEVICES {
            world.plug(device);
        }
        world.wait(120_000);
        for device in 0..DEVICES {
            prop_assert_eq!(world.board(device), world.board(0));
            prop_assert_eq!(world.talk(device), world.talk(0));
            let status = world.status(device);
            prop_assert_eq!((status.phase, status.waiting), (Phase::Saved, 0), "{:?}", status);
            prop_assert_eq!(status.edits_on_relay, status.edits_made);
            prop_assert_eq!(status.edits_stored, status.edits_made);
            prop_assert_eq!(&world.devices[device].closed, &Vec::<String>::new());
        }
        for number in 0..4 {
            let text = body(&format!("c{number}"));
            if world.board(0).card(&card(&format!("c{number}"))).is_some() {
                let texts: Vec<_> = (0..DEVICES).map(|device| world.read(device, &text)).collect();
                prop_assert!(texts.iter().all(|other| *other == texts[0]), "{:?}", texts);
            }
        }
    }
}
