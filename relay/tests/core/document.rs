//! One document: rounds, acknowledgements, unknown documents, ephemerals, goodbyes, limits.

use automerge::sync::{Message, State, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT};
use bytes::Bytes;
use warroom_protocol::guard::check_change;
use warroom_protocol::presence::PresenceMessage;
use warroom_protocol::sync_message::{Bloom, Have, SyncMessage};
use warroom_protocol::wire::Frame;
use warroom_protocol::{ConnectionId, TakenActor};
use warroom_relay::core::close::ChangeRefusal;
use warroom_relay::core::{Access, CloseReason, DocumentInput, Lane};
use warroom_relay::limits::ANSWER_BYTES_MAX;

use crate::support::{
    Desk, chunks, document_id, generate, greeting, heads, misfit, peer, put, relay_peer, replica,
    storage, upload, written,
};

fn receive(replica: &mut Automerge, state: &mut State, message: &SyncMessage) {
    let message = Message::decode(&message.encode()).unwrap();
    replica.receive_sync_message(state, message).unwrap();
}

#[test]
fn sy1_a_request_for_an_unknown_document_gets_one_doc_unavailable() {
    let mut desk = Desk::open(&[]);
    desk.request(1, greeting(&replica(1)));
    let frames = desk.take(1);
    assert!(
        matches!(&frames[..], [Frame::DocUnavailable { sender_id, target_id, .. }]
            if *sender_id == relay_peer() && *target_id == peer("p1")),
        "{frames:?}"
    );
    assert_eq!(desk.take(1), [], "exactly one");
    assert!(desk.saves.is_empty());
}

#[test]
fn sy2_who_was_refused_hears_of_the_document_when_it_appears() {
    let mut desk = Desk::open(&[]);
    desk.request(1, greeting(&replica(1)));
    desk.take(1);
    let writer = written(2, 3);
    desk.sync(2, upload(&writer, chunks(&writer)));
    desk.saved();
    let message = desk.take_sync(1);
    assert_eq!(message.heads, heads(&writer));
    assert_eq!(message.changes, chunks(&writer));
}

#[test]
fn sy3_a_sync_without_changes_asks_for_them_and_one_with_changes_creates() {
    let mut desk = Desk::open(&[]);
    let mut writer = written(1, 2);
    let mut state = State::new();
    desk.sync(1, generate(&writer, &mut state).unwrap());
    let answer = desk.take_sync(1);
    assert_eq!((answer.heads.clone(), answer.need.clone()), (vec![], heads(&writer)));
    receive(&mut writer, &mut state, &answer);
    desk.sync(1, generate(&writer, &mut state).unwrap());
    let saved = desk.saved();
    assert_eq!(
        saved.iter().map(|change| change.chunk.clone()).collect::<Vec<_>>(),
        chunks(&writer)
    );
    assert_eq!(desk.take_sync(1).heads, heads(&writer));
}

#[test]
fn sy3_who_may_only_read_creates_nothing() {
    let mut desk = Desk::open(&[]);
    let writer = written(1, 2);
    desk.say(1, (Access::Read, false), upload(&writer, chunks(&writer)));
    assert!(desk.saves.is_empty());
    let answer = desk.take_sync(1);
    assert_eq!((answer.heads, answer.need, answer.have), (vec![], vec![], vec![]));
    assert_eq!(desk.document.take_counters().changes_forbidden, 1);
}

#[test]
fn sy4_a_new_connection_assumes_nothing() {
    let writer = written(1, 3);
    let mut desk = Desk::open(&chunks(&writer));
    desk.sync(1, greeting(&replica(9)));
    assert_eq!(desk.take_sync(1).changes.len(), 3);
    desk.input(1, DocumentInput::Left);
    desk.sync(2, greeting(&replica(9)));
    assert_eq!(
        desk.take_sync(2).changes.len(),
        3,
        "sent again: nothing is known of the new connection"
    );
}

#[test]
fn sy6_nothing_is_told_before_it_is_saved() {
    let mut desk = Desk::open(&[]);
    let mut writer = replica(1);
    desk.sync(1, greeting(&writer));
    desk.sync(2, greeting(&replica(2)));
    desk.take(1);
    desk.take(2);
    put(&mut writer, "a", 1);
    desk.sync(1, upload(&writer, chunks(&writer)));
    assert!(desk.frames.is_empty(), "a save is under way");
    // Whatever else comes waits for the save.
    desk.sync(3, greeting(&replica(3)));
    desk.input(2, DocumentInput::Credit);
    assert!(desk.frames.is_empty(), "nothing is told while saving: {:?}", desk.frames);
    assert_eq!(desk.document.durable_heads(), None);
    desk.saved();
    for connection in [1, 2, 3] {
        assert_eq!(desk.take_sync(connection).heads, heads(&writer), "connection {connection}");
    }
}

