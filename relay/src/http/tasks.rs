//! Tasks over HTTP: the cards of a board as JSON, for programs that do not sync.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::FutureExt;

use super::Http;
use super::api::{Place, Refusal, check_origin, expected, query, read, refused, shown, tagged};
use crate::tasks::{Listing, Task, TaskEdit, Use, Whole};

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

async fn list(
    State(http): State<Arc<Http>>,
    place: Place,
    listing: Result<Query<Listing>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let listing = query(listing)?;
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
