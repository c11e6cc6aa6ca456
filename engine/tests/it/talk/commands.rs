//! What each command shows, once, and what it refuses.

use warroom_engine::limits::{
    CLOCKS_APART_MAX, COMMENT_UNITS_MAX, COMMENTS_MAX, REACTION_UNITS_MAX, SEEN_EVERY, VOICES_MAX,
};
use warroom_engine::{CommandError, TalkCommand};
use warroom_protocol::Timestamp;

use super::world::{
    Peer, comment, delete, edit, foreign, meet, react, restore, say, seen, unreact, unvote, vote,
};
use crate::world::{card, user};

type Shows = fn(&Peer) -> bool;

/// A talk with one comment, x, on card a.
fn room() -> Peer {
    let mut peer = Peer::new(1);
    peer.act(say("x", "X"));
    peer
}

#[test]
fn a_command_shows_and_does_nothing_the_second_time() {
    let commands: [(&[TalkCommand], TalkCommand, Shows); 7] = [
        (&[], edit("x", "New"), |p| p.texts() == ["New"] && p.comments()[0].edited.is_some()),
        (&[], delete("x"), |p| p.texts().is_empty() && p.comments()[0].deleted),
        (&[delete("x")], restore("x"), |p| p.texts() == ["X"]),
        (&[], react("x", "👍"), |p| p.reactions("x") == ["p1 👍"]),
        (&[react("x", "👍")], react("x", "🎉"), |p| p.reactions("x") == ["p1 🎉"]),
        (&[react("x", "👍")], unreact("x"), |p| p.reactions("x").is_empty()),
        (&[], vote(), |p| p.talk().votes(&card("a")) == [user("p1")]),
    ];
    for (before, command, shows) in commands {
        let mut peer = room();
        peer.act_all(before);
        assert!(!shows(&peer), "{command:?}");
        assert!(peer.act(command.clone()) && shows(&peer), "{command:?}");
        let heads = peer.doc.heads();
        assert!(!peer.act(command.clone()) && shows(&peer), "{command:?}");
        assert_eq!(peer.doc.heads(), heads, "{command:?} writes nothing the second time");
        let again = Peer::open(9, "p1", peer.chunks.clone());
        assert_eq!(again.talk(), peer.talk(), "{command:?}");
    }
}

#[test]
fn comments_are_in_the_order_of_their_moments_and_are_counted_while_they_are_there() {
    let mut peer = Peer::new(1);
    for id in ["c", "a", "b"] {
        peer.act(say(id, id));
    }
    assert_eq!(peer.texts(), ["c", "a", "b"]);
    peer.act(delete("a"));
    assert_eq!((peer.texts(), peer.talk().comment_count(&card("a"))), (vec!["c", "b"], 2));
    assert_eq!(peer.talk().comment_count(&card("other")), 0);
    assert!(peer.talk().comment(&comment("a")).is_some_and(|a| a.deleted));
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let too_long = |units_max: usize| CommandError::TooLong { units: units_max + 1, units_max };
    let long = |units_max: usize| "x".repeat(units_max + 1);
    let table = [
        (say("x", "again"), CommandError::IdTaken),
        (say("y", &long(COMMENT_UNITS_MAX)), too_long(COMMENT_UNITS_MAX)),
        (edit("x", &long(COMMENT_UNITS_MAX)), too_long(COMMENT_UNITS_MAX)),
        (edit("none", ""), CommandError::UnknownPart),
        (edit("theirs", "mine"), CommandError::NotYours),
        (delete("none"), CommandError::UnknownPart),
        (restore("none"), CommandError::UnknownPart),
        (react("none", "👍"), CommandError::UnknownPart),
        (react("x", &long(REACTION_UNITS_MAX)), too_long(REACTION_UNITS_MAX)),
        (react("x", ""), CommandError::Refused("a reaction is at least one character".to_owned())),
        (unreact("none"), CommandError::UnknownPart),
    ];
    let (mut peer, mut other) = (room(), Peer::new(2));
    other.act(say("theirs", "theirs"));
    meet(&mut peer, &mut other);
    for (command, error) in table {
        let (shown, heads) = (peer.talk().clone(), peer.doc.heads());
        assert_eq!(peer.try_do(command.clone()), Err(error), "{command:?}");
        assert_eq!((peer.talk(), peer.doc.heads()), (&shown, heads), "{command:?}");
    }
    assert!(peer.act(delete("theirs")), "anybody may clean up");
}

