//! Whether everything that is stored fits together: each record by itself, and the indexes with what they name.

use std::collections::BTreeSet;
use std::fmt;

use redb::{Error, ReadableTable};
use serde::{Deserialize, Serialize};
use warroom_protocol::{ChangeHash, DocumentId};

use super::reading::Records;
use super::rooms::sequence_of;
use super::snapshot::Snapshot;
use super::tables::{
    DOCUMENTS, MEMBERS, META, MemberRow, POSITIONS, ROOMS, decode_room, document_key,
    document_of_key, hash_key, position_of_key, room_key,
};
use crate::core::history::History;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The id of the document that it is in, where it is in one.
    pub document: Option<String>,
    /// What it is, in a sentence.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.document {
            Some(document) => write!(formatter, "{document}: {}", self.what),
            None => formatter.write_str(&self.what),
        }
    }
}

/// What was read of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Verified {
    /// How many documents.
    pub documents: u64,
    /// How many changes.
    pub changes: u64,
    /// Bytes of their chunks.
    pub bytes: u64,
    /// Records that were moved aside some time before, because they could not be read.
    pub quarantined: u64,
    /// How much does not fit.
    pub findings: u64,
}

type Report<'a> = &'a mut dyn FnMut(Finding);

impl Snapshot {
    /// Reads everything and reports what does not fit. One document at a time is in memory.
    ///
    /// # Errors
    /// The disk failed, or a page of the file is damaged.
    pub fn verify(&self, report: Report<'_>) -> Result<Verified, Error> {
        let mut verified = Verified { quarantined: self.quarantined()?, ..Verified::default() };
        let mut count = 0;
        let mut report = |document: Option<&DocumentId>, what: String| {
            count += 1;
            report(Finding { document: document.map(ToString::to_string), what });
        };
        let mut at = None;
        while let Some(document_id) = self.next(at.as_ref())? {
            let mut of_it = |what| report(Some(&document_id), what);
            self.verify_document(&document_id, &mut verified, &mut of_it)?;
            at = Some(document_id);
        }
        self.verify_rooms(&mut report)?;
        verified.findings = count;
        Ok(verified)
    }

    fn verify_document(
        &self,
        document_id: &DocumentId,
        verified: &mut Verified,
        report: &mut dyn FnMut(String),
    ) -> Result<(), Error> {
        let records = self.records(document_id)?;
        let Records { changes, row, room, compacted, is_grown } = records;
        match &row {
            Some(Ok(_)) => {}
            Some(Err(error)) => report(format!("its row can't be read: it {error}")),
            None => report("it has no row".to_owned()),
        }
        let is_readable = matches!(row, Some(Ok(_)));
        let has_compacted = compacted.is_some();
        let reading = Records { changes, row, room, compacted, is_grown }.check();
        if has_compacted && !reading.has_compacted() {
            report("it was compacted from changes that are not there".to_owned());
        }
        for (key, reason) in &reading.unreadable {
            report(format!("its record {} can't be used: {reason}", position_of_key(key)));
        }
        if reading.unreadable.is_empty() && is_readable && !reading.is_clean() {
            report("its row does not say what its changes are".to_owned());
        }
        verified.documents += 1;
        verified.changes += reading.row.changes;
        verified.bytes += reading.row.bytes;
        let changes = reading.into_loaded().changes;
        let hashes = changes.iter().map(|change| change.hash).collect();
        self.verify_positions(document_id, hashes, report)?;
        if let Err(error) = History::load(changes) {
            report(format!("it can't be served: {error}"));
        }
        Ok(())
    }

    /// Whether the index of a document names exactly the changes that can be read.
    fn verify_positions(
        &self,
        document_id: &DocumentId,
        mut readable: BTreeSet<ChangeHash>,
        report: &mut dyn FnMut(String),
    ) -> Result<(), Error> {
        let positions = self.transaction().open_table(POSITIONS)?;
        let first = hash_key(document_id, &ChangeHash([0; 32]));
        let last = hash_key(document_id, &ChangeHash([u8::MAX; 32]));
        for entry in positions.range(first.as_slice()..=last.as_slice())? {
            let (key, _) = entry?;
            let hash = key.value().last_chunk().map(|hash| ChangeHash(*hash));
            if hash.is_none_or(|hash| !readable.remove(&hash)) {
                let hash = hash.map_or_else(String::new, |hash| hash.to_string());
                report(format!("the index names a change {hash} that is not there"));
            }
        }
        for hash in readable {
            report(format!("the index does not name the change {hash}"));
        }
        Ok(())
    }

    /// Whether the two tables of rooms say the same.
    fn verify_rooms(
        &self,
        report: &mut dyn FnMut(Option<&DocumentId>, String),
    ) -> Result<(), Error> {
        let transaction = self.transaction();
        let members = transaction.open_table(MEMBERS)?;
        let rooms = transaction.open_table(ROOMS)?;
        let documents = transaction.open_table(DOCUMENTS)?;
        let newest = sequence_of(&transaction.open_table(META)?)?;
        for entry in members.iter()? {
            let (key, value) = entry?;
            let Ok(document_id) = document_of_key(key.value()) else {
                report(None, "a row of the rooms belongs to no document".to_owned());
                continue;
            };
            let mut report = |what: &str| report(Some(&document_id), what.to_owned());
            let Ok(MemberRow { sequence, root }) = MemberRow::decode(value.value()) else {
                report("its room can't be read");
                continue;
            };
            if sequence > newest {
                report("its number in its room was not given yet");
            }
            let named = rooms.get(room_key(&root, sequence).as_slice())?;
            let named = named.and_then(|value| decode_room(value.value()).ok());
            if named.as_ref() != Some(&document_id) {
                report("its room does not name it");
            }
            if documents.get(key.value())?.is_none() {
                report("it counts to a room and is not stored");
            }
        }
        for entry in rooms.iter()? {
            let (key, value) = entry?;
            let named = decode_room(value.value()).ok();
            let Some(document_id) = named else {
                report(None, "a row of a room names no document".to_owned());
                continue;
            };
            let member = members.get(document_key(&document_id).as_slice())?;
            let member = member.and_then(|value| MemberRow::decode(value.value()).ok());
            let is_its = |row: MemberRow| room_key(&row.root, row.sequence) == key.value();
            if !member.is_some_and(is_its) {
                report(Some(&document_id), "a room names it that it does not count to".to_owned());
            }
        }
        Ok(())
    }
}
