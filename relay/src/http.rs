//! What the relay answers over HTTP: whether it lives, whether it is ready, tasks, the web app, and the way to a WebSocket.

mod access;
mod api;
mod app;
mod problem;
mod rooms;
mod tasks;
mod upgrade;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde::Serialize;

use self::access::Names;
use self::problem::{refuse, unavailable};
pub(crate) use self::upgrade::UpgradeRefused;
use crate::front::Seats;
use crate::metrics::{self, Now};
use crate::registry::{NotReady, Registry};
use crate::spawn::Tasks;
use crate::tasks::Rooms;

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct Http {
    pub(crate) registry: Arc<Registry>,
    pub(crate) sockets: Tasks,
    pub(crate) rooms: Arc<Rooms>,
    seats: Seats,
    names: Names,
}

impl Http {
    /// `listen` is where the relay listens, `hosts` the names that it is reached under besides its addresses.
    pub(crate) fn new(
        registry: Arc<Registry>,
        (sockets, seats): (Tasks, Seats),
        listen: SocketAddr,
        hosts: Vec<String>,
    ) -> Self {
        // waited for as sockets are
        let rooms = Arc::new(Rooms::new(&registry, sockets.clone()));
        Self { registry, sockets, rooms, seats, names: Names::new(listen, hosts) }
    }
}

/// Every route of the relay; metrics among them unless they have a listener of their own.
pub(crate) fn router(http: Arc<Http>, has_metrics: bool) -> Router {
    let router = Router::new()
        .route("/api/health", get(health))
        .route("/api/ready", get(ready))
        .route("/api/{*rest}", any(no_such_route))
        .route("/sync", get(sync))
        .route("/", get(root))
        .merge(rooms::router(&http))
        .merge(tasks::router(&http));
    let router = if has_metrics { router.route("/metrics", get(metrics)) } else { router };
    router
        .fallback(app::serve)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(Arc::clone(&http), guard))
        .with_state(http)
}

/// What is for operators and their machines alone, whatever name they use for the relay.
pub(crate) fn operators_router(http: Arc<Http>) -> Router {
    Router::new()
        .route("/api/health", get(health))
        .route("/api/ready", get(ready))
        .route("/metrics", get(metrics))
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(Arc::clone(&http), answer))
        .with_state(http)
}

/// Every route of a relay whose store is being opened. Each answer closes its connection, so that the next request
/// comes to who can answer it.
pub(crate) fn starting() -> Router {
    let live = || async { Json(Health { status: "starting", connections: 0 }) };
    let not_yet = || async { unavailable(NotReady::Starting) };
    let close = async |request: Request, next: Next| {
        let mut response = next.run(request).await;
        add_security_headers(response.headers_mut());
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    };
    Router::new().route("/api/health", get(live)).fallback(not_yet).layer(from_fn(close))
}

/// `GET /api/health`.
#[derive(Debug, Serialize)]
struct Health {
    status: &'static str,
    connections: usize,
}

/// `GET /api/ready`, when it is.
#[derive(Debug, Serialize)]
struct Ready {
    status: &'static str,
}

async fn health(State(http): State<Arc<Http>>) -> Json<Health> {
    Json(Health { status: "online", connections: http.registry.connections() })
}

async fn ready(State(http): State<Arc<Http>>) -> Response {
    match http.registry.readiness() {
        Ok(()) => Json(Ready { status: "ready" }).into_response(),
        Err(why) => unavailable(why),
    }
}

async fn metrics(State(http): State<Arc<Http>>) -> Response {
    let registry = &http.registry;
    let text = registry.metrics.expose(Now {
        is_ready: registry.readiness().is_ok(),
        is_writable: registry.store.is_writable(),
        connections: registry.connections(),
        documents: registry.documents(),
        sockets: http.seats.taken(),
    });
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response()
}

async fn no_such_route() -> Response {
    refuse(StatusCode::NOT_FOUND, "no such route: see the documentation of the HTTP interface")
}

pub(super) async fn no_such_method() -> Response {
    refuse(StatusCode::METHOD_NOT_ALLOWED, "this is not done here: Allow has what is")
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

/// Checks the name that was used before anything is answered.
async fn guard(State(http): State<Arc<Http>>, request: Request, next: Next) -> Response {
    // probes of an orchestrator use whatever name it knows, and learn nothing that a forged page could use
    let is_probe = matches!(request.uri().path(), "/api/health" | "/api/ready");
    let checked = if is_probe { Ok(()) } else { http.names.check_host(request.headers()) };
    match checked {
        Ok(()) => answer(State(http), request, next).await,
        Err(refused) => finish(&http, refuse(StatusCode::MISDIRECTED_REQUEST, refused.message())),
    }
}

/// Answers whoever may ask.
async fn answer(State(http): State<Arc<Http>>, request: Request, next: Next) -> Response {
    finish(&http, next.run(request).await)
}

/// Adds what every answer has, and counts it.
fn finish(http: &Http, mut response: Response) -> Response {
    add_security_headers(response.headers_mut());
    http.registry.metrics.count_response(response.status().as_u16());
    response
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
