//! Open texts: what is typed arrives, whoever else types, however late; and becomes few changes.

use std::collections::VecDeque;

use automerge::ReadDoc;
use bytes::Bytes;
use proptest::prelude::*;
use warroom_engine::limits::{BODY_UNITS_MAX, TITLE_UNITS_MAX};
use warroom_engine::{
    BodyDocument, CardId, Chunk, Command, CommandError, Delta, Origin, Splice, TextTarget, Typist,
    UserId,
};
use warroom_protocol::guard::check_change;
use warroom_protocol::{Seed, Timestamp};

use crate::world::{Peer, add, card, meet, title};

fn splice(at: u32, delete: u32, insert: &str) -> Splice {
    Splice { at, delete, insert: insert.to_owned() }
}

fn target() -> TextTarget {
    TextTarget::Title { card: card("a") }
}

fn type_in(at: u32, delete: u32, insert: &str, seen: u64) -> Command {
    Command::EditText { text: target(), seen, splice: splice(at, delete, insert) }
}

/// A board whose card *a* reads *text*, its title open.
fn open_title(number: u8, text: &str) -> Peer {
    let mut peer = Peer::new(number);
    peer.act_all([add("a", "todo", text), Command::OpenText { text: target() }]);
    peer
}

#[test]
fn typing_shows_at_once_and_becomes_one_change_after_a_pause() {
    let mut peer = open_title(1, "Ship");
    let heads = peer.doc.heads();
    for (index, letter) in ["!", "?", "."].into_iter().enumerate() {
        peer.act(type_in(4 + u32::try_from(index).unwrap(), 0, letter, 0));
    }
    assert_eq!((peer.title_of("a").as_str(), peer.doc.heads()), ("Ship!?.", heads.clone()));
    let due = peer.doc.next_timeout().unwrap();
    assert_eq!(due, Timestamp(peer.now.0 + 300));
    peer.timeout(Timestamp(due.0 - 1));
    assert_eq!(peer.doc.heads(), heads, "not before the pause");
    peer.timeout(due);
    let changes = peer.doc.doc().get_changes(&heads);
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].len(), changes[0].message()), (3, Some(r#"{"k":"type","c":"a"}"#)));
    assert!(!peer.doc.has_unwritten() && peer.doc.next_timeout().is_none());
}

#[test]
fn typing_is_written_every_hundred_milliseconds_while_others_look() {
    let mut peer = open_title(1, "");
    peer.doc.set_watched([card("a")].into_iter().collect());
    peer.act(type_in(0, 0, "x", 0));
    assert_eq!(peer.doc.next_timeout(), Some(Timestamp(peer.now.0 + 100)));
}

#[test]
fn flush_close_another_command_and_remote_changes_write_typing_out() {
    let others: [fn(&mut Peer); 4] = [
        |peer| peer.act_all([Command::FlushText { text: target() }]),
        |peer| peer.act_all([Command::CloseText { text: target() }]),
        |peer| peer.act_all([add("b", "todo", "B")]),
        |peer| {
            let mut other = Peer::new(2);
            other.act(add("c", "todo", "C"));
            peer.pull(&other);
        },
    ];
    for act in others {
        let mut peer = open_title(1, "Ship");
        peer.act(type_in(4, 0, "!", 0));
        act(&mut peer);
        assert!(!peer.doc.has_unwritten());
        assert_eq!(peer.title_of("a"), "Ship!");
    }
}

#[test]
fn a_late_keystroke_lands_where_it_was_meant() {
    let (mut a, mut b) = (open_title(1, "Ship"), Peer::new(2));
    meet(&mut a, &mut b);
    b.act(title("a", "We Ship"));
    a.pull(&b);
    a.act(type_in(4, 0, "!", 0));
    assert_eq!(a.title_of("a"), "We Ship!");
    a.act(type_in(0, 0, "Yes, ", 1));
    assert_eq!(a.title_of("a"), "Yes, We Ship!");
    let told: Vec<_> = a
        .take_told()
        .into_iter()
        .filter_map(|delta| {
            let Delta::TextSpliced { origin, splice, .. } = delta else { return None };
            Some((origin, splice))
        })
        .collect();
    let expected = [
        (Origin::Remote, splice(0, 0, "We ")),
        (Origin::Local, splice(7, 0, "!")),
        (Origin::Local, splice(0, 0, "Yes, ")),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_deletion_of_text_that_others_typed_into_spares_what_they_typed() {
    let (mut a, mut b) = (open_title(1, "abcdef"), Peer::new(2));
    meet(&mut a, &mut b);
    b.act(title("a", "abcXdef"));
    a.pull(&b);
    a.take_told();
    a.act(type_in(1, 4, "", 0));
    assert_eq!(a.title_of("a"), "aXf");
    let echo = a.take_told();
    let one =
        Delta::TextSpliced { text: target(), origin: Origin::Local, splice: splice(1, 5, "X") };
    assert!(echo.contains(&one), "{echo:?}");
}

#[test]
fn a_splice_that_does_not_fit_is_refused() {
    let mut peer = open_title(1, "a😀b");
    let outside = [
        type_in(5, 0, "x", 0),
        type_in(2, 0, "x", 0),
        type_in(1, 1, "", 0),
        type_in(0, 5, "", 0),
        type_in(u32::MAX, u32::MAX, "", 0),
        type_in(0, 0, "x", 1),
    ];
    for command in outside {
        assert_eq!(peer.try_do(command.clone()), Err(CommandError::OutsideText), "{command:?}");
    }
    let units = TITLE_UNITS_MAX + 4;
    let too_long = CommandError::TooLong { units, units_max: TITLE_UNITS_MAX };
    assert_eq!(peer.try_do(type_in(0, 0, &"x".repeat(TITLE_UNITS_MAX), 0)), Err(too_long));
    assert_eq!(peer.title_of("a"), "a😀b");
    assert!(!peer.doc.has_unwritten());
}

/// A person at a body: what is typed travels to the engine, and what it tells travels back, each in its own time.
struct Desk {
    body: BodyDocument,
    typist: Typist,
    to_engine: VecDeque<(u64, Splice)>,
    to_typist: VecDeque<Delta>,
    chunks: Vec<Chunk>,
    now: Timestamp,
}

impl Desk {
    fn new(number: u8) -> Self {
        let user = UserId::new(&format!("p{number}")).unwrap();
        let (mut body, _) =
            BodyDocument::open(CardId::new("a").unwrap(), user, Seed([number; 32]), Vec::new());
        let now = Timestamp(1_000);
        body.open_text(now).unwrap();
        let (to_engine, to_typist) = (VecDeque::new(), body.take_deltas().into());
        let typist = Typist::new("");
        Self { body, typist, to_engine, to_typist, chunks: Vec::new(), now }
    }

    fn settle(&mut self) {
        self.to_typist.extend(self.body.take_deltas());
        self.chunks.extend(self.body.take_new_chunk());
    }

    /// Types at a place of the text (in characters, so that none is cut in half).
    fn types(&mut self, at: usize, delete: usize, insert: &str) {
        let text: Vec<char> = self.typist.text().chars().collect();
        let units = |text: &[char]| {
            u32::try_from(text.iter().map(|c| c.len_utf16()).sum::<usize>()).unwrap()
        };
        let at = at % (text.len() + 1);
        let end = (at + delete).min(text.len());
        let splice = splice(units(&text[..at]), units(&text[at..end]), insert);
        let seen = self.typist.edit(&splice).unwrap();
        self.to_engine.push_back((seen, splice));
    }

    fn engine_reads(&mut self, count: usize) {
        for _ in 0..count {
            let Some((seen, splice)) = self.to_engine.pop_front() else { return };
            self.now.0 += 20;
            self.body.edit_text(self.now, seen, &splice).unwrap();
            self.settle();
        }
    }

    fn typist_reads(&mut self, count: usize) {
        for _ in 0..count {
            match self.to_typist.pop_front() {
                Some(Delta::TextSpliced { origin, splice, .. }) => {
                    self.typist.handle_spliced(origin, &splice);
                }
                Some(Delta::TextOpened { content, .. }) => self.typist = Typist::new(&content),
                _ => return,
            }
        }
    }

    fn pulls(&mut self, other: &mut Self) {
        other.body.flush(other.now);
        other.settle();
        let changes: Vec<_> = other
            .body
            .doc()
            .get_changes(&[])
            .iter()
            .filter(|change| self.body.doc().get_change_by_hash(&change.hash()).is_none())
            .map(|change| check_change(&Bytes::copy_from_slice(change.raw_bytes())).unwrap())
            .collect();
        self.body.receive_changes(self.now, &changes).unwrap();
        self.settle();
    }
}

#[derive(Debug, Clone)]
enum Step {
    Type(usize, usize, String),
    EngineReads(usize),
    TypistReads(usize),
    Pull,
    Later(u64),
}

fn any_step() -> impl Strategy<Value = (usize, Step)> {
    let step = prop_oneof![
        6 => (0..30_usize, 0..4_usize, "[a-z😀é]{0,3}").prop_map(|(at, n, s)| Step::Type(at, n, s)),
        3 => (0..4_usize).prop_map(Step::EngineReads),
        3 => (0..4_usize).prop_map(Step::TypistReads),
        2 => Just(Step::Pull),
        1 => (0..1_500_u64).prop_map(Step::Later),
    ];
    (0..2_usize, step)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn two_typists_end_with_the_same_text_however_late_they_read(
        seeds in (0..100_u8, 100..200_u8),
        steps in proptest::collection::vec(any_step(), 1..80),
    ) {
        let mut desks = [Desk::new(seeds.0), Desk::new(seeds.1)];
        for desk in &mut desks {
            desk.typist_reads(1);
        }
        for (who, step) in steps {
            let [a, b] = &mut desks;
            let (desk, other) = if who == 0 { (a, b) } else { (b, a) };
            match step {
                Step::Type(at, delete, insert) => desk.types(at, delete, &insert),
                Step::EngineReads(count) => desk.engine_reads(count),
                Step::TypistReads(count) => desk.typist_reads(count),
                Step::Pull => desk.pulls(other),
                Step::Later(wait) => {
                    desk.now.0 += wait;
                    desk.body.handle_timeout(desk.now);
                    desk.settle();
                }
            }
        }
        let [a, b] = &mut desks;
        for desk in [&mut *a, &mut *b] {
            desk.engine_reads(usize::MAX);
        }
        a.pulls(b);
        b.pulls(a);
        for desk in [&mut *a, &mut *b] {
            desk.typist_reads(usize::MAX);
            prop_assert_eq!(desk.typist.text(), desk.body.text(), "the typist sees the engine's text");
        }
        prop_assert_eq!(a.body.text(), b.body.text(), "both replicas have the same text");
    }
}

#[test]
pub(crate) fn two_first_lines_written_offline_are_both_there() {
    for (first, second) in [(1, 2), (3, 4), (5, 6), (7, 8), (2, 1)] {
        let (mut a, mut b) = (Desk::new(first), Desk::new(second));
        for (desk, line) in [(&mut a, "from A\n"), (&mut b, "from B\n")] {
            desk.typist_reads(1);
            desk.types(0, 0, line);
            desk.engine_reads(1);
        }
        a.pulls(&mut b);
        b.pulls(&mut a);
        assert!(a.body.text().contains("from A\n") && a.body.text().contains("from B\n"));
        assert_eq!(a.body.text(), b.body.text());
    }
}

#[test]
fn a_huge_paste_becomes_changes_that_everyone_takes() {
    let (mut a, mut b) = (Desk::new(1), Desk::new(2));
    a.typist_reads(1);
    let paste = "😀 twelve plus ".repeat(3_000);
    a.types(0, 0, &paste);
    a.engine_reads(1);
    b.pulls(&mut a);
    assert_eq!(b.body.text(), paste);
    a.types(0, usize::MAX, "");
    a.engine_reads(1);
    b.pulls(&mut a);
    assert_eq!(b.body.text(), "");
    let too_long = splice(0, 0, &"x".repeat(BODY_UNITS_MAX + 1));
    let refused = a.body.edit_text(a.now, 0, &too_long);
    assert!(matches!(refused, Err(CommandError::TooLong { .. })), "{refused:?}");
}

#[test]
fn a_body_is_read_from_its_chunks_and_a_torn_one_costs_itself_alone() {
    let mut desk = Desk::new(1);
    desk.typist_reads(1);
    for word in ["one ", "two ", "three "] {
        let end = desk.typist.text().chars().count();
        desk.types(end, 0, word);
        desk.engine_reads(1);
        desk.body.flush(desk.now);
        desk.settle();
    }
    assert_eq!(desk.chunks.len(), 3);
    let read = |chunks: Vec<Chunk>| {
        let user = UserId::new("p9").unwrap();
        BodyDocument::open(card("a"), user, Seed([9; 32]), chunks)
    };
    let (body, report) = read(desk.chunks.iter().rev().cloned().collect());
    assert_eq!((body.text().as_str(), report.quarantined.len()), ("one two three ", 0));
    let mut torn = desk.chunks.clone();
    torn[2].bytes = torn[2].bytes.slice(..torn[2].bytes.len() - 3);
    torn.push(Chunk::new(Bytes::from_static(b"not a chunk at all")));
    let (body, report) = read(torn.clone());
    assert_eq!(body.text(), "one two ");
    assert_eq!(report.quarantined, torn[2..]);
}

#[test]
fn a_snapshot_is_a_chunk_too() {
    let mut desk = Desk::new(1);
    desk.typist_reads(1);
    desk.types(0, 0, "saved whole");
    desk.engine_reads(1);
    desk.body.flush(desk.now);
    let snapshot = Chunk::new(Bytes::from(desk.body.doc().save()));
    let user = UserId::new("p9").unwrap();
    let (body, report) = BodyDocument::open(card("a"), user, Seed([9; 32]), vec![snapshot]);
    assert_eq!((body.text().as_str(), report.quarantined.len()), ("saved whole", 0));
    assert_eq!(body.heads(), desk.body.heads());
}
