//! What becomes of concurrent commands: the table of `docs/BOARD.md`, each pair with both orders of actors and of
//! delivery.

use warroom_engine::TalkCommand;

use super::world::{
    Peer, comment, delete, edit, meet, react, restore, say, seen, unreact, unvote, vote,
};
use crate::world::{card, user};

/// What must hold, whoever wins.
type Check = fn(&Peer) -> bool;

struct Row {
    /// The rows of `docs/BOARD.md` that it tests, as in `crate::merges`.
    of: &'static [&'static str],
    name: &'static str,
    mine: Vec<TalkCommand>,
    theirs: Vec<TalkCommand>,
    check: Check,
}

fn row(
    of: &'static [&'static str],
    name: &'static str,
    (mine, theirs): (TalkCommand, TalkCommand),
    check: Check,
) -> Row {
    Row { of, name, mine: vec![mine], theirs: vec![theirs], check }
}

/// The row of `docs/BOARD.md` about two people.
const TWO: &str = "two comments on a card, two people's votes for it or reactions to a comment";

/// The rows of `docs/BOARD.md` that are tested here.
pub(crate) fn named() -> Vec<&'static [&'static str]> {
    let alone: [&[&str]; 7] = [
        &[TWO, "Root of the talk · votes"],
        &[TWO, "A comment · reactions"],
        &["vote or reaction taken back ‖ given again"],
        &["vote or reaction taken back ‖ given again"],
        &["read further ‖ read less far", "Root of the talk · seen"],
        &["Root of the talk · schema"],
        &["two people say the first thing in a room offline"],
    ];
    rows().iter().map(|row| row.of).chain(alone).collect()
}

fn votes(peer: &Peer) -> &[warroom_engine::UserId] {
    peer.talk().votes(&card("a"))
}

/// Both are devices of one person, so that both may edit a comment.
fn rows() -> Vec<Row> {
    vec![
        row(
            &[
                TWO,
                "Root of the talk · comments",
                "A comment · card",
                "A comment · by",
                "A comment · at",
            ],
            "two comments: both",
            (say("x", "X"), say("y", "Y")),
            |p| p.texts().len() == 3,
        ),
        row(
            &["comment edited ‖ edited", "A comment · text", "A comment · edited"],
            "edited and edited: one of the two",
            (edit("q", "A"), edit("q", "B")),
            |p| p.texts() == ["A"] || p.texts() == ["B"],
        ),
        row(
            &["comment deleted ‖ edited or reacted to", "A comment · deleted"],
            "deleted and edited: deleted, with the edit",
            (delete("q"), edit("q", "A")),
            |p| p.texts().is_empty() && p.comments()[0].text == "A",
        ),
        row(
            &["comment deleted ‖ edited or reacted to"],
            "deleted and reacted to: both",
            (delete("q"), react("q", "👍")),
            |p| p.texts().is_empty() && p.reactions("q") == ["me 👍"],
        ),
        row(
            &["comment edited ‖ reacted to"],
            "edited and reacted to: both",
            (edit("q", "A"), react("q", "👍")),
            |p| p.texts() == ["A"] && p.reactions("q") == ["me 👍"],
        ),
        row(
            &["one person's reaction ‖ another reaction of theirs"],
            "one person's two reactions: one of them",
            (react("q", "👍"), react("q", "🎉")),
            |p| ["me 👍", "me 🎉"].contains(&p.reactions("q").join(" ").as_str()),
        ),
        row(&[], "vote and vote on two devices: once", (vote(), vote()), |p| {
            votes(p) == [user("me")]
        }),
        Row {
            of: &[],
            name: "deleted and restored against deleted: one of the two",
            mine: vec![delete("q"), restore("q")],
            theirs: vec![delete("q")],
            check: |p| p.comments().len() == 1,
        },
    ]
}

/// Two replicas that share comment q on card a.
fn pair(first: u8, second: u8, people: [&str; 2]) -> (Peer, Peer) {
    let mut a = Peer::open(first, people[0], Vec::new());
    let mut b = Peer::open(second, people[1], Vec::new());
    a.act(say("q", "question"));
    // both have written, so that both actors are drawn before the pair
    b.act(TalkCommand::MarkSeen { card: None });
    meet(&mut a, &mut b);
    (a, b)
}

const NUMBERS: [(u8, u8); 5] = [(1, 2), (3, 4), (5, 6), (7, 8), (2, 1)];

/// Both get the other's, and two others get both, each in its order.
fn converge(a: &mut Peer, b: &mut Peer, name: &str, check: Check) {
    let (mut here, mut there) = (Peer::new(11), Peer::new(12));
    a.flush();
    b.flush();
    here.pull(a);
    here.pull(b);
    there.pull(b);
    there.pull(a);
    meet(a, b);
    for peer in [&*a, &*b, &here, &there] {
        assert_eq!(peer.talk(), a.talk(), "{name}: same changes, same view");
        assert!(check(peer), "{name}: {:#?}", peer.talk());
    }
}

