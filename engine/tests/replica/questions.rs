//! Goal: what is asked is answered from what this device has, and nothing waits for ever. Method: devices around a hub.

use warroom_engine::limits::{QUESTIONS_MAX, SEARCH_HITS_MAX, SEARCH_UNITS_MAX};
use warroom_engine::{
    Action, Answer, ChangeId, Command, CommentId, Delta, Field, Hit, ItemId, LabelId, Moment,
    Position, Question, QuestionError, TalkCommand,
};

use crate::world::{World, add, card, say, talk};

fn search(world: &mut World, device: usize, text: &str) -> Vec<Hit> {
    match world.ask(device, Question::Search { text: text.to_owned() }) {
        Ok(Answer::Found { hits, more: false }) => hits,
        other => panic!("{other:?}"),
    }
}

fn found(world: &mut World, device: usize, text: &str) -> Vec<String> {
    search(world, device, text).into_iter().map(|hit| hit.card.to_string()).collect()
}

fn titled(id: &str, title: &str) -> [Command; 2] {
    [add(id), Command::SetTitle { id: card(id), title: title.to_owned() }]
}

#[test]
fn a_search_finds_what_was_said_and_not_deleted() {
    let mut world = World::new(&["adam", "bea"]);
    for id in ["boat", "car"] {
        world.command(0, add(id)).unwrap();
        world.command(1, say(&format!("about-{id}"), id)).unwrap();
    }
    let id = CommentId::new("about-car").unwrap();
    world.command(0, talk(TalkCommand::DeleteComment { id })).unwrap();
    assert_eq!(found(&mut world, 0, "HELLO"), ["boat"]);
    // words may stand in several places of a card
    let hits = search(&mut world, 0, "boat hello");
    assert_eq!((hits[0].card.as_str(), hits[0].field), ("boat", Field::Title));
    assert_eq!(search(&mut world, 0, "hello")[0].field, Field::Comment);
    // also where it is asked before the talk was read
    world.devices[0].is_loading = true;
    world.restart_offline(0);
    let (now, question) = (world.now, Question::Search { text: "hello".to_owned() });
    world.devices[0].replica.handle_question(now, 7, question);
    for _ in 0..2 {
        world.devices[0].load_all(now);
        world.devices[0].is_loading = true;
        world.settle();
    }
    let Some((7, Ok(Answer::Found { hits, .. }))) = world.devices[0].answers.first() else {
        panic!("{:?}", world.devices[0].answers);
    };
    assert_eq!(hits.len(), 1);
}

#[test]
fn what_was_said_stands_in_the_activity_where_it_was_said() {
    let mut world = World::new(&["adam", "bea"]);
    for id in ["boat", "car"] {
        world.command(0, add(id)).unwrap();
        world.wait(2_000);
        world.command(1, say(&format!("about-{id}"), id)).unwrap();
        world.wait(2_000);
    }
    world.command(0, Command::ArchiveCard { id: card("boat") }).unwrap();
    world.wait(2_000);
    let id = CommentId::new("about-boat").unwrap();
    world.command(0, talk(TalkCommand::DeleteComment { id })).unwrap();
    let mut list = |of: Option<&str>, device: usize| {
        let (mut told, mut before) = (Vec::new(), None);
        loop {
            let card = of.map(card);
            let question = Question::Activity { card, before, limit: 2 };
            let Ok(Answer::Activity { page }) = world.ask(device, question) else {
                panic!("no page");
            };
            told.extend(page.entries.into_iter().map(|entry| match entry.what {
                Action::Commented { comment } => format!("{} {comment}", entry.by),
                Action::CardAdded { title, .. } => format!("{} {title}", entry.by),
                other => format!("{} {other:?}", entry.by),
            }));
            before = page.next;
            if before.is_none() {
                return told;
            }
        }
    };
    for device in 0..2 {
        let archived = "adam Archived".to_owned();
        assert_eq!(
            list(None, device),
            [&archived, "bea about-car", "adam car", "bea about-boat", "adam boat"]
        );
        assert_eq!(list(Some("boat"), device), [&archived, "bea about-boat", "adam boat"]);
    }
}

#[test]
fn a_search_finds_every_word_wherever_it_is_on_a_card() {
    let mut world = World::new(&["adam"]);
    let label = LabelId::new("l").unwrap();
    let (id, text) = (ItemId::new("i").unwrap(), "Weigh the anchor".to_owned());
    let commands = [
        titled("boat", "Repair the BOAT").into_iter().collect(),
        titled("car", "Wash the car").into_iter().collect(),
        titled("gone", "Sell the boat").into_iter().collect(),
        vec![
            Command::AddItem { card: card("boat"), id, text, position: Position::End },
            Command::AddLabel { id: label.clone(), name: "Harbour".to_owned(), colour: None },
            Command::AttachLabel { id: card("boat"), label },
            Command::DeleteCard { id: card("gone") },
            Command::ArchiveCard { id: card("car") },
        ],
    ];
    for command in commands.into_iter().flatten() {
        world.command(0, command).unwrap();
    }
    world.write_body(0, "car", "Not the boat. \u{1F600} \u{DC}ber Nacht");
    let rows: [(&str, &[&str]); 10] = [
        ("boat", &["boat", "car"]),
        ("BOAT rep", &["boat"]),
        ("harbour anchor boat", &["boat"]),
        ("boat car", &["car"]),
        ("\u{FC}ber", &["car"]),
        ("\u{DC}BER nacht wash", &["car"]),
        ("  boat \n not ", &["car"]),
        ("nothing", &[]),
        ("", &[]),
        (" \t ", &[]),
    ];
    for (text, expected) in rows {
        assert_eq!(found(&mut world, 0, text), expected, "{text:?}");
    }
    let hits = search(&mut world, 0, "\u{FC}ber");
    assert_eq!(hits[0].field, Field::Body);
    let units: Vec<u16> = hits[0].excerpt.encode_utf16().collect();
    let (at, length) = (hits[0].marks[0].at, hits[0].marks[0].length);
    let (from, until) = (usize::try_from(at).unwrap(), usize::try_from(at + length).unwrap());
    assert_eq!(String::from_utf16_lossy(&units[from..until]), "\u{DC}ber");
}

