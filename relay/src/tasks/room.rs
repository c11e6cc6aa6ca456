//! One room: a replica of its board, the peer that it is connected by, and what a request does to it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use warroom_engine::limits::BODY_UNITS_MAX;
use warroom_engine::{
    Answer, Board, BodyDocument, Card, CardId, Chunk, Command, CommandError, ConnectionKind, Delta,
    Import, ImportFormat, Imported, Importer, Output, Person, Question, QuestionError, Replica,
    RoomOptions, Splice, Stamp, Status, StorageState, Talk, TextTarget, UserId, body_id, talk_id,
};
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::{ConnectionId, Dice, DocumentId, Seed};

use super::edit::{Plan, TaskEdit, Whole};
use super::peer::Peer;
use super::task::{Task, tag};
use super::{TaskError, Use};
use crate::dice;
use crate::limits::{TASK_DOCUMENT_OPS_MAX, TASK_PAGE_BYTES, TASK_PAGE_MAX, TASK_ROOM_BODIES_MAX};
use crate::registry::Registry;
use crate::spawn;

/// The one connection of a replica here.
const RELAY: ConnectionId = ConnectionId(1);

/// Who writes by HTTP, in the history of a board.
const PERSON: (&str, &str) = ("http", "HTTP API");

/// Which tasks are asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listing {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// Those in the archive too.
    #[serde(default)]
    archived: bool,
}

/// A page of tasks, in the order of their ids: whoever reads all pages is told each task that was there meanwhile, once.
#[derive(Debug, Serialize)]
pub(crate) struct Tasks {
    tasks: Vec<Task>,
    /// To ask for the next page with, as `after`; null on the last.
    next: Option<String>,
}

/// One room. It is dropped where it fails, is cut off, or its connection is closed; what was durable is found again.
#[derive(Debug)]
pub(crate) struct Room {
    registry: Arc<Registry>,
    board: DocumentId,
    replica: Replica,
    dice: Dice,
    /// None where nothing is stored and nobody wrote: connecting would make the board.
    peer: Option<Peer>,
    /// Documents that the replica asks its storage for, which is what the relay has stored.
    loads: VecDeque<DocumentId>,
    /// How many questions were asked, and what the last is answered.
    questions: u64,
    answer: Option<Result<Answer, QuestionError>>,
    /// What bodies held when they were opened.
    texts: BTreeMap<CardId, String>,
    /// Bodies that were opened; the replica keeps them.
    bodies_opened: usize,
    is_stored: bool,
    /// The replica wants to be connected.
    is_dialing: bool,
    /// It was connected anew: what comes next begins afresh.
    is_worn: bool,
}

impl Room {
    /// Reads a board from the store.
    pub(super) async fn open(
        registry: &Arc<Registry>,
        board: DocumentId,
    ) -> Result<Self, TaskError> {
        let (id, name) = PERSON;
        let person = Person { id: UserId::new(id)?, name: name.to_owned(), colour: 0 };
        let mut dice = dice::from_system();
        let seed = Seed(dice.bytes());
        let options = RoomOptions {
            board: board.clone(),
            person,
            // the relay's store is read, and written by frames alone
            storage: StorageState::MemoryOnly,
            // here panics are caught, and what is harmful is left out at once
            breakdowns: Vec::new(),
        };
        let mut room = Self {
            registry: Arc::clone(registry),
            replica: Replica::open(registry.clock.now(), seed, options),
            board,
            dice,
            peer: None,
            loads: VecDeque::new(),
            questions: 0,
            answer: None,
            texts: BTreeMap::new(),
            bodies_opened: 0,
            is_stored: false,
            is_dialing: false,
            is_worn: false,
        };
        room.until(|room| room.replica.board().is_some() && room.replica.talk().is_some()).await?;
        Ok(room)
    }

    /// Whether it is connected, and as good as new.
    pub(super) fn is_kept(&self) -> bool {
        let is_open = self.peer.as_ref().is_some_and(|peer| !peer.is_closed());
        is_open && !self.is_worn && self.bodies_opened < TASK_ROOM_BODIES_MAX
    }

    /// Brings it in step with all that was durable when the request came.
    pub(super) async fn enter(&mut self, intent: Use) -> Result<(), TaskError> {
        // who connected has sent the board
        self.is_stored |= self.peer.is_some();
        if self.peer.is_none() && (self.is_stored || intent == Use::Write) {
            spawn::heavy(|| self.connect());
        }
        spawn::heavy(|| self.work());
        if let Some(peer) = &mut self.peer {
            peer.flush(&self.board).await;
            peer.flush(&talk_id(&self.board)).await;
            spawn::heavy(|| self.work());
        }
        Ok(())
    }

