//! A room into a file, and a file into a room: the formats of `docs/FORMATS.md`.

use bytes::Bytes;
use serde::Deserialize;
use warroom_engine::limits::{IMPORT_BYTES_MAX, ROOM_FILE_BYTES_MAX};
use warroom_engine::{
    Card, ImportFormat, Imported, RoomWriter, TextExport, TextFormat, body_id, documents_in,
    talk_id,
};
use warroom_protocol::DocumentId;

use super::TaskError;
use super::room::Room;
use crate::limits::{TASK_FILE_BODIES_MAX, TASK_FILE_BYTES_MAX};
use crate::spawn;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum FileFormat {
    /// Every document of the room with its history.
    Automerge,
    /// Our own JSON.
    Json,
    /// The dialect of Obsidian's Kanban plugin.
    Markdown,
    /// A row a task.
    Csv,
    /// What Trello exports; only read.
    Trello,
}

impl FileFormat {
    /// How many bytes of it are read.
    pub(crate) fn bytes_max(self) -> usize {
        match self {
            Self::Automerge => ROOM_FILE_BYTES_MAX,
            Self::Json | Self::Markdown | Self::Csv | Self::Trello => IMPORT_BYTES_MAX,
        }
    }

    /// Its media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Automerge => "application/octet-stream",
            Self::Json | Self::Trello => "application/json",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// How the name of such a file ends.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Automerge => "warroom",
            Self::Json | Self::Trello => "json",
            Self::Markdown => "md",
            Self::Csv => "csv",
        }
    }
}

impl Room {
    /// The room as a file. Bodies are read one at a time.
    pub(crate) async fn export(&mut self, format: FileFormat) -> Result<Vec<u8>, TaskError> {
        match format {
            FileFormat::Automerge => self.export_history().await,
            FileFormat::Json => self.export_text(TextFormat::Json).await,
            FileFormat::Markdown => self.export_text(TextFormat::Markdown).await,
            FileFormat::Csv => self.export_text(TextFormat::Csv).await,
            FileFormat::Trello => Err(TaskError::Unknown {
                what: "format to write",
                named: "trello".to_owned(),
                instead: "use one of automerge, json, markdown, csv".to_owned(),
            }),
        }
    }

    async fn export_text(&mut self, format: TextFormat) -> Result<Vec<u8>, TaskError> {
        let talk = self.talk()?.clone();
        let board = self.view()?;
        let mut export = spawn::heavy(|| TextExport::new(board, &talk, format));
        let mut bytes = 0;
        while let Some(id) = export.wants() {
            let card = self.view()?.card(id).cloned();
            let body = match &card {
                Some(card) => self.body(card).await?,
                None => String::new(),
            };
            bytes += body.len();
            if bytes > TASK_FILE_BYTES_MAX {
                return Err(TaskError::LargeFile);
            }
            export.give(Some(&body));
        }
        Ok(spawn::heavy(|| export.finish()).into_bytes())
    }

    /// What is stored, change by change.
    async fn export_history(&mut self) -> Result<Vec<u8>, TaskError> {
        let (board, talk) = (self.board().clone(), talk_id(self.board()));
        let with_body = |card: &&Card| card.has_body;
        let cards: Vec<_> = self.view()?.cards().filter(with_body).cloned().collect();
        let mut writer = RoomWriter::new(&board, self.changes(board.clone()).await?);
        let said = self.changes(talk.clone()).await?;
        if !said.is_empty() {
            writer.talk(&talk, said);
        }
        for card in cards {
            let body = self.changes(body_id(&board, &card.id)).await?;
            if !body.is_empty() {
                spawn::heavy(|| writer.body(&card.id, body));
            }
            if writer.is_too_large() {
                break;
            }
        }
        Ok(spawn::heavy(|| writer.finish())?)
    }

    /// The changes that are stored of a document.
    async fn changes(&mut self, document: DocumentId) -> Result<Vec<u8>, TaskError> {
        let (chunks, _) = self.stored(document).await?;
        let bytes: Vec<&[u8]> = chunks.iter().map(|chunk| &chunk.bytes[..]).collect();
        Ok(bytes.concat())
    }

    /// Takes in what is in a file: everything, or nothing.
    pub(crate) async fn import(
        &mut self,
        format: FileFormat,
        file: Bytes,
    ) -> Result<Imported, TaskError> {
        let format = match format {
            FileFormat::Automerge => None,
            FileFormat::Json => Some(ImportFormat::Json),
            FileFormat::Markdown => Some(ImportFormat::Markdown),
            FileFormat::Csv => Some(ImportFormat::Csv),
            FileFormat::Trello => Some(ImportFormat::Trello),
        };
        // before anything is written
        let imported = if let Some(format) = format {
            let text = std::str::from_utf8(&file).map_err(|_| TaskError::NotText)?;
            let import = spawn::heavy(|| self.read_text(format, text))?;
            check(import.cards.iter().filter(|card| card.body.is_some()).count())?;
            self.take_text(format, text)?
        } else {
            check(spawn::heavy(|| documents_in(&file, self.board()))?)?;
            self.take_history(&file)?
        };
        self.settle().await?;
        Ok(imported)
    }
}

/// Whether a room can take so many bodies from one file.
fn check(bodies: usize) -> Result<(), TaskError> {
    if bodies > TASK_FILE_BODIES_MAX { Err(TaskError::ManyBodies { bodies }) } else { Ok(()) }
}
