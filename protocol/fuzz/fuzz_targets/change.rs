//! Any bytes as a change chunk: never a panic, and what passes is a chunk that passes again under the same hash. Once
//! as they are, and once with the checksum that they should have, or nearly nothing would get past it.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use warroom_protocol::guard::check_change;

fuzz_target!(|data: &[u8]| {
    check(data);
    let mut repaired = data.to_vec();
    if let Some((head, content)) = repaired.split_at_mut_checked(8) {
        head[4..].copy_from_slice(&Sha256::digest(content)[..4]);
    }
    check(&repaired);
});

fn check(data: &[u8]) {
    if let Ok(change) = check_change(&Bytes::copy_from_slice(data)) {
        assert_eq!(check_change(&change.chunk).map(|again| again.hash), Ok(change.hash));
    }
}
