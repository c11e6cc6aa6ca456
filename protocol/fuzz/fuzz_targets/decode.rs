//! Any bytes as a frame and as a presence: never a panic, and what was read is written so that it is read again.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use warroom_protocol::limits::FRAME_BYTES_MAX;
use warroom_protocol::presence::{PresenceMessage, PresenceValue};
use warroom_protocol::wire::Frame;

fuzz_target!(|data: &[u8]| {
    let bytes = Bytes::copy_from_slice(data);
    if let Ok(frame) = Frame::decode(&bytes, FRAME_BYTES_MAX) {
        assert_eq!(Frame::decode(&frame.encode(), FRAME_BYTES_MAX), Ok(frame));
    }
    if let Ok(Some(message)) = PresenceMessage::decode(&bytes) {
        drop(PresenceMessage::decode(&message.encode()));
    }
    if let Ok(value) = PresenceValue::decode(&bytes) {
        assert!(PresenceValue::decode(&value.encode()).is_ok());
    }
});
