//! [GU]: what the guard takes and refuses, seen from the wire. The findings behind the rules, and mutants by the
//! thousand, are in `tests/guard`.
//!
//! Method: sync messages written by hand, and real changes with one thing wrong and a checksum that fits.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which are to fail loudly"
)]

use std::io::Write;

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ROOT};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};
use warroom_protocol::ChangeHash;
use warroom_protocol::guard::{CheckedChange, check_change};
use warroom_protocol::limits::{
    BLOOM_BITS_PER_ENTRY_MAX, BLOOM_PROBES_MAX, CHANGE_OPS_MAX, INFLATE_BYTES_FREE, SYNC_HAVE_MAX,
    SYNC_HEADS_MAX, SYNC_LAST_SYNC_MAX, SYNC_NEED_MAX,
};
use warroom_protocol::sync_message::{Have, SyncMessage};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

fn hashes(count: usize) -> Vec<ChangeHash> {
    let hash = |n: usize| ChangeHash(Sha256::digest(n.to_be_bytes()).into());
    let mut hashes: Vec<_> = (0..count).map(hash).collect();
    hashes.sort();
    hashes
}

/// The changes that `write` makes of a new document, as chunks of type 1.
#[expect(clippy::disallowed_methods, reason = "automerge by itself is what is tested")]
fn changes(actor: &[u8], write: impl FnOnce(&mut AutoCommit)) -> Vec<Vec<u8>> {
    let mut document = AutoCommit::new().with_actor(ActorId::from(actor));
    write(&mut document);
    let changes = document.get_changes(&[]);
    changes.into_iter().map(|mut change| change.bytes().into_owned()).collect()
}

fn two_changes(document: &mut AutoCommit) {
    for title in ["Buy milk", "Buy bread"] {
        document.put(ROOT, "title", title).unwrap();
        document.commit();
    }
}

/// What a chunk holds. Every change here is shorter than 128 bytes, so its length takes one byte.
fn content(chunk: &[u8]) -> &[u8] {
    assert_eq!(usize::from(chunk[9]), chunk.len() - 10, "not a short chunk");
    &chunk[10..]
}

fn chunk(kind: u8, content: &[u8], plain: &[u8]) -> Bytes {
    let body = |kind: u8, content: &[u8]| [&[kind][..], &length(content), content].concat();
    let check = Sha256::digest(body(1, plain));
    [&MAGIC[..], &check[..4], &body(kind, content)].concat().into()
}

/// ULEB128, as automerge writes lengths.
fn length(content: &[u8]) -> Vec<u8> {
    let mut left = content.len();
    let mut out = Vec::new();
    while left >= 128 {
        out.push(u8::try_from(left % 128).unwrap() | 128);
        left /= 128;
    }
    out.push(u8::try_from(left).unwrap());
    out
}

fn check(chunk: &[u8]) -> bool {
    check_change(&Bytes::copy_from_slice(chunk)).is_ok()
}

fn check_message(message: &SyncMessage) -> bool {
    SyncMessage::decode(&message.encode()).is_ok()
}

#[test]
fn gu1_a_sync_message_is_bounded_in_every_part() {
    type Build = fn(usize) -> SyncMessage;
    let cases: [(&str, usize, Build); 4] = [
        ("heads", SYNC_HEADS_MAX, |n| SyncMessage { heads: hashes(n), ..SyncMessage::default() }),
        ("need", SYNC_NEED_MAX, |n| SyncMessage { need: hashes(n), ..SyncMessage::default() }),
        ("have", SYNC_HAVE_MAX, |n| SyncMessage {
            have: vec![Have::default(); n],
            ..SyncMessage::default()
        }),
        ("last_sync", SYNC_LAST_SYNC_MAX, |n| SyncMessage {
            have: vec![Have { last_sync: hashes(n), ..Have::default() }],
            ..SyncMessage::default()
        }),
    ];
    for (name, max, build) in cases {
        assert!(check_message(&build(max - 1)) && check_message(&build(max)), "{name}: {max}");
        assert!(!check_message(&build(max + 1)), "{name}: one more than {max}");
    }
    let honest = SyncMessage { heads: hashes(1), ..SyncMessage::default() }.encode();
    for end in 0..honest.len() {
        assert!(SyncMessage::decode(&honest.slice(..end)).is_err(), "cut at {end}");
    }
}