    /// The id of its board.
    pub(super) fn board(&self) -> &DocumentId {
        &self.board
    }

    /// Whether the relay had anything of it before this request.
    pub(super) fn is_stored(&self) -> bool {
        self.is_stored
    }

    /// What was said about its cards.
    pub(super) fn talk(&self) -> Result<&Talk, TaskError> {
        Ok(self.replica.talk().ok_or(CommandError::NotLoaded)?)
    }

    fn connect(&mut self) {
        self.is_dialing = false;
        self.peer = Some(Peer::open(&self.registry));
        let now = self.registry.clock.now();
        self.replica.handle_connected(now, RELAY, ConnectionKind::Relay);
    }

    /// The tasks of a page.
    pub(crate) async fn list(&mut self, listing: Listing) -> Result<Tasks, TaskError> {
        let Listing { after, limit, archived } = listing;
        let wanted = |card: &&Card| {
            card.deleted.is_none()
                && (archived || card.archived.is_none())
                && after.as_ref().is_none_or(|after| card.id.as_str() > after.as_str())
        };
        let mut cards: VecDeque<Card> = self.view()?.cards().filter(wanted).cloned().collect();
        let limit = limit.unwrap_or(TASK_PAGE_MAX).clamp(1, TASK_PAGE_MAX);
        let (mut tasks, mut bytes) = (Vec::new(), 0);
        while tasks.len() < limit && bytes < TASK_PAGE_BYTES {
            let Some(card) = cards.pop_front() else { break };
            let body = self.body(&card).await?;
            bytes += body.len();
            tasks.push(Task::of(self.view()?, &card, body));
        }
        let last = tasks.last().map(|task| task.id().to_owned());
        Ok(Tasks { tasks, next: last.filter(|_| !cards.is_empty()) })
    }

    /// One task.
    pub(crate) async fn task(&mut self, id: &str) -> Result<Task, TaskError> {
        let card = self.card(id)?;
        let body = self.body(&card).await?;
        Ok(Task::of(self.view()?, &card, body))
    }

    /// Makes a task.
    pub(crate) async fn create(&mut self, edit: TaskEdit) -> Result<Task, TaskError> {
        let board = self.replica.board().ok_or(CommandError::NotLoaded)?;
        let (id, plan) = edit.plan_new(board, &mut self.dice)?;
        self.write(&id, plan).await?;
        self.task(id.as_str()).await
    }

    /// Changes a task: all of it, or what is given.
    pub(crate) async fn update(
        &mut self,
        id: &str,
        (edit, whole): (TaskEdit, Whole),
        expected: Option<Vec<String>>,
    ) -> Result<Task, TaskError> {
        let card = self.card(id)?;
        self.expect(id, expected).await?;
        let board = self.replica.board().ok_or(CommandError::NotLoaded)?;
        let plan = edit.plan(whole, (board, &card), &mut self.dice)?;
        self.write(&card.id, plan).await?;
        self.task(id).await
    }

    /// Deletes a task. It can be restored in the app.
    pub(crate) async fn delete(
        &mut self,
        id: &str,
        expected: Option<Vec<String>>,
    ) -> Result<(), TaskError> {
        let card = self.card(id)?;
        self.expect(id, expected).await?;
        let commands = vec![Command::DeleteCard { id: card.id.clone() }];
        self.write(&card.id, Plan { commands, body: None }).await
    }

    /// Asks the board something.
    pub(super) async fn ask(&mut self, question: Question) -> Result<Answer, TaskError> {
        self.questions += 1;
        let (now, number) = (self.registry.clock.now(), self.questions);
        spawn::heavy(|| self.replica.handle_question(now, number, question));
        self.until(|room| room.answer.is_some()).await?;
        Ok(self.answer.take().ok_or(TaskError::Ended)??)
    }

    pub(super) fn view(&self) -> Result<&Board, TaskError> {
        Ok(self.replica.board().ok_or(CommandError::NotLoaded)?)
    }

    /// A card that is not deleted.
    fn card(&self, id: &str) -> Result<Card, TaskError> {
        let id = CardId::new(id).map_err(|_| TaskError::UnknownTask)?;
        let card = self.view()?.card(&id).filter(|card| card.deleted.is_none());
        card.cloned().ok_or(TaskError::UnknownTask)
    }

