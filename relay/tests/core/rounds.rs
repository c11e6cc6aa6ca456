//! One document: how much waits for a round, and how much a round takes in.

use automerge::transaction::Transactable;
use automerge::{Automerge, ObjType, ROOT, ScalarValue};
use bytes::Bytes;
use warroom_protocol::ConnectionId;
use warroom_protocol::limits::CHANGE_OPS_MAX;
use warroom_protocol::sync_message::SyncMessage;
use warroom_relay::core::{Access, CloseReason, DocumentInput};
use warroom_relay::limits::{WAITING_BYTES_MAX, WAITING_MESSAGES_MAX};

use crate::support::{Desk, chunks, greeting, peer, replica, upload, written};

#[test]
fn inputs_wait_while_loading_and_the_queue_is_bounded() {
    let mut desk = Desk::opening(true);
    assert_eq!(desk.loads, 1);
    for _ in 0..WAITING_MESSAGES_MAX {
        assert!(desk.document.is_taking());
        desk.sync(1, greeting(&replica(2)));
    }
    assert!(!desk.document.is_taking(), "the shell leaves the rest in its mailbox");
    desk.sync(2, greeting(&replica(3)));
    assert_eq!(desk.refused, [(ConnectionId(2), CloseReason::Overloaded)]);
    desk.loaded(&chunks(&written(1, 2))).unwrap();
    assert!(desk.document.is_taking());
    assert_eq!(desk.take_sync(1).changes.len(), 2);
}

#[test]
fn what_waits_is_counted_by_the_frames_that_it_keeps_in_memory() {
    let mut desk = Desk::opening(true);
    let message = greeting(&replica(2));
    for (frame_bytes, is_taking) in [(WAITING_BYTES_MAX - 1, true), (1, false)] {
        let (peer, access) = (peer("p1"), Access::Write);
        let (message, storage) = (message.clone(), None);
        desk.input(
            1,
            DocumentInput::Sync { peer, access, is_request: false, message, storage, frame_bytes },
        );
        assert_eq!(desk.document.is_taking(), is_taking);
    }
    desk.loaded(&[]).unwrap();
    assert!(desk.document.is_taking(), "it was taken in");
}

/// One change of about as many operations as one may have, in a hundred bytes.
fn much(actor: u32) -> Automerge {
    let mut writer = replica(actor);
    let mut transaction = writer.transaction();
    let list = transaction.put_object(ROOT, "list", ObjType::List).unwrap();
    let count = usize::try_from(CHANGE_OPS_MAX).unwrap() - 1;
    transaction.splice(&list, 0, 0, vec![ScalarValue::Null; count]).unwrap();
    transaction.commit();
    writer
}

#[test]
fn a_round_ends_when_it_has_looked_at_enough_operations() {
    let mut desk = Desk::opening(true);
    let writers: Vec<_> = (1..=3).map(much).collect();
    for (connection, writer) in (1..).zip(&writers) {
        desk.sync(connection, upload(writer, chunks(writer)));
    }
    desk.loaded(&[]).unwrap();
    for round in 1..=3 {
        assert_eq!(desk.document.settled(), round - 1);
        assert_eq!(desk.saved().len(), 1, "round {round}");
    }
    assert_eq!((desk.document.settled(), desk.document.received()), (3, 3));
    // what is known costs nothing, so all of it is one round
    for (connection, writer) in (1..).zip(&writers) {
        desk.sync(connection, upload(writer, chunks(writer)));
    }
    assert_eq!(desk.document.settled(), 6);
}

#[test]
fn a_round_that_had_enough_without_anything_to_save_goes_on_at_once() {
    let mut desk = Desk::opening(true);
    for connection in 1..=3 {
        let message =
            SyncMessage { changes: vec![Bytes::from_static(&[0])], ..greeting(&replica(9)) };
        desk.sync(connection, message);
    }
    desk.loaded(&[]).unwrap();
    for round in 1..=3 {
        assert_eq!(desk.refused.len(), round);
        desk.wait_ms(0);
    }
    assert_eq!(desk.document.settled(), 3);
    assert_eq!(desk.document.next_timeout(), None);
}
