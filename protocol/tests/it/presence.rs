//! [PR]: the envelope that stock clients read, and a roster that forgets.
#![expect(clippy::unwrap_used, reason = "helpers of tests, which are to fail loudly")]

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use warroom_protocol::limits::{
    PRESENCE_BYTES_MAX, PRESENCE_CHANNELS_MAX, PRESENCE_EXPIRY, PRESENCE_HEARTBEAT,
    PRESENCE_INTERVAL, PRESENCE_INTERVAL_ALONE, PRESENCE_PEER_BYTES_MAX, PRESENCE_PEERS_MAX,
};
use warroom_protocol::presence::{PresenceMessage, PresenceValue, Roster, RosterOutput};
use warroom_protocol::{PeerId, PresenceError, Timestamp};

use crate::vectors::{from_hex, reference, to_hex};

const START: Timestamp = Timestamp(1_000_000);
const MS: Duration = Duration::from_millis(1);

fn peer(text: &str) -> PeerId {
    PeerId::new(text).unwrap()
}

fn text(text: &str) -> Bytes {
    PresenceValue::Text(text.to_owned()).encode()
}

fn update(channel: &str, value: &str) -> PresenceMessage {
    PresenceMessage::Update { channel: channel.to_owned(), value: Some(text(value)) }
}

fn snapshot(entries: &[(&str, Option<&str>)]) -> PresenceMessage {
    let state = entries.iter().map(|(channel, value)| ((*channel).to_owned(), value.map(text)));
    PresenceMessage::Snapshot { state: state.collect() }
}

fn drain(roster: &mut Roster) -> Vec<RosterOutput> {
    std::iter::from_fn(|| roster.poll_output()).collect()
}

fn sent(roster: &mut Roster) -> Vec<PresenceMessage> {
    let outputs = drain(roster).into_iter();
    let payloads = outputs.filter_map(|output| match output {
        RosterOutput::Send(payload) => Some(payload),
        RosterOutput::Put(_) | RosterOutput::Gone(_) => None,
    });
    payloads.map(|payload| PresenceMessage::decode(&payload).unwrap().unwrap()).collect()
}

/// A roster that introduced itself at `START` and said nothing since.
fn connected() -> Roster {
    let mut roster = Roster::new();
    roster.handle_connected(START);
    assert_eq!(sent(&mut roster), [snapshot(&[])], "the introduction");
    roster
}

#[test]
fn pr1_the_envelope_is_the_references() {
    let heartbeat = PresenceMessage::decode(&reference("presence_heartbeat"));
    assert_eq!(heartbeat, Ok(Some(PresenceMessage::Heartbeat)));
    // as cbor-x writes {__presence: {userId: undefined, type: "update", channel: "c", value: {x: 1.5}}}
    let hex = "b90001 6a5f5f70726573656e6365 b90004 66757365724964 f7 6474797065 66757064617465
        676368616e6e656c 6163 6576616c7565 b90001 6178 fb3ff8000000000000";
    let value = from_hex("b90001 6178 fb3ff8000000000000");
    let expected = PresenceMessage::Update { channel: "c".to_owned(), value: Some(value) };
    assert_eq!(PresenceMessage::decode(&from_hex(hex)), Ok(Some(expected)));

    let goodbye = "a1 6a5f5f70726573656e6365 a1 6474797065 67676f6f64627965";
    assert_eq!(to_hex(&Roster::goodbye()), to_hex(&from_hex(goodbye)));
}

#[test]
fn pr1_other_payloads_are_somebody_elses() {
    let later = "a1 6a5f5f70726573656e6365 a1 6474797065 656c61746572";
    for hex in ["a0", "a1616100", later] {
        assert_eq!(PresenceMessage::decode(&from_hex(hex)), Ok(None), "{hex}");
    }
    for hex in ["f6", "00", "", "a16a5f5f70726573656e636500", "a16a5f5f70726573656e6365a0"] {
        assert!(PresenceMessage::decode(&from_hex(hex)).is_err(), "{hex}");
    }
}

