//! Each person of a session is a replica that has exactly what the person had at each moment.

use automerge::{ChangeHash, ReadDoc};
use bytes::Bytes;
use warroom_engine::{BodyDocument, CardId, Chunk, Delta, Origin, Splice, UserId};
use warroom_protocol::guard::{CheckedChange, check_change};
use warroom_protocol::{Dice, Seed, Timestamp};

use crate::session::{Patch, Session, Transaction};

/// Milliseconds between two transactions.
const STEP_MS: u64 = 20;

/// A replica of the text, typed into and told of what others type.
struct Writer {
    body: BodyDocument,
    now: Timestamp,
    /// Splices of others that it was told of.
    seen: u64,
    stored: Vec<Chunk>,
}

impl Writer {
    fn new(number: usize) -> Self {
        let number = u8::try_from(number).unwrap();
        let user = UserId::new(&format!("p{number}")).unwrap();
        let card = CardId::new("a").unwrap();
        let (mut body, _) = BodyDocument::open(card, user, Seed([number; 32]), Vec::new());
        let now = Timestamp(1_000_000);
        body.open_text(now).unwrap();
        let mut writer = Self { body, now, seen: 0, stored: Vec::new() };
        writer.hear();
        writer
    }

    /// Takes what the body tells and stores; a text that is opened anew is counted anew.
    fn hear(&mut self) {
        self.stored.extend(self.body.take_new_chunk());
        for delta in self.body.take_deltas() {
            if let Delta::TextOpened { .. } = &delta {
                self.seen = 0;
            }
            if let Delta::TextSpliced { origin: Origin::Remote, .. } = &delta {
                self.seen += 1;
            }
        }
    }

    /// Types, and gives the changes that became of it.
    fn types(&mut self, patches: &[Patch]) -> Vec<CheckedChange> {
        let heads = self.body.doc().get_heads();
        for (at, delete, insert) in patches {
            let splice = Splice { at: *at, delete: *delete, insert: insert.clone() };
            self.body.edit_text(self.now, self.seen, &splice).unwrap();
        }
        self.now.0 += STEP_MS;
        self.body.flush(self.now);
        self.hear();
        let made = self.body.doc().get_changes(&heads);
        made.iter()
            .map(|change| check_change(&Bytes::copy_from_slice(change.raw_bytes())).unwrap())
            .collect()
    }

    fn receives(&mut self, changes: &[CheckedChange]) {
        self.body.receive_changes(self.now, changes).unwrap();
        self.hear();
    }
}

/// Types a session of one person, whose typing is written out as it would be: at pauses.
pub(crate) fn type_alone(patches: &[Vec<Patch>]) -> String {
    let mut writer = Writer::new(1);
    for patches in patches {
        for (at, delete, insert) in patches {
            let splice = Splice { at: *at, delete: *delete, insert: insert.clone() };
            writer.body.edit_text(writer.now, writer.seen, &splice).unwrap();
        }
        writer.now.0 += STEP_MS;
        writer.body.handle_timeout(writer.now);
        writer.hear();
    }
    writer.body.flush(writer.now);
    writer.hear();
    let shown = writer.body.text();
    let user = UserId::new("p2").unwrap();
    let card = CardId::new("a").unwrap();
    let (again, report) = BodyDocument::open(card, user, Seed([2; 32]), writer.stored);
    assert_eq!(report.quarantined, [], "what was stored is read");
    assert_eq!(again.text(), shown, "what was stored is what is shown");
    shown
}

/// How far somebody has come: of each writer, how many of their transactions.
type Clock = Vec<usize>;

/// What each transaction became, and how far each replica has come.
struct Replay<'a> {
    transactions: &'a [Transaction],
    /// Of each writer, the transactions that they made.
    by_writer: Vec<Vec<usize>>,
    made: Vec<Vec<CheckedChange>>,
    /// What each transaction has below it, and itself.
    clocks: Vec<Clock>,
    /// What each replica has.
    has: Vec<Clock>,
    writers: Vec<Writer>,
}

