//! [RO]: what a connection and the document of a root do about rooms.
//!
//! Method: one machine at a time, what it wants done looked at step by step; the store's answers are made up.

use bytes::Bytes;
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::wire::{Frame, PeerMetadata, RoomDocument, RoomNews, Within};
use warroom_protocol::{Cursor, DocumentId, Timestamp};
use warroom_relay::core::{
    Access, CloseReason, Connection, ConnectionOutput, ConnectionSettings, DocumentInput, RoomPage,
};
use warroom_relay::limits::{CONNECTION_ROOMS_MAX, ROOM_GATHER};

use crate::support::{
    Desk, chunks, document_id, greeting, heads, peer, relay_peer, storage, upload, written,
};

const START: Timestamp = Timestamp(1_000);

fn root(number: usize) -> DocumentId {
    DocumentId::from_room_name(&format!("root {number}"))
}

fn joined(access: Access, has_rooms: bool) -> Connection {
    let settings =
        ConnectionSettings { relay: relay_peer(), storage: storage("relay-storage"), access };
    let mut connection = Connection::open(START, settings);
    let join = Frame::Join {
        sender_id: peer("ada"),
        metadata: PeerMetadata { has_rooms, ..PeerMetadata::default() },
        protocol_versions: vec!["1".to_owned()],
    };
    feed(&mut connection, &join);
    connection
}

/// Feeds a frame and gives what is routed to documents, and why the connection ends.
fn feed(
    connection: &mut Connection,
    frame: &Frame,
) -> (Vec<(DocumentId, DocumentInput)>, Option<CloseReason>) {
    connection.handle_frame(START, &frame.encode());
    let (mut routes, mut end) = (Vec::new(), None);
    while let Some(output) = connection.poll_output() {
        match output {
            ConnectionOutput::Route { document, input } => routes.push((document, input)),
            ConnectionOutput::Close(reason) => end = Some(reason),
            _ => {}
        }
    }
    (routes, end)
}

fn sync(document_id: DocumentId, within: Option<Within>) -> Frame {
    Frame::Sync {
        is_request: true,
        sender_id: peer("ada"),
        target_id: relay_peer(),
        document_id,
        data: SyncMessage::default().encode(),
        within,
    }
}

fn since(root: DocumentId) -> Frame {
    Frame::RoomSince { sender_id: peer("ada"), target_id: relay_peer(), root, since: None }
}

fn cursor(text: &str) -> Cursor {
    Cursor::new(text).unwrap()
}

fn page(name: &str, next: &str) -> RoomPage {
    let document_id = DocumentId::derived(&document_id(), name);
    RoomPage {
        documents: vec![RoomDocument { document_id, heads: Vec::new() }],
        cursor: Some(cursor(next)),
        is_whole: false,
        has_more: false,
    }
}

/// What a connection was told of the room; everything else is left out.
fn told(desk: &mut Desk, connection: u64) -> Vec<RoomNews> {
    let news = desk.take(connection).into_iter().filter_map(|frame| match frame {
        Frame::Room(news) => Some(news),
        _ => None,
    });
    news.collect()
}

/// The root's document, open for connections 1 and 2.
fn desk() -> Desk {
    let mut desk = Desk::open(&chunks(&written(1, 1)));
    for connection in [1, 2] {
        desk.sync(connection, greeting(&written(1, 1)));
        desk.take(connection);
    }
    desk
}

#[test]
fn ro2_a_document_counts_to_a_room_that_it_is_derived_from_and_to_no_other() {
    let within = |label: &str| Some(Within { root: root(0), label: label.to_owned() });
    let counts = |document: DocumentId, within, access| {
        let mut connection = joined(access, true);
        let (routes, end) = feed(&mut connection, &sync(document, within));
        assert_eq!(end, None, "the document is served all the same");
        let first = routes.into_iter().next().map(|(_, input)| input);
        matches!(first, Some(DocumentInput::Counts(room)) if room == root(0))
    };
    let talk = DocumentId::derived(&root(0), "talk");
    assert!(counts(talk.clone(), within("talk"), Access::Write));
    assert!(!counts(talk.clone(), within("body/x"), Access::Write), "another label");
    assert!(!counts(root(1), within("talk"), Access::Write), "another document");
    assert!(!counts(talk.clone(), None, Access::Write), "nothing said");
    assert!(!counts(talk, within("talk"), Access::None), "nothing of a hidden document is touched");
}