#[test]
fn pr2_a_heartbeat_follows_15_seconds_of_silence() {
    let mut roster = connected();
    assert_eq!(roster.next_timeout(), Some(START + PRESENCE_HEARTBEAT));
    roster.handle_timeout(START + PRESENCE_HEARTBEAT - MS);
    assert_eq!(sent(&mut roster), []);
    roster.handle_timeout(START + PRESENCE_HEARTBEAT);
    assert_eq!(sent(&mut roster), [PresenceMessage::Heartbeat]);
    assert_eq!(roster.next_timeout(), Some(START + PRESENCE_HEARTBEAT * 2));
}

#[test]
fn pr2_who_is_silent_for_45_seconds_is_gone() {
    let mut roster = connected();
    roster.handle_message(START, &peer("ann"), update("user", "Ann"));
    roster.handle_message(START + PRESENCE_HEARTBEAT, &peer("bob"), PresenceMessage::Heartbeat);
    drain(&mut roster);
    roster.handle_timeout(START + PRESENCE_EXPIRY - MS);
    assert_eq!(roster.peers().count(), 2);
    drain(&mut roster);
    roster.handle_timeout(START + PRESENCE_EXPIRY);
    let outputs = drain(&mut roster);
    assert!(outputs.contains(&RosterOutput::Gone(peer("ann"))), "{outputs:?}");
    assert_eq!(roster.peers().map(|(id, _)| id.clone()).collect::<Vec<_>>(), [peer("bob")]);
}

#[test]
fn pr3_an_unknown_peer_is_told_everything() {
    let mut roster = connected();
    roster.handle_own(START + PRESENCE_INTERVAL_ALONE, "user", Some(text("Me"))).unwrap();
    drain(&mut roster);
    let at = START + PRESENCE_INTERVAL_ALONE + PRESENCE_INTERVAL;
    roster.handle_message(at, &peer("ann"), PresenceMessage::Heartbeat);
    assert_eq!(sent(&mut roster), [snapshot(&[("user", Some("Me"))])]);
    roster.handle_message(at + PRESENCE_INTERVAL, &peer("ann"), update("user", "Ann"));
    assert_eq!(drain(&mut roster), [RosterOutput::Put(peer("ann"))], "once known, no more");
}

#[test]
fn pr4_a_goodbye_removes_at_once() {
    let mut roster = connected();
    roster.handle_message(START + MS, &peer("ann"), update("user", "Ann"));
    drain(&mut roster);
    roster.handle_message(START + MS * 2, &peer("ann"), PresenceMessage::Goodbye);
    assert_eq!(drain(&mut roster), [RosterOutput::Gone(peer("ann"))]);
    assert_eq!(roster.peer(&peer("ann")), None);
    roster.handle_message(START + MS * 3, &peer("eve"), PresenceMessage::Goodbye);
    assert_eq!(drain(&mut roster), [], "a goodbye of a stranger is nothing");
}

#[test]
fn pr5_the_latest_whole_state_is_said_at_most_every_33_ms() {
    let mut roster = connected();
    roster.handle_message(START + MS, &peer("ann"), PresenceMessage::Heartbeat);
    drain(&mut roster);
    for n in 0..30_u32 {
        roster.handle_own(START + MS * n, "cursor", Some(text(&n.to_string()))).unwrap();
    }
    assert_eq!(sent(&mut roster), []);
    let due = roster.next_timeout().unwrap();
    assert_eq!(due, START + PRESENCE_INTERVAL);
    roster.handle_timeout(due);
    assert_eq!(sent(&mut roster), [snapshot(&[("cursor", Some("29"))])]);
    roster.handle_own(due + MS, "cursor", Some(text("29"))).unwrap();
    assert_eq!(roster.next_timeout(), Some(due + PRESENCE_HEARTBEAT), "the same again is not news");
}

#[test]
fn pr5_alone_once_a_second_is_enough() {
    let mut roster = connected();
    roster.handle_own(START + MS, "cursor", Some(text("1"))).unwrap();
    assert_eq!(roster.next_timeout(), Some(START + PRESENCE_INTERVAL_ALONE));
}