impl Replay<'_> {
    fn take(&mut self, number: usize) {
        let Transaction { parents, agent, patches } = &self.transactions[number];
        let (agent, has) = (*agent, &self.has[*agent]);
        let mut clock = vec![0; has.len()];
        for parent in parents {
            for (most, theirs) in clock.iter_mut().zip(&self.clocks[*parent]) {
                *most = (*most).max(*theirs);
            }
        }
        assert!(
            has.iter().zip(&clock).all(|(has, wanted)| has <= wanted),
            "{number}: has too much"
        );
        let by = self.by_writer.iter().zip(has.iter().zip(&clock));
        let missing = by.flat_map(|(theirs, (has, wanted))| &theirs[*has..*wanted]);
        let changes: Vec<_> = missing.flat_map(|one| self.made[*one].clone()).collect();
        let writer = &mut self.writers[agent];
        if !changes.is_empty() {
            writer.receives(&changes);
        }
        self.made.push(writer.types(patches));
        self.by_writer[agent].push(number);
        clock[agent] += 1;
        self.clocks.push(clock.clone());
        self.has[agent] = clock;
    }
}

/// Replays a session of several, each of whom has exactly what the person had: the parents and what they build on. In
/// the end all have everything, in every order of merging, and read the text that was recorded.
pub(crate) fn check(session: &Session) {
    let Session { agents, transactions, end } = session;
    let nothing = vec![0; *agents];
    let mut replay = Replay {
        transactions,
        by_writer: vec![Vec::new(); *agents],
        made: Vec::new(),
        clocks: Vec::new(),
        has: vec![nothing; *agents],
        writers: (0..*agents).map(Writer::new).collect(),
    };
    for number in 0..transactions.len() {
        replay.take(number);
    }
    let Replay { by_writer, made, has, mut writers, .. } = replay;
    for (writer, has) in writers.iter_mut().zip(&has) {
        let missing = by_writer.iter().zip(has).flat_map(|(theirs, has)| &theirs[*has..]);
        let missing: Vec<_> = missing.flat_map(|one| made[*one].clone()).collect();
        writer.receives(&missing);
        assert_same(writer, end, "everyone who wrote");
    }
    for order in orders(*agents) {
        let mut reader = Writer::new(100);
        for agent in &order {
            let theirs = by_writer[*agent].iter().flat_map(|one| made[*one].clone());
            let theirs: Vec<_> = theirs.collect();
            reader.receives(&theirs);
        }
        assert_same(&reader, end, &format!("a reader who got the writers' changes as {order:?}"));
    }
    let mut all: Vec<CheckedChange> = made.into_iter().flatten().collect();
    let mut backwards = Writer::new(101);
    all.reverse();
    backwards.receives(&all);
    assert_same(&backwards, end, "a reader who got the changes backwards");
    let mut shuffled = Writer::new(102);
    shuffle(&mut all);
    for some in all.chunks(all.len().div_ceil(7)) {
        shuffled.receives(some);
    }
    assert_same(&shuffled, end, "a reader who got the changes in a wild order");
    let heads: Vec<Vec<ChangeHash>> =
        writers.iter().chain([&backwards, &shuffled]).map(|writer| writer.body.heads()).collect();
    assert!(heads.iter().all(|these| *these == heads[0]), "all have the same heads");
}

fn assert_same(writer: &Writer, end: &str, who: &str) {
    let text = writer.body.text();
    let same = text.chars().zip(end.chars()).take_while(|(one, other)| one == other).count();
    assert!(text == end, "{who}: another text than the recorded one from character {same} on");
    let missing = writer.body.doc().get_missing_deps(&[]);
    assert!(missing.is_empty(), "{who}: waits for {} changes", missing.len());
}

/// Every order of so many.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let with_last = |order: &Vec<usize>| {
        (0..count)
            .map(|at| {
                let mut order = order.clone();
                order.insert(at, count - 1);
                order
            })
            .collect::<Vec<_>>()
    };
    shorter.iter().flat_map(with_last).collect()
}

fn shuffle<T>(list: &mut [T]) {
    let mut dice = Dice::new(Seed([3; 32]));
    for index in (1..list.len()).rev() {
        let other = dice.below(u64::try_from(index + 1).unwrap());
        list.swap(index, usize::try_from(other).unwrap());
    }
}