    /// Checks that the task is still one of those that the request knows.
    async fn expect(&mut self, id: &str, expected: Option<Vec<String>>) -> Result<(), TaskError> {
        let Some(expected) = expected else { return Ok(()) };
        let now = tag(&self.task(id).await?);
        if expected.contains(&now) { Ok(()) } else { Err(TaskError::Changed) }
    }

    /// The body of a card as it is stored.
    pub(super) async fn body(&mut self, card: &Card) -> Result<String, TaskError> {
        if !card.has_body {
            return Ok(String::new());
        }
        let (stored, _) = self.stored(body_id(&self.board, &card.id)).await?;
        let (card, person, seed) = (card.id.clone(), UserId::new(PERSON.0)?, Seed([0; 32]));
        Ok(spawn::heavy(|| BodyDocument::open(card, person, seed, stored).0.text()))
    }

    /// What the relay has of a document, and whether that is anything.
    pub(super) async fn stored(
        &mut self,
        document: DocumentId,
    ) -> Result<(Vec<Chunk>, bool), TaskError> {
        let loaded = self.registry.store.load(document).await?;
        let ops = |change: &CheckedChange| change.max_op().saturating_sub(change.start_op) + 1;
        if loaded.changes.iter().map(ops).sum::<u64>() > TASK_DOCUMENT_OPS_MAX {
            return Err(TaskError::TooLarge);
        }
        let chunks: Vec<Bytes> = loaded.changes.into_iter().map(|change| change.chunk).collect();
        let is_stored = !chunks.is_empty();
        Ok((spawn::heavy(|| vec![Chunk::new(chunks.concat().into())]), is_stored))
    }

    /// Writes what was planned, and waits until it is durable.
    pub(super) async fn write(&mut self, card: &CardId, plan: Plan) -> Result<(), TaskError> {
        let Plan { commands, body } = plan;
        let units = body.as_ref().map_or(0, |body| body.encode_utf16().count());
        if units > BODY_UNITS_MAX {
            // before anything is written
            return Err(CommandError::TooLong { units, units_max: BODY_UNITS_MAX }.into());
        }
        self.do_all(commands)?;
        if let Some(body) = body {
            self.write_body(card, &body).await?;
        }
        self.until_saved().await
    }

    /// Does commands to the board alone, all or none, and waits until that is durable.
    pub(super) async fn write_board(&mut self, commands: Vec<Command>) -> Result<(), TaskError> {
        self.do_all(commands)?;
        self.until_saved().await
    }

    fn do_all(&mut self, mut commands: Vec<Command>) -> Result<(), TaskError> {
        if commands.is_empty() {
            return Ok(());
        }
        self.introduce()?;
        let single = if commands.len() == 1 { commands.pop() } else { None };
        self.command(single.unwrap_or(Command::Transact { commands }))
    }

    async fn until_saved(&mut self) -> Result<(), TaskError> {
        let is_saved = |status: &Status| status.edits_on_relay == status.edits_made;
        self.until(|room| is_saved(room.replica.status())).await
    }

    /// Reads a file of text, and writes nothing.
    pub(super) fn read_text(
        &mut self,
        format: ImportFormat,
        text: &str,
    ) -> Result<Import, TaskError> {
        let stamp = Stamp { at: 0, by: UserId::new(PERSON.0)? };
        Ok(Import::read(format, text, &mut Importer::new(stamp, self.dice.fork()))?)
    }

    /// Takes in a file of text.
    pub(super) fn take_text(
        &mut self,
        format: ImportFormat,
        text: &str,
    ) -> Result<Imported, TaskError> {
        self.introduce()?;
        // the bodies stay in memory
        self.is_worn = true;
        let now = self.registry.clock.now();
        Ok(spawn::heavy(|| self.replica.handle_import(now, format, text))?)
    }

    /// Takes in a file with the history of this room.
    pub(super) fn take_history(&mut self, file: &Bytes) -> Result<Imported, TaskError> {
        self.is_worn = true;
        let now = self.registry.clock.now();
        Ok(spawn::heavy(|| self.replica.handle_room_import(now, file))?)
    }

    /// Waits until all that is here is durable, also what is no edit: a new board, and bodies of a file.
    pub(super) async fn settle(&mut self) -> Result<(), TaskError> {
        self.until(|room| {
            let status = room.replica.status();
            // what is written, and what was written before there was a connection
            status.waiting == 0 && status.edits_on_relay == status.edits_made
        })
        .await
    }