#[test]
fn sy6_a_burst_becomes_one_save() {
    let mut desk = Desk::open(&[]);
    let writers: Vec<_> = (1..=9).map(|actor| written(actor, 2)).collect();
    for (connection, writer) in (1..).zip(&writers) {
        desk.sync(connection, upload(writer, chunks(writer)));
    }
    assert_eq!(desk.saved().len(), 2, "the first message is saved at once");
    assert_eq!(desk.saved().len(), 16, "what came meanwhile is saved together");
    assert!(desk.saves.is_empty());
}

#[test]
fn sy6_a_failed_save_acknowledges_nothing_and_refuses_everyone() {
    let mut desk = Desk::open(&[]);
    let writer = written(1, 1);
    desk.sync(1, upload(&writer, chunks(&writer)));
    desk.sync(2, greeting(&replica(2)));
    desk.save_failed();
    assert!(desk.frames.is_empty());
    let refused: Vec<_> = desk.refused.iter().map(|(connection, _)| connection.0).collect();
    assert_eq!(refused, [1, 2]);
    assert!(desk.refused.iter().all(|(_, reason)| *reason == CloseReason::Store));
    assert_eq!((desk.idles, desk.document.is_idle()), (1, true));
    desk.sync(3, greeting(&replica(3)));
    assert_eq!(desk.refused.len(), 3, "who comes before it is dropped hears why");
}

#[test]
fn sy6_while_the_store_takes_nothing_reading_goes_on() {
    let stored = written(1, 3);
    let mut desk = Desk::opening(false);
    desk.loaded(&chunks(&stored)).unwrap();
    let writer = written(2, 1);
    desk.sync(1, upload(&writer, chunks(&writer)));
    assert!(desk.saves.is_empty());
    let answer = desk.take_sync(1);
    assert_eq!(answer.heads, heads(&stored), "the change is not acknowledged");
    assert_eq!((answer.need, answer.have), (vec![], vec![]), "nor are others asked for");
    desk.sync(2, greeting(&replica(3)));
    assert_eq!(desk.take_sync(2).changes.len(), 3);
}

#[test]
fn sy7_peers_in_step_get_the_same_bytes_and_the_author_only_heads() {
    let mut writer = written(1, 1);
    let mut desk = Desk::open(&chunks(&writer));
    for connection in 1..=4 {
        desk.sync(connection, greeting(&writer));
        desk.take(connection);
    }
    put(&mut writer, "n", 9);
    let change = chunks(&writer).remove(1);
    desk.sync(1, upload(&writer, vec![change.clone()]));
    desk.document.take_counters();
    desk.saved();
    let author = desk.take_sync(1);
    assert_eq!((author.heads, author.changes), (heads(&writer), vec![]));
    let have = vec![Have { last_sync: heads(&writer), ..Have::default() }];
    for connection in 2..=4 {
        let message = desk.take_sync(connection);
        assert_eq!((&message.heads, &message.have), (&heads(&writer), &have));
        assert_eq!(message.changes, std::slice::from_ref(&change));
    }
    let counters = desk.document.take_counters();
    assert_eq!((counters.answers_fast, counters.answers_generic), (4, 0));
}

#[test]
fn sy8_equal_heads_are_answered_with_one_message_without_changes() {
    let writer = written(1, 20);
    let mut desk = Desk::open(&chunks(&writer));
    desk.sync(1, greeting(&writer));
    let answer = desk.take_sync(1);
    let have = vec![Have { last_sync: heads(&writer), ..Have::default() }];
    assert_eq!(answer, SyncMessage { heads: heads(&writer), have, ..SyncMessage::default() });
    assert_eq!(answer.encode().len(), 71, "one head, twice");
    desk.sync(1, greeting(&writer));
    assert_eq!(desk.take(1), [], "a repetition has no news");
}

#[test]
fn sy9_nobody_hears_of_a_document_unasked() {
    let mut desk = Desk::open(&chunks(&written(1, 3)));
    desk.input(5, DocumentInput::Watch(vec![storage("s1")]));
    desk.input(5, DocumentInput::Credit);
    desk.speak(5, 1, b"hello");
    assert!(desk.frames.is_empty());
    assert_eq!(desk.document.subscribers(), 0);
}