#[test]
fn there_is_room_for_so_many_comments_reactions_and_votes() {
    use automerge::transaction::Transactable;
    use automerge::{ObjType, ROOT, ReadDoc};
    let mut peer = room();
    foreign(&mut peer, |to| {
        let (_, comments) = to.get(ROOT, "comments").unwrap().unwrap();
        for index in 1..COMMENTS_MAX {
            let one = to.put_object(&comments, format!("c{index}"), ObjType::Map).unwrap();
            to.put(&one, "card", "a").unwrap();
        }
        let (_, x) = to.get(&comments, "x").unwrap().unwrap();
        let (_, reactions) = to.get(&x, "reactions").unwrap().unwrap();
        let (_, votes) = to.get(ROOT, "votes").unwrap().unwrap();
        for index in 0..VOICES_MAX {
            to.put(&reactions, format!("u{index}"), "👍").unwrap();
            to.put(&votes, format!("a/u{index}"), 1).unwrap();
        }
    });
    let too_many = |count_max| Err(CommandError::TooMany { count_max });
    assert_eq!(peer.try_do(say("one-more", "")), too_many(COMMENTS_MAX));
    assert_eq!(peer.try_do(react("x", "👍")), too_many(VOICES_MAX));
    assert_eq!(peer.try_do(vote()), too_many(VOICES_MAX));
}

#[test]
fn an_answer_is_newer_than_what_it_answers_whatever_the_clocks_say() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.now = Timestamp(2 * 3_600_000);
    a.act(say("z", "question"));
    meet(&mut a, &mut b);
    b.act(say("y", "answer"));
    meet(&mut a, &mut b);
    assert_eq!(a.texts(), ["question", "answer"]);
    assert_eq!((a.unread(), b.unread()), (1, 1));
    // a clock that is more than a day ahead is not followed
    let mut ahead = Peer::new(3);
    ahead.pull(&a);
    ahead.now = Timestamp(5 * u64::try_from(CLOCKS_APART_MAX.as_millis()).unwrap());
    ahead.act(say("far", "from the future"));
    meet(&mut a, &mut ahead);
    a.act(say("w", "back in time"));
    assert_eq!(a.texts(), ["question", "answer", "back in time", "from the future"]);
}

#[test]
fn what_was_seen_shows_at_once_and_is_written_now_and_then() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.act(say("x", "one"));
    b.pull(&a);
    assert_eq!((a.unread(), b.unread()), (0, 1));
    let heads = b.doc.heads();
    assert!(!b.act(seen()), "it is no edit");
    assert_eq!(b.unread(), 0);
    assert_ne!(b.doc.heads(), heads, "the first is written at once");
    for index in 0..5 {
        a.act(say(&format!("y{index}"), "more"));
        b.pull(&a);
        let heads = b.doc.heads();
        assert_eq!(b.unread(), 1);
        b.act(seen());
        assert_eq!((b.unread(), b.doc.heads()), (0, heads), "not written yet");
    }
    assert_eq!(b.doc.next_timeout(), Some(Timestamp(1_000_001) + SEEN_EVERY));
    let (shown, heads) = (b.talk().clone(), b.doc.heads());
    b.wait(9_000);
    assert_eq!(b.doc.heads(), heads);
    b.wait(1_000);
    assert_eq!((b.talk(), b.doc.next_timeout()), (&shown, None));
    assert_ne!(b.doc.heads(), heads, "one change for all");
    a.pull(&b);
    assert_eq!(a.talk(), b.talk(), "others see how far somebody is");
}

#[test]
fn what_was_seen_is_written_when_the_room_is_closed() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.act(say("x", "one"));
    b.pull(&a);
    b.act(seen());
    a.act(say("y", "two"));
    b.pull(&a);
    b.act(seen());
    b.flush();
    assert_eq!(b.doc.next_timeout(), None);
    let again = Peer::open(9, "p2", b.chunks.clone());
    assert_eq!(again.unread(), 0);
}

#[test]
fn a_read_marker_never_goes_back() {
    let mut peer = room();
    let board = || TalkCommand::MarkSeen { card: None };
    peer.act(board());
    let seen_at = |peer: &Peer| peer.talk().seen(&user("p1"), None).unwrap();
    let first = seen_at(&peer);
    assert_eq!(first, i64::try_from(peer.now.0).unwrap());
    peer.wait(20_000);
    peer.act(board());
    let second = seen_at(&peer);
    assert!(second > first);
    peer.now = Timestamp(5);
    peer.act(board());
    assert_eq!(seen_at(&peer), second, "a clock that is set back");
    let heads = peer.doc.heads();
    peer.act(seen());
    peer.flush();
    assert_eq!(
        peer.doc.heads(),
        heads,
        "where all comments are one's own there is nothing to mark"
    );
}

#[test]
fn a_talk_of_a_newer_schema_can_only_be_read() {
    use automerge::ROOT;
    use automerge::transaction::Transactable;
    let mut peer = room();
    foreign(&mut peer, |to| to.put(ROOT, "schema", 2_u64).unwrap());
    assert!(peer.talk().is_read_only());
    for command in [say("y", ""), edit("x", "y"), vote(), unvote(), seen()] {
        assert_eq!(peer.try_do(command), Err(CommandError::ReadOnly));
    }
    assert_eq!(peer.texts(), ["X"]);
}
