//! Which rooms there are.

use std::sync::Arc;

use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use warroom_protocol::DocumentId;

use super::room::Room;
use super::{Rooms, TaskError, address_of};
use crate::dice;
use crate::error::StoreError;
use crate::limits::{TASK_LOOKED_BYTES_MAX, TASK_ROOMS_LOOKED_MAX, TASK_ROOMS_PAGE_MAX};
use crate::spawn;
use crate::store::{DocumentMeta, Snapshot};

/// Which part of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paging {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many at most.
    limit: Option<usize>,
}

/// A page of rooms, in the order of their ids. It may be shorter than was asked for, and another follow.
#[derive(Debug, Serialize)]
pub(crate) struct RoomList {
    rooms: Vec<Listed>,
    /// To ask for the next page with, as `after`; null on the last.
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct Listed {
    id: String,
    /// Null where the board is too large to look into for a list, or can't be read.
    name: Option<String>,
    /// Of its board, as stored.
    bytes: u64,
}

impl Rooms {
    /// A page of the rooms that are stored: of every document that counts to no other.
    ///
    /// # Errors
    /// [`TaskError::Store`], and [`TaskError::Unknown`] where the page before was none.
    pub(crate) async fn list(self: &Arc<Self>, paging: Paging) -> Result<RoomList, TaskError> {
        let Paging { after, limit } = paging;
        let after = after.map(|after| {
            after.parse::<DocumentId>().map_err(|_| TaskError::Unknown {
                what: "page",
                named: after.chars().take(60).collect(),
                instead: "send the next of the page before".to_owned(),
            })
        });
        let after = after.transpose()?;
        let limit = limit.unwrap_or(TASK_ROOMS_PAGE_MAX).clamp(1, TASK_ROOMS_PAGE_MAX);
        let snapshot = self.registry.store.snapshot().await?;
        let page = spawn::blocking(move || roots(&snapshot, after, limit)).await;
        let (found, next) = page.map_err(|_| TaskError::Failed)??;
        let mut rooms = Vec::new();
        for DocumentMeta { document_id, bytes, .. } in found {
            let id = address_of(&document_id);
            let is_small = bytes <= TASK_LOOKED_BYTES_MAX;
            let name = if is_small { self.name(document_id).await } else { None };
            rooms.push(Listed { id, name, bytes });
        }
        Ok(RoomList { rooms, next: next.map(|next| address_of(&next)) })
    }

    /// What a room is called; one that makes the engine fail costs nobody else.
    async fn name(self: &Arc<Self>, board: DocumentId) -> Option<String> {
        let (answer, answered) = oneshot::channel();
        let rooms = Arc::clone(self);
        self.requests.spawn("name", async move {
            let room = Room::open(&rooms.registry, board).boxed().await;
            let name = room.and_then(|room| Ok(room.view()?.title().to_owned()));
            // whoever asked may have gone
            drop(answer.send(name));
        });
        answered.await.ok()?.ok()
    }
}

/// The board of a room that nobody knows.
pub(crate) fn fresh_board() -> DocumentId {
    DocumentId::from_room_name(&dice::name("room-", &mut dice::from_system()))
}

/// Documents that count to no room of another, and where the next page begins.
fn roots(
    snapshot: &Snapshot,
    mut at: Option<DocumentId>,
    limit: usize,
) -> Result<(Vec<DocumentMeta>, Option<DocumentId>), StoreError> {
    let mut roots = Vec::new();
    for _ in 0..TASK_ROOMS_LOOKED_MAX {
        let next = snapshot.next(at.as_ref()).map_err(|_| StoreError::Unreadable)?;
        let Some(document_id) = next else { return Ok((roots, None)) };
        let meta = snapshot.meta(&document_id).map_err(|_| StoreError::Unreadable)?;
        at = Some(document_id);
        if let Some((meta, None)) = meta {
            roots.push(meta);
            if roots.len() == limit {
                break;
            }
        }
    }
    Ok((roots, at))
}
