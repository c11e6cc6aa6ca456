//! Goal: our sync messages and filters are automerge's, both ways, and no message from outside costs more than its
//! limits. Method: differential properties against automerge, tables at limit and limit + 1, the bytes of F1.

use automerge::ROOT;
use automerge::sync::{self, BloomFilter, SyncDoc as _};
use automerge::transaction::Transactable as _;
use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use warroom_protocol::limits::{
    BLOOM_ENTRIES_MAX, SYNC_HAVE_MAX, SYNC_HEADS_MAX, SYNC_LAST_SYNC_MAX, SYNC_NEED_MAX,
};
use warroom_protocol::sync_message::{Bloom, Have, SyncMessage};
use warroom_protocol::{ChangeHash, GuardError};

use crate::honest::document;

fn theirs(hashes: &[ChangeHash]) -> Vec<automerge::ChangeHash> {
    hashes.iter().map(|hash| automerge::ChangeHash(hash.0)).collect()
}

fn hashes(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<ChangeHash>> {
    vec(any::<[u8; 32]>().prop_map(ChangeHash), count).prop_map(|mut hashes| {
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    })
}

fn chunk() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 11..200)
}

prop_compose! {
    fn message()(
        heads in hashes(0..6),
        need in hashes(0..6),
        have in vec((hashes(0..4), hashes(0..40)), 0..=SYNC_HAVE_MAX),
        changes in vec(chunk(), 0..5),
    ) -> SyncMessage {
        SyncMessage {
            heads,
            need,
            have: have
                .into_iter()
                .map(|(last_sync, hashes)| Have { last_sync, bloom: Bloom::build(&hashes) })
                .collect(),
            changes: changes.into_iter().map(Bytes::from).collect(),
            flags: None,
        }
    }
}

proptest! {
    #[test]
    fn a_filter_is_built_and_read_as_automerge_does(
        members in hashes(0..300),
        others in hashes(0..300),
    ) {
        let ours = Bloom::build(&members);
        let automerges = BloomFilter::from_hashes(theirs(&members).into_iter());
        for hash in members.iter().chain(&others) {
            prop_assert_eq!(
                ours.contains(hash),
                automerges.contains_hash(&automerge::ChangeHash(hash.0))
            );
        }
        prop_assert!(members.iter().all(|hash| ours.contains(hash)));
    }

    #[test]
    fn our_message_is_byte_for_byte_automerges(message in message()) {
        let ours = message.encode();
        let read = sync::Message::decode(&ours).expect("automerge reads what we write");
        prop_assert_eq!(&read.heads, &theirs(&message.heads));
        prop_assert_eq!(&read.need, &theirs(&message.need));
        prop_assert_eq!(read.have.len(), message.have.len());
        prop_assert!(read.changes.iter().eq(message.changes.iter().map(|chunk| &chunk[..])));
        prop_assert_eq!(&ours[..], &read.encode()[..]);
        prop_assert_eq!(SyncMessage::decode(&ours), Ok(message));
    }

    #[test]
    fn automerges_message_is_read_and_written_alike(
        message in message(),
        flags in proptest::option::of(0_u8..8),
        version_2 in any::<bool>(),
    ) {
        let mut from_automerge =
            sync::Message::decode(&message.encode()).expect("automerge reads what we write");
        from_automerge.flags = flags.map(|bits| {
            let mut flags = sync::MessageFlags::new();
            flags.set(bits);
            flags
        });
        if version_2 {
            from_automerge.version = sync::MessageVersion::V2;
        }
        let read = SyncMessage::decode(&from_automerge.encode().into());
        let expected = SyncMessage { flags: flags.map(|bits| bits | SyncMessage::FLAG_V2), ..message };
        prop_assert_eq!(read, Ok(expected));
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in vec(any::<u8>(), 0..400)) {
        let mut tagged = vec![0x42];
        tagged.extend_from_slice(&bytes);
        prop_assert!(SyncMessage::decode(&bytes.into()).is_err() || tagged.len() > 5);
        drop(SyncMessage::decode(&tagged.into()));
    }
}

#[test]
fn a_real_exchange_between_two_documents_passes_and_reads_back_the_same() {
    let (mut one, mut two) = (document(1), document(2));
    for number in 0..50 {
        one.put(ROOT, "one", number).unwrap();
        one.commit();
        two.put(ROOT, "two", number).unwrap();
        two.commit();
    }
    let (mut to_two, mut to_one) = (sync::State::new(), sync::State::new());
    let mut exchanged = 0;
    loop {
        let from_one = one.sync().generate_sync_message(&mut to_two);
        let from_two = two.sync().generate_sync_message(&mut to_one);
        if from_one.is_none() && from_two.is_none() {
            break;
        }
        for message in [&from_one, &from_two].into_iter().flatten() {
            let read = SyncMessage::decode(&message.clone().encode().into()).unwrap();
            assert_eq!(theirs(&read.heads), message.heads);
            assert_eq!(read.flags, Some(SyncMessage::FLAG_V2 | SyncMessage::FLAG_SUPPORTS_RESET));
            let mut plain = message.clone();
            plain.flags = None;
            plain.version = sync::MessageVersion::V1;
            assert_eq!(&read.encode()[..], &plain.encode()[..]);
            exchanged += 1;
        }
        if let Some(message) = from_one {
            two.sync().receive_sync_message(&mut to_one, message).unwrap();
        }
        if let Some(message) = from_two {
            one.sync().receive_sync_message(&mut to_two, message).unwrap();
        }
    }
    assert!(exchanged >= 4, "only {exchanged} messages were exchanged");
    assert_eq!(one.get_heads(), two.get_heads());
}

