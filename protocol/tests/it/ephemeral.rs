//! [EP] and [KA3]: counts that rise, memory that does not, and waits that spread.
#![expect(clippy::unwrap_used, reason = "helpers of tests, which are to fail loudly")]

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use warroom_protocol::backoff::Backoff;
use warroom_protocol::ephemeral::{EphemeralSession, Heard};
use warroom_protocol::limits::{BACKOFF_BASE, BACKOFF_CAP, EPHEMERAL_SESSIONS_PER_SENDER_MAX};
use warroom_protocol::wire::{Ephemeral, SharedFrame};
use warroom_protocol::{Dice, DocumentId, PeerId, Seed, SessionId};

fn peer(text: &str) -> PeerId {
    PeerId::new(text).unwrap()
}

fn message(sender: &str, session: &str, count: u64) -> Ephemeral {
    Ephemeral {
        sender_id: peer(sender),
        target_id: peer("relay"),
        document_id: DocumentId::from_room_name("ops"),
        session_id: SessionId::new(session).unwrap(),
        count,
        data: Bytes::from_static(&[0xa0]),
    }
}

#[test]
fn ep2_only_the_target_is_rewritten() {
    let said = message("tab", "s", 7);
    let bytes = SharedFrame::ephemeral(&said).to(&peer("other"));
    let heard = warroom_protocol::wire::Frame::decode(&bytes, bytes.len()).unwrap();
    let expected = Ephemeral { target_id: peer("other"), ..said };
    assert_eq!(heard, warroom_protocol::wire::Frame::Ephemeral(expected));
}

#[test]
fn ep3_counts_rise_within_a_session_of_an_origin() {
    let mut heard = Heard::new(8);
    for (sender, session, count, is_new) in [
        ("a", "s", 5, true),
        ("a", "s", 5, false),
        ("a", "s", 4, false),
        ("a", "s", 6, true),
        ("a", "t", 1, true),
        ("a", "s", 6, false),
        // the same session id in another name mutes nobody
        ("b", "s", u64::MAX, true),
        ("a", "s", 7, true),
        ("b", "s", u64::MAX, false),
        // from 0, for whoever begins there
        ("c", "s", 0, true),
        ("c", "s", 0, false),
    ] {
        assert_eq!(
            heard.is_new(&message(sender, session, count)),
            is_new,
            "{sender} {session} {count}"
        );
    }
}

#[test]
fn ep3_memory_is_bounded_and_the_least_recent_goes_first() {
    let mut heard = Heard::new(2);
    assert!(heard.is_new(&message("a", "s", 9)) && heard.is_new(&message("b", "s", 9)));
    assert!(!heard.is_new(&message("a", "s", 9)), "and a is the more recent one now");
    assert!(heard.is_new(&message("c", "s", 9)));
    assert_eq!(heard.last(&peer("b")), None);
    assert!(!heard.is_new(&message("a", "s", 9)));

    for n in 0..100 {
        assert!(heard.is_new(&message("c", &format!("flood{n}"), 1)));
    }
    assert!(!heard.is_new(&message("a", "s", 9)), "a flood of sessions displaces only its own");
    let newest = format!("flood{}", 100 - EPHEMERAL_SESSIONS_PER_SENDER_MAX);
    assert!(!heard.is_new(&message("c", &newest, 1)));
    assert!(heard.is_new(&message("c", "flood0", 1)));
}

#[test]
fn ep6_a_goodbye_exceeds_the_last_count() {
    let mut heard = Heard::new(1);
    assert_eq!(heard.last(&peer("a")), None, "who said nothing needs no goodbye");
    for count in [3, 9, 4] {
        heard.is_new(&message("a", "s", count));
    }
    let session = SessionId::new("s").unwrap();
    assert_eq!(heard.last(&peer("a")), Some((&session, 9)));
}

#[test]
fn ep3_our_own_counts_rise_and_sessions_differ() {
    let mut dice = Dice::new(Seed([1; 32]));
    let mut first = EphemeralSession::new(peer("a"), &mut dice);
    let mut second = EphemeralSession::new(peer("a"), &mut dice);
    let mut heard = Heard::new(4);
    for _ in 0..3 {
        for session in [&mut first, &mut second] {
            let said = session.message(
                DocumentId::from_room_name("x"),
                peer("r"),
                Bytes::from_static(&[0xa0]),
            );
            assert!(heard.is_new(&said), "{said:?}");
        }
    }
}

#[test]
fn ka3_waits_double_up_to_half_a_minute_and_start_over() {
    let mut dice = Dice::new(Seed([2; 32]));
    let mut backoff = Backoff::new();
    let mut ceiling = BACKOFF_BASE;
    let mut longest = Duration::ZERO;
    for _ in 0..50 {
        let wait = backoff.handle_failed(&mut dice);
        assert!(wait < ceiling && wait < BACKOFF_CAP, "{wait:?} of {ceiling:?}");
        longest = longest.max(wait);
        ceiling = ceiling.saturating_mul(2);
    }
    assert!(longest > BACKOFF_CAP / 2, "the cap is used: {longest:?}");
    backoff.handle_succeeded();
    assert!(backoff.handle_failed(&mut dice) < BACKOFF_BASE);
}

#[test]
fn ka3_a_thousand_clients_do_not_return_together() {
    let mut buckets = [0_u32; 10];
    for n in 0..1_000_u32 {
        let mut seed = [0; 32];
        seed.iter_mut().zip(n.to_le_bytes()).for_each(|(to, from)| *to = from);
        let mut backoff = Backoff::new();
        let wait = backoff.handle_failed(&mut Dice::new(Seed(seed)));
        buckets[usize::try_from(wait.as_millis() / 50).unwrap()] += 1;
    }
    assert!(buckets.iter().all(|count| (60..=140).contains(count)), "{buckets:?}");
}

proptest! {
    #[test]
    fn ep3_what_is_new_rises_per_session(script in proptest::collection::vec((0..3_u8, 0..3_u8, 0..20_u64), 0..200)) {
        let mut heard = Heard::new(3);
        let mut last = std::collections::BTreeMap::new();
        for (sender, session, count) in script {
            let expected = last.get(&(sender, session)).is_none_or(|known| count > *known);
            if expected {
                last.insert((sender, session), count);
            }
            let said = message(&sender.to_string(), &session.to_string(), count);
            prop_assert_eq!(heard.is_new(&said), expected);
        }
    }
}
