//! Replicas of a talk without a network: each holds its view against the deltas it told and against a view made anew.

use automerge::transaction::Transaction;
use automerge::{ActorId, Automerge, ReadDoc, TextEncoding};
use bytes::Bytes;
use warroom_engine::{
    Chunk, CommandError, Comment, CommentId, Delta, Edited, Talk, TalkCommand, TalkDocument,
};
use warroom_protocol::guard::check_change;
use warroom_protocol::{Seed, Timestamp};

use crate::world::{card, user};

pub(crate) fn comment(text: &str) -> CommentId {
    CommentId::new(text).unwrap()
}

/// Says something about card a.
pub(crate) fn say(id: &str, text: &str) -> TalkCommand {
    TalkCommand::AddComment { id: comment(id), card: card("a"), text: text.to_owned() }
}

pub(crate) fn edit(id: &str, text: &str) -> TalkCommand {
    TalkCommand::EditComment { id: comment(id), text: text.to_owned() }
}

pub(crate) fn delete(id: &str) -> TalkCommand {
    TalkCommand::DeleteComment { id: comment(id) }
}

pub(crate) fn restore(id: &str) -> TalkCommand {
    TalkCommand::RestoreComment { id: comment(id) }
}

pub(crate) fn react(id: &str, reaction: &str) -> TalkCommand {
    TalkCommand::React { id: comment(id), reaction: reaction.to_owned() }
}

pub(crate) fn unreact(id: &str) -> TalkCommand {
    TalkCommand::Unreact { id: comment(id) }
}

pub(crate) fn vote() -> TalkCommand {
    TalkCommand::Vote { card: card("a") }
}

pub(crate) fn unvote() -> TalkCommand {
    TalkCommand::Unvote { card: card("a") }
}

/// Has seen card a.
pub(crate) fn seen() -> TalkCommand {
    TalkCommand::MarkSeen { card: Some(card("a")) }
}

/// One replica.
pub(crate) struct Peer {
    pub(crate) doc: TalkDocument,
    /// What a reader of the deltas has.
    view: Talk,
    /// Every delta told so far since the last look.
    told: Vec<Delta>,
    pub(crate) now: Timestamp,
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) person: String,
}

impl Peer {
    /// A new replica of person `p<number>`; its actor grows from the number.
    pub(crate) fn new(number: u8) -> Self {
        Self::open(number, &format!("p{number}"), Vec::new())
    }

    /// A replica that reads what an earlier one has stored.
    pub(crate) fn open(number: u8, person: &str, chunks: Vec<Chunk>) -> Self {
        let seed = Seed([number; 32]);
        let (doc, report) = TalkDocument::open(user(person), seed, chunks.clone());
        assert_eq!(report.quarantined, [], "every chunk was read");
        let (view, told, person) = (Talk::default(), Vec::new(), person.to_owned());
        let mut peer = Self { doc, view, told, now: Timestamp(1_000_000), chunks, person };
        peer.settle();
        peer
    }

    /// Takes deltas and chunks, and checks that the deltas lead to the view and the view is that of the document.
    fn settle(&mut self) {
        for delta in self.doc.take_deltas() {
            self.view.apply(&delta);
            self.told.push(delta);
        }
        assert_eq!(&self.view, self.doc.talk(), "the deltas lead to the view");
        assert_eq!(self.doc.talk(), &self.doc.rebuilt(), "the view is that of the document");
        self.chunks.extend(self.doc.take_new_chunk());
    }

    pub(crate) fn try_do(&mut self, command: TalkCommand) -> Result<Edited, CommandError> {
        self.now.0 += 1;
        let result = self.doc.apply_command(self.now, command);
        self.settle();
        result
    }

    /// Does what must succeed.
    pub(crate) fn act(&mut self, command: TalkCommand) -> bool {
        let name = format!("{command:?}");
        match self.try_do(command) {
            Ok(edited) => edited.wrote,
            Err(error) => panic!("{name}: {error}"),
        }
    }

    pub(crate) fn act_all(&mut self, commands: &[TalkCommand]) {
        for command in commands {
            self.act(command.clone());
        }
    }

    pub(crate) fn wait(&mut self, ms: u64) {
        self.now.0 += ms;
        self.doc.handle_timeout(self.now);
        self.settle();
    }

    pub(crate) fn flush(&mut self) {
        self.doc.flush(self.now);
        self.settle();
    }

    /// Gets every change that `other` has written out.
    pub(crate) fn pull(&mut self, other: &Self) {
        let changes = other.doc.doc().get_changes(&[]);
        let new = changes
            .iter()
            .filter(|change| self.doc.doc().get_change_by_hash(&change.hash()).is_none());
        let new: Vec<_> = new
            .map(|change| check_change(&Bytes::copy_from_slice(change.raw_bytes())).unwrap())
            .collect();
        self.doc.receive_changes(self.now, &new).unwrap();
        self.settle();
    }

    pub(crate) fn talk(&self) -> &Talk {
        self.doc.talk()
    }

    pub(crate) fn take_told(&mut self) -> Vec<Delta> {
        std::mem::take(&mut self.told)
    }

    /// The comments on card a.
    pub(crate) fn comments(&self) -> &[Comment] {
        self.talk().comments(&card("a"))
    }

    /// What the comments on card a say, newest last.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let shown = self.comments().iter().filter(|comment| !comment.deleted);
        shown.map(|comment| comment.text.as_str()).collect()
    }

    /// The reactions to a comment, as `person reaction`.
    pub(crate) fn reactions(&self, id: &str) -> Vec<String> {
        let comment = self.talk().comment(&comment(id)).unwrap();
        let reactions = comment.reactions.iter();
        reactions.map(|one| format!("{} {}", one.by, one.reaction)).collect()
    }

    /// How many comments on card a this person has not seen.
    pub(crate) fn unread(&self) -> usize {
        self.talk().unread(&card("a"), &user(&self.person))
    }
}

/// A foreign program changes what it likes, and the peer hears of it.
#[expect(clippy::disallowed_methods, reason = "a foreign program makes its documents as it likes")]
pub(crate) fn foreign(peer: &mut Peer, write: impl FnOnce(&mut Transaction<'_>)) {
    let mut doc = Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit)
        .with_actor(ActorId::from(*b"a foreign writer"));
    doc.apply_changes(peer.doc.doc().get_changes(&[])).unwrap();
    let mut to = doc.transaction();
    write(&mut to);
    to.commit();
    let change = doc.get_last_local_change().unwrap();
    let checked = check_change(&Bytes::copy_from_slice(change.raw_bytes())).unwrap();
    peer.doc.receive_changes(peer.now, &[checked]).unwrap();
    peer.settle();
}

/// Both get everything from each other.
pub(crate) fn meet(a: &mut Peer, b: &mut Peer) {
    a.flush();
    b.flush();
    a.pull(b);
    b.pull(a);
    assert_eq!(a.talk(), b.talk(), "same changes, same view");
    assert_eq!(a.doc.heads(), b.doc.heads());
    crate::oracle::check_talk(&a.doc);
}