    /// Says who writes here, once for each board, so that its history reads well.
    fn introduce(&mut self) -> Result<(), TaskError> {
        let (id, name) = PERSON;
        let person = Person { id: UserId::new(id)?, name: name.to_owned(), colour: 0 };
        if self.view()?.person(&person.id).is_none() {
            self.command(Command::SetPerson { person })?;
        }
        Ok(())
    }

    /// Types what differs into the body of a card.
    async fn write_body(&mut self, card: &CardId, body: &str) -> Result<(), TaskError> {
        let text = TextTarget::Body { card: card.clone() };
        self.texts.remove(card);
        self.bodies_opened += 1;
        self.command(Command::OpenText { text: text.clone() })?;
        self.until(|room| room.texts.contains_key(card)).await?;
        let before = self.texts.remove(card).unwrap_or_default();
        if let Some(splice) = Splice::between(&before, body) {
            // nothing that came since was looked at
            self.command(Command::EditText { text: text.clone(), seen: 0, splice })?;
        }
        self.command(Command::CloseText { text })
    }

    fn command(&mut self, command: Command) -> Result<(), TaskError> {
        let now = self.registry.clock.now();
        spawn::heavy(|| self.replica.handle_command(now, command))?;
        Ok(())
    }

    /// Works until something holds.
    async fn until(&mut self, is_done: impl Fn(&Self) -> bool) -> Result<(), TaskError> {
        loop {
            spawn::heavy(|| self.work());
            if is_done(self) {
                return Ok(());
            }
            if self.peer.is_none() && self.is_worn {
                // closed, and to be connected again; but not where that would lead to nothing
                self.registry.readiness().map_err(|_| TaskError::Ended)?;
            }
            if let Some(document) = self.loads.pop_front() {
                let (chunks, is_stored) = self.stored(document.clone()).await?;
                self.is_stored |= is_stored && document == self.board;
                let now = self.registry.clock.now();
                spawn::heavy(|| self.replica.handle_loaded(now, &document, chunks));
                continue;
            }
            let (due, peer) = (self.replica.next_timeout(), self.peer.as_mut());
            let changed = async {
                match peer {
                    Some(peer) => peer.changed().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = changed => {}
                () = self.registry.clock.sleep_until(due) => {
                    let now = self.registry.clock.now();
                    spawn::heavy(|| self.replica.handle_timeout(now));
                }
            }
        }
    }

    /// Does what the replica wants and gives it what came, until there is nothing more to do now.
    fn work(&mut self) {
        loop {
            while let Some(output) = self.replica.poll_output() {
                self.obey(output);
            }
            let now = self.registry.clock.now();
            if let Some(frame) = self.peer.as_mut().and_then(Peer::receive) {
                self.replica.handle_received(now, RELAY, &frame);
            } else if self.peer.take_if(|peer| peer.is_closed()).is_some() {
                self.is_worn = true;
                self.replica.handle_disconnected(now, RELAY);
            } else if self.is_dialing && self.is_worn {
                self.connect();
            } else {
                return;
            }
        }
    }

    fn obey(&mut self, output: Output) {
        match output {
            Output::Load { document } => self.loads.push_back(document),
            Output::LoadProjection { document } => {
                self.replica.handle_projection(self.registry.clock.now(), &document, None);
            }
            Output::Send { connection: _, frame } => {
                if let Some(peer) = &mut self.peer {
                    peer.send(&frame);
                }
            }
            Output::Deltas(deltas) => {
                for delta in deltas {
                    if let Delta::TextOpened { text: TextTarget::Body { card }, content } = delta {
                        self.texts.insert(card, content);
                    }
                }
            }
            Output::Close { connection: _, reason } => {
                tracing::warn!(reason, document_id = %self.board, "a peer of a room is given up");
                self.peer = None;
                self.is_worn = true;
            }
            Output::Quarantine { document, chunk } => {
                let bytes = chunk.bytes.len();
                tracing::warn!(document_id = %document, bytes, "stored changes that a board can't have");
            }
            // the first time it is connected when somebody needs it
            Output::Dial => self.is_dialing = true,
            Output::Answer { number, answer } => {
                if number == self.questions {
                    self.answer = Some(answer);
                }
            }
            // nobody looks at it, and it keeps nothing of its own
            Output::Status(_)
            | Output::Presence(_)
            | Output::Projected { .. }
            | Output::Store { .. }
            | Output::StoreProjection { .. }
            | Output::Compact { .. } => {}
        }
    }
}
