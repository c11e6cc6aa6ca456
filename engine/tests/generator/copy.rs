//! One replica: its document, what a reader of its deltas has, its typists, and what it has stored.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use automerge::ChangeHash;
use bytes::Bytes;
use warroom_engine::{
    Board, BoardDocument, CardId, Chunk, Command, CommandError, Delta, Edited, Origin, Splice,
    TalkCommand, TextTarget, Typist, UserId,
};
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::{DocumentId, Seed, Timestamp};

use crate::checks::{Violation, keys};
use crate::event::Who;
use crate::fault::Fault;
use crate::shown::{Fields, touched};
use crate::talk::TalkCopy;

/// A person at an open title, who hears late of what others type.
#[derive(Debug)]
struct Desk {
    typist: Typist,
    unread: VecDeque<(Origin, Splice)>,
}

#[derive(Debug)]
pub(crate) struct Copy {
    pub(crate) who: Who,
    pub(crate) doc: BoardDocument,
    pub(crate) now: Timestamp,
    /// The board as the deltas say.
    replayed: Board,
    desks: BTreeMap<CardId, Desk>,
    chunks: Vec<Chunk>,
    /// How many of the chunks no restart can lose any more.
    safe: usize,
    pub(crate) talk: TalkCopy,
    /// Number of the episode, for the seeds of its openings.
    episode: u64,
    openings: u8,
    fault: Option<Fault>,
}

/// What a command did: the change that it made, if it made one, and what it touched, before and after.
pub(crate) struct Done {
    pub(crate) result: Result<Edited, CommandError>,
    pub(crate) change: Option<ChangeHash>,
    pub(crate) before: Fields,
    pub(crate) after: Fields,
}

pub(crate) fn person(who: Who) -> UserId {
    UserId::new(&format!("p{who}")).unwrap()
}

/// The dice of an opening; each document has its own.
fn seed_of((who, episode, openings): (Who, u64, u8), document: u8) -> Seed {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&episode.to_le_bytes());
    seed[8] = u8::try_from(who).unwrap();
    seed[9] = openings;
    seed[10] = document;
    Seed(seed)
}

fn open(
    (who, episode, openings): (Who, u64, u8),
    chunks: Vec<Chunk>,
) -> Result<BoardDocument, Violation> {
    let id = DocumentId::from_room_name("test");
    let seed = seed_of((who, episode, openings), 0);
    let (doc, report) = BoardDocument::open(id, person(who), seed, chunks);
    let is_whole = report.quarantined.is_empty();
    let refused = || Violation::Refused(who, "a chunk was not read".to_owned());
    if is_whole { Ok(doc) } else { Err(refused()) }
}

impl Copy {
    pub(crate) fn new(who: Who, episode: u64, fault: Option<Fault>) -> Result<Self, Violation> {
        let doc = open((who, episode, 0), Vec::new())?;
        let (replayed, desks, chunks) = (Board::default(), BTreeMap::new(), Vec::new());
        let (now, openings) = (Timestamp(1_000_000), 0);
        let talk = TalkCopy::open(who, seed_of((who, episode, 0), 1), Vec::new(), fault)?;
        let mut copy = Self {
            who,
            doc,
            now,
            replayed,
            desks,
            chunks,
            safe: 0,
            talk,
            episode,
            openings,
            fault,
        };
        copy.settle()?;
        Ok(copy)
    }

    /// The board that its person sees.
    pub(crate) fn board(&self) -> &Board {
        &self.replayed
    }

    /// Takes what the document tells and stores, and checks the view.
    fn settle(&mut self) -> Result<(), Violation> {
        for delta in self.doc.take_deltas() {
            self.take(&delta, Origin::Remote);
        }
        self.check_view()
    }

    fn take(&mut self, delta: &Delta, origin: Origin) {
        if let Delta::TextOpened { text: TextTarget::Title { card }, content } = delta {
            let desk = Desk { typist: Typist::new(content), unread: VecDeque::new() };
            self.desks.insert(card.clone(), desk);
        }
        if let Delta::TextSpliced { text: TextTarget::Title { card }, origin, splice } = delta
            && let Some(desk) = self.desks.get_mut(card)
        {
            desk.unread.push_back((*origin, splice.clone()));
        }
        if !self.fault.is_some_and(|fault| fault.drops(delta, origin)) {
            self.replayed.apply(delta);
        }
    }

    /// The deltas lead to the view, and the view is that of the document.
    fn check_view(&mut self) -> Result<(), Violation> {
        self.chunks.extend(self.doc.take_new_chunk());
        // a view that ignores hints tells no deltas of what it did not read
        let is_told = self.fault == Some(Fault::HintIgnored) || self.replayed == *self.doc.board();
        let is_read = self.doc.has_unwritten() || self.replayed == self.doc.rebuilt();
        if is_told && is_read { Ok(()) } else { Err(Violation::Drifted(self.who)) }
    }