#[test]
fn every_pair_converges_as_the_table_says() {
    for Row { of: _, name, mine, theirs, check } in rows() {
        let mut actors_in_order = [false, false];
        for (first, second) in NUMBERS {
            let (mut a, mut b) = pair(first, second, ["me", "me"]);
            a.act_all(&mine);
            b.act_all(&theirs);
            converge(&mut a, &mut b, name, check);
            let in_order = a.doc.doc().get_actor() < b.doc.doc().get_actor();
            actors_in_order[usize::from(in_order)] = true;
        }
        assert_eq!(actors_in_order, [true, true], "{name}: both orders of actors were tried");
    }
}

#[test]
fn what_two_people_say_at_the_same_time_is_all_there() {
    let table: [(TalkCommand, Check); 3] = [
        (vote(), |p| votes(p) == [user("adam"), user("bea")]),
        (react("q", "👍"), |p| p.reactions("q") == ["adam 👍", "bea 👍"]),
        (seen(), |p| {
            // adam wrote the question himself
            p.talk().seen(&user("bea"), Some(&card("a"))).is_some()
        }),
    ];
    for (command, check) in table {
        for (first, second) in NUMBERS {
            let (mut a, mut b) = pair(first, second, ["adam", "bea"]);
            b.wait(20_000);
            a.act(command.clone());
            b.act(command.clone());
            converge(&mut a, &mut b, &format!("{command:?}"), check);
        }
    }
}

#[test]
fn of_taking_back_and_voting_again_at_the_same_time_the_vote_stands() {
    for (first, second) in NUMBERS {
        let (mut a, mut b) = pair(first, second, ["me", "me"]);
        a.act(vote());
        a.act(react("q", "👍"));
        meet(&mut a, &mut b);
        a.act(unvote());
        a.act(unreact("q"));
        for again in [unvote(), vote(), unreact("q"), react("q", "🎉")] {
            b.act(again);
        }
        converge(&mut a, &mut b, "again", |p| {
            votes(p) == [user("me")] && p.reactions("q") == ["me 🎉"]
        });
    }
}

#[test]
fn the_furthest_of_two_read_markers_counts() {
    for (first, second) in NUMBERS {
        let (mut a, mut b) = pair(first, second, ["me", "me"]);
        let mut other = Peer::new(20);
        other.pull(&a);
        other.act(say("x", "X"));
        a.pull(&other);
        a.act(seen());
        a.flush();
        other.act(say("y", "Y"));
        b.pull(&other);
        b.wait(20_000);
        b.act(seen());
        let newest = b.talk().comment(&comment("y")).unwrap().created.at;
        assert_eq!(b.talk().seen(&user("me"), Some(&card("a"))), Some(newest));
        meet(&mut a, &mut b);
        assert_eq!((a.unread(), b.unread()), (0, 0));
        assert_eq!(a.talk().seen(&user("me"), Some(&card("a"))), Some(newest));
        let again = Peer::open(30, "me", a.chunks.clone());
        assert_eq!(again.talk(), a.talk());
    }
}

#[test]
fn a_read_marker_that_waits_does_not_take_another_device_back() {
    let (mut a, mut b) = pair(1, 2, ["me", "me"]);
    let mut other = Peer::new(20);
    other.pull(&a);
    for (id, device) in [("x", &mut a), ("y", &mut b)] {
        other.act(say(id, id));
        device.pull(&other);
        device.act(TalkCommand::MarkSeen { card: None });
        device.act(seen());
        assert_eq!(device.unread(), 0);
    }
    // b has gone further, and has it written, when a's own is due
    b.flush();
    a.pull(&b);
    assert_eq!(a.unread(), 0);
    a.wait(20_000);
    a.flush();
    meet(&mut a, &mut b);
    assert_eq!((a.unread(), b.unread()), (0, 0));
}

#[test]
fn people_who_first_speak_offline_speak_in_one_talk() {
    for (first, second) in NUMBERS {
        let (mut a, mut b) = (Peer::new(first), Peer::new(second));
        a.act_all(&[say("x", "X"), vote()]);
        b.act_all(&[say("y", "Y"), vote(), react("y", "👍")]);
        converge(&mut a, &mut b, "offline", |p| p.texts().len() == 2 && votes(p).len() == 2);
    }
}

#[test]
fn the_first_change_never_changes() {
    let talk = Peer::new(1).doc.heads();
    assert_eq!(
        talk[0].to_string(),
        "98004562a507e77cb468eb54c8b7ab7479a4dc2305b33e3b61270144a26305c3"
    );
    assert_eq!(talk, Peer::new(2).doc.heads(), "it is the same everywhere");
}
