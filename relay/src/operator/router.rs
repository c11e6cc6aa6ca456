//! What is answered to an operator's commands, on a store that some registry has open.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream;
use tokio::sync::mpsc;
use warroom_protocol::DocumentId;

use super::bring::bring;
use super::lines::{Line, Listed};
use crate::error::BringError;
use crate::limits::{OPERATOR_BLOCKS_MAX, OPERATOR_BODY_BYTES_MAX};
use crate::registry::Registry;
use crate::spawn::{self, Tasks};
use crate::store::Snapshot;

/// The header that says how many records of a document can't be read.
pub(super) const UNREADABLE: &str = "warroom-unreadable";

/// What the handlers share.
#[derive(Debug, Clone)]
struct Operator {
    registry: Arc<Registry>,
    tasks: Tasks,
}

/// Every route. The number in front rises when an older program would misunderstand an answer. `tasks` counts those that read
/// the store.
pub(crate) fn router(registry: Arc<Registry>, tasks: Tasks) -> Router {
    Router::new()
        .route("/1/rows", get(rows))
        .route("/1/verify", get(verify))
        .route("/1/documents", get(documents))
        .route("/1/documents/{document}", get(changes).post(take))
        .route("/1/documents/{document}/of/{root}", post(take_of))
        .layer(DefaultBodyLimit::max(OPERATOR_BODY_BYTES_MAX))
        .with_state(Operator { registry, tasks })
}

/// What says something to whoever asked; false where nobody listens any more.
type Say<'a> = &'a mut dyn FnMut(Bytes) -> bool;

impl Operator {
    /// Answers from a snapshot, in a thread of its own that is held up by whoever reads slowly, and by nobody else.
    async fn tell(&self, work: impl FnOnce(&Snapshot, Say<'_>) + Send + 'static) -> Response {
        let snapshot = match self.registry.store.snapshot().await {
            Ok(snapshot) => snapshot,
            Err(error) => return refuse(&error),
        };
        let (blocks, mut told) = mpsc::channel::<Bytes>(OPERATOR_BLOCKS_MAX);
        self.tasks.spawn("operator", async move {
            let worked = spawn::blocking(move || {
                work(&snapshot, &mut |block| blocks.blocking_send(block).is_ok());
            });
            if let Err(error) = worked.await {
                tracing::error!(%error, "an operator's command failed");
            }
        });
        let blocks = stream::poll_fn(move |context| told.poll_recv(context));
        let blocks = futures_util::StreamExt::map(blocks, Ok::<_, std::convert::Infallible>);
        Body::from_stream(blocks).into_response()
    }

    /// Takes changes of a document, and says how many are new.
    async fn take(
        &self,
        document_id: DocumentId,
        root: Option<DocumentId>,
        chunks: &Bytes,
    ) -> Response {
        match bring(&self.registry, &document_id, root, chunks).await {
            Ok(changes) => {
                let bytes = chunks.len();
                tracing::info!(%document_id, changes, bytes, "an operator brought changes");
                let changes = u64::try_from(changes).unwrap_or(u64::MAX);
                Line::Brought(changes).encode().into_response()
            }
            Err(error) => {
                tracing::warn!(%document_id, %error, "an operator's changes are refused");
                (StatusCode::CONFLICT, error.to_string()).into_response()
            }
        }
    }
}

fn refuse(error: &dyn std::error::Error) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response()
}

async fn rows(State(operator): State<Operator>) -> Response {
    tracing::info!("a copy of the store is taken");
    operator.tell(|snapshot, say| snapshot.rows(|block| say(block.into()))).await
}

async fn verify(State(operator): State<Operator>) -> Response {
    operator
        .tell(|snapshot, say| {
            let verified = snapshot.verify(&mut |finding| {
                say(Line::Finding(finding).encode());
            });
            let end = match verified {
                Ok(verified) => Line::Verified(verified),
                Err(error) => Line::Failed(format!(
                    "the store can't be read to its end ({error}): look at the health of the disk"
                )),
            };
            say(end.encode());
        })
        .await
}

async fn documents(State(operator): State<Operator>) -> Response {
    operator
        .tell(|snapshot, say| {
            let end = list(snapshot, say).unwrap_or_else(Line::Failed);
            say(end.encode());
        })
        .await
}

/// Says each document; gives the last line, or what failed.
fn list(snapshot: &Snapshot, say: Say<'_>) -> Result<Line, String> {
    let failed = |error: &dyn std::error::Error| {
        format!("the store can't be read to its end ({error}): look at the health of the disk")
    };
    let mut at = None;
    while let Some(document_id) = snapshot.next(at.as_ref()).map_err(|error| failed(&error))? {
        let meta = snapshot.meta(&document_id).map_err(|error| failed(&error))?;
        let harm = snapshot.compaction_report(&document_id).map_err(|error| failed(&error))?;
        if let Some((meta, room)) = meta {
            let line = Line::Document(Listed {
                document: document_id.to_string(),
                room: room.map(|room| room.to_string()),
                changes: meta.changes,
                bytes: meta.bytes,
                heads: meta.heads.iter().map(ToString::to_string).collect(),
                harm: harm.unwrap_or_default(),
            });
            if !say(line.encode()) {
                break;
            }
        }
        at = Some(document_id);
    }
    Ok(Line::End)
}

/// The changes of a document, one chunk after the other; no content where none is stored.
async fn changes(State(operator): State<Operator>, Path(document): Path<String>) -> Response {
    let Ok(document_id) = document.parse::<DocumentId>() else { return no_document() };
    let snapshot = match operator.registry.store.snapshot().await {
        Ok(snapshot) => snapshot,
        Err(error) => return refuse(&error),
    };
    let read = spawn::blocking(move || snapshot.chunks(&document_id).map_err(BringError::unread));
    match read.await {
        Ok(Ok((chunks, 0))) if chunks.is_empty() => StatusCode::NO_CONTENT.into_response(),
        Ok(Ok((chunks, unreadable))) => {
            ([(UNREADABLE, unreadable.to_string())], chunks).into_response()
        }
        Ok(Err(error)) => refuse(&error),
        Err(error) => refuse(&error),
    }
}

/// Takes changes of a document.
async fn take(
    State(operator): State<Operator>,
    Path(document): Path<String>,
    chunks: Bytes,
) -> Response {
    match document.parse() {
        Ok(document_id) => operator.take(document_id, None, &chunks).await,
        Err(_) => no_document(),
    }
}

/// Takes changes of a document that counts to the room of another.
async fn take_of(
    State(operator): State<Operator>,
    Path((document, root)): Path<(String, String)>,
    chunks: Bytes,
) -> Response {
    match (document.parse(), root.parse()) {
        (Ok(document_id), Ok(root)) => operator.take(document_id, Some(root), &chunks).await,
        _ => no_document(),
    }
}

fn no_document() -> Response {
    (StatusCode::BAD_REQUEST, "there is no such id: look at warroom list").into_response()
}
