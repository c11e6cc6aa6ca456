//! Goal: what comes into a document fast holds up nothing else. Method: a task that is handed its events one by one.

use bytes::Bytes;
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::wire::Ephemeral;
use warroom_protocol::{PeerId, SessionId};

use super::*;
use crate::core::Access;
use crate::limits::OUTBOX_PRESENCE_FRAMES_MAX;
use crate::registry::tests::{Unreadable, registry};

#[tokio::test]
async fn a_flood_is_sent_on_message_by_message_and_a_mailbox_full_at_a_time() {
    let registry = registry(Arc::new(Unreadable));
    let document_id = DocumentId::from_room_name("room");
    let messages = 3 * MAILBOX_INPUTS_MAX;
    let (mailbox, inputs) = mpsc::channel(messages);
    let mut task = DocumentTask::new(&registry, &document_id, 1, (inputs, Arc::default()));
    let (flood, reader) = (registry.connect(), registry.connect());
    for (link, name) in [(&flood, "flood"), (&reader, "reader")] {
        let input = DocumentInput::Sync {
            peer: PeerId::new(name).unwrap(),
            access: Access::Write,
            is_request: false,
            message: SyncMessage::default(),
            storage: None,
            frame_bytes: 0,
        };
        task.handle(Event::Came(Some(Item::Input {
            link: Arc::clone(link),
            input,
            since: Duration::ZERO,
            held: None,
        })));
    }
    task.handle(Event::Answered(Answer::Loaded(Ok(Loaded::default()))));
    while reader.take_next().is_some() {}
    for count in 1..=messages {
        let input = DocumentInput::Ephemeral(Ephemeral {
            sender_id: PeerId::new("flood").unwrap(),
            target_id: registry.peer_id.clone(),
            document_id: document_id.clone(),
            session_id: SessionId::new("session").unwrap(),
            count: u64::try_from(count).unwrap(),
            data: Bytes::from_static(&[0xa0]),
        });
        mailbox
            .try_send(Item::Input {
                link: Arc::clone(&flood),
                input,
                since: Duration::ZERO,
                held: None,
            })
            .unwrap();
    }
    const { assert!(MAILBOX_INPUTS_MAX <= OUTBOX_PRESENCE_FRAMES_MAX) };
    let first = task.inputs.try_recv().unwrap();
    task.handle(Event::Came(Some(first)));
    assert_eq!(task.inputs.len(), messages - MAILBOX_INPUTS_MAX);
    let document = &mut task.machine.as_mut().unwrap().document;
    assert_eq!(document.poll_output(), None, "nothing gathers in the document");
    let sent = std::iter::from_fn(|| reader.take_next()).count();
    assert_eq!(sent, MAILBOX_INPUTS_MAX);
    task.is_finished = true;
}