#[test]
fn pr5_nothing_is_said_without_a_connection_and_all_with_the_next() {
    let mut roster = connected();
    roster.handle_message(START, &peer("ann"), PresenceMessage::Heartbeat);
    roster.handle_disconnected();
    assert!(drain(&mut roster).contains(&RosterOutput::Gone(peer("ann"))));
    roster.handle_own(START + MS, "user", Some(text("Me"))).unwrap();
    assert_eq!((drain(&mut roster), roster.next_timeout()), (Vec::new(), None));
    roster.handle_connected(START + MS * 2);
    assert_eq!(sent(&mut roster), [snapshot(&[("user", Some("Me"))])]);
}

#[test]
fn pr6_a_cleared_channel_is_null() {
    let mut roster = connected();
    let later = |n: u32| START + PRESENCE_INTERVAL_ALONE * n;
    roster.handle_own(later(1), "typing", Some(text("x"))).unwrap();
    drain(&mut roster);
    roster.handle_own(later(2), "typing", None).unwrap();
    assert_eq!(sent(&mut roster), [snapshot(&[("typing", None)])]);
    roster.handle_own(later(3), "never", None).unwrap();
    assert_eq!(sent(&mut roster), []);

    let ann = peer("ann");
    roster.handle_message(
        later(3),
        &ann,
        snapshot(&[("typing", Some("x")), ("user", Some("Ann"))]),
    );
    roster.handle_message(later(4), &ann, snapshot(&[("typing", None), ("user", Some("Ann"))]));
    assert_eq!(roster.peer(&ann).unwrap().channels.keys().collect::<Vec<_>>(), ["user"]);
    let user = &roster.peer(&ann).unwrap().channels["user"];
    assert_eq!(user.updated, later(3), "a snapshot that repeats a channel does not renew it");
    roster.handle_message(later(5), &ann, update("user", "Ann"));
    assert_eq!(roster.peer(&ann).unwrap().channels["user"].updated, later(5), "an update does");
}

#[test]
fn pr7_our_own_state_fits_one_message() {
    let mut roster = connected();
    roster.handle_own(START, "user", Some(text("Me"))).unwrap();
    let large = roster.handle_own(START, "user", Some(text(&"x".repeat(PRESENCE_BYTES_MAX))));
    assert!(matches!(large, Err(PresenceError::TooLarge { .. })), "{large:?}");
    assert_eq!(
        roster.handle_own(START, &"x".repeat(65), Some(text(""))),
        Err(PresenceError::Channels)
    );
    assert_eq!(roster.handle_own(START, "", Some(text(""))), Err(PresenceError::Channels));
    for n in 1..PRESENCE_CHANNELS_MAX {
        roster.handle_own(START, &format!("c{n}"), Some(text(""))).unwrap();
    }
    assert_eq!(roster.handle_own(START, "more", Some(text(""))), Err(PresenceError::Channels));
    roster.handle_timeout(START + PRESENCE_INTERVAL_ALONE);
    let [PresenceMessage::Snapshot { state }] = &sent(&mut roster)[..] else {
        panic!("no snapshot")
    };
    assert_eq!(state.len(), PRESENCE_CHANNELS_MAX);
    assert!(state.contains(&("user".to_owned(), Some(text("Me")))), "what failed changed nothing");
}

#[test]
fn pr7_a_peer_and_a_roster_are_bounded() {
    let long =
        PresenceMessage::Update { channel: "c".to_owned(), value: Some(text(&"x".repeat(2_100))) };
    assert!(PresenceMessage::decode(&long.encode()).is_err());

    let mut roster = connected();
    let ann = peer("ann");
    for n in 0..100 {
        roster.handle_message(START, &ann, update(&format!("c{n}"), &"x".repeat(1_000)));
        roster.handle_message(START, &ann, update(&format!("d{n}"), ""));
    }
    let kept = &roster.peer(&ann).unwrap().channels;
    let bytes: usize = kept.iter().map(|(name, channel)| name.len() + channel.value.len()).sum();
    assert!(
        bytes <= PRESENCE_PEER_BYTES_MAX && kept.len() <= PRESENCE_CHANNELS_MAX,
        "{bytes} {}",
        kept.len()
    );

    for n in 0..PRESENCE_PEERS_MAX + 10 {
        roster.handle_message(START, &peer(&format!("flood{n}")), PresenceMessage::Heartbeat);
    }
    assert_eq!(roster.peers().count(), PRESENCE_PEERS_MAX);
    assert!(roster.peer(&ann).is_some(), "a flood displaces nobody");
}

