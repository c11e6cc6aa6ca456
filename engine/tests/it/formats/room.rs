//! A room with its bodies, to export from and import into.

use std::collections::BTreeMap;

use warroom_engine::{
    Board, CardId, Import, ImportError, ImportFormat, Imported, Importer, Stamp, TextExport,
    TextFormat,
};
use warroom_protocol::Seed;

use crate::world::{Peer, user};

pub(super) struct Room {
    pub(super) peer: Peer,
    pub(super) bodies: BTreeMap<CardId, String>,
}

impl Room {
    pub(super) fn new(number: u8) -> Self {
        Self { peer: Peer::new(number), bodies: BTreeMap::new() }
    }

    pub(super) fn of(number: u8, import: Import) -> Self {
        let mut room = Self::new(number);
        room.put(import).unwrap();
        room
    }

    pub(super) fn put(&mut self, import: Import) -> Result<Imported, ImportError> {
        let mut imported = self.peer.import(import)?;
        self.bodies.extend(std::mem::take(&mut imported.bodies));
        Ok(imported)
    }

    pub(super) fn board(&self) -> &Board {
        self.peer.board()
    }

    pub(super) fn body(&self, card: &CardId) -> &str {
        self.bodies.get(card).map_or("", String::as_str)
    }

    /// The bodies that are not in `bodies` are not on this device.
    pub(super) fn export(&self, format: TextFormat) -> String {
        let mut export = TextExport::new(self.board(), format);
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
