//! From an HTTP request to a WebSocket (RFC 6455 §4.2), without giving up the limits on what is read.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::Http;
use super::access::AccessRefused;
use super::problem::{refuse, unavailable};
use crate::core::counters::labels;
use crate::front::Seat;
use crate::patience::Patient;
use crate::registry::NotReady;
use crate::socket;

/// The subprotocol that our own clients name; a token may follow it in the same header.
const SUBPROTOCOL: &str = "automerge-repo.v1";

labels! {
    /// Why a WebSocket was not opened.
    pub(crate) enum UpgradeRefused {
        NotAsked => "not-asked",
        Version => "version",
        Origin => "origin",
        Draining => "draining",
        Key => "key",
    }
}

impl UpgradeRefused {
    fn response(self) -> Response {
        let (status, detail) = match self {
            Self::NotAsked => (StatusCode::UPGRADE_REQUIRED, "open a WebSocket here"),
            Self::Version => {
                (StatusCode::BAD_REQUEST, "only version 13 of the WebSocket protocol is spoken")
            }
            Self::Origin => (StatusCode::FORBIDDEN, AccessRefused::Origin.message()),
            Self::Draining => return unavailable(NotReady::Draining),
            Self::Key => (StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is missing or wrong"),
        };
        refuse(status, detail)
    }
}

/// Whether a request asks for a WebSocket.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    names(headers, &header::CONNECTION, "upgrade") && names(headers, &header::UPGRADE, "websocket")
}

/// Starts a socket, or says why not.
pub(super) fn upgrade(http: &Arc<Http>, mut request: Request) -> Response {
    let accepted = match check(http, request.headers()) {
        Ok(accepted) => accepted,
        Err(refused) => return refused_by(http, refused),
    };
    let (Some(upgrading), Some(seat)) =
        (request.extensions_mut().remove::<OnUpgrade>(), request.extensions_mut().remove::<Seat>())
    else {
        return refused_by(http, UpgradeRefused::NotAsked);
    };
    let registry = Arc::clone(&http.registry);
    http.sockets.spawn("socket", async move {
        // the client went away before the answer
        let Ok(upgraded) = upgrading.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<Patient>>() else { return };
        // a socket judges by itself who is too slow
        let stream = parts.io.into_inner().into_inner();
        socket::run(&registry, stream, parts.read_buf).await;
        drop(seat);
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accepted);
    if names(request.headers(), &header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    response
}

fn refused_by(http: &Http, refused: UpgradeRefused) -> Response {
    http.registry.metrics.count_refused(refused);
    refused.response()
}

/// The value of `Sec-WebSocket-Accept`, where the request may have a socket.
fn check(http: &Http, headers: &HeaderMap) -> Result<HeaderValue, UpgradeRefused> {
    if !is_wanted(headers) {
        return Err(UpgradeRefused::NotAsked);
    }
    if !names(headers, &header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(UpgradeRefused::Version);
    }
    http.names.check_origin(headers).map_err(|_| UpgradeRefused::Origin)?;
    if http.registry.is_draining() {
        return Err(UpgradeRefused::Draining);
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes);
    // 16 bytes in base64 are 24 characters
    let key = key.filter(|key| key.len() == 24).map(derive_accept_key);
    key.and_then(|key| HeaderValue::try_from(key).ok()).ok_or(UpgradeRefused::Key)
}

/// Whether a header with a list of names has `wanted` among them.
fn names(headers: &HeaderMap, header: &HeaderName, wanted: &str) -> bool {
    let values = headers.get_all(header).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case(wanted))
}