#[test]
fn pr1_a_value_is_a_tree() {
    use PresenceValue::{Bool, Float, Integer, List, Map, Null, Text};
    let value = Map(vec![
        ("name".to_owned(), Text("Zoë".to_owned())),
        ("at".to_owned(), List(vec![Integer(7), Integer(1 << 40), Float(0.25), Float(-3.0), Null])),
        ("idle".to_owned(), Bool(true)),
    ]);
    assert_eq!(PresenceValue::decode(&value.encode()), Ok(value));
    assert_eq!(PresenceValue::decode(&from_hex("24")), Ok(Float(-5.0)));
    assert_eq!(PresenceValue::decode(&from_hex("4101")), Ok(Null));
    for hex in ["", "0000", "8181818181818181818100", "81"] {
        assert!(PresenceValue::decode(&from_hex(hex)).is_err(), "{hex}");
    }
    assert!(PresenceValue::decode(&List(vec![Null; 256]).encode()).is_err(), "257 nodes");
    assert!(PresenceValue::decode(&List(vec![Null; 255]).encode()).is_ok(), "256 nodes");
}

fn message() -> impl Strategy<Value = PresenceMessage> {
    let value = || proptest::option::of("[a-z]{0,9}".prop_map(|value| text(&value)));
    prop_oneof![
        ("[a-z]{1,9}", value())
            .prop_map(|(channel, value)| PresenceMessage::Update { channel, value }),
        proptest::collection::btree_map("[a-z]{1,9}", value(), 0..8)
            .prop_map(|state| PresenceMessage::Snapshot { state: state.into_iter().collect() }),
        Just(PresenceMessage::Heartbeat),
        Just(PresenceMessage::Goodbye),
    ]
}

proptest! {
    #[test]
    fn pr1_what_is_written_is_read_back(message in message()) {
        prop_assert_eq!(PresenceMessage::decode(&message.encode()), Ok(Some(message)));
    }

    #[test]
    fn pr1_mutants_are_survived(message in message(), at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut bytes = message.encode().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = value;
        drop(PresenceMessage::decode(&bytes.clone().into()));
        drop(PresenceValue::decode(&bytes.into()));
    }

    /// A roster whose owner obeys its timeouts is silent for 15 s at most, and speaks 30 times a second at most.
    #[test]
    fn pr5_the_rate_holds_over_any_schedule(steps in proptest::collection::vec((0..2_000_u64, 0..4_u8, 0..5_u8), 1..80)) {
        let mut roster = Roster::new();
        let mut now = START;
        roster.handle_connected(now);
        let mut spoke = now;
        drain(&mut roster);
        for (wait, act, value) in steps {
            let until = now + Duration::from_millis(wait * 11);
            while let Some(due) = roster.next_timeout().filter(|due| *due <= until) {
                prop_assert!(due >= now, "a timeout in the past");
                now = due;
                roster.handle_timeout(now);
                check_rate(&mut roster, now, &mut spoke)?;
                prop_assert!(roster.next_timeout() > Some(now), "a timeout that comes again at once");
            }
            now = until;
            match act {
                0 => roster.handle_own(now, "cursor", Some(text(&value.to_string()))).unwrap(),
                1 => roster.handle_message(now, &peer(&value.to_string()), PresenceMessage::Goodbye),
                _ => roster.handle_message(now, &peer(&value.to_string()), update("user", &act.to_string())),
            }
            check_rate(&mut roster, now, &mut spoke)?;
        }
    }
}

fn check_rate(
    roster: &mut Roster,
    now: Timestamp,
    spoke: &mut Timestamp,
) -> Result<(), TestCaseError> {
    let count = sent(roster).len();
    prop_assert!(count <= 1, "{count} messages at once");
    if count == 1 {
        prop_assert!(now.since(*spoke) >= PRESENCE_INTERVAL, "too soon");
        *spoke = now;
    }
    prop_assert!(now.since(*spoke) <= PRESENCE_HEARTBEAT, "silent for too long");
    Ok(())
}
