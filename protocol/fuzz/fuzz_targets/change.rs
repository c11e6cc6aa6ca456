//! Any bytes as a change chunk: never a panic, and what passes is a chunk that passes again under the same hash.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use warroom_protocol::guard::check_change;

fuzz_target!(|data: &[u8]| {
    if let Ok(change) = check_change(&Bytes::copy_from_slice(data)) {
        assert_eq!(check_change(&change.chunk).map(|again| again.hash), Ok(change.hash));
    }
});
