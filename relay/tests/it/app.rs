//! Goal: the web app comes out of the binary as browsers want it.

use crate::relay::Relay;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_for_the_root_and_for_rooms() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let root = relay.get("/", &[]);
    assert!(root.starts_with("HTTP/1.1 200"), "{root}");
    for header in [
        "content-type: text/html; charset=utf-8",
        "cache-control: no-cache",
        "x-content-type-options: nosniff",
        "script-src 'self' 'wasm-unsafe-eval'",
        "connect-src 'self' ws: wss:",
        "frame-ancestors 'none'",
    ] {
        assert!(root.contains(header), "{header} in {root}");
    }
    let etag = root.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    assert!(relay.get("/r/ops", &[]).contains(etag));
    let again = relay.get("/r/ops?x=1", &[("if-none-match", etag)]);
    assert!(again.starts_with("HTTP/1.1 304"), "{again}");
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    for path in ["/nothing", "/api/nothing", "/assets/nothing.js", "/../Cargo.toml", "/%2e%2e/x"] {
        let answer = relay.get(path, &[]);
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    relay.stop().await;
}
