//! Goal: what `/metrics` says is what happened, and an operator finds every word of it in the documentation. Method: a
//! session of which each step is known, against a relay whose answer is read as strictly as Prometheus reads it.

use std::collections::{BTreeMap, BTreeSet};

use tokio_tungstenite::tungstenite::Message;
use warroom_protocol::limits::FRAME_BYTES_BEFORE_JOIN_MAX;
use warroom_protocol::wire::Frame;
use warroom_relay::core::Limit;
use warroom_relay::limits::{EPHEMERAL_BYTES_MAX, HEADER_BYTES_MAX};

use crate::exposition::Exposition;
use crate::operations::rows;
use crate::peer::{Peer, Replica, upgrade};
use crate::program::Program;
use crate::relay::{Relay, get, within};

pub(crate) fn scrape(relay: &Relay) -> Exposition {
    let answer = relay.get("/metrics", &[]);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    Exposition::read(body)
}

/// Scrapes until a series has that value.
pub(crate) async fn scrape_until(relay: &Relay, series: &str, value: f64) -> Exposition {
    within(series, async {
        loop {
            let scraped = scrape(relay);
            if scraped.samples.get(series) == Some(&value) {
                return scraped;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// Every counter that is not zero, but for what depends on the length of ids, on the clock, or on how often this asked.
fn counted(scraped: &Exposition) -> BTreeMap<&str, f64> {
    let is_counter = |series: &str| {
        let name = series.split('{').next().unwrap();
        scraped.types.get(name).is_some_and(|kind| kind == "counter")
            && !name.contains("_bytes_")
            && !series.starts_with("process_")
            && !series.starts_with("warroom_http_responses_total{status=\"200\"}")
    };
    let samples =
        scraped.samples.iter().filter(|(series, value)| is_counter(series) && **value > 0.0);
    samples.map(|(series, value)| (series.as_str(), *value)).collect()
}

/// Compares some series with what they must be.
fn check(scraped: &Exposition, expected: &[(&str, f64)]) {
    let told: Vec<_> = expected.iter().map(|&(name, _)| (name, scraped.value(name))).collect();
    assert_eq!(told, expected, "left is told, right is true");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counters_say_exactly_what_happened() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let fresh = scrape(&relay);
    assert_eq!(counted(&fresh), BTreeMap::new(), "nothing happened yet");
    check(&fresh, &[("warroom_ready", 1.0), ("warroom_store_writable", 1.0)]);
    assert!(fresh.value("warroom_store_bytes") > 0.0, "there is a file");
    assert!(fresh.value("process_resident_memory_bytes") > 1e6, "more than a megabyte");
    assert!(fresh.value("process_open_fds") > 3.0, "a file and a listener");
    let ben = Box::pin(session(&relay)).await;
    let scraped = scrape_until(&relay, "warroom_connections", 1.0).await;
    let expected = BTreeMap::from([
        ("warroom_connections_opened_total", 3.0),
        (r#"warroom_connections_refused_total{reason="origin"}"#, 1.0),
        (r#"warroom_connections_closed_total{code="1000",reason="left"}"#, 1.0),
        (r#"warroom_connections_closed_total{code="1003",reason="text"}"#, 1.0),
        (r#"warroom_http_responses_total{status="101"}"#, 3.0),
        (r#"warroom_http_responses_total{status="403"}"#, 1.0),
        (r#"warroom_http_responses_total{status="404"}"#, 1.0),
        ("warroom_documents_opened_total", 2.0),
        (r#"warroom_frames_received_total{kind="join"}"#, 3.0),
        (r#"warroom_frames_received_total{kind="sync"}"#, 4.0),
        (r#"warroom_frames_received_total{kind="request"}"#, 1.0),
        (r#"warroom_frames_received_total{kind="ephemeral"}"#, 3.0),
        // three answers to a join, and an error for the text
        (r#"warroom_frames_sent_total{lane="control"}"#, 4.0),
        (r#"warroom_frames_sent_total{lane="sync"}"#, 4.0),
        // two ephemerals and a goodbye
        (r#"warroom_frames_sent_total{lane="presence"}"#, 3.0),
        ("warroom_ephemerals_repeated_total", 1.0),
        ("warroom_ephemerals_sent_total", 2.0),
        ("warroom_goodbyes_sent_total", 1.0),
        ("warroom_refusals_total", 1.0),
        ("warroom_changes_taken_total", 1.0),
        ("warroom_saves_total", 1.0),
        ("warroom_answers_fast_total", 2.0),
        ("warroom_answers_generic_total", 1.0),
        ("warroom_answers_unavailable_total", 1.0),
    ]);
    assert_eq!(counted(&scraped), expected);
    let once = [
        ("warroom_documents", 2.0),
        ("warroom_round_seconds_count", 1.0),
        ("warroom_store_queue_seconds_count", 1.0),
        ("warroom_store_commit_seconds_count", 1.0),
        ("warroom_store_commit_appends_sum", 1.0),
    ];
    check(&scraped, &once);
    for (series, least) in [
        ("warroom_store_commit_seconds_sum", 0.0),
        ("warroom_store_commit_bytes_total", 30.0),
        ("warroom_queue_seconds_count", 8.0),
        (r#"warroom_frame_bytes_received_total{kind="ephemeral"}"#, 3.0 * 60.0),
        (r#"warroom_frame_bytes_sent_total{lane="sync"}"#, 4.0 * 60.0),
    ] {
        assert!(scraped.value(series) > least, "{series}");
    }
    ben.vanish();
    relay.stop().await;
}

/// What the counters are to tell of; gives the one peer that is still there.
async fn session(relay: &Relay) -> Peer {
    let (mut anna, mut ben) =
        (Peer::join(relay.address, "anna").await, Peer::join(relay.address, "ben").await);
    let (mut of_anna, mut of_ben) = (Replica::new("room"), Replica::new("room"));
    // says what it has, hears what is wanted, sends it, hears that it is saved
    of_anna.put("key", 1);
    of_anna.save(&mut anna).await;
    // says that it has nothing, hears the change, says that it has it
    of_ben.sync_until(&mut ben, |replica| replica.len() == 1).await.unwrap();
    for count in [1, 1, 2] {
        anna.send_ephemeral(&of_anna.document_id, count).await;
    }
    for _ in 0..2 {
        let heard = ben.receive().await.unwrap();
        assert!(matches!(heard, Frame::Ephemeral(_)), "{heard:?}");
    }
    let mut unknown = Replica::new("nobody wrote this");
    unknown.request(&mut ben).await;
    let heard = ben.receive().await.unwrap();
    assert!(matches!(heard, Frame::DocUnavailable { .. }), "{heard:?}");
    let mut chatty = Peer::join(relay.address, "chatty").await;
    chatty.send_message(Message::text("hello")).await;
    assert_eq!(chatty.closed().await.code, 1003, "a text");
    drop(chatty);
    let foreign = [("origin", "https://evil.example")];
    assert_eq!(upgrade(relay.address, "/sync", &foreign).await.unwrap_err(), 403, "a foreign page");
    assert!(relay.get("/nothing", &[]).starts_with("HTTP/1.1 404"), "no such page");
    let id = anna.id.clone();
    anna.vanish();
    let Frame::Ephemeral(goodbye) = ben.receive().await.unwrap() else { panic!("no goodbye") };
    assert_eq!(goodbye.sender_id, id, "who left");

    ben
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_is_hit_is_counted_under_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let hits = |scraped: &Exposition| -> BTreeMap<String, f64> {
        let hits = scraped.samples.iter().filter(|(series, hits)| {
            series.starts_with("warroom_limits_hit_total") && **hits > 0.0
        });
        let name = |series: &str| series.split('"').nth(1).unwrap().to_owned();
        hits.map(|(series, hits)| (name(series), *hits)).collect()
    };
    assert_eq!(hits(&scrape(&relay)), BTreeMap::new());
    let mut early = Peer::open(relay.address, "early").await;
    early.send_message(Message::Binary(vec![0; FRAME_BYTES_BEFORE_JOIN_MAX + 1].into())).await;
    assert_eq!(early.closed().await.code, 1009);
    let mut loud = Peer::join(relay.address, "loud").await;
    let document_id = Replica::new("room").document_id;
    loud.send_data(&document_id, 1, vec![0; EPHEMERAL_BYTES_MAX].into()).await;
    loud.send_data(&document_id, 2, vec![0; EPHEMERAL_BYTES_MAX + 1].into()).await;
    assert_eq!(loud.closed().await.code, 1009);
    let long = "x".repeat(HEADER_BYTES_MAX);
    assert!(relay.get("/", &[("x-long", &long)]).starts_with("HTTP/1.1 431"));
    drop((early, loud));
    let scraped =
        scrape_until(&relay, r#"warroom_limits_hit_total{limit="header_bytes_max"}"#, 1.0).await;
    let expected = ["ephemeral_bytes_max", "frame_bytes_before_join_max", "header_bytes_max"];
    assert_eq!(hits(&scraped), expected.map(|name| (name.to_owned(), 1.0)).into());
    relay.stop().await;
}

/// Limits that refuse nothing: what comes waits, is cut into more of the same, or was promised by others.
const REFUSE_NOTHING: &[&str] = &[
    "accept_rest",
    "answer_bytes_max",
    "close_reason_bytes_max",
    // what is not compacted is served as it is, which the operator is told
    "compact_bytes_min",
    "compact_due_max",
    "compact_every",
    "compact_retry",
    "compact_share",
    "compacted_bytes_max",
    "document_idle",
    // older starts are forgotten: who was told something then is told everything
    "epochs_max",
    "epoch_name_bytes_max",
    "drain_within",
    "drain_within_max",
    // told by the same error of the library as header_bytes_max, and counted there
    "headers_max",
    "mailbox_bytes_max",
    "mailbox_inputs_max",
    // commands of the operator, who reads why they were refused
    "operator_blocks_max",
    "operator_body_bytes_max",
    "operator_commands_max",
    "operator_message_bytes",
    "operator_sentence_bytes_max",
    // what is not packed now is packed later, or stays as it is
    "pack_due_max",
    "pack_step_bytes",
    "reaches_max",
    "room_gather",
    "retry_after",
    // refused like a room that is not there: no honest link has such a name
    "room_name_units_max",
    "round_ops_max",
    "segment_bytes_max",
    "segment_record_bytes_max",
    "segment_records_max",
    "socket_messages_a_turn_max",
    "socket_path_bytes_max",
    "socket_pong_bytes",
    "socket_read_bytes",
    "store_cache_bytes",
    "store_commit_bytes_max",
    "store_copy_block_bytes",
    "store_heal_every",
    "store_loads_max",
    "store_page_documents_max",
    "store_probe_bytes",
    "store_requests_max",
    // counted as task_within
    "task_file_within",
    "task_looked_bytes_max",
    "task_page_bytes",
    "task_page_max",
    "task_room_bodies_max",
    "task_room_idle",
    "task_rooms_looked_max",
    "task_rooms_page_max",
    "waiting_bytes_max",
    "waiting_messages_max",
    // a worker that comes up to one of them is counted among the compactions that failed
    "worker_cpu_seconds_max",
    "worker_input_bytes_max",
    "worker_memory_bytes_max",
    "worker_output_bytes_max",
    "worker_reason_bytes_max",
    "worker_stack_bytes",
    "worker_within",
];

/// The names of the constants in a file, in lower case.
fn constants(source: &str) -> BTreeSet<String> {
    let names =
        source.lines().filter_map(|line| line.strip_prefix("pub const ")?.split(':').next());
    names.map(str::to_ascii_lowercase).collect()
}

#[test]
fn every_limit_that_refuses_something_is_counted() {
    let ours = constants(include_str!("../../src/limits.rs"));
    let shared = constants(include_str!("../../../protocol/src/limits.rs"));
    let counted: BTreeSet<&str> = Limit::ALL.iter().map(|limit| limit.name()).collect();
    for name in &counted {
        let is_constant = ours.contains(*name) || shared.contains(*name);
        assert!(is_constant || *name == "guard", "no limit is called {name}");
    }
    for name in &ours {
        let is_silent = REFUSE_NOTHING.contains(&name.as_str());
        assert!(counted.contains(name.as_str()) != is_silent, "is {name} counted when it is hit?");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_in_the_documentation_and_the_other_way_round() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let scraped = scrape(&relay);
    let told: BTreeSet<&str> = scraped.types.keys().map(String::as_str).collect();
    let page = rows("Metrics");
    assert_eq!(told, page.iter().map(|row| row[0].trim_matches('`')).collect());
    relay.stop().await;
}

#[test]
fn metrics_may_have_a_listener_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start_with(folder.path(), &["--metrics-listen", "127.0.0.1:0"]);
    let metrics = program.metrics.unwrap();
    assert!(get(program.address, "/metrics", &[]).starts_with("HTTP/1.1 404"));
    // whatever name a scraper knows it by
    let named = [("host", "warroom.internal")];
    assert!(get(metrics, "/metrics", &named).contains("\nwarroom_ready 1\n"));
    assert!(get(metrics, "/api/ready", &named).starts_with("HTTP/1.1 200"));
    for path in ["/", "/sync", "/r/ops"] {
        assert!(get(metrics, path, &named).starts_with("HTTP/1.1 404"), "{path}");
    }
    program.kill();
}

#[test]
fn on_the_common_listener_metrics_are_for_who_knows_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    assert_eq!(program.metrics, None);
    assert!(get(program.address, "/metrics", &[]).starts_with("HTTP/1.1 200"));
    let foreign = [("host", "evil.example")];
    assert!(get(program.address, "/metrics", &foreign).starts_with("HTTP/1.1 421"));
    program.kill();
}