    /// Does what a person wants, and says what became of what is shown.
    pub(crate) fn act(
        &mut self,
        edit: impl FnOnce(&mut BoardDocument, Timestamp) -> Result<Edited, CommandError>,
    ) -> Result<Done, Violation> {
        self.now.0 += 1;
        let heads = self.doc.doc().get_heads();
        let result = edit(&mut self.doc, self.now);
        let after = self.doc.doc().get_heads();
        let change = after.first().copied().filter(|_| after != heads);
        let mut done = Done { result, change, before: Fields::new(), after: Fields::new() };
        let mut seen = BTreeSet::new();
        for delta in self.doc.take_deltas() {
            let (before, after) = touched(&self.replayed, &delta);
            let of = after.keys().next().map(|key| key.0.clone());
            if seen.insert(of.clone()) {
                done.before.extend(before);
            }
            done.after.retain(|key, _| Some(&key.0) != of.as_ref());
            done.after.extend(after);
            self.take(&delta, Origin::Local);
        }
        keys(&done.after)?;
        self.check_view()?;
        Ok(done)
    }

    /// Says something.
    pub(crate) fn say(&mut self, command: TalkCommand) -> Result<Done, Violation> {
        self.now.0 += 1;
        self.talk.act(self.now, command)
    }

    /// Types at a character of an open title, counted round. Whether somebody typed.
    pub(crate) fn types(
        &mut self,
        card: &CardId,
        (at, delete): (usize, usize),
        insert: &str,
    ) -> Result<bool, Violation> {
        let Some(desk) = self.desks.get_mut(card) else { return Ok(false) };
        let text: Vec<char> = desk.typist.text().chars().collect();
        let units = |text: &[char]| {
            u32::try_from(text.iter().map(|letter| letter.len_utf16()).sum::<usize>()).unwrap()
        };
        let at = at % (text.len() + 1);
        let end = (at + delete).min(text.len());
        let (at, delete) = (units(&text[..at]), units(&text[at..end]));
        let splice = Splice { at, delete, insert: insert.to_owned() };
        let seen = desk.typist.edit(&splice).unwrap();
        let text = TextTarget::Title { card: card.clone() };
        let command = Command::EditText { text, seen, splice };
        let done = self.act(|doc, now| doc.apply_command(now, command))?;
        if done.result.is_err() {
            // the typist's text is stale, and is opened again when the person goes on
            self.desks.remove(card);
        }
        Ok(done.result.is_ok())
    }

    pub(crate) fn close(&mut self, card: &CardId) {
        self.desks.remove(card);
    }

    /// The titles that are open for typing.
    pub(crate) fn open_titles(&self) -> Vec<CardId> {
        self.desks.keys().cloned().collect()
    }

    /// Every typist hears of up to so many splices.
    pub(crate) fn read(&mut self, count: usize) {
        for desk in self.desks.values_mut() {
            for _ in 0..count {
                let Some((origin, splice)) = desk.unread.pop_front() else { break };
                desk.typist.handle_spliced(origin, &splice);
            }
        }
    }

    /// Typists who have heard of everything see what the board shows.
    pub(crate) fn check_typists(&mut self) -> Result<(), Violation> {
        self.read(usize::MAX);
        for (card, desk) in &self.desks {
            let sees = desk.typist.text();
            let board = self.doc.board().card(card).map(|card| card.title.clone());
            if board.as_ref() != Some(&sees) {
                let (who, card, board) = (self.who, card.clone(), board.unwrap_or_default());
                return Err(Violation::Typist { who, card, sees, board });
            }
        }
        Ok(())
    }

    pub(crate) fn wait(&mut self, ms: u64) -> Result<(), Violation> {
        self.now.0 += ms;
        self.doc.handle_timeout(self.now);
        self.settle()?;
        self.talk.wait(self.now)
    }

    pub(crate) fn flush(&mut self) -> Result<(), Violation> {
        self.doc.flush(self.now);
        self.settle()?;
        self.talk.flush(self.now)
    }

    pub(crate) fn receive(&mut self, changes: &[CheckedChange]) -> Result<(), Violation> {
        let received = self.doc.receive_changes(self.now, changes);
        received.map_err(|error| Violation::Refused(self.who, error.to_string()))?;
        self.settle()
    }

    pub(crate) fn receive_message(
        &mut self,
        state: &mut automerge::sync::State,
        message: automerge::sync::Message,
        changes: &[CheckedChange],
    ) -> Result<(), Violation> {
        let received = self.doc.receive_message(self.now, state, message, changes);
        received.map_err(|error| Violation::Refused(self.who, error.to_string()))?;
        self.settle()
    }

    /// What is stored now stays: the ledger does not know any more what was before.
    pub(crate) fn keep(&mut self) {
        self.safe = self.chunks.len();
        self.talk.keep();
    }

    /// Dies, and comes back from what is stored.
    pub(crate) fn restart(&mut self, lost: usize, compact: bool) -> Result<(), Violation> {
        let before = self.doc.rebuilt();
        self.chunks.truncate(self.chunks.len().saturating_sub(lost).max(self.safe));
        self.openings += 1;
        if compact && lost == 0 {
            self.chunks = vec![Chunk::new(Bytes::from(self.doc.doc().save()))];
            self.safe = self.safe.min(1);
        }
        self.doc = open((self.who, self.episode, self.openings), self.chunks.clone())?;
        self.desks.clear();
        self.settle()?;
        self.talk.restart(seed_of((self.who, self.episode, self.openings), 1), lost)?;
        let is_same = lost > 0 || self.fault.is_some() || before == self.replayed;
        if is_same { Ok(()) } else { Err(Violation::Forgotten(self.who)) }
    }
}
