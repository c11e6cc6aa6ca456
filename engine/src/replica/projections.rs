//! What documents read as, kept beside their chunks: shown before the history is here, written when nothing changes.
//!
//! A projection never shows what the document would not, beyond being older: it is written only when all that it shows
//! is durable here, and what is shown is compared with the document once that is read.

use automerge::ChangeHash;
use bytes::Bytes;
use warroom_protocol::{DocumentId, Timestamp};

use super::bodies::Stage;
use super::opened::Opened;
use super::pause::Pause;
use super::{Output, Replica, StorageState};
use crate::board::BoardDocument;
use crate::command::TextTarget;
use crate::delta::Delta;
use crate::limits::{PROJECT_AFTER, PROJECT_WAIT_MAX};
use crate::projection::Projection;

/// When a document is to be projected, and which heads its stored projection has.
#[derive(Debug, Default)]
pub(super) struct Projector {
    stored: Vec<ChangeHash>,
    pause: Pause,
    /// It is to be written as soon as all that it shows is durable.
    is_due: bool,
}

impl Projector {
    /// Storage has a projection of these heads.
    pub(super) fn new(stored: Vec<ChangeHash>) -> Self {
        Self { stored, ..Self::default() }
    }

    /// The document has these heads now.
    pub(super) fn handle_changed(&mut self, now: Timestamp, heads: &[ChangeHash]) {
        if heads != self.stored {
            self.pause.handle_happened(now, PROJECT_AFTER, PROJECT_WAIT_MAX);
        }
    }

    /// When to call `handle_timeout`.
    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        self.pause.next_timeout()
    }

    /// The time may have come to write it.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        self.is_due |= self.pause.handle_timeout(now);
    }

    /// Whether it is to be written as soon as all that it shows is durable.
    pub(super) fn is_due(&self) -> bool {
        self.is_due
    }

    /// It is not waited any longer.
    pub(super) fn handle_closing(&mut self) {
        self.is_due = true;
    }
}

impl Replica {
    /// Answers [`Output::LoadProjection`]: with nothing where nothing is stored or it can't be read. One that comes
    /// after the document itself was read is of no use and is ignored, as is one that is torn or of another version.
    pub fn handle_projection(
        &mut self,
        now: Timestamp,
        document: &DocumentId,
        bytes: Option<&Bytes>,
    ) {
        let read = bytes.and_then(|bytes| Projection::read(document, bytes));
        if *document == self.catch_up_id() {
            self.learn_catch_up(read.as_ref());
            self.finish(now);
            return;
        }
        let Some(read) = read else { return };
        if self.opened.contains_key(document) {
            return;
        }
        if *document == self.undo_id() {
            self.learn_undo(&read);
        } else if *document == self.options.board {
            self.outputs.push_back(Output::Projected { json: read.content.clone() });
            self.shown = Some(read);
        } else if let Some(body) = self.bodies.get_mut(document)
            && body.stage == Stage::Loading
        {
            body.projected = Some(read);
            self.show_projected(document);
        }
        self.finish(now);
    }

    /// A body that somebody opens shows what it read as until its history is here.
    pub(super) fn show_projected(&mut self, document: &DocumentId) {
        let Some(body) = self.bodies.get_mut(document).filter(|body| body.is_wanted) else {
            return;
        };
        if let Some(projected) = &body.projected {
            let text = TextTarget::Body { card: body.card.clone() };
            let content = projected.content.clone();
            self.outputs.push_back(Output::Deltas(vec![Delta::TextProjected { text, content }]));
        }
    }

    /// Asks storage for a document: for what it reads as first.
    pub(super) fn load(&mut self, document: DocumentId) {
        self.outputs.push_back(Output::LoadProjection { document: document.clone() });
        self.outputs.push_back(Output::Load { document });
    }

    /// A document was just read: what storage says that it reads as may be old, or not be there.
    pub(super) fn plan_projection(&self, now: Timestamp, opened: &mut Opened) {
        if self.storage != StorageState::MemoryOnly && !opened.is_pristine() {
            let heads = opened.heads();
            opened.projector.handle_changed(now, &heads);
            opened.compactor.handle_changed(now);
        }
    }

    /// The board was just read: says nothing where it is what was shown already. Gives the heads of what was.
    pub(super) fn take_shown(&mut self, board: &mut BoardDocument) -> Vec<ChangeHash> {
        let Some(shown) = self.shown.take() else { return Vec::new() };
        // the text too: another build of the engine may read the same document differently
        if shown.heads != board.heads() || shown.content != board.projection() {
            return Vec::new();
        }
        let first = board.take_deltas();
        self.learn_bodies(&first);
        shown.heads
    }

    /// Writes the projections whose time has come, where that can be done.
    pub(super) fn project_due(&mut self) {
        for document in self.opened.due() {
            if self.opened.get(&document).is_some_and(|opened| opened.projector.is_due) {
                self.project(&document);
            }
        }
    }

    /// Writes what a document reads as, where storage has something else and all of it is durable.
    pub(super) fn project(&mut self, document: &DocumentId) {
        let Some(opened) = self.opened.get_mut(document) else { return };
        if self.storage != StorageState::Durable || !opened.is_stored() {
            return;
        }
        let heads = opened.heads();
        if heads != opened.projector.stored
            && !opened.is_pristine()
            && let Some(content) = opened.content()
        {
            let projection = Projection { content, heads: heads.clone() };
            let bytes = projection.write(document);
            self.outputs.push_back(Output::StoreProjection { document: document.clone(), bytes });
        }
        opened.projector = Projector::new(heads);
    }
}
