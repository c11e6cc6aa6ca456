//! Rooms over HTTP: which there are, what one is called and has, what happened in it, and the files that it goes into and
//! comes from.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::FutureExt;
use serde::Deserialize;

use super::Http;
use super::api::{
    Place, Refusal, board_of, check_origin, expected, query, read, read_body, refused, shown,
    tagged,
};
use crate::tasks::{Feed, FileFormat, NewRoom, Paging, RoomEdit, Use, address_of, fresh_board};

/// The routes.
pub(super) fn router(http: &Arc<Http>) -> Router<Arc<Http>> {
    Router::new()
        .route("/api/rooms", get(list).post(create))
        .route("/api/rooms/{room}", get(show).patch(change))
        .route("/api/rooms/{room}/activity", get(activity))
        .route("/api/rooms/{room}/export", get(export))
        .route("/api/rooms/{room}/import", post(import))
        .route_layer(from_fn_with_state(Arc::clone(http), check_origin))
}

async fn list(
    State(http): State<Arc<Http>>,
    paging: Result<Query<Paging>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let listed = http.rooms.list(query(paging)?).await;
    shown(&headers, &listed.map_err(|error| refused(&http, &error))?)
}

async fn create(State(http): State<Arc<Http>>, request: Request) -> Result<Response, Refusal> {
    let NewRoom { room, name } = read(&http, request).await?;
    let board = match room {
        Some(room) => board_of(&room)?,
        None => fresh_board(),
    };
    let location = format!("/api/rooms/{}", address_of(&board));
    let created = http.rooms.run(board, Use::Write, |room| room.found(name).boxed()).await;
    let mut response = tagged(&created.map_err(|error| refused(&http, &error))?);
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn show(
    State(http): State<Arc<Http>>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found =
        http.rooms.run(place.room, Use::Read, |room| async move { room.face() }.boxed()).await;
    shown(&headers, &found.map_err(|error| refused(&http, &error))?)
}

async fn change(
    State(http): State<Arc<Http>>,
    place: Place,
    request: Request,
) -> Result<Response, Refusal> {
    let expected = expected(request.headers())?;
    let edit: RoomEdit = read(&http, request).await?;
    let changed =
        http.rooms.run(place.room, Use::Write, |room| room.rename(edit, expected).boxed()).await;
    Ok(tagged(&changed.map_err(|error| refused(&http, &error))?))
}

async fn activity(
    State(http): State<Arc<Http>>,
    place: Place,
    feed: Result<Query<Feed>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let feed = query(feed)?;
    let told = http.rooms.run(place.room, Use::Read, |room| room.activity(feed).boxed()).await;
    shown(&headers, &told.map_err(|error| refused(&http, &error))?)
}

/// What a file is to be, or is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Format {
    format: FileFormat,
}

async fn export(
    State(http): State<Arc<Http>>,
    place: Place,
    format: Result<Query<Format>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Format { format } = query(format)?;
    let written =
        http.rooms.run_file(place.room, Use::Read, move |room| room.export(format).boxed());
    let file = written.await.map_err(|error| refused(&http, &error))?;
    let name = format!("attachment; filename=\"board.{}\"", format.ending());
    let headers =
        [(header::CONTENT_TYPE, format.media_type()), (header::CONTENT_DISPOSITION, &name)];
    Ok((headers, file).into_response())
}

async fn import(
    State(http): State<Arc<Http>>,
    place: Place,
    format: Result<Query<Format>, QueryRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let Format { format } = query(format)?;
    let file = read_body(&http, request.into_body(), format.bytes_max()).await?;
    let read =
        http.rooms.run_file(place.room, Use::Write, move |room| room.import(format, file).boxed());
    let imported = read.await.map_err(|error| refused(&http, &error))?;
    Ok(Json(imported).into_response())
}
