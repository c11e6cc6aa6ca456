//! Tasks over HTTP: the cards of a board as JSON, for programs that do not sync.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use warroom_protocol::DocumentId;

use super::Http;
use super::problem::{refuse, unavailable};
use crate::core::{Counters, Limit};
use crate::limits::{RETRY_AFTER, ROOM_NAME_UNITS_MAX, TASK_BODY_BYTES_MAX, TASK_BODY_WITHIN};
use crate::registry::NotReady;
use crate::tasks::{Kind, Listing, Task, TaskEdit, TaskError, Use, Whole, tag};

/// The room of `/api/tasks`: everyone meets there who opens `/r/default`.
const DEFAULT_ROOM: &str = "default";

/// The routes.
pub(super) fn router(http: &Arc<Http>) -> Router<Arc<Http>> {
    let tasks = || get(list).post(create);
    let task = || get(show).put(replace).patch(change).delete(delete);
    Router::new()
        .route("/api/tasks", tasks())
        .route("/api/tasks/{task}", task())
        .route("/api/rooms/{room}/tasks", tasks())
        .route("/api/rooms/{room}/tasks/{task}", task())
        .route_layer(from_fn_with_state(Arc::clone(http), check_origin))
}

/// A page of another site may no more than it may open a WebSocket.
async fn check_origin(State(http): State<Arc<Http>>, request: Request, next: Next) -> Response {
    match http.names.check_origin(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => refuse(StatusCode::FORBIDDEN, refused.message()),
    }
}

/// Why a request is not done, as it is answered.
#[derive(Debug)]
enum Refusal {
    /// The request is not done, with one sentence.
    Sentence(StatusCode, String),
    /// The relay is not ready.
    NotReady(NotReady),
}

impl Refusal {
    fn new(status: StatusCode, detail: &(impl ToString + ?Sized)) -> Self {
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
struct Place {
    room: DocumentId,
    /// The path of the tasks of the room, as it was asked for.
    path: String,
    task: String,
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
fn board_of(room: &str) -> Result<DocumentId, Refusal> {
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

async fn list(
    State(http): State<Arc<Http>>,
    place: Place,
    listing: Result<Query<Listing>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Query(listing) =
        listing.map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, &error.body_text()))?;
    let listed = http.rooms.run(place.room, Use::Read, |room| room.list(listing).boxed()).await;
    shown(&headers, &listed.map_err(|error| refused(&http, &error))?)
}

async fn show(
    State(http): State<Arc<Http>>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Place { room, path: _, task } = place;
    let found =
        http.rooms.run(room, Use::Read, |room| async move { room.task(&task).await }.boxed());
    shown(&headers, &found.await.map_err(|error| refused(&http, &error))?)
}

async fn create(
    State(http): State<Arc<Http>>,
    place: Place,
    request: Request,
) -> Result<Response, Refusal> {
    let edit: TaskEdit = read(&http, request).await?;
    let created = http.rooms.run(place.room, Use::Write, |room| room.create(edit).boxed()).await;
    let created = created.map_err(|error| refused(&http, &error))?;
    let mut response = tagged(&created);
    *response.status_mut() = StatusCode::CREATED;
    let location = format!("{}/{}", place.path, created.id());
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn replace(
    http: State<Arc<Http>>,
    place: Place,
    request: Request,
) -> Result<Response, Refusal> {
    update(http, place, request, Whole::Yes).await
}

async fn change(
    http: State<Arc<Http>>,
    place: Place,
    request: Request,
) -> Result<Response, Refusal> {
    update(http, place, request, Whole::No).await
}

async fn update(
    State(http): State<Arc<Http>>,
    place: Place,
    request: Request,
    whole: Whole,
) -> Result<Response, Refusal> {
    let expected = expected(request.headers())?;
    let edit: TaskEdit = read(&http, request).await?;
    let Place { room, path: _, task } = place;
    let updated = http.rooms.run(room, Use::Write, move |room| {
        async move { room.update(&task, (edit, whole), expected).await }.boxed()
    });
    let updated: Task = updated.await.map_err(|error| refused(&http, &error))?;
    Ok(tagged(&updated))
}

async fn delete(
    State(http): State<Arc<Http>>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let expected = expected(&headers)?;
    let Place { room, path: _, task } = place;
    let deleted = http.rooms.run(room, Use::Write, move |room| {
        async move { room.delete(&task, expected).await }.boxed()
    });
    deleted.await.map_err(|error| refused(&http, &error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What is answered to who reads: nothing where it has that already.
fn shown(headers: &HeaderMap, what: &impl Serialize) -> Result<Response, Refusal> {
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

fn tagged(what: &impl Serialize) -> Response {
    let mut response = Json(what).into_response();
    if let Ok(tag) = HeaderValue::try_from(tag(what)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The tags of `If-Match`; none where any will do.
fn expected(headers: &HeaderMap) -> Result<Option<Vec<String>>, Refusal> {
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
async fn read<T: DeserializeOwned>(http: &Http, request: Request) -> Result<T, Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" && kind != "application/merge-patch+json" {
        let why = "send JSON, with Content-Type: application/json";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, &why));
    }
    let body = tokio::select! {
        body = to_bytes(request.into_body(), TASK_BODY_BYTES_MAX) => body,
        () = http.registry.clock.sleep(TASK_BODY_WITHIN) => {
            http.registry.count(&Counters::hit(Limit::TaskBodyWithin));
            let why = "the body took too long: send it again, faster";
            return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, &why));
        }
    };
    let body = body.map_err(|_| {
        http.registry.count(&Counters::hit(Limit::TaskBodyBytes));
        let why = format!("send at most {TASK_BODY_BYTES_MAX} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, &why)
    })?;
    serde_json::from_slice(&body).map_err(|error| {
        let status = if error.is_data() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::BAD_REQUEST
        };
        Refusal::new(status, &format!("the JSON is not a task: {error}"))
    })
}

fn refused(http: &Http, error: &TaskError) -> Refusal {
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
