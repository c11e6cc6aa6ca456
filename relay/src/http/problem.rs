//! Refusals as problem documents (RFC 9457): a status, and one sentence that says what to do.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::limits::RETRY_AFTER;
use crate::registry::NotReady;

/// Without a `type`, which means that the status says what kind of problem it is.
#[derive(Debug, Serialize)]
struct Problem<'a> {
    title: &'static str,
    status: u16,
    /// One sentence for people.
    detail: &'a str,
    /// One word for programs, where there is more than one reason for the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// A refusal with one sentence.
pub(super) fn refuse(status: StatusCode, detail: &str) -> Response {
    respond(status, detail, None)
}

/// A relay that is not ready, and when to ask again.
pub(super) fn unavailable(why: NotReady) -> Response {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut response = respond(status, why.sentence(), Some(why.name()));
    response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER.as_secs().into());
    response
}

fn respond(status: StatusCode, detail: &str, reason: Option<&'static str>) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let problem = Problem { title, status: status.as_u16(), detail, reason };
    let kind = HeaderValue::from_static("application/problem+json");
    (status, [(header::CONTENT_TYPE, kind)], Json(problem)).into_response()
}
