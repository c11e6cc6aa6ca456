//! Goal: what a person types into a body that is shown before its history is here stands where it was meant, whatever
//! the history and others have to say. Method: random typing on an old projection, beside random typing that the
//! projection does not have and a colleague's meanwhile; every letter is typed once, so that each can be told.

use proptest::prelude::*;
use warroom_engine::{Command, Delta, Splice, Typist};

use crate::world::{World, add, body};

/// Where in the text, how many letters go, and how many come.
type Keys = Vec<(u32, u32, usize)>;

fn keys(most: usize) -> impl Strategy<Value = Keys> {
    proptest::collection::vec((0..40_u32, 0..4_u32, 0..4_usize), 0..most)
}

/// Types on what the typist sees, letters from `letter` on, each once.
fn typed(typist: &mut Typist, keys: &Keys, mut letter: char) -> Vec<(u64, Splice)> {
    let mut splices = Vec::new();
    for (at, delete, length) in keys {
        let units = u32::try_from(typist.units()).unwrap();
        let at = at % (units + 1);
        let delete = (*delete).min(units - at);
        let insert: String = (letter..).take(*length).collect();
        letter = (letter..).nth(*length).unwrap();
        let splice = Splice { at, delete, insert };
        splices.push((typist.edit(&splice).unwrap(), splice));
    }
    splices
}

fn send(world: &mut World, device: usize, splices: Vec<(u64, Splice)>) {
    for (seen, splice) in splices {
        world.command(device, Command::EditText { text: body("x"), seen, splice }).unwrap();
    }
}

/// Somebody types on what is there, and it is stored.
fn type_on(world: &mut World, device: usize, keys: &Keys, letter: char) {
    let mut typist = Typist::new(&world.read(device, &body("x")));
    let splices = typed(&mut typist, keys, letter);
    send(world, device, splices);
    world.wait(10_000);
}

/// The letters of `text` that `other` has too.
fn shared(text: &str, other: &str) -> String {
    text.chars().filter(|letter| other.contains(*letter)).collect()
}

/// Adam types `early` on what the body read as before `later` was typed, which his disk has, while Bea types `hers`.
fn check(later: &Keys, hers: &Keys, early: &Keys) {
    let mut world = World::new(&["adam", "bea"]);
    let (adam, bea) = (0, 1);
    world.command(adam, add("x")).unwrap();
    type_on(&mut world, adam, &vec![(0, 0, 12)], 'a');
    let old = world.devices[adam].projections.clone();
    type_on(&mut world, adam, later, 'A');
    world.devices[adam].projections = old;
    world.restart_offline(adam);
    world.devices[adam].is_loading = true;
    world.command(adam, Command::OpenText { text: body("x") }).unwrap();
    type_on(&mut world, bea, hers, '\u{4e00}');
    let shown = Delta::TextProjected { text: body("x"), content: "abcdefghijkl".to_owned() };
    assert_eq!(world.devices[adam].deltas.last(), Some(&shown));

    let mut typist = Typist::new("abcdefghijkl");
    let splices = typed(&mut typist, early, '\u{3b1}');
    let seen_by_adam = typist.text();
    world.devices[adam].deltas.clear();
    let now = world.now;
    world.devices[adam].load_all(now);
    world.settle();
    send(&mut world, adam, splices);
    world.plug(adam);
    world.wait(10_000);

    let opened = Delta::TextOpened { text: body("x"), content: "abcdefghijkl".to_owned() };
    assert!(world.devices[adam].deltas.contains(&opened), "it is opened as it was shown");
    for delta in &world.devices[adam].deltas {
        if let Delta::TextSpliced { origin, splice, .. } = delta {
            typist.handle_spliced(*origin, splice);
        }
    }
    let end = world.read(bea, &body("x"));
    assert_eq!(typist.text(), end, "the typist sees what is there");
    assert_eq!(world.read(adam, &body("x")), end);
    assert_eq!(shared(&seen_by_adam, &end), shared(&end, &seen_by_adam), "nothing changes places");
    let is_own = |letter: &char| ('\u{3b1}'..'\u{4e00}').contains(letter);
    let own: String = seen_by_adam.chars().filter(is_own).collect();
    assert_eq!(shared(&own, &end), own, "nothing that was typed is lost");
    let gone = |letter: &char| !seen_by_adam.contains(*letter);
    let deleted: String = "abcdefghijkl".chars().filter(gone).collect();
    assert_eq!(shared(&deleted, &end), "", "nothing that was deleted comes back");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_typed_early_stands_where_it_was_meant(
        later in keys(6),
        hers in keys(6),
        early in keys(8),
    ) {
        check(&later, &hers, &early);
    }
}