#[test]
fn sy10_who_watches_a_storage_is_told_its_heads() {
    let mut writer = written(1, 1);
    let mut desk = Desk::open(&chunks(&writer));
    desk.sync(1, greeting(&writer));
    desk.sync(2, greeting(&writer));
    desk.take(1);
    desk.take(2);
    desk.input(2, DocumentInput::Watch(vec![storage("s1")]));
    let frames = desk.take(2);
    assert!(matches!(&frames[..], [Frame::RemoteHeadsChanged { .. }]), "what is known: {frames:?}");
    put(&mut writer, "n", 7);
    desk.sync(1, upload(&writer, chunks(&writer)));
    let frames = desk.take(2);
    let [Frame::RemoteHeadsChanged { new_heads, target_id, .. }] = &frames[..] else {
        panic!("{frames:?}")
    };
    assert_eq!(*target_id, peer("p2"));
    assert_eq!((&new_heads[0].0, &new_heads[0].1.heads), (&storage("s1"), &heads(&writer)));
}

#[test]
fn a_slow_peer_gets_one_merged_message() {
    let mut writer = written(1, 1);
    let mut desk = Desk::open(&chunks(&writer));
    desk.sync(2, greeting(&writer));
    for number in 1..=50 {
        put(&mut writer, "n", number);
        let change = chunks(&writer).pop().unwrap();
        desk.sync(1, upload(&writer, vec![change]));
        desk.saved();
        desk.take(1);
    }
    let waiting = &desk.frames[&ConnectionId(2)];
    assert_eq!(waiting.len(), 1, "the socket took nothing: nothing was added");
    assert!(desk.take_sync(2).changes.is_empty());
    assert_eq!(desk.take_sync(2).changes.len(), 50);
}

#[test]
fn a_large_answer_comes_in_parts() {
    let mut writer = replica(1);
    for number in 0_u8..12 {
        let mut transaction = writer.transaction();
        // Bytes do not compress in a column.
        let noise: Vec<u8> =
            (0..1_000_000_u32).map(|at| (at % 251).to_le_bytes()[0] ^ number).collect();
        Transactable::put(&mut transaction, ROOT, "b", noise).unwrap();
        transaction.commit();
    }
    let mut desk = Desk::open(&chunks(&writer));
    let (mut reader, mut state) = (replica(2), State::new());
    desk.sync(1, generate(&reader, &mut state).unwrap());
    let mut parts = 0;
    while desk.frames.contains_key(&ConnectionId(1)) {
        let message = desk.take_sync(1);
        parts += 1;
        assert!(message.encode().len() <= ANSWER_BYTES_MAX + 1_100_000, "part {parts} is bounded");
        receive(&mut reader, &mut state, &message);
    }
    assert_eq!(parts, 3);
    assert_eq!(heads(&reader), heads(&writer));
}

#[test]
fn ep2_ephemerals_keep_everything_but_the_target() {
    let mut desk = Desk::open(&[]);
    for connection in 1..=3 {
        desk.request(connection, greeting(&replica(9)));
        desk.take(connection);
    }
    desk.speak(1, 4, b"\xff");
    assert_eq!(desk.take(1), [], "never back to the origin");
    for connection in 2..=3 {
        assert!(
            desk.frames[&ConnectionId(connection)].iter().all(|(lane, _)| *lane == Lane::Presence)
        );
        let frames = desk.take(connection);
        let [Frame::Ephemeral(message)] = &frames[..] else { panic!("{frames:?}") };
        assert_eq!(message.sender_id, peer("p1"));
        assert_eq!(message.target_id, peer(&format!("p{connection}")));
        assert_eq!((message.count, &message.data), (4, &Bytes::from_static(b"\xff")));
    }
}

#[test]
fn ep5_ephemerals_pass_while_a_save_is_under_way() {
    let mut desk = Desk::open(&[]);
    let writer = written(1, 1);
    desk.sync(2, greeting(&replica(2)));
    desk.take(2);
    desk.sync(1, upload(&writer, chunks(&writer)));
    desk.speak(1, 1, b"typing");
    assert!(matches!(&desk.take(2)[..], [Frame::Ephemeral(_)]));
}

#[test]
fn ep6_a_lost_peer_says_goodbye_with_the_next_count() {
    let mut desk = Desk::open(&[]);
    for connection in 1..=3 {
        desk.request(connection, greeting(&replica(9)));
        desk.take(connection);
    }
    desk.speak(1, 41, b"here");
    desk.take(2);
    desk.take(3);
    desk.input(1, DocumentInput::Left);
    let frames = desk.take(2);
    let [Frame::Ephemeral(goodbye)] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!((goodbye.sender_id.clone(), goodbye.count), (peer("p1"), 42));
    assert_eq!(PresenceMessage::decode(&goodbye.data), Ok(Some(PresenceMessage::Goodbye)));
    desk.take(3);
    desk.input(3, DocumentInput::Left);
    assert_eq!(desk.take(2), [], "who never spoke leaves without one");
}

