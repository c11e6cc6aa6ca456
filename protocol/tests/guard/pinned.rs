//! Changes as automerge 0.12 writes them, kept in a file: a later automerge that writes others, or a guard that takes
//! these no more, is found out. The fuzzers start from them.

use bytes::Bytes;
use warroom_protocol::guard::check_change;

use crate::honest::rich;
use crate::vectors::from_hex;

/// One change a line: name, a tab, hex. What is deflated follows the change that it is.
const CHANGES: &str = include_str!("../vectors/changes.hex");

#[test]
fn automerge_writes_what_it_wrote_and_the_guard_takes_it() {
    let lines = CHANGES.lines().filter_map(|line| line.split_once('\t'));
    let pinned: Vec<(&str, Bytes)> = lines.map(|(name, hex)| (name, from_hex(hex))).collect();
    let plain: Vec<&Bytes> =
        pinned.iter().filter(|(name, _)| *name == "plain").map(|(_, bytes)| bytes).collect();
    let written = rich();
    assert!(
        written.iter().map(automerge::Change::raw_bytes).eq(plain.iter().map(|&bytes| &bytes[..]))
    );
    let mut last = None;
    for (name, bytes) in &pinned {
        let change = check_change(bytes).unwrap();
        assert!(*name == "plain" || last == Some(change.hash), "{name}");
        last = Some(change.hash);
    }
}
