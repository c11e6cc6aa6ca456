//! Goal: a page of another site can't use the relay, and whoever is refused is told what to do.

use crate::peer::upgrade;
use crate::relay::{Relay, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_opened_for_own_pages_and_for_programs_only() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let own = format!("http://{}", relay.address);
    for (origin, expected) in [
        (None, Ok(())),
        (Some(own.as_str()), Ok(())),
        (Some("http://localhost:5173"), Ok(())),
        (Some("https://board.example.org"), Ok(())),
        (Some("https://evil.example"), Err(403)),
        (Some("null"), Err(403)),
        (Some("http://localhost.evil.example"), Err(403)),
    ] {
        let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        for path in ["/sync", "/"] {
            let upgraded = upgrade(relay.address, path, &headers).await;
            assert_eq!(upgraded.map(drop), expected, "{path} from {origin:?}");
        }
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_the_relay_s_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    for (host, path, status) in [
        ("localhost", "/", "200"),
        ("board.example.org", "/", "200"),
        ("evil.example", "/", "421"),
        ("evil.example", "/sync", "421"),
        ("evil.example", "/api/health", "200"),
    ] {
        let answer = relay.get(path, &[("host", host)]);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host} {path}: {answer}");
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_subprotocol_is_chosen_and_the_token_beside_it_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let offered = ("sec-websocket-protocol", "automerge-repo.v1, bearer.c2VjcmV0");
    let response = upgrade(relay.address, "/sync", &[offered]).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "automerge-repo.v1");
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_upgrade_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let websocket = [("connection", "upgrade"), ("upgrade", "websocket")];
    let with = |more: &[(&'static str, &'static str)]| [&websocket[..], more].concat();
    for (headers, status) in [
        (vec![], "426"),
        (with(&[]), "400"),
        (with(&[("sec-websocket-version", "13")]), "400"),
        (with(&[("sec-websocket-version", "13"), ("sec-websocket-key", "short")]), "400"),
        (with(&[("sec-websocket-version", "8")]), "400"),
    ] {
        let answer = relay.get("/sync", &headers);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{headers:?}: {answer}");
        assert!(answer.contains("content-type: application/problem+json"), "{answer}");
    }
    let post = format!("POST / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", relay.address);
    assert!(send(relay.address, post.as_bytes()).starts_with("HTTP/1.1 405"));
    relay.stop().await;
}