#[test]
fn ro3_only_who_has_the_root_open_and_speaks_of_rooms_may_ask() {
    let asks = |access, has_rooms, opens| {
        let mut connection = joined(access, has_rooms);
        if opens {
            feed(&mut connection, &sync(root(0), None));
        }
        let (routes, end) = feed(&mut connection, &since(root(0)));
        assert_eq!(end, None);
        routes == [(root(0), DocumentInput::RoomSince(None))]
    };
    assert!(asks(Access::Write, true, true));
    assert!(asks(Access::Read, true, true));
    assert!(!asks(Access::Write, true, false), "the root was never asked for");
    assert!(!asks(Access::Write, false, true), "a stock client would not read the answer");
    assert!(!asks(Access::None, true, true), "the root is hidden");
}

#[test]
fn ro3_a_connection_may_ask_about_4_rooms() {
    let mut connection = joined(Access::Write, true);
    for number in 0..=CONNECTION_ROOMS_MAX {
        feed(&mut connection, &sync(root(number), None));
        let (_, end) = feed(&mut connection, &since(root(number)));
        let expected = CloseReason::Rooms { max: CONNECTION_ROOMS_MAX };
        assert_eq!(end, (number == CONNECTION_ROOMS_MAX).then_some(expected), "{number}");
    }
}

#[test]
fn ro3_a_question_is_answered_once_even_where_nothing_changed() {
    let mut desk = desk();
    desk.input(1, DocumentInput::RoomSince(Some(cursor("a"))));
    assert_eq!(desk.room_reads, [Some(cursor("a"))]);
    desk.room_read(&RoomPage { cursor: Some(cursor("b")), ..RoomPage::default() });
    let [news] = &told(&mut desk, 1)[..] else { panic!("one answer") };
    assert_eq!((news.documents.len(), news.cursor.as_str()), (0, "b"));
    desk.input(1, DocumentInput::RoomSince(None));
    desk.input(3, DocumentInput::RoomSince(None));
    assert!(desk.room_reads.is_empty(), "a repeated question, and one of who is not subscribed");
}

#[test]
fn ro5_the_rest_follows_when_the_socket_took_a_part() {
    let mut desk = desk();
    desk.input(1, DocumentInput::RoomSince(None));
    desk.room_read(&RoomPage { is_whole: true, has_more: true, ..page("x", "a") });
    assert!(desk.room_reads.is_empty() || desk.room_reads == [Some(cursor("a"))]);
    let [first] = &told(&mut desk, 1)[..] else { panic!("one part") };
    assert!(first.is_whole && first.has_more);
    assert_eq!(desk.room_reads, [Some(cursor("a"))], "asked for once, where it ended");
    desk.room_read(&page("y", "b"));
    let [last] = &told(&mut desk, 1)[..] else { panic!("one part") };
    assert!(last.is_whole && !last.has_more, "it is still a part of everything");
    assert!(desk.room_reads.is_empty());
}

#[test]
fn ro5_what_changes_between_two_parts_is_read_where_the_last_part_ended() {
    let mut desk = desk();
    desk.input(1, DocumentInput::RoomSince(None));
    desk.room_read(&RoomPage { is_whole: true, has_more: true, ..page("x", "a") });
    told(&mut desk, 1);
    desk.room_changed();
    desk.wait_ms(1_000);
    assert_eq!(desk.room_reads, [Some(cursor("a"))], "one read at a time, and no part is left out");
    desk.room_read(&RoomPage { has_more: true, ..page("y", "b") });
    let [second] = &told(&mut desk, 1)[..] else { panic!("one part") };
    assert!(second.is_whole && second.has_more);
    assert_eq!(desk.room_reads, [Some(cursor("b"))]);
    desk.room_read(&page("z", "c"));
    let [last] = &told(&mut desk, 1)[..] else { panic!("one part") };
    assert!(last.is_whole && !last.has_more);
}

