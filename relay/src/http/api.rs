//! What the routes about rooms and tasks share: who may, which room, JSON in and out, tags, and why something is not done.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use warroom_protocol::DocumentId;

use super::Http;
use super::problem::{refuse, unavailable};
use crate::core::{Counters, Limit};
use crate::limits::{RETRY_AFTER, ROOM_NAME_UNITS_MAX, TASK_BODY_BYTES_MAX, TASK_BODY_WITHIN};
use crate::registry::NotReady;
use crate::tasks::{Kind, TaskError, tag};

/// The room of `/api/tasks`: everyone meets there who opens `/r/default`.
const DEFAULT_ROOM: &str = "default";

/// A page of another site may no more than it may open a WebSocket.
pub(super) async fn check_origin(
    State(http): State<Arc<Http>>,
    request: Request,
    next: Next,
) -> Response {
    match http.names.check_origin(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => refuse(StatusCode::FORBIDDEN, refused.message()),
    }
}

/// Why a request is not done, as it is answered.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The request is not done, with one sentence.
    Sentence(StatusCode, String),
    /// The relay is not ready.
    NotReady(NotReady),
}

impl Refusal {
    pub(super) fn new(status: StatusCode, detail: &(impl ToString + ?Sized)) -> Self {
        Self::Sentence(status, detail.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::NotReady(why) => return unavailable(why),
            Self::Sentence(status, detail) => (status, detail),
        };
        let mut response = refuse(status, &detail);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER.as_secs().into());
        }
        response
    }
}

/// Which room and which task a path names.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) room: DocumentId,
    /// The path of the tasks of the room, as it was asked for.
    pub(super) path: String,
    pub(super) task: String,
}

impl FromRequestParts<Arc<Http>> for Place {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Arc<Http>) -> Result<Self, Refusal> {
        let names: Result<Path<BTreeMap<String, String>>, PathRejection> =
            Path::from_request_parts(parts, http).await;
        let Path(mut names) =
            names.map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, &error.body_text()))?;
        let room = names.remove("room");
        let task = names.remove("task").unwrap_or_default();
        let path = parts.uri.path().trim_end_matches('/').to_owned();
        Ok(Self { room: board_of(room.as_deref().unwrap_or(DEFAULT_ROOM))?, path, task })
    }
}

/// The board of a room: an `automerge:` address as it is, anything else by its name.
pub(super) fn board_of(room: &str) -> Result<DocumentId, Refusal> {
    let units = room.encode_utf16().count();
    if room.starts_with("automerge:") {
        let why = "there is no such address: write automerge: and the id of the board";
        room.parse().map_err(|_| Refusal::new(StatusCode::NOT_FOUND, &why))
    } else if units == 0 || units > ROOM_NAME_UNITS_MAX {
        let why = format!("the name of a room has 1 to {ROOM_NAME_UNITS_MAX} characters");
        Err(Refusal::new(StatusCode::NOT_FOUND, &why))
    } else {
        Ok(DocumentId::from_room_name(room))
    }
}

/// What is answered to who reads: nothing where it has that already.
pub(super) fn shown(headers: &HeaderMap, what: &impl Serialize) -> Result<Response, Refusal> {
    let tag = tag(what);
    let known = tags(headers, &header::IF_NONE_MATCH)?;
    let is_known = known.is_some_and(|known| known.is_empty() || known.contains(&tag));
    let mut response = tagged(what);
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    Ok(response)
}

pub(super) fn tagged(what: &impl Serialize) -> Response {
    let mut response = Json(what).into_response();
    if let Ok(tag) = HeaderValue::try_from(tag(what)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The tags of `If-Match`; none where any will do.
pub(super) fn expected(headers: &HeaderMap) -> Result<Option<Vec<String>>, Refusal> {
    Ok(tags(headers, &header::IF_MATCH)?.filter(|tags| !tags.is_empty()))
}

/// The entity tags in a header (RFC 9110 §13.1): none of them for `*`, nothing where there is no header. Ours have no comma.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Vec<String>>, Refusal> {
    let mut tags = None;
    for value in headers.get_all(name) {
        let why = format!("{name} can't be read: send an ETag as it was answered, with its quotes");
        let value = value.to_str().map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, &why))?;
        let tags: &mut Vec<String> = tags.get_or_insert_default();
        if value.trim() != "*" {
            tags.extend(value.split(',').map(|tag| tag.trim().to_owned()));
        }
    }
    Ok(tags)
}

/// The JSON that a request brings.
pub(super) async fn read<T: DeserializeOwned>(http: &Http, request: Request) -> Result<T, Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" && kind != "application/merge-patch+json" {
        let why = "send JSON, with Content-Type: application/json";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why));
    }
    let body = read_body(http, request.into_body(), TASK_BODY_BYTES_MAX).await?;
    serde_json::from_slice(&body).map_err(|error| {
        let status = if error.is_data() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::BAD_REQUEST
        };
        Refusal::new(status, &format!("the JSON is not what is asked for: {error}"))
    })
}

/// The body of a request, of at most so many bytes.
pub(super) async fn read_body(http: &Http, body: Body, bytes_max: usize) -> Result<Bytes, Refusal> {
    let body = tokio::select! {
        body = to_bytes(body, bytes_max) => body,
        () = http.registry.clock.sleep(TASK_BODY_WITHIN) => {
            http.registry.count(&Counters::hit(Limit::TaskBodyWithin));
            let why = "the body took too long: send it again, faster";
            return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, why));
        }
    };
    body.map_err(|_| {
        http.registry.count(&Counters::hit(Limit::TaskBodyBytes));
        let why = format!("send at most {bytes_max} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, &why)
    })
}

/// What stands behind the `?` of a path.
pub(super) fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Refusal> {
    let Query(query) =
        query.map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, &error.body_text()))?;
    Ok(query)
}

pub(super) fn refused(http: &Http, error: &TaskError) -> Refusal {
    if let Some(limit) = error.limit() {
        http.registry.count(&Counters::hit(limit));
    }
    if let TaskError::NotReady(why) = error {
        return Refusal::NotReady(*why);
    }
    let status = match error.kind() {
        Kind::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Missing => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Changed => StatusCode::PRECONDITION_FAILED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Failed => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Refusal::new(status, error)
}
