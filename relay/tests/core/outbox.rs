//! What waits for one socket stays bounded, and leaves in its order.

use bytes::Bytes;
use warroom_relay::core::{Lane, Limit, Outbox, OutboxFull};
use warroom_relay::limits::{
    OUTBOX_CONTROL_BYTES_MAX, OUTBOX_PRESENCE_BYTES_MAX, OUTBOX_PRESENCE_FRAMES_MAX,
};

use crate::support::document_id;

fn frame(number: usize) -> Bytes {
    Bytes::from(number.to_string())
}

#[test]
fn control_leaves_before_sync_and_sync_before_presence() {
    let mut outbox = Outbox::new();
    let document = document_id();
    outbox.push(&document, Lane::Presence, frame(3)).unwrap();
    outbox.push(&document, Lane::Sync, frame(2)).unwrap();
    outbox.push_control(frame(1)).unwrap();
    let taken: Vec<_> = std::iter::from_fn(|| outbox.take_next()).collect();
    assert_eq!(
        taken.iter().map(|taken| taken.frame.clone()).collect::<Vec<_>>(),
        [1, 2, 3].map(frame)
    );
    assert_eq!(
        taken.iter().map(|taken| taken.credit.clone()).collect::<Vec<_>>(),
        [None, Some(document), None]
    );
    assert!(outbox.is_empty());
}

#[test]
fn a_document_has_one_sync_frame_at_a_time() {
    let mut outbox = Outbox::new();
    let document = document_id();
    outbox.push(&document, Lane::Sync, frame(1)).unwrap();
    assert_eq!(outbox.push(&document, Lane::Sync, frame(2)), Err(OutboxFull));
    outbox.take_next().unwrap();
    outbox.push(&document, Lane::Sync, frame(2)).unwrap();
}

#[test]
fn the_oldest_presence_is_dropped_first() {
    let mut outbox = Outbox::new();
    for number in 0..OUTBOX_PRESENCE_FRAMES_MAX + 3 {
        outbox.push(&document_id(), Lane::Presence, frame(number)).unwrap();
    }
    assert_eq!(outbox.len(), OUTBOX_PRESENCE_FRAMES_MAX);
    let dropped = [(Limit::OutboxPresenceFrames, 3), (Limit::OutboxPresenceBytes, 0)];
    assert_eq!(outbox.take_dropped(), dropped);
    assert_eq!(outbox.take_dropped().map(|(_, count)| count), [0, 0], "once");
    assert_eq!(outbox.take_next().unwrap().frame, frame(3));
}

#[test]
fn presence_is_bounded_in_bytes() {
    let mut outbox = Outbox::new();
    let big = Bytes::from(vec![0; OUTBOX_PRESENCE_BYTES_MAX / 2]);
    for _ in 0..3 {
        outbox.push(&document_id(), Lane::Presence, big.clone()).unwrap();
    }
    assert_eq!(outbox.len(), 2);
    let dropped = [(Limit::OutboxPresenceFrames, 0), (Limit::OutboxPresenceBytes, 1)];
    assert_eq!(outbox.take_dropped(), dropped);
}

#[test]
fn control_is_bounded_in_bytes_and_refuses() {
    let mut outbox = Outbox::new();
    let big = Bytes::from(vec![0; OUTBOX_CONTROL_BYTES_MAX]);
    outbox.push_control(big).unwrap();
    assert_eq!(outbox.push_control(frame(1)), Err(OutboxFull));
    outbox.take_next().unwrap();
    outbox.push_control(frame(1)).unwrap();
}
