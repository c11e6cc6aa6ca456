//! The web app as it was built, out of the binary: compressed when it was built, never while it is served.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// One file of the app.
#[derive(Debug, Clone, Copy)]
struct File {
    /// Its path below the folder of the app, with `/` between the parts.
    name: &'static str,
    /// Half of its SHA-256, in quotes: plenty to tell two versions of a file apart.
    etag: &'static str,
    bytes: &'static [u8],
}

/// Every file, sorted by name; written by `build.rs`.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

fn find(name: &str) -> Option<File> {
    let at = FILES.binary_search_by(|file| file.name.cmp(name)).ok()?;
    FILES.get(at).copied()
}

/// The page that is served for every room.
const PAGE: &str = "index.html";

/// Encodings in the order of preference: name in `Accept-Encoding`, ending of the file.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Answers with a file, or with the page for the root and for rooms.
pub(super) async fn serve(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return super::no_such_method().await;
    }
    let path = request.uri().path().trim_start_matches('/');
    let name = if path.is_empty() || path.starts_with("r/") || path == "r" { PAGE } else { path };
    respond(name, request.headers())
}

fn respond(name: &str, asked: &HeaderMap) -> Response {
    let Some(plain) = find(name) else {
        return (StatusCode::NOT_FOUND, "no such page").into_response();
    };
    let (file, encoding) = encoded(name, asked).unwrap_or((plain, None));
    let mut headers = HeaderMap::new();
    for (header, value) in [
        (header::ETAG, file.etag),
        (header::CACHE_CONTROL, cache_control(name)),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_TYPE, content_type(name)),
    ] {
        headers.insert(header, HeaderValue::from_static(value));
    }
    if is_known(file.etag, asked) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    (StatusCode::OK, headers, Body::from(file.bytes)).into_response()
}

/// The file as it was compressed when it was built, where there is one that the client takes.
fn encoded(name: &str, asked: &HeaderMap) -> Option<(File, Option<&'static str>)> {
    ENCODINGS
        .iter()
        .filter(|(encoding, _)| is_accepted(encoding, asked))
        .find_map(|(encoding, ending)| Some((find(&format!("{name}{ending}"))?, Some(*encoding))))
}

/// Whether `Accept-Encoding` names the encoding with a weight above zero.
fn is_accepted(encoding: &str, asked: &HeaderMap) -> bool {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|part| {
        let (name, weight) = part.split_once(';').unwrap_or((part, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok());
        name.trim().eq_ignore_ascii_case(encoding) && weight.unwrap_or(0_f32) > 0.0
    })
}

fn is_known(etag: &str, asked: &HeaderMap) -> bool {
    let values = asked.get_all(header::IF_NONE_MATCH).iter();
    let mut known =
        values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    known.any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag
    })
}

/// Files with a hash in their name never change; whatever names them is asked for each time.
fn cache_control(name: &str) -> &'static str {
    if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn content_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    match ending {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        Some(_) | None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_taken_only_when_it_is_accepted() {
        for (accepts, br, gzip) in [
            ("gzip, deflate, br, zstd", true, true),
            ("gzip;q=1.0, br;q=0", false, true),
            ("BR ; q=0.5", true, false),
            ("identity", false, false),
            ("br;q=x", false, false),
            ("", false, false),
        ] {
            let mut asked = HeaderMap::new();
            asked.insert(header::ACCEPT_ENCODING, accepts.parse().unwrap());
            assert_eq!(is_accepted("br", &asked), br, "{accepts}");
            assert_eq!(is_accepted("gzip", &asked), gzip, "{accepts}");
        }
    }

    #[test]
    fn the_page_is_never_stale_and_hashed_files_are_kept() {
        assert_eq!(cache_control("index.html"), "no-cache");
        assert_eq!(cache_control("sw.js"), "no-cache");
        assert!(cache_control("assets/index-3f2a.js").contains("immutable"));
    }

    #[test]
    fn a_page_that_is_known_is_not_sent_again() {
        let first = respond(PAGE, &HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        let etag = first.headers()[header::ETAG].clone();
        let asked = HeaderMap::from_iter([(header::IF_NONE_MATCH, etag)]);
        assert_eq!(respond(PAGE, &asked).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(respond("../Cargo.toml", &asked).status(), StatusCode::NOT_FOUND);
    }
}
