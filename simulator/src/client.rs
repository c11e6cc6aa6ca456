//! A device: a replica, what its storage kept, and what its frontend shows.

use std::collections::{BTreeMap, BTreeSet};

use warroom_engine::{
    BodyDocument, Card, CardId, Chunk, Command, CommentId, Delta, Hash, Output, Person,
    PresenceDelta, Replica, RoomOptions, Status, StorageState, TalkCommand, UserId, body_id,
};
use warroom_protocol::{ChangeHash, ConnectionId, Dice, DocumentId, SaveId, Seed, Timestamp};

use crate::mirror::Mirror;
use crate::workload::Act;

/// A chunk on its way into a device's storage.
#[derive(Debug)]
pub(crate) struct Writing {
    /// The number to answer with.
    pub(crate) save: SaveId,
    /// Which document.
    pub(crate) document: DocumentId,
    /// What.
    pub(crate) chunk: Chunk,
}

/// Chunks that are to take the place of others, as far as that is not done yet.
#[derive(Debug)]
pub(crate) struct Replacing {
    /// Which document.
    pub(crate) document: DocumentId,
    /// To be stored first.
    pub(crate) chunks: Vec<Chunk>,
    /// To be deleted then.
    pub(crate) replaced: Vec<Hash>,
}

/// What the world has to do for a device.
#[derive(Debug)]
pub(crate) enum Wish {
    /// Read what its storage has beside a document's chunks.
    LoadProjection(DocumentId),
    /// Read a document from its storage.
    Load(DocumentId),
    /// Write a chunk to its storage.
    Store(Writing),
    /// Replace chunks of its storage.
    Replace(Replacing),
    /// Put a frame on the wire.
    Send(ConnectionId, bytes::Bytes),
    /// Connect to the relay.
    Dial,
    /// Close a connection.
    Close(ConnectionId),
}

/// Something that a person made, and that is to be there for ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Made {
    Card(CardId),
    Comment(CommentId),
}

impl Made {
    /// What a command makes.
    fn by(command: &Command) -> Vec<Self> {
        if let Command::AddCard { id, .. } = command {
            return vec![Self::Card(id.clone())];
        }
        if let Command::Talk { command: TalkCommand::AddComment { id, .. } } = command {
            return vec![Self::Comment(id.clone())];
        }
        if let Command::Transact { commands } = command {
            return commands.iter().flat_map(Self::by).collect();
        }
        Vec::new()
    }
}

/// A device.
#[derive(Debug)]
pub(crate) struct Client {
    person: Person,
    board: DocumentId,
    /// Its process, while it runs.
    pub(crate) replica: Option<Replica>,
    /// Rises at each crash: what an older life asked for comes to nothing.
    pub(crate) life: u64,
    /// The connection to the relay.
    pub(crate) link: Option<ConnectionId>,
    /// What its frontend shows.
    pub(crate) mirror: Mirror,
    /// What its storage keeps.
    stored: BTreeMap<DocumentId, BTreeMap<[u8; 32], Chunk>>,
    /// What lies beside the chunks.
    pub(crate) projections: BTreeMap<DocumentId, bytes::Bytes>,
    /// What was made in this life, by the number of the edit, and nobody promised to keep yet.
    unpromised: Vec<(u64, Made)>,
    /// The same, of what its own storage has.
    unstored: Vec<(u64, Made)>,
    /// What this device was told is stored here: its storage must give it back at every start.
    kept: BTreeSet<Made>,
    /// What this device was told is stored here or on the relay.
    pub(crate) promised: BTreeSet<Made>,
    /// How many commands were taken.
    pub(crate) edits: u64,
}

impl Client {
    /// A device that is switched off.
    pub(crate) fn new(number: usize, board: DocumentId, dice: &mut Dice) -> Self {
        let person = Person {
            id: UserId::random(dice),
            name: format!("Person {number}"),
            colour: u8::try_from(number % 12).unwrap_or(0),
        };
        Self {
            person,
            board,
            replica: None,
            life: 0,
            link: None,
            mirror: Mirror::default(),
            stored: BTreeMap::new(),
            projections: BTreeMap::new(),
            unpromised: Vec::new(),
            unstored: Vec::new(),
            kept: BTreeSet::new(),
            promised: BTreeSet::new(),
            edits: 0,
        }
    }

    /// Starts the process, as a fresh actor on what the storage kept.
    pub(crate) fn start(&mut self, now: Timestamp, dice: &mut Dice) {
        let (board, person) = (self.board.clone(), self.person.clone());
        let options =
            RoomOptions { board, person, storage: StorageState::Durable, breakdowns: Vec::new() };
        self.mirror = Mirror::default();
        self.replica = Some(Replica::open(now, dice.fork(), options));
    }

