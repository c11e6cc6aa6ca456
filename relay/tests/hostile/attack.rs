//! One attack: who makes it, what must come of it, and the honest people around it.

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change};
use bytes::Bytes;
use tokio_tungstenite::tungstenite::Message;
use warroom_protocol::ChangeHash;
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::wire::Frame;
use warroom_relay::dice;

use crate::peer::{Closed, Peer, Replica};
use crate::people::Pair;
use crate::relay::Relay;

/// The room under attack.
pub(crate) const ROOM: &str = "attacked";

/// What must come of what was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome {
    /// Told this, and closed with the code.
    Closed(u16, &'static str),
    /// Nothing: it is dropped and the connection goes on.
    Dropped,
}

/// Makes what is sent.
type Make = Box<dyn Fn(&mut Intruder) -> Vec<Message>>;

/// One hostile input.
pub(crate) struct Attack {
    name: &'static str,
    has_joined: bool,
    make: Make,
    outcome: Outcome,
}

/// A row that is sent by a peer that joined and knows the room.
pub(crate) fn joined(
    name: &'static str,
    outcome: Outcome,
    make: impl Fn(&mut Intruder) -> Vec<Message> + 'static,
) -> Attack {
    Attack { name, has_joined: true, make: Box::new(make), outcome }
}

/// A row that is sent before a join.
pub(crate) fn unjoined(
    name: &'static str,
    outcome: Outcome,
    make: impl Fn(&mut Intruder) -> Vec<Message> + 'static,
) -> Attack {
    Attack { name, has_joined: false, make: Box::new(make), outcome }
}

/// A frame of these bytes.
pub(crate) fn binary(bytes: impl Into<Bytes>) -> Vec<Message> {
    vec![Message::Binary(bytes.into())]
}

/// A copy of a document, to be written in by an actor of its own.
pub(crate) fn copy(document: &mut AutoCommit) -> AutoCommit {
    let actor: [u8; 16] = dice::from_system().bytes();
    document.fork().with_actor(ActorId::from(actor))
}

/// Somebody hostile, with a copy of the room's board when it has joined.
pub(crate) struct Intruder {
    pub(crate) peer: Peer,
    pub(crate) replica: Replica,
}

impl Intruder {
    /// Joins and fetches the board, as anyone may who knows the room.
    pub(crate) async fn join(relay: &Relay, name: &str) -> Self {
        let mut peer = Peer::join(relay.address, name).await;
        let mut replica = Replica::new(ROOM);
        replica
            .sync_until(&mut peer, |replica| replica.len() > 0 && replica.is_acknowledged())
            .await
            .unwrap();
        Self { peer, replica }
    }

    async fn open(relay: &Relay, name: &str) -> Self {
        Self { peer: Peer::open(relay.address, name).await, replica: Replica::new(ROOM) }
    }

    /// A sync frame about the room.
    pub(crate) fn sync(&self, data: impl Into<Bytes>) -> Message {
        Message::Binary(self.replica.frame(&self.peer, data.into()).encode())
    }

    /// A sync frame with these chunks.
    pub(crate) fn send_chunks(&mut self, changes: Vec<Bytes>) -> Vec<Message> {
        let mut heads: Vec<_> =
            self.replica.document.get_heads().iter().map(|head| ChangeHash(head.0)).collect();
        heads.sort_unstable();
        let message = SyncMessage { heads, changes, ..SyncMessage::default() };
        vec![self.sync(message.encode())]
    }

    /// A copy of the board, to be written in by an actor of its own.
    pub(crate) fn copy(&mut self) -> AutoCommit {
        copy(&mut self.replica.document)
    }

    /// An honest change that others would take: three keys that no board reads.
    pub(crate) fn change(&mut self) -> Change {
        let mut document = self.copy();
        for key in ["one", "three", "two"] {
            document.put(automerge::ROOT, key, "value").unwrap();
        }
        document.commit();
        document.get_last_local_change().unwrap()
    }

    /// The last change of somebody else's.
    pub(crate) fn change_of_other(&mut self) -> Change {
        let changes = self.replica.document.get_changes(&[]);
        changes.into_iter().rev().find(|change| change.seq() > 1).unwrap()
    }

    /// What the relay said before it closed, and how it closed.
    pub(crate) async fn ended(&mut self) -> (Option<String>, Closed) {
        let mut said = None;
        loop {
            match self.peer.receive().await {
                Ok(Frame::Error { message, .. }) => said = Some(message),
                Ok(_) => {}
                Err(closed) => return (said, closed),
            }
        }
    }

    /// Whether the relay still answers: it says of an unknown document that there is none.
    async fn is_answered(&mut self) -> Result<(), Closed> {
        Replica::new("a room of nobody").request(&mut self.peer).await;
        loop {
            if let Frame::DocUnavailable { .. } = self.peer.receive().await? {
                return Ok(());
            }
        }
    }

    async fn check(&mut self, name: &str, outcome: Outcome) {
        match outcome {
            Outcome::Closed(code, sentence) => {
                let (said, closed) = self.ended().await;
                assert_eq!(closed.code, code, "{name}: {said:?} {closed:?}");
                let said = said.unwrap_or_else(|| panic!("{name}: closed without a word"));
                assert!(said.contains(sentence), "{name}: {said}");
                assert!(said.starts_with(&closed.reason), "{name}: {said} {closed:?}");
                assert!(!closed.reason.is_empty(), "{name}: no reason in the close frame");
            }
            Outcome::Dropped => self.is_answered().await.unwrap_or_else(|closed| {
                panic!("{name}: closed: {closed:?}");
            }),
        }
    }
}

/// A relay and the people on it.
pub(crate) struct Scene {
    pub(crate) relay: Relay,
    pub(crate) attacked: Pair,
    pub(crate) elsewhere: Pair,
    _folder: tempfile::TempDir,
}

impl Scene {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let relay = Relay::start(&folder).await;
        let attacked = Pair::open(relay.address, ROOM).await;
        let elsewhere = Pair::open(relay.address, "elsewhere").await;
        Self { relay, attacked, elsewhere, _folder: folder }
    }

    /// Makes every attack, with honest edits elsewhere before, during and after it, and in the room after it.
    pub(crate) async fn suffer(&mut self, attacks: Vec<Attack>) {
        for Attack { name, has_joined, make, outcome } in attacks {
            println!("{name}");
            self.elsewhere.exchange().await;
            let mut intruder = if has_joined {
                Intruder::join(&self.relay, "intruder").await
            } else {
                Intruder::open(&self.relay, "intruder").await
            };
            let messages = make(&mut intruder);
            let attack = async {
                for message in messages {
                    intruder.peer.send_message(message).await;
                }
                intruder.check(name, outcome).await;
            };
            tokio::join!(attack, self.elsewhere.exchange());
            self.elsewhere.exchange().await;
            self.attacked.exchange().await;
        }
    }

    /// Everybody ends with what everybody else has, and the relay stops as it should.
    pub(crate) async fn close(self) {
        self.elsewhere.converge().await;
        self.attacked.converge().await;
        assert!(self.relay.get("/api/health", &[]).contains("online"), "the relay is not well");
        self.elsewhere.close().await;
        self.attacked.close().await;
        self.relay.stop().await;
    }
}