#[test]
fn ep6_a_peer_that_is_here_on_a_newer_connection_says_no_goodbye() {
    let mut desk = Desk::open(&[]);
    desk.request(1, greeting(&replica(9)));
    desk.request(2, greeting(&replica(9)));
    desk.take(1);
    desk.take(2);
    desk.speak(1, 1, b"here");
    desk.take(2);
    let input = |desk: &mut Desk| {
        let (message, storage) = (greeting(&replica(9)), None);
        let (peer, access) = (peer("p1"), Access::Write);
        desk.input(
            7,
            DocumentInput::Sync {
                peer,
                access,
                is_request: true,
                message,
                storage,
                frame_bytes: 0,
            },
        );
    };
    input(&mut desk);
    desk.input(1, DocumentInput::Left);
    assert_eq!(desk.take(2), []);
}

#[test]
fn gu3_a_bad_change_closes_only_its_sender_and_what_came_before_it_stays() {
    let writer = written(1, 2);
    let mut changes = chunks(&writer);
    let mut broken = changes[1].to_vec();
    broken[4] ^= 1;
    changes[1] = broken.into();
    let mut desk = Desk::open(&[]);
    desk.sync(2, greeting(&replica(2)));
    desk.take(2);
    desk.sync(1, upload(&writer, changes));
    assert!(
        matches!(&desk.refused[..], [(ConnectionId(1), CloseReason::Guard(_))]),
        "{:?}",
        desk.refused
    );
    assert_eq!(desk.saved().len(), 1);
    assert_eq!(desk.take_sync(2).changes.len(), 1);
    assert_eq!(desk.take(1), [], "who is being closed is told nothing more");
}

#[test]
fn a_whole_document_chunk_is_refused_with_a_sentence() {
    let writer = written(1, 5);
    let mut desk = Desk::open(&[]);
    desk.sync(1, upload(&writer, vec![writer.save().into()]));
    let expected = misfit(ChangeRefusal::DocumentChunk);
    assert_eq!(desk.refused, [(ConnectionId(1), expected)]);
}

#[test]
fn f7_equivocation_closes_the_second_writer() {
    let (one, mut two) = (written(1, 1), replica(1));
    put(&mut two, "other", 5);
    let mut desk = Desk::open(&[]);
    desk.sync(1, upload(&one, chunks(&one)));
    desk.saved();
    desk.sync(2, upload(&two, chunks(&two)));
    let actor = check_change(&chunks(&two)[0]).unwrap().actor;
    let expected = misfit(ChangeRefusal::Equivocation { actor: actor.clone(), seq: 1 });
    assert_eq!(desk.refused, [(ConnectionId(2), expected.clone())]);
    let taken = TakenActor { document_id: document_id(), actor, seq: 1 };
    assert_eq!(expected.taken(), Some(taken), "a program can tell which actor it is");
    assert!(desk.saves.is_empty());
}

#[test]
fn a_need_is_honoured_once() {
    let writer = written(1, 3);
    let mut desk = Desk::open(&chunks(&writer));
    desk.sync(1, greeting(&writer));
    desk.take(1);
    // A peer that says it has everything and still asks: a filter was wrong.
    let need = vec![heads(&writer)[0]];
    let ask = SyncMessage { need, ..SyncMessage::default() };
    let ask = SyncMessage { heads: greeting(&written(1, 2)).heads, ..ask };
    desk.sync(1, ask.clone());
    assert_eq!(desk.take_sync(1).changes, [chunks(&writer)[2].clone()]);
    desk.sync(1, ask);
    assert_eq!(desk.take(1), [], "it was sent: asking again brings nothing");
}