    /// Whether its time has come.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        let due = self.replica.as_ref().and_then(Replica::next_timeout);
        due.is_some_and(|at| at <= now)
    }

    /// The process dies: what was not stored is gone.
    pub(crate) fn crash(&mut self) {
        self.replica = None;
        self.link = None;
        self.life += 1;
        self.unpromised.clear();
        self.unstored.clear();
    }

    /// What the storage has of a document.
    pub(crate) fn chunks(&self, document: &DocumentId) -> Vec<Chunk> {
        self.stored.get(document).into_iter().flat_map(|chunks| chunks.values().cloned()).collect()
    }

    /// The board that it works on.
    pub(crate) fn board(&self) -> &DocumentId {
        &self.board
    }

    /// The heads of the body of a card in its storage.
    pub(crate) fn stored_heads(&self, card: &Card) -> BTreeSet<ChangeHash> {
        let chunks = self.chunks(&body_id(&self.board, &card.id));
        let (person, seed) = (self.person.id.clone(), Seed([0; 32]));
        let (body, _) = BodyDocument::open(card.id.clone(), person, seed, chunks);
        body.heads().iter().map(|head| ChangeHash(head.0)).collect()
    }

    /// The storage wrote a chunk.
    pub(crate) fn keep(&mut self, document: DocumentId, chunk: Chunk) {
        self.stored.entry(document).or_default().insert(chunk.hash, chunk);
    }

    /// The storage does one step of a replacement: it stores the new chunks, then deletes one half of the old ones, then
    /// the other. Answers whether there was nothing left to do. `deletes_first`: a bug put in on purpose.
    pub(crate) fn replace(&mut self, step: &mut Replacing, deletes_first: bool) -> bool {
        let stored = self.stored.entry(step.document.clone()).or_default();
        if !step.chunks.is_empty() && (!deletes_first || step.replaced.is_empty()) {
            stored.extend(step.chunks.drain(..).map(|chunk| (chunk.hash, chunk)));
            return false;
        }
        let half = step.replaced.len().div_ceil(2);
        for hash in step.replaced.drain(..half) {
            stored.remove(&hash);
        }
        step.chunks.is_empty() && half == 0
    }

    /// A person does something; what the engine refuses changes nothing.
    pub(crate) fn act(&mut self, now: Timestamp, act: Act) -> Option<u64> {
        let replica = self.replica.as_mut()?;
        match act {
            Act::Presence(presence) => {
                replica.handle_presence(now, presence);
                None
            }
            Act::Hide => {
                replica.handle_hidden(now);
                None
            }
            Act::Command(command) => {
                let made = Made::by(&command);
                if let Command::CloseText { text } = &command {
                    self.mirror.texts.remove(text);
                }
                let edit = replica.handle_command(now, command).ok()?;
                self.edits += 1;
                self.unstored.extend(made.iter().cloned().map(|made| (edit, made)));
                self.unpromised.extend(made.into_iter().map(|made| (edit, made)));
                Some(edit)
            }
        }
    }

    /// Takes what the replica put out: the view is updated here, the rest is for the world.
    ///
    /// # Errors
    /// A sentence, when an intact chunk was called unreadable.
    pub(crate) fn drain(&mut self) -> Result<Vec<Wish>, String> {
        let mut wishes = Vec::new();
        while let Some(output) = self.replica.as_mut().and_then(Replica::poll_output) {
            match output {
                Output::Deltas(deltas) => {
                    for delta in deltas {
                        self.mirror.apply(delta);
                    }
                }
                Output::Presence(deltas) => deltas.iter().for_each(check_presence),
                Output::Status(status) => self.hear(&status),
                Output::Answer { .. } => {}
                Output::Projected { json } => {
                    let reset = Delta::of_json(&json);
                    self.mirror.apply(reset.ok_or("what was shown first is no view")?);
                }
                Output::LoadProjection { document } => wishes.push(Wish::LoadProjection(document)),
                Output::StoreProjection { document, bytes } => {
                    self.projections.insert(document, bytes);
                }
                Output::Load { document } => wishes.push(Wish::Load(document)),
                Output::Store { save, document, chunk } => {
                    wishes.push(Wish::Store(Writing { save, document, chunk }));
                }
                Output::Quarantine { document, .. } => {
                    return Err(format!("an intact chunk of {document} was put into quarantine"));
                }
                Output::Compact { document, chunks, replaced } => {
                    wishes.push(Wish::Replace(Replacing { document, chunks, replaced }));
                }
                Output::Send { connection, frame } => wishes.push(Wish::Send(connection, frame)),
                Output::Dial => wishes.push(Wish::Dial),
                Output::Close { connection, .. } => wishes.push(Wish::Close(connection)),
            }
        }
        Ok(wishes)
    }

    /// The status promises that edits are kept: what was made must be there in the end.
    fn hear(&mut self, status: &Status) {
        let kept = self.unstored.extract_if(.., |(edit, _)| *edit <= status.edits_stored);
        self.kept.extend(kept.map(|(_, made)| made));
        let kept = status.edits_stored.max(status.edits_on_relay);
        let promised = self.unpromised.extract_if(.., |(edit, _)| *edit <= kept);
        self.promised.extend(promised.map(|(_, made)| made));
    }

    /// What its storage was said to have and what was just read lacks.
    pub(crate) fn lost(&self) -> Option<&Made> {
        let replica = self.replica.as_ref();
        let (board, talk) = (replica.and_then(Replica::board), replica.and_then(Replica::talk));
        self.kept.iter().find(|made| match made {
            Made::Card(card) => board.is_some_and(|board| board.card(card).is_none()),
            Made::Comment(comment) => talk.is_some_and(|talk| talk.comment(comment).is_none()),
        })
    }

    /// Whether the frontend shows the board and the talk that the replica has, as far as it has read them.
    pub(crate) fn shows_its_room(&self) -> bool {
        let replica = self.replica.as_ref();
        let (board, talk) = (replica.and_then(Replica::board), replica.and_then(Replica::talk));
        board.is_none_or(|board| self.mirror.cards.values().eq(board.cards()))
            && talk.is_none_or(|talk| self.mirror.shows(talk))
    }

    /// Whether everything here is on the relay.
    pub(crate) fn is_saved(&self) -> bool {
        let status = self.replica.as_ref().map(Replica::status);
        status.is_some_and(|status| {
            status.phase == warroom_engine::Phase::Saved && status.waiting == 0
        })
    }
}

/// What other people do is bounded, whatever they send.
fn check_presence(delta: &PresenceDelta) {
    if let PresenceDelta::PeerPut { peer } = delta {
        assert!(peer.name.len() <= 1_000, "a name of {} bytes reached the view", peer.name.len());
    }
}
