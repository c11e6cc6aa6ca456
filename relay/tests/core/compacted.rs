//! Cold joins: who gets a compacted document, and what automerge makes of it.

use automerge::sync::{Message, State, SyncDoc};
use bytes::Bytes;
use warroom_protocol::sync_message::SyncMessage;

use crate::support::{Desk, chunks, compacted, greeting, replica, written};

/// What a peer that has these changes of a compacted document of forty is sent first, and then.
fn cold(had: usize, compacted_of: usize) -> (Vec<Bytes>, SyncMessage) {
    let writer = written(1, 40);
    let stored = chunks(&writer);
    let mut desk = Desk::opening(true);
    desk.document.handle_compacted(compacted(&stored[..compacted_of]));
    desk.loaded(&stored).unwrap();
    let mut peer = replica(2);
    let changes = writer.get_changes(&[]).into_iter().take(had);
    peer.apply_changes(changes).unwrap();
    desk.sync(7, greeting(&peer));
    (stored, desk.take_sync(7))
}

#[test]
fn sy13_who_has_nothing_gets_the_compacted_document_and_what_came_after_it() {
    let (stored, message) = cold(0, 30);
    let document = compacted(&stored[..30]).chunk;
    assert!(document.len() < stored[..30].concat().len() / 2);
    assert_eq!(message.changes, [&[document], &stored[30..]].concat());
    let mut reader = replica(3);
    let message = Message::decode(&message.encode()).unwrap();
    reader.receive_sync_message(&mut State::new(), message).unwrap();
    assert_eq!(chunks(&reader), stored, "automerge has every change");
}

#[test]
fn sy13_who_lacks_little_of_a_compacted_document_gets_the_changes() {
    let (stored, message) = cold(25, 30);
    assert_eq!(message.changes, &stored[25..]);
    let (stored, message) = cold(15, 30);
    let document = compacted(&stored[..30]).chunk;
    assert_eq!(message.changes, [&[document], &stored[30..]].concat());
}

#[test]
fn sy13_who_lost_the_compacted_document_again_gets_the_changes() {
    let writer = written(1, 40);
    let stored = chunks(&writer);
    let mut desk = Desk::open(&stored);
    desk.document.handle_compacted(compacted(&stored));
    desk.sync(7, greeting(&replica(2)));
    assert_eq!(desk.take_sync(7).changes, [compacted(&stored).chunk]);
    desk.sync(7, greeting(&replica(2)));
    assert_eq!(desk.take_sync(7).changes, stored);
}

#[test]
fn peers_that_have_nothing_are_sent_the_same_bytes() {
    let stored = chunks(&written(1, 40));
    let mut desk = Desk::open(&stored);
    desk.document.handle_compacted(compacted(&stored));
    for connection in [7, 8, 9] {
        desk.sync(connection, greeting(&replica(2)));
    }
    let messages = [7, 8, 9].map(|connection| desk.take_sync(connection));
    assert!(messages.windows(2).all(|two| two[0] == two[1]));
    let counters = desk.document.take_counters();
    assert_eq!((counters.answers_fast, counters.answers_compacted), (3, 3));
}

#[test]
fn a_compacted_document_of_changes_that_are_not_here_is_left_alone() {
    let (here, elsewhere) = (chunks(&written(1, 40)), chunks(&written(2, 40)));
    let mut desk = Desk::open(&here);
    desk.document.handle_compacted(compacted(&elsewhere));
    desk.sync(7, greeting(&replica(2)));
    assert_eq!(desk.take_sync(7).changes, here);
}
