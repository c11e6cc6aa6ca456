//! Sessions that are made up: each person writes a chapter of their own, so that the text in the end is known without
//! merging anything.

use warroom_protocol::{Dice, Seed};

use crate::replay;
use crate::session::{Session, Transaction};

/// Pieces of text, some beyond the basic plane.
const WORDS: [&str; 6] = ["a", "the ", "über", "😀", "日本", "\n"];

/// What a person has: the number of the last transaction of each, their own included.
type Clock = Vec<Option<usize>>;

struct Writing {
    dice: Dice,
    /// Of each person, each version of their chapter, with the number of the transaction that made it.
    chapters: Vec<Vec<(usize, Vec<char>)>>,
    clocks: Vec<Clock>,
    session: Session,
}

fn units(text: &[char]) -> u32 {
    u32::try_from(text.iter().map(|letter| letter.len_utf16()).sum::<usize>()).unwrap()
}

impl Writing {
    /// The first transaction parts the text into chapters; nobody deletes what parts them.
    fn new(agents: usize, seed: u8) -> Self {
        let parting = (0, 0, "§".repeat(agents));
        let first = Transaction { parents: Vec::new(), agent: 0, patches: vec![parting] };
        let session = Session { agents, transactions: vec![first], end: String::new() };
        let clock = |agent| (0..agents).map(|of| (of == 0 && agent == 0).then_some(0)).collect();
        Self {
            dice: Dice::new(Seed([seed; 32])),
            chapters: vec![vec![(0, Vec::new())]; agents],
            clocks: (0..agents).map(clock).collect(),
            session,
        }
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.dice.below(u64::try_from(end).unwrap())).unwrap()
    }

    /// A chapter as it was at a moment of its writer.
    fn chapter(&self, of: usize, at: Option<usize>) -> &[char] {
        let versions = self.chapters[of].iter().rev();
        let mut known = versions.filter(|(number, _)| at.is_some_and(|at| *number <= at));
        known.next().map_or(&[], |(_, text)| text)
    }

    /// The newest transactions that a person has, those that are below others of them left out.
    fn parents(&self, agent: usize) -> Vec<usize> {
        let mut stack: Vec<usize> = self.clocks[agent].iter().copied().flatten().collect();
        let newest = stack.clone();
        let mut below = std::collections::BTreeSet::new();
        while let Some(number) = stack.pop() {
            for parent in &self.session.transactions[number].parents {
                if below.insert(*parent) {
                    stack.push(*parent);
                }
            }
        }
        newest.into_iter().filter(|number| !below.contains(number)).collect()
    }

    /// One has everything that another has.
    fn hear(&mut self, agent: usize, from: usize) {
        let theirs = self.clocks[from].clone();
        for (mine, theirs) in self.clocks[agent].iter_mut().zip(theirs) {
            *mine = (*mine).max(theirs);
        }
    }

    fn write(&mut self, agent: usize) {
        let number = self.session.transactions.len();
        let clock = self.clocks[agent].clone();
        let mut text = self.chapter(agent, clock[agent].max(Some(0))).to_vec();
        // every chapter ends with what parts it from the next
        let before = (0..agent).map(|of| units(self.chapter(of, clock[of])) + 1).sum::<u32>();
        let mut patches = Vec::new();
        for _ in 0..=self.below(2) {
            let at = self.below(text.len() + 1);
            let delete = if self.below(3) == 0 { self.below(6).min(text.len() - at) } else { 0 };
            let insert = WORDS[self.below(WORDS.len())];
            let start = before + units(&text[..at]);
            patches.push((start, units(&text[at..at + delete]), insert.to_owned()));
            text.splice(at..at + delete, insert.chars());
        }
        let parents = self.parents(agent);
        self.session.transactions.push(Transaction { parents, agent, patches });
        self.chapters[agent].push((number, text));
        self.clocks[agent][agent] = Some(number);
    }

    fn finish(mut self) -> Session {
        let last = self.chapters.iter().filter_map(|versions| versions.last());
        self.session.end =
            last.map(|(_, text)| text.iter().chain(&['§']).collect::<String>()).collect();
        self.session
    }
}

/// So many people write, and hear of each other now and then.
fn session(agents: usize, transactions: usize, seed: u8) -> Session {
    let mut writing = Writing::new(agents, seed);
    for agent in 1..agents {
        writing.hear(agent, 0);
    }
    for _ in 0..transactions {
        let agent = writing.below(agents);
        if writing.below(4) == 0 {
            let from = writing.below(agents);
            writing.hear(agent, from);
        }
        writing.write(agent);
    }
    writing.finish()
}

#[test]
fn a_session_of_several_ends_in_the_text_that_they_wrote() {
    for (agents, seed) in [(1, 1), (2, 2), (2, 3), (3, 4), (3, 5), (4, 6)] {
        let session = session(agents, 400, seed);
        let merges = session.transactions.iter().filter(|one| one.parents.len() > 1).count();
        assert!(agents == 1 || merges > 20, "{merges} merges of {agents}");
        replay::check(&session);
    }
}

/// The replay follows the parents: with one of them left out, a position means something else.
#[test]
fn a_session_whose_parents_are_wrong_is_found_out() {
    let session = session(2, 200, 7);
    let said = |session: &Session| {
        let caught = std::panic::catch_unwind(|| replay::check(session)).unwrap_err();
        let text = caught.downcast_ref::<String>().cloned();
        text.or_else(|| caught.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap()
    };
    let merge = session.transactions.iter().position(|one| one.agent == 1 && one.parents.len() > 1);
    let mut without_own = session.clone();
    without_own.transactions[merge.unwrap()].parents.retain(|parent| *parent == 0);
    assert!(said(&without_own).contains("has too much"));
    let mut other_end = session;
    other_end.end.push('x');
    assert!(said(&other_end).contains("another text"));
}