#[test]
fn ro6_what_changes_is_gathered_and_told_to_all_who_are_in_step_by_one_read() {
    let mut desk = desk();
    for connection in [1, 2] {
        desk.input(connection, DocumentInput::RoomSince(None));
        desk.room_read(&page("x", "a"));
        assert_eq!(told(&mut desk, connection).len(), 1);
    }
    for _ in 0..3 {
        desk.room_changed();
    }
    assert!(desk.room_reads.is_empty(), "it waits for more");
    desk.wait_ms(u64::try_from(ROOM_GATHER.as_millis()).unwrap());
    assert_eq!(desk.room_reads, [Some(cursor("a"))]);
    desk.room_read(&page("y", "b"));
    assert_eq!((told(&mut desk, 1).len(), told(&mut desk, 2).len()), (1, 1));
    desk.wait_ms(10_000);
    assert!(desk.room_reads.is_empty(), "nothing changed since");
}

#[test]
fn ro6_what_changes_while_the_store_is_read_is_read_again() {
    let mut desk = desk();
    desk.input(1, DocumentInput::RoomSince(None));
    desk.room_changed();
    desk.wait_ms(1_000);
    assert_eq!(desk.room_reads.len(), 1, "one read at a time");
    desk.room_read(&page("x", "a"));
    told(&mut desk, 1);
    assert_eq!(desk.room_reads, [Some(cursor("a"))]);
    desk.room_read(&RoomPage { cursor: Some(cursor("a")), ..RoomPage::default() });
    assert!(told(&mut desk, 1).is_empty(), "no news is not told");
}

#[test]
fn ro6_a_slow_reader_costs_one_frame() {
    let mut desk = desk();
    desk.input(1, DocumentInput::RoomSince(None));
    desk.room_read(&page("x", "a"));
    for step in 0..5 {
        desk.room_changed();
        desk.wait_ms(1_000);
        assert_eq!(desk.room_reads.len(), usize::from(step == 0), "step {step}");
        if step == 0 {
            desk.room_read(&page("y", "b"));
        }
    }
    assert_eq!(told(&mut desk, 1).len(), 1, "the first is on its way to the socket");
    assert_eq!(told(&mut desk, 1).len(), 1, "the second waited for it");
    assert_eq!(desk.room_reads, [Some(cursor("b"))], "and then what changed since, once");
}

#[test]
fn ro6_the_root_and_its_room_take_turns_where_both_wait() {
    let mut desk = desk();
    desk.input(1, DocumentInput::RoomSince(None));
    desk.room_read(&page("x", "a"));
    // neither socket has taken that; meanwhile both the root and its room change, again and again
    let mut kinds = Vec::new();
    for step in 1..5 {
        let more = written(1, 1 + step);
        desk.sync(2, upload(&more, chunks(&more)));
        desk.saved();
        desk.room_changed();
        desk.wait_ms(1_000);
        if !desk.room_reads.is_empty() {
            desk.room_read(&page("y", &format!("{step}")));
        }
        for frame in desk.take(1) {
            kinds.push(if matches!(frame, Frame::Room(_)) { "room" } else { "root" });
        }
    }
    assert_eq!(kinds, ["room", "root", "room", "root"]);
}

#[test]
fn ro6_who_left_is_told_nothing() {
    let mut desk = desk();
    desk.input(1, DocumentInput::RoomSince(None));
    desk.input(1, DocumentInput::Left);
    desk.room_read(&page("x", "a"));
    desk.room_changed();
    desk.wait_ms(1_000);
    assert!(desk.frames.is_empty() && desk.room_reads.is_empty());
}