/// F1: the three messages that panic, stall or abort automerge 0.12, byte for byte, and their neighbours.
#[test]
fn f1_filters_that_crash_automerge_are_refused() {
    let cases: [(&str, &[u8]); 8] = [
        ("no bits per entry: division by zero", &[0x42, 0, 0, 1, 0, 3, 1, 0, 7, 0]),
        (
            "2^32 - 1 probes: 16 GiB and abort",
            &[0x42, 0, 0, 1, 0, 9, 1, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0],
        ),
        (
            "20 million probes: 21 seconds",
            &[0x42, 0, 0, 1, 0, 8, 1, 10, 0x80, 0xda, 0xc4, 0x09, 0, 0, 0],
        ),
        ("17 probes", &[0x42, 0, 0, 1, 0, 5, 1, 10, 17, 0, 0, 0]),
        ("no probes", &[0x42, 0, 0, 1, 0, 5, 1, 10, 0, 0, 0, 0]),
        ("33 bits per entry", &[0x42, 0, 0, 1, 0, 8, 1, 33, 7, 0, 0, 0, 0, 0, 0]),
        ("bits longer than the parameters say", &[0x42, 0, 0, 1, 0, 6, 1, 10, 7, 0, 0, 0, 0]),
        ("bits shorter than the parameters say", &[0x42, 0, 0, 1, 0, 4, 1, 10, 7, 0, 0]),
    ];
    for (name, bytes) in cases {
        assert!(SyncMessage::decode(&Bytes::from_static(bytes)).is_err(), "accepted: {name}");
    }
    let honest: &[u8] = &[0x42, 0, 0, 1, 0, 5, 1, 10, 16, 0, 0, 0];
    assert!(SyncMessage::decode(&Bytes::from_static(honest)).is_ok());
}

/// F1, by the ear of automerge: the message that we refuse is one that automerge takes and then panics over.
#[test]
fn f1_automerge_still_panics_over_the_ten_bytes_so_the_guard_is_still_needed() {
    let ten = [0x42, 0, 0, 1, 0, 3, 1, 0, 7, 0];
    let outcome = std::panic::catch_unwind(|| {
        let mut document = document(1);
        document.put(ROOT, "key", 1).unwrap();
        document.commit();
        let mut state = sync::State::new();
        let message = sync::Message::decode(&ten).unwrap();
        document.sync().receive_sync_message(&mut state, message).unwrap();
        document.sync().generate_sync_message(&mut state)
    });
    assert!(outcome.is_err(), "automerge is fixed: say so in docs/SECURITY.md");
}

fn check_limit(name: &str, max: usize, build: impl Fn(usize) -> SyncMessage) {
    for (count, accepted) in [(max - 1, true), (max, true), (max + 1, false)] {
        let read = SyncMessage::decode(&build(count).encode());
        match read {
            Ok(_) => assert!(accepted, "{name}: {count} were accepted"),
            Err(GuardError::TooMany { count: counted, .. }) => {
                assert!(!accepted && counted == count as u64, "{name}: {count} were refused");
            }
            Err(other) => panic!("{name}: {count}: {other}"),
        }
    }
}

#[test]
fn counts_are_limited_at_their_limit() {
    fn numbered(count: usize) -> Vec<ChangeHash> {
        let mut hashes: Vec<_> = (0..count as u64)
            .map(|number| {
                let mut hash = [0; 32];
                hash[..8].copy_from_slice(&number.to_le_bytes());
                ChangeHash(hash)
            })
            .collect();
        hashes.sort_unstable();
        hashes
    }
    check_limit("heads", SYNC_HEADS_MAX, |count| SyncMessage {
        heads: numbered(count),
        ..SyncMessage::default()
    });
    check_limit("needs", SYNC_NEED_MAX, |count| SyncMessage {
        need: numbered(count),
        ..SyncMessage::default()
    });
    check_limit("haves", SYNC_HAVE_MAX, |count| SyncMessage {
        have: vec![Have::default(); count],
        ..SyncMessage::default()
    });
    check_limit("last_sync", SYNC_LAST_SYNC_MAX, |count| SyncMessage {
        have: vec![Have { last_sync: numbered(count), bloom: Bloom::default() }],
        ..SyncMessage::default()
    });
    let filter = Bloom::build(&numbered(BLOOM_ENTRIES_MAX as usize + 1));
    assert_eq!(filter.entries(), BLOOM_ENTRIES_MAX);
    let largest = SyncMessage {
        have: vec![Have { last_sync: Vec::new(), bloom: filter }],
        ..SyncMessage::default()
    };
    assert_eq!(SyncMessage::decode(&largest.encode()), Ok(largest));
}

#[test]
fn announced_counts_cost_nothing_and_garbage_after_the_end_is_refused() {
    let cases: [(&str, &[u8]); 9] = [
        ("empty", &[]),
        ("another tag", &[0x44, 0, 0, 0, 0]),
        ("2^63 heads", &[0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]),
        ("100,000 changes and none there", &[0x42, 0, 0, 0, 0xa0, 0x8d, 0x06]),
        ("an empty change", &[0x42, 0, 0, 0, 1, 0]),
        ("garbage after the flags", &[0x42, 0, 0, 0, 0, 2, 2, 0x84, 9]),
        ("flags cut short", &[0x42, 0, 0, 0, 0, 2, 2]),
        ("an overlong count", &[0x42, 0x80, 0, 0, 0, 0]),
        ("a hash cut short", &[0x42, 1, 7, 7, 7]),
    ];
    for (name, bytes) in cases {
        assert!(SyncMessage::decode(&Bytes::from_static(bytes)).is_err(), "accepted: {name}");
    }
    let minimal = SyncMessage::decode(&Bytes::from_static(&[0x43, 0, 0, 0, 0, 2, 2, 0x84]));
    assert_eq!(minimal.unwrap().flags, Some(0x84));
}