#[test]
fn gu2_a_filter_is_as_long_as_it_says() {
    let filter = |entries: u8, bits: u32, probes: u32, bytes: usize| {
        let mut bloom = vec![entries, u8::try_from(bits).unwrap(), u8::try_from(probes).unwrap()];
        bloom.extend(std::iter::repeat_n(0, bytes));
        let head = [0x42, 0, 0, 1, 0, u8::try_from(bloom.len()).unwrap()];
        SyncMessage::decode(&[&head[..], &bloom, &[0]].concat().into()).is_ok()
    };
    let (bits_max, probes_max) = (BLOOM_BITS_PER_ENTRY_MAX, BLOOM_PROBES_MAX);
    let bytes_max = usize::try_from(bits_max / 8).unwrap();
    assert!(
        filter(1, 10, 7, 2) && filter(1, 1, 1, 1) && filter(1, bits_max, probes_max, bytes_max)
    );
    assert!(!filter(1, 0, 7, 0) && !filter(1, bits_max + 1, 7, bytes_max + 1), "bits an entry");
    assert!(!filter(1, 10, 0, 2) && !filter(1, 10, probes_max + 1, 2), "probes");
    assert!(!filter(1, 10, 7, 1) && !filter(1, 10, 7, 3), "bytes");
}

#[test]
fn gu3_a_chunk_is_whole_and_a_change() {
    let chunks = changes(&[1; 16], two_changes);
    let honest = &chunks[0];
    assert!(chunks.iter().all(|chunk| check(chunk)));
    for at in 0..honest.len() {
        let mut wrong = honest.clone();
        wrong[at] ^= 1;
        assert!(!check(&wrong), "byte {at} was changed");
        assert!(!check(&honest[..at]), "cut at {at}");
    }
    assert!(!check(&[honest.as_slice(), &[0]].concat()), "something behind it");
    let plain = content(honest);
    assert_eq!(chunk(1, plain, plain), honest, "the tests write chunks as automerge does");
    for kind in [0, 3, 4, 255] {
        assert!(!check(&chunk(kind, plain, plain)), "type {kind}");
    }
}

#[test]
fn gu4_inflating_is_bounded() {
    let deflated = |plain: &[u8]| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        chunk(2, &encoder.finish().unwrap(), plain)
    };
    let chunks = changes(&[1; 16], two_changes);
    let honest: CheckedChange = check_change(&deflated(content(&chunks[0]))).unwrap();
    assert_eq!(honest.chunk, chunks[0], "it is handed on inflated");
    let bomb = deflated(&vec![0; INFLATE_BYTES_FREE * 8]);
    let refused = check_change(&bomb).unwrap_err().to_string();
    assert!(bomb.len() < 4_096 && refused.contains("inflated"), "{refused}");
}

#[test]
fn gu5_a_change_is_bounded() {
    let ops = usize::try_from(CHANGE_OPS_MAX).unwrap();
    for (count, passes) in [(ops - 1, true), (ops, true), (ops + 1, false)] {
        let chunks = changes(&[1; 16], |document| {
            for n in 0..count {
                document.put(ROOT, "n", i64::try_from(n).unwrap()).unwrap();
            }
        });
        assert_eq!((chunks.len(), check(&chunks[0])), (1, passes), "{count} operations");
    }
    for (bytes, passes) in [(15, false), (16, true), (32, true), (33, false)] {
        assert_eq!(check(&changes(&vec![1; bytes], two_changes)[0]), passes, "actor of {bytes}");
    }
    let chunks = changes(&[1; 16], two_changes);
    let plain = content(&chunks[1]);
    let (dependency, rest) = plain[1..].split_at(32);
    assert_eq!(plain[0], 1, "it builds on one change");
    let once = [&[1], dependency, rest].concat();
    let twice = [&[2], dependency, dependency, rest].concat();
    assert!(check(&chunk(1, &once, &once)) && !check(&chunk(1, &twice, &twice)), "a repeat");
}

#[test]
fn gu6_only_the_first_change_names_an_author() {
    let chunks = changes(&[1; 16], |document| {
        document.set_author(Some(automerge::Author::from(&b"ann"[..])));
        two_changes(document);
    });
    assert!(chunks.iter().all(|chunk| check(chunk)));
    let [first, second] = [content(&chunks[0]), content(&chunks[1])];
    let footer = b"\x01\x03ann";
    assert!(first.ends_with(footer) && !second.ends_with(footer), "automerge names it once");
    let named = [second, footer].concat();
    assert!(!check(&chunk(1, &named, &named)));
}