#[test]
fn ro6_who_waits_for_a_store_that_can_t_be_read_is_refused() {
    let mut desk = desk();
    desk.input(1, DocumentInput::RoomSince(None));
    desk.document.handle_room_read_failed();
    desk.input(2, DocumentInput::Credit);
    assert_eq!(desk.refused.len(), 1);
}

#[test]
fn ro7_a_room_hears_of_a_change_when_it_is_durable() {
    let replica = written(1, 1);
    let mut desk = Desk::open(&[]);
    desk.input(1, DocumentInput::Counts(root(0)));
    desk.sync(1, upload(&replica, chunks(&replica)));
    assert_eq!((desk.rooms_saved.len(), desk.rooms_changed.len()), (1, 0));
    assert_eq!(desk.rooms_saved[0], Some(root(0)), "in one save with the changes");
    desk.saved();
    assert_eq!(desk.rooms_changed, [root(0)]);
}

#[test]
fn ro2_a_document_that_was_stored_before_is_counted_by_a_save_of_its_own() {
    let replica = written(1, 1);
    let stored = chunks(&replica);
    let mut desk = Desk::open(&stored);
    desk.sync(1, greeting(&replica));
    assert!(desk.saves.is_empty());
    desk.input(1, DocumentInput::Counts(root(0)));
    desk.sync(1, SyncMessage { heads: heads(&replica), ..SyncMessage::default() });
    assert_eq!(desk.rooms_saved, [Some(root(0))]);
    assert!(desk.saved().is_empty(), "there is no change to save");
    desk.input(1, DocumentInput::Counts(root(0)));
    desk.sync(1, SyncMessage { heads: heads(&replica), ..SyncMessage::default() });
    assert!(desk.saves.is_empty(), "once");

    let mut desk = Desk::opening(true);
    desk.document.handle_counted(root(0));
    desk.loaded(&stored).unwrap();
    desk.input(1, DocumentInput::Counts(root(0)));
    desk.sync(1, greeting(&replica));
    assert!(desk.saves.is_empty(), "the store knew");
    let more = written(1, 2);
    desk.sync(2, upload(&more, chunks(&more)));
    assert_eq!(desk.rooms_saved, [Some(root(0))], "who changes it need not say where it is");
}

#[test]
fn ro2_a_proof_that_comes_during_a_save_is_stored_by_the_next() {
    let replica = written(1, 1);
    let mut desk = Desk::open(&[]);
    desk.sync(1, upload(&replica, chunks(&replica)));
    assert_eq!(desk.rooms_saved, [None]);
    desk.input(2, DocumentInput::Counts(root(0)));
    desk.saved();
    assert_eq!(desk.rooms_saved.last(), Some(&Some(root(0))));
    desk.saved();
    assert!(desk.saves.is_empty(), "once");
}

#[test]
fn ro2_an_empty_document_is_not_made_by_a_proof() {
    let mut desk = Desk::open(&[]);
    desk.input(1, DocumentInput::Counts(root(0)));
    desk.request(1, SyncMessage::default());
    assert!(desk.saves.is_empty());
    let mut closed = Desk::opening(false);
    closed.loaded(&chunks(&written(1, 1))).unwrap();
    closed.input(1, DocumentInput::Counts(root(0)));
    closed.sync(1, greeting(&written(1, 1)));
    assert!(closed.saves.is_empty(), "a store that takes nothing is asked for nothing");
}

#[test]
fn ro5_every_byte_of_an_answer_is_read_by_who_asked() {
    let mut desk = desk();
    desk.input(1, DocumentInput::RoomSince(None));
    desk.room_read(&page("x", "a"));
    let frames: Vec<Bytes> =
        desk.frames.values().flatten().map(|(_, frame)| frame.clone()).collect();
    assert!(frames.iter().all(|frame| Frame::decode(frame, 1 << 20).is_ok()));
    let [news] = &told(&mut desk, 1)[..] else { panic!("one answer") };
    assert_eq!((&news.root, &news.target_id), (&document_id(), &peer("p1")));
}
