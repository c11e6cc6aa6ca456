//! Full-text search: the cards that hold every word that was asked for, and where.
//!
//! A board is small enough to be read through for each question (a thousand bodies of 2 KB take some milliseconds), so
//! there is no index to keep true. Upper and lower case are alike: each character is compared by the first character of
//! its lower case (Unicode 17, as Rust has it), so that positions in the compared text are those in the original.

use std::cmp::Reverse;

use serde::Serialize;

use crate::board::{Board, Card};
use crate::ids::CardId;
use crate::limits::{EXCERPT_CHARACTERS, SEARCH_HITS_MAX};
use crate::talk::Talk;
use warroom_protocol::sorted::sort_by;

/// Where a word was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// In the title.
    Title,
    /// In an item of the checklist.
    Item,
    /// In the name of a label that is on the card.
    Label,
    /// In the name of a person who is on the card.
    Person,
    /// In the body.
    Body,
    /// In a comment.
    Comment,
}

/// A stretch of text, in UTF-16 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Stretch {
    /// Where it begins.
    pub at: u32,
    /// How long it is.
    pub length: u32,
}

/// A card that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Hit {
    /// Which.
    pub card: CardId,
    /// What the excerpt is of: what holds most of the words.
    pub field: Field,
    /// The text around the first word there.
    pub excerpt: String,
    /// The words in the excerpt, in order.
    pub marks: Vec<Stretch>,
}

/// The words of a question, as they are compared.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    words: Vec<Vec<char>>,
}

/// A hit with what it is ordered by.
#[derive(Debug)]
pub(crate) struct Ranked {
    /// How many of the words the title lacks.
    lacking: usize,
    newest: i64,
    pub(crate) hit: Hit,
}

fn fold(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

fn folded(text: &str) -> Vec<char> {
    text.chars().map(fold).collect()
}

impl Query {
    pub(crate) fn new(text: &str) -> Self {
        Self { words: text.split_whitespace().map(folded).collect() }
    }

    /// Nothing is asked for, so nothing is found.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Where a word begins in a folded text.
    fn places<'a>(text: &'a [char], word: &'a [char]) -> impl Iterator<Item = usize> + 'a {
        text.windows(word.len()).enumerate().filter(move |(_, at)| *at == word).map(|(at, _)| at)
    }

    /// Which of the words a folded text holds.
    fn held(&self, text: &[char]) -> Vec<bool> {
        self.words.iter().map(|word| Self::places(text, word).next().is_some()).collect()
    }

    /// Whether the card is found, with its body where it has one, and what was said about it.
    pub(crate) fn find(
        &self,
        (board, talk): (&Board, &Talk),
        card: &Card,
        body: &str,
    ) -> Option<Ranked> {
        if self.is_empty() || card.deleted.is_some() {
            return None;
        }
        let mut missing = vec![true; self.words.len()];
        let mut best: Option<(usize, Field, &str)> = None;
        let mut lacking = 0;
        let comments = talk.comments(&card.id).iter().filter(|comment| !comment.deleted);
        let comments = comments.map(|comment| (Field::Comment, comment.text.as_str()));
        for (field, text) in fields(board, card, body).into_iter().chain(comments) {
            let held = self.held(&folded(text));
            let count = held.iter().filter(|held| **held).count();
            if field == Field::Title {
                lacking = self.words.len() - count;
            }
            missing.iter_mut().zip(held).for_each(|(missing, held)| *missing &= !held);
            if best.is_none_or(|(most, _, _)| count > most) {
                best = Some((count, field, text));
            }
        }
        let (_, field, text) = best.filter(|_| !missing.contains(&true))?;
        let (excerpt, marks) = self.excerpt(text);
        let newest = card.body_edited.as_ref().unwrap_or(&card.created).at;
        let hit = Hit { card: card.id.clone(), field, excerpt, marks };
        Some(Ranked { lacking, newest, hit })
    }

    /// The text around the first word in it, and the words there.
    fn excerpt(&self, text: &str) -> (String, Vec<Stretch>) {
        let text: Vec<char> = text.chars().collect();
        let folded: Vec<char> = text.iter().copied().map(fold).collect();
        let first = self.words.iter().filter_map(|word| Self::places(&folded, word).next()).min();
        let from = first.unwrap_or(0).saturating_sub(EXCERPT_CHARACTERS / 4);
        let until = text.len().min(from + EXCERPT_CHARACTERS);
        let (shown, compared) =
            (text.get(from..until).unwrap_or(&[]), folded.get(from..until).unwrap_or(&[]));
        let units = |characters: &[char]| -> u32 {
            let units = characters.iter().map(|character| character.len_utf16()).sum::<usize>();
            u32::try_from(units).unwrap_or(u32::MAX)
        };
        let mut marks = Vec::new();
        for word in &self.words {
            for at in Self::places(compared, word) {
                let before = units(shown.get(..at).unwrap_or(&[]));
                let length = units(shown.get(at..at + word.len()).unwrap_or(&[]));
                marks.push(Stretch { at: before, length });
            }
        }
        sort_by(&mut marks, |a: &Stretch, b| (a.at, a.length).cmp(&(b.at, b.length)));
        marks.dedup();
        (shown.iter().collect(), marks)
    }
}

/// Everything of a card that is searched but what was said about it, the title first.
fn fields<'a>(board: &'a Board, card: &'a Card, body: &'a str) -> Vec<(Field, &'a str)> {
    let mut fields = vec![(Field::Title, card.title.as_str())];
    fields.extend(card.checklist.iter().map(|item| (Field::Item, item.text.as_str())));
    let labels = card.labels.iter().filter_map(|id| board.label(id));
    fields.extend(labels.map(|label| (Field::Label, label.name.as_str())));
    let people = card.assignees.iter().filter_map(|id| board.person(id));
    fields.extend(people.map(|person| (Field::Person, person.name.as_str())));
    fields.push((Field::Body, body));
    fields
}

/// The hits in order, and whether there are more than are given.
pub(crate) fn in_order(mut found: Vec<Ranked>) -> (Vec<Hit>, bool) {
    sort_by(&mut found, |a, b| {
        let key = |ranked: &Ranked| (ranked.lacking, Reverse(ranked.newest));
        key(a).cmp(&key(b)).then_with(|| a.hit.card.cmp(&b.hit.card))
    });
    let more = found.len() > SEARCH_HITS_MAX;
    found.truncate(SEARCH_HITS_MAX);
    (found.into_iter().map(|ranked| ranked.hit).collect(), more)
}
