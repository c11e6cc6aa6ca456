//! What the relay answers over HTTP: whether it lives, whether it is ready, the web app, and the way to a WebSocket.

mod access;
mod app;
mod upgrade;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use self::access::Names;
use crate::registry::Registry;
use crate::spawn::Tasks;

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct Http {
    pub(crate) registry: Arc<Registry>,
    pub(crate) sockets: Tasks,
    names: Names,
}

impl Http {
    /// `listen` is where the relay listens, `hosts` the names that it is reached under besides its addresses.
    pub(crate) fn new(
        registry: Arc<Registry>,
        sockets: Tasks,
        listen: SocketAddr,
        hosts: Vec<String>,
    ) -> Self {
        Self { registry, sockets, names: Names::new(listen, hosts) }
    }
}

/// Every route of the relay.
pub(crate) fn router(http: Arc<Http>) -> Router {
    Router::new()
        .route("/api/health", get(health))
        .route("/api/ready", get(ready))
        .route("/api/{*rest}", get(no_such_route))
        .route("/sync", get(sync))
        .route("/", get(root))
        .fallback(app::serve)
        .layer(from_fn_with_state(Arc::clone(&http), guard))
        .with_state(http)
}

/// `GET /api/health`.
#[derive(Debug, Serialize)]
struct Health {
    status: &'static str,
    connections: usize,
}

/// `GET /api/ready`.
#[derive(Debug, Serialize)]
struct Ready {
    is_ready: bool,
    reason: &'static str,
}

async fn health(State(http): State<Arc<Http>>) -> Json<Health> {
    Json(Health { status: "online", connections: http.registry.connections() })
}

async fn ready(State(http): State<Arc<Http>>) -> (StatusCode, Json<Ready>) {
    let reason = if http.registry.is_draining() {
        "the relay is about to stop"
    } else if http.registry.store.is_writable() {
        return (StatusCode::OK, Json(Ready { is_ready: true, reason: "" }));
    } else {
        "the store can't be written"
    };
    (StatusCode::SERVICE_UNAVAILABLE, Json(Ready { is_ready: false, reason }))
}

async fn no_such_route() -> Response {
    refuse(StatusCode::NOT_FOUND, "no such route: see the documentation of the HTTP interface")
}

async fn sync(State(http): State<Arc<Http>>, request: Request) -> Response {
    upgrade::upgrade(&http, request)
}

/// Stock apps open their socket at the root; browsers get the app there.
async fn root(State(http): State<Arc<Http>>, request: Request) -> Response {
    if upgrade::is_wanted(request.headers()) {
        upgrade::upgrade(&http, request)
    } else {
        app::serve(request).await
    }
}

/// Checks the name that was used and adds the headers that every answer has.
async fn guard(State(http): State<Arc<Http>>, request: Request, next: Next) -> Response {
    // probes of an orchestrator use whatever name it knows, and learn nothing that a forged page could use
    let is_probe = matches!(request.uri().path(), "/api/health" | "/api/ready");
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let checked = if is_probe { Ok(()) } else { http.names.check_host(request.headers()) };
    let mut response = match checked {
        Err(refused) => refuse(StatusCode::MISDIRECTED_REQUEST, refused.message()),
        Ok(()) if !is_read => refuse(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here"),
        Ok(()) => next.run(request).await,
    };
    add_security_headers(response.headers_mut());
    response
}

/// A refusal with one sentence.
fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(serde_json::json!({ "error": message }))).into_response()
}

/// What the app may do in a browser: nothing but what it needs (`docs/SECURITY.md`).
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' ws: wss:; \
    worker-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

fn add_security_headers(headers: &mut HeaderMap) {
    let security: [(HeaderName, &'static str); 6] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
        ),
    ];
    for (name, value) in security {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // answers about the relay's state are of this moment only
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
