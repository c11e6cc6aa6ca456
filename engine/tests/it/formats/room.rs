//! A room with its bodies, to export from and import into.

use std::collections::BTreeMap;

use warroom_engine::{
    Board, CardId, Import, ImportError, ImportFormat, Imported, Importer, Stamp, TalkDocument,
    TextExport, TextFormat,
};
use warroom_protocol::{Seed, Timestamp};

use crate::world::{Peer, user};

pub(super) struct Room {
    pub(super) peer: Peer,
    pub(super) bodies: BTreeMap<CardId, String>,
    pub(super) talk: TalkDocument,
}

impl Room {
    pub(super) fn new(number: u8) -> Self {
        let (talk, _) = TalkDocument::open(user("importer"), Seed([number; 32]), Vec::new());
        Self { peer: Peer::new(number), bodies: BTreeMap::new(), talk }
    }

    pub(super) fn of(number: u8, import: Import) -> Self {
        let mut room = Self::new(number);
        room.put(import).unwrap();
        room
    }

    pub(super) fn put(&mut self, import: Import) -> Result<Imported, ImportError> {
        let mut imported = self.peer.import(import)?;
        self.bodies.extend(std::mem::take(&mut imported.bodies));
        self.talk.import(Timestamp(1_800_000_000_000), std::mem::take(&mut imported.talk))?;
        assert_eq!(self.talk.talk(), &self.talk.rebuilt(), "the view is that of the document");
        Ok(imported)
    }

    pub(super) fn board(&self) -> &Board {
        self.peer.board()
    }

    pub(super) fn body(&self, card: &CardId) -> &str {
        self.bodies.get(card).map_or("", String::as_str)
    }

    /// What was said about a card, oldest first: when, by whom, what.
    pub(super) fn said(&self, card: &CardId) -> Vec<(i64, &str, &str)> {
        let comments = self.talk.talk().comments(card).iter();
        let name = |id| self.board().person(id).map_or("?", |person| person.name.as_str());
        comments.map(|one| (one.created.at, name(&one.created.by), one.text.as_str())).collect()
    }

    /// The bodies that are not in `bodies` are not on this device.
    pub(super) fn export(&self, format: TextFormat) -> String {
        let mut export = TextExport::new(self.board(), self.talk.talk(), format);
        while let Some(card) = export.wants().cloned() {
            export.give(self.bodies.get(&card).map(String::as_str));
        }
        export.finish()
    }
}

pub(super) fn importer(number: u8) -> Importer {
    Importer::new(Stamp { at: 1_700_000_000_000, by: user("importer") }, Seed([number; 32]))
}

pub(super) fn read(format: ImportFormat, text: &str) -> Result<Import, ImportError> {
    Import::read(format, text, &mut importer(77))
}
