//! What is answered to an operator's commands, on a store that some registry has open.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use tokio::sync::mpsc;

use super::lines::{Line, Listed};
use crate::error::StoreError;
use crate::limits::OPERATOR_BLOCKS_MAX;
use crate::registry::Registry;
use crate::spawn::{self, Tasks};
use crate::store::Snapshot;

/// What the handlers share.
#[derive(Debug, Clone)]
struct Operator {
    registry: Arc<Registry>,
    tasks: Tasks,
}

/// Every route. The number in front rises when an older program would misunderstand an answer.
pub(crate) fn router(registry: Arc<Registry>) -> Router {
    Router::new()
        .route("/1/rows", get(rows))
        .route("/1/verify", get(verify))
        .route("/1/documents", get(documents))
        .with_state(Operator { registry, tasks: Tasks::default() })
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
}

fn refuse(error: &StoreError) -> Response {
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
        if let Some((meta, room)) = meta {
            let line = Line::Document(Listed {
                document: document_id.to_string(),
                room: room.map(|room| room.to_string()),
                changes: meta.changes,
                bytes: meta.bytes,
                heads: meta.heads.iter().map(ToString::to_string).collect(),
            });
            if !say(line.encode()) {
                break;
            }
        }
        at = Some(document_id);
    }
    Ok(Line::End)
}
