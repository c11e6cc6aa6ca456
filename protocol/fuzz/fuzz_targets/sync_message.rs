//! Any bytes as a sync message: never a panic, and what passes is written as it is read, but for the flags, which we do
//! not write.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use warroom_protocol::ChangeHash;
use warroom_protocol::sync_message::SyncMessage;

fuzz_target!(|data: &[u8]| {
    if let Ok(message) = SyncMessage::decode(&Bytes::copy_from_slice(data)) {
        for have in &message.have {
            have.bloom.contains(&ChangeHash([7; 32]));
        }
        let written = SyncMessage { flags: None, ..message };
        assert_eq!(SyncMessage::decode(&written.encode()), Ok(written));
    }
});
