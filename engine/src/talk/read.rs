//! Tolerant reading of the talk, as of the board.

use std::ops::Bound;

use automerge::{ObjId, ROOT};

use super::comment::{Comment, Reaction, Seen, Votes};
use super::view::Talk;
use crate::board::read::{self, MOMENTS, Read, Reader, entries, entries_in};
use crate::board::schema::{
    AT, BY, CARD, COMMENTS, DELETED, EDITED, PERSON_SEPARATOR, REACTIONS, SEEN, TEXT, VOTES,
};
use crate::board::{Source, Stamp, map_at};
use crate::delta::Delta;
use crate::ids::{CardId, CommentId, UserId};

/// The whole view of a document.
pub(super) fn build(doc: Source<'_>) -> Talk {
    let comments = map_at(doc, &ROOT, COMMENTS);
    let comments = comments.map(|obj| read::maps_by_id(doc, &obj)).unwrap_or_default();
    let mut talk = Talk::default();
    talk.apply(&Delta::TalkReset {
        comments: comments.iter().map(|(id, obj)| comment(doc, id, obj)).collect(),
        votes: all_votes(doc),
        seen: all_seen(doc),
        read_only: read::is_newer(doc),
    });
    talk
}

/// The comment in the map `obj`.
pub(super) fn comment(doc: Source<'_>, id: &CommentId, obj: &ObjId) -> Comment {
    let mut reader = Reader::new(doc);
    let (mut card, mut by, mut at, mut text) = (None, None, None, None);
    let (mut edited, mut deleted, mut reactions) = (None, false, Vec::new());
    for (key, read) in entries(doc, obj) {
        match key.as_str() {
            CARD => card = reader.text(read).and_then(|text| CardId::new(&text).ok()),
            BY => by = reader.text(read).and_then(|text| UserId::new(&text).ok()),
            AT => at = reader.moment(&read),
            TEXT => text = reader.text(read),
            EDITED => edited = reader.moment(&read),
            DELETED => deleted = reader.truth(&read),
            REACTIONS => reactions = read_reactions(&mut reader, read),
            _ => {}
        }
    }
    let is_whole = card.is_some() && by.is_some() && at.is_some() && text.is_some();
    let created = Stamp { at: at.unwrap_or(0), by: by.unwrap_or_else(UserId::unknown) };
    Comment {
        id: id.clone(),
        card: card.unwrap_or_else(CardId::unknown),
        created,
        text: text.unwrap_or_default(),
        edited,
        deleted,
        reactions,
        damaged: reader.damaged || !is_whole,
    }
}

fn read_reactions(reader: &mut Reader<'_>, read: Read) -> Vec<Reaction> {
    let mut reactions = Vec::new();
    for (key, read) in reader.map(read) {
        if let Ok(by) = UserId::new(&key)
            && let Some(reaction) = reader.text(read)
        {
            reactions.push(Reaction { by, reaction });
        }
    }
    reactions
}

/// `<card>/<person>`, of an entry that stands for a vote.
fn vote((key, read): (String, Read)) -> Option<(CardId, UserId)> {
    if matches!(read, Read::Absent) {
        return None;
    }
    let (card, by) = key.split_once(PERSON_SEPARATOR)?;
    Some((CardId::new(card).ok()?, UserId::new(by).ok()?))
}

fn all_votes(doc: Source<'_>) -> Vec<Votes> {
    let mut all: Vec<Votes> = Vec::new();
    let Some(votes) = map_at(doc, &ROOT, VOTES) else { return all };
    for (card, by) in entries(doc, &votes).filter_map(vote) {
        match all.last_mut() {
            Some(votes) if votes.card == card => votes.by.push(by),
            Some(_) | None => all.push(Votes { card, by: vec![by] }),
        }
    }
    all
}

/// Who voted for a card.
pub(super) fn votes_for(doc: Source<'_>, votes: &ObjId, card: &CardId) -> Vec<UserId> {
    let first = format!("{card}{PERSON_SEPARATOR}");
    // the keys of other cards begin with a letter, digit or sign where this has its separator
    let behind =
        format!("{card}{}", char::from_u32(u32::from(PERSON_SEPARATOR) + 1).unwrap_or('0'));
    let of_card = entries_in(doc, votes, (Bound::Included(first), Bound::Excluded(behind)));
    of_card.filter_map(vote).map(|(_, by)| by).collect()
}

/// The key of a read marker.
pub(super) fn seen_key(by: &UserId, card: Option<&CardId>) -> String {
    match card {
        Some(card) => format!("{by}{PERSON_SEPARATOR}{card}"),
        None => by.as_str().to_owned(),
    }
}

/// Whose read marker is under a key, and of what.
pub(super) fn read_seen_key(key: &str) -> Option<(UserId, Option<CardId>)> {
    match key.split_once(PERSON_SEPARATOR) {
        Some((by, card)) => Some((UserId::new(by).ok()?, Some(CardId::new(card).ok()?))),
        None => Some((UserId::new(key).ok()?, None)),
    }
}

/// A read marker: the furthest of those that were written at the same time.
pub(super) fn seen_at(doc: Source<'_>, seen: &ObjId, key: &str) -> Option<i64> {
    let written = doc.get_all(seen, key);
    let moments = written.iter().filter_map(|(value, _)| value.as_i64());
    moments.filter(|at| MOMENTS.contains(at)).max()
}

fn all_seen(doc: Source<'_>) -> Vec<Seen> {
    let Some(seen) = map_at(doc, &ROOT, SEEN) else { return Vec::new() };
    let markers = entries(doc, &seen).filter_map(|(key, _)| {
        let (by, card) = read_seen_key(&key)?;
        Some(Seen { by, card, at: seen_at(doc, &seen, &key)? })
    });
    markers.collect()
}