#[test]
fn what_a_filter_hides_by_mistake_is_asked_for_by_name() {
    let writer = written(1, 6);
    let mut desk = Desk::open(&chunks(&writer));
    let hashes: Vec<_> =
        chunks(&writer).iter().map(|chunk| check_change(chunk).unwrap().hash).collect();
    // Whatever the filter hides, the peer ends with everything.
    for hidden in 0_u32..1 << hashes.len() {
        let connection = u64::from(hidden) + 1;
        let (mut reader, mut state) = (replica(2), State::new());
        let is_hidden = |at: &usize| hidden & (1 << at) != 0;
        let claimed: Vec<_> = (0..hashes.len()).filter(is_hidden).map(|at| hashes[at]).collect();
        let mut message = generate(&reader, &mut state).unwrap();
        message.have[0].bloom = Bloom::build(&claimed);
        let mut rounds = 0;
        loop {
            desk.sync(connection, message);
            for frame in desk.take(connection) {
                let Frame::Sync { data, .. } = frame else { panic!("{frame:?}") };
                receive(&mut reader, &mut state, &SyncMessage::decode(&data).unwrap());
            }
            rounds += 1;
            assert!(rounds < 20, "hidden {hidden:06b}: no end");
            let Some(next) = generate(&reader, &mut state) else { break };
            message = next;
        }
        assert_eq!(heads(&reader), heads(&writer), "hidden {hidden:06b} after {rounds} rounds");
    }
}

#[test]
fn what_our_filter_hides_by_mistake_is_asked_for_by_name() {
    // The relay has the first of three; a client that believes that it also has the second sends only the third.
    let writer = written(1, 3);
    let mut desk = Desk::open(&chunks(&writer)[..1]);
    desk.sync(1, upload(&writer, chunks(&writer)[2..].to_vec()));
    let asked = desk.take_sync(1);
    assert_eq!(asked.need, greeting(&written(1, 2)).heads);
    assert_eq!(asked.have, vec![], "nothing else is to be sent before it comes");
    desk.sync(1, upload(&writer, chunks(&writer)[1..2].to_vec()));
    assert_eq!(desk.saved().len(), 2);
    assert_eq!(desk.take_sync(1).heads, heads(&writer));
}

#[test]
fn a_last_sync_that_the_relay_does_not_know_is_answered_with_what_it_has() {
    // As after a backup was restored: the client shares more with the relay than the relay has now.
    let (mut client, mut state) = (written(1, 4), State::new());
    state.shared_heads = client.get_heads();
    let mut desk = Desk::open(&chunks(&client)[..2]);
    desk.sync(1, generate(&client, &mut state).unwrap());
    let answer = desk.take_sync(1);
    assert_eq!(answer.heads, greeting(&written(1, 2)).heads);
    assert!(answer.changes.is_empty() && answer.have.len() == 1, "{answer:?}");
    receive(&mut client, &mut state, &answer);
    let upload = generate(&client, &mut state).unwrap();
    assert_eq!(upload.changes.len(), 2, "the client sends what was lost, and no more");
    desk.sync(1, upload);
    assert_eq!(desk.saved().len(), 2);
}

#[test]
fn a_peer_that_can_not_apply_a_document_does_not_get_it_for_ever() {
    let mut desk = Desk::open(&chunks(&written(1, 3)));
    let mut sent = 0;
    for _ in 0..100 {
        desk.sync(1, greeting(&replica(2)));
        sent += desk.take(1).len();
    }
    assert_eq!(sent, 5, "the first answer and four restarts");
}

#[test]
fn a_document_that_can_not_be_read_is_refused() {
    let mut desk = Desk::opening(true);
    desk.sync(1, greeting(&replica(2)));
    desk.loaded(&chunks(&written(1, 2))[1..]).unwrap_err();
    assert_eq!(desk.refused, [(ConnectionId(1), CloseReason::Unreadable)]);
    assert_eq!(desk.idles, 1);
}

#[test]
fn a_document_without_subscribers_is_idle_after_a_minute() {
    let mut desk = Desk::open(&chunks(&written(1, 1)));
    desk.sync(1, greeting(&replica(2)));
    assert_eq!(desk.document.next_timeout(), None);
    desk.input(1, DocumentInput::Left);
    desk.wait_ms(59_999);
    assert!(!desk.document.is_idle());
    desk.wait_ms(1);
    assert!(desk.document.is_idle());
    assert_eq!((desk.idles, desk.document.next_timeout()), (1, None));
    desk.input(1, DocumentInput::Credit);
    assert!(desk.document.is_idle(), "what comes late from who left changes nothing");
    desk.sync(2, greeting(&replica(2)));
    assert!(!desk.document.is_idle(), "an input that raced with the eviction is served");
    assert_eq!(desk.take_sync(2).changes.len(), 1);
}

#[test]
fn what_was_sent_before_leaving_is_kept() {
    let mut desk = Desk::opening(true);
    let writer = written(1, 2);
    desk.sync(1, upload(&writer, chunks(&writer)));
    desk.input(1, DocumentInput::Left);
    desk.loaded(&[]).unwrap();
    assert_eq!(desk.saved().len(), 2);
}