#[test]
fn a_search_reads_the_bodies_on_this_device_also_without_a_relay() {
    let mut world = World::new(&["adam", "bea"]);
    for index in 0..20 {
        let name = format!("c{index}");
        world.command(0, add(&name)).unwrap();
        world.write_body(0, &name, &format!("needle{index} in the hay"));
    }
    world.wait(30_000);
    world.restart_offline(1);
    assert_eq!(found(&mut world, 1, "needle7"), ["c7"]);
    assert_eq!(found(&mut world, 1, "hay").len(), 20);
    // what changes is found as it is now
    world.write_body(1, "c7", "pin ");
    assert_eq!(found(&mut world, 1, "pin needle7"), ["c7"]);
    world.plug(1);
    world.write_body(0, "c3", "thimble ");
    world.wait(30_000);
    assert_eq!(found(&mut world, 1, "thimble"), ["c3"]);
}

#[test]
fn what_cannot_be_read_does_not_keep_a_search_waiting() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    world.write_body(0, "x", "lost");
    world.restart_offline(0);
    world.devices[0].cannot_read = true;
    assert!(found(&mut world, 0, "lost").is_empty());
    assert_eq!(found(&mut world, 0, "x"), ["x"]);
}

#[test]
fn questions_have_limits_that_say_so() {
    let mut world = World::new(&["adam"]);
    let text = "x".repeat(SEARCH_UNITS_MAX + 1);
    let refused = QuestionError::TooLong { units: text.len(), units_max: SEARCH_UNITS_MAX };
    assert_eq!(world.ask(0, Question::Search { text }), Err(refused));
    for index in 0..=SEARCH_HITS_MAX {
        world.command(0, add(&format!("c{index}"))).unwrap();
    }
    match world.ask(0, Question::Search { text: "c".to_owned() }) {
        Ok(Answer::Found { hits, more: true }) => assert_eq!(hits.len(), SEARCH_HITS_MAX),
        other => panic!("{other:?}"),
    }
    // nothing is read yet: so many may wait
    world.restart_offline(0);
    let now = world.now;
    let mut replica = world.open("adam");
    for number in 0..=u64::try_from(QUESTIONS_MAX).unwrap() {
        replica.handle_question(now, number, Question::Search { text: "c".to_owned() });
    }
    let outputs = std::iter::from_fn(|| replica.poll_output());
    let refused: Vec<_> = outputs
        .filter_map(|output| match output {
            warroom_engine::Output::Answer { number, answer } => Some((number, answer)),
            _ => None,
        })
        .collect();
    let number = u64::try_from(QUESTIONS_MAX).unwrap();
    assert_eq!(refused, [(number, Err(QuestionError::TooMany { count_max: QUESTIONS_MAX }))]);
}

#[test]
fn a_card_tells_its_history_with_its_body_and_shows_as_it_was() {
    let mut world = World::new(&["adam"]);
    for command in titled("boat", "Repair the boat") {
        world.command(0, command).unwrap();
    }
    world.write_body(0, "boat", "First the hull.");
    let question = Question::Activity { card: Some(card("boat")), before: None, limit: 50 };
    let Ok(Answer::Activity { page }) = world.ask(0, question) else { panic!("no page") };
    let told: Vec<&Action> = page.entries.iter().map(|entry| &entry.what).collect();
    let find = |wanted: fn(&Action) -> bool| {
        let found = page.entries.iter().find(|entry| wanted(&entry.what));
        found.map_or_else(|| panic!("{told:?}"), |entry| entry.id)
    };
    let typed = find(|action| matches!(action, Action::BodyTyped { characters: 15 }));
    let made = find(|action| matches!(action, Action::CardAdded { .. }));
    let moment = Moment::Heads { heads: vec![made] };
    let at = |moment: &Moment| Question::CardAt { card: card("boat"), moment: moment.clone() };
    let Ok(Answer::CardAt { past }) = world.ask(0, at(&moment)) else { panic!("no card") };
    assert_eq!(past.card.map(|card| card.id), Some(card("boat")));
    let Ok(Answer::BoardAt { board }) = world.ask(0, Question::BoardAt { moment }) else {
        panic!("no board")
    };
    let Delta::Reset { cards, .. } = *board else { panic!("not a whole board") };
    assert_eq!(cards.len(), 1);
    let typed = Moment::Heads { heads: vec![typed] };
    let Ok(Answer::CardAt { past }) = world.ask(0, at(&typed)) else { panic!("no card") };
    assert_eq!(past.body, "First the hull.", "a moment of the body's");

    let unknown = Moment::Heads { heads: vec![ChangeId([9; 32])] };
    assert_eq!(world.ask(0, at(&unknown)), Err(QuestionError::UnknownMoment));
    assert_eq!(
        world.ask(0, Question::BoardAt { moment: unknown }),
        Err(QuestionError::UnknownMoment)
    );
}
