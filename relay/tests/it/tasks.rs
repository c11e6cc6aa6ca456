//! Goal: a program that speaks HTTP alone does to a board what people do, at once and for good, and whatever it sends it is
//! answered in a sentence, never with a failure. Method: requests as bytes on loopback, against a relay that native clients
//! have open.

use std::sync::Arc;

use serde_json::{Value, json};
use warroom_engine::{Board, CardId, ColumnId, Command, Delta, Position, Splice, TextTarget};
use warroom_protocol::{DocumentId, StorageId};
use warroom_relay::limits::{TASK_BODY_BYTES_MAX, TASK_PAGE_MAX};
use warroom_relay::store::{PageRequest, Store, StoreThread};

use crate::api::{ask, get, put, relay};
use crate::disk::FaultyDisk;
use crate::gate::GatedStore;
use crate::peer::{Peer, Replica};
use crate::people::open;
use crate::relay::{Relay, within};

/// Makes a task in the room `ops` and gives it.
fn make(relay: &Relay, body: &Value) -> Value {
    let made = put(relay, "POST /api/rooms/ops/tasks", body);
    assert_eq!(made.status, 201, "{made:?}");
    made.json()
}

fn card(id: &str) -> CardId {
    CardId::new(id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_made_read_changed_and_deleted() {
    let (_folder, relay) = relay().await;
    let made = put(
        &relay,
        "POST /api/rooms/ops/tasks",
        &json!({
            "id": "ship", "title": "Ship it", "body": "Before **Friday** 🚀\n", "column": "doing",
            "labels": ["urgent", "release"], "due": "2026-12-01", "priority": "high",
            "checklist": [{"text": "tag"}, {"text": "build", "done": true}],
        }),
    );
    assert_eq!((made.status, made.header("location")), (201, Some("/api/rooms/ops/tasks/ship")));
    let task = made.json();
    assert_eq!(task["title"], "Ship it");
    assert_eq!(task["body"], "Before **Friday** 🚀\n");
    assert_eq!(task["column"], json!({"id": "doing", "name": "Doing"}));
    let mut labels: Vec<_> =
        task["labels"].as_array().unwrap().iter().map(|label| &label["name"]).collect();
    labels.sort_by_key(ToString::to_string);
    assert_eq!(labels, ["release", "urgent"]);
    assert_eq!((&task["due"], &task["priority"]), (&json!("2026-12-01"), &json!("high")));
    assert_eq!(task["checklist"][1]["text"], "build");
    assert_eq!(task["checklist"][1]["done"], true);
    assert_eq!(task["created"]["by"], json!({"id": "http", "name": "HTTP API"}));
    assert_eq!((&task["done"], &task["archived"]), (&Value::Null, &json!(false)));

    let read = get(&relay, "/api/rooms/ops/tasks/ship");
    assert_eq!((read.status, read.json(), read.tag()), (200, task.clone(), made.tag()));
    let listed = get(&relay, "/api/rooms/ops/tasks");
    assert_eq!(listed.json(), json!({"tasks": [task], "next": null}));

    // as it was read, it changes nothing
    let same = put(&relay, "PUT /api/rooms/ops/tasks/ship", &task);
    assert_eq!((same.status, same.json(), same.tag()), (200, task.clone(), made.tag()));

    let fields = json!({"body": "Done", "column": "Done", "labels": ["release"], "due": null});
    let changed = put(&relay, "PATCH /api/rooms/ops/tasks/ship", &fields);
    let now = changed.json();
    assert_eq!((changed.status, &now["body"]), (200, &json!("Done")));
    assert_eq!((&now["column"]["id"], &now["done"]["by"]["id"]), (&json!("done"), &json!("http")));
    assert_eq!((now["labels"].as_array().unwrap().len(), &now["due"]), (1, &Value::Null));
    assert_eq!((&now["title"], &now["checklist"]), (&task["title"], &task["checklist"]));

    let items = &task["checklist"];
    let turned = json!([items[1], {"text": "announce"}, items[0]]);
    let whole = json!({"title": "Shipped", "checklist": turned});
    let replaced = put(&relay, "PUT /api/rooms/ops/tasks/ship", &whole).json();
    let texts: Vec<_> =
        replaced["checklist"].as_array().unwrap().iter().map(|item| &item["text"]).collect();
    assert_eq!(texts, ["build", "announce", "tag"]);
    assert_eq!(replaced["checklist"][0], items[1], "the same item, elsewhere");
    assert_eq!((&replaced["body"], &replaced["labels"]), (&json!(""), &json!([])));
    assert_eq!(replaced["priority"], "normal");
    assert_eq!(replaced["column"]["id"], "done", "what places it stays");

    assert_eq!(
        put(&relay, "PATCH /api/rooms/ops/tasks/ship", &json!({"archived": true})).status,
        200
    );
    assert_eq!(get(&relay, "/api/rooms/ops/tasks").json()["tasks"], json!([]));
    let archive = get(&relay, "/api/rooms/ops/tasks?archived=true").json();
    assert_eq!(archive["tasks"][0]["archived"], true);

    assert_eq!(ask(relay.address, "DELETE /api/rooms/ops/tasks/ship", &[], &[]).status, 204);
    for line in ["GET", "DELETE"] {
        let line = format!("{line} /api/rooms/ops/tasks/ship");
        assert_eq!(ask(relay.address, &line, &[], &[]).status, 404, "{line}");
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_board_open_sees_what_a_program_does_and_the_other_way_round() {
    let (_folder, relay) = relay().await;
    let anna = open(relay.address, "ops", "anna");
    anna.board().await.unwrap();
    make(&relay, &json!({"id": "a", "title": "by HTTP", "body": "one two three"}));
    let has_come = |board: &Board| {
        board.card(&card("a")).is_some_and(|card| card.title == "by HTTP" && card.has_body)
    };
    within("the task", anna.board_when(has_come)).await.unwrap();

    let mut deltas = anna.deltas();
    let text = TextTarget::Body { card: card("a") };
    anna.command(Command::OpenText { text: text.clone() }).await.unwrap();
    let opened = async {
        loop {
            for delta in deltas.recv().await.unwrap().iter() {
                if let Delta::TextOpened { content, .. } = delta
                    && !content.is_empty()
                {
                    return content.clone();
                }
                if let Delta::TextSpliced { splice, .. } = delta {
                    return splice.insert.clone();
                }
            }
        }
    };
    assert_eq!(within("the body", opened).await, "one two three");
    let splice = Splice { at: 0, delete: 0, insert: "zero ".to_owned() };
    anna.command(Command::EditText { text: text.clone(), seen: 0, splice }).await.unwrap();
    anna.command(Command::CloseText { text }).await.unwrap();
    let (id, column) = (card("a"), ColumnId::new("doing").unwrap());
    let edit = anna.command(Command::MoveCard { id, column, position: Position::End }).await;
    within("the edit", anna.saved(edit.unwrap())).await.unwrap();

    let read = get(&relay, "/api/rooms/ops/tasks/a").json();
    assert_eq!(read["column"]["id"], "doing", "what was saved is read");
    assert!(read["body"].as_str().unwrap().contains("zero "), "{read}");
    assert_eq!(read["title"], "by HTTP");
    anna.close().await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_changed_meanwhile_is_not_written_over() {
    let (_folder, relay) = relay().await;
    make(&relay, &json!({"id": "a", "title": "a", "body": "text"}));
    let first = get(&relay, "/api/rooms/ops/tasks/a");
    make(&relay, &json!({"id": "b", "title": "another"}));
    let line = "PATCH /api/rooms/ops/tasks/a";
    let patch =
        |tag: &str, body: &str| ask(relay.address, line, &[("if-match", tag)], body.as_bytes());
    let second = patch(first.tag(), r#"{"body": "more text"}"#);
    assert_eq!(second.status, 200, "another task is no reason: {second:?}");
    assert_ne!(second.tag(), first.tag(), "a body counts");
    for tag in [first.tag(), r#""x""#, &format!("W/{}", second.tag())] {
        let refused = patch(tag, r#"{"title": "mine"}"#);
        assert_eq!(refused.status, 412, "{tag}: {refused:?}");
        let delete = "DELETE /api/rooms/ops/tasks/a";
        assert_eq!(ask(relay.address, delete, &[("if-match", tag)], &[]).status, 412);
    }
    let either = format!("{}, {}", first.tag(), second.tag());
    assert_eq!(patch(&either, r#"{"title": "mine"}"#).status, 200);
    assert_eq!(patch("*", r#"{"title": "anybody's"}"#).status, 200);
    let now = get(&relay, "/api/rooms/ops/tasks/a");
    let known = [("if-none-match", now.tag())];
    let again = ask(relay.address, "GET /api/rooms/ops/tasks/a", &known, &[]);
    assert_eq!((again.status, again.body.as_str(), again.tag()), (304, "", now.tag()));
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_have_each_task_once() {
    let (_folder, relay) = relay().await;
    for number in 0..7 {
        make(
            &relay,
            &json!({"id": format!("t{number}"), "title": "t", "body": format!("{number}")}),
        );
    }
    let (mut told, mut path) = (Vec::new(), "/api/rooms/ops/tasks?limit=3".to_owned());
    loop {
        let page = get(&relay, &path).json();
        let tasks = page["tasks"].as_array().unwrap();
        assert!(tasks.len() <= 3, "{page}");
        told.extend(tasks.iter().map(|task| (task["id"].to_string(), task["body"].to_string())));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/rooms/ops/tasks?limit=3&after={next}");
    }
    let all: Vec<_> = (0..7).map(|n| (format!("\"t{n}\""), format!("\"{n}\""))).collect();
    assert_eq!(told, all);
    let over = get(&relay, &format!("/api/rooms/ops/tasks?limit={}", TASK_PAGE_MAX + 1));
    assert_eq!(over.json()["tasks"].as_array().unwrap().len(), 7);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_makes_no_room_and_writing_does() {
    let store = StoreThread::open(FaultyDisk::default(), &StorageId::new("s").unwrap()).unwrap();
    let store = Arc::new(store);
    let relay = Relay::with_store(Arc::clone(&store) as Arc<dyn Store>).await;
    let documents = async || {
        let page = PageRequest { after: None, documents_max: 10 };
        let page = store.list(page).await.unwrap();
        page.documents.into_iter().map(|meta| meta.document_id).collect::<Vec<_>>()
    };
    for path in ["/api/tasks", "/api/rooms/nobody/tasks", "/api/tasks"] {
        assert_eq!(get(&relay, path).json(), json!({"tasks": [], "next": null}), "{path}");
    }
    assert_eq!(get(&relay, "/api/tasks/none").status, 404);
    assert_eq!(documents().await, [], "nothing is stored");
    let made = put(&relay, "POST /api/tasks", &json!({"title": "first"}));
    assert_eq!(made.status, 201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), Some(format!("/api/tasks/{id}").as_str()));
    assert!(documents().await.contains(&DocumentId::from_room_name("default")));
    for room in ["default", &format!("automerge:{}", DocumentId::from_room_name("default"))] {
        let listed = get(&relay, &format!("/api/rooms/{room}/tasks")).json();
        assert_eq!(listed["tasks"][0]["title"], "first", "{room}");
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "a thread that ends with its answer")]
async fn nothing_is_answered_before_it_is_durable() {
    let store = GatedStore::new();
    let relay = Relay::with_store(Arc::clone(&store) as Arc<dyn Store>).await;
    let address = relay.address;
    let asking = std::thread::spawn(move || {
        ask(address, "POST /api/tasks", &[], br#"{"id": "a", "title": "a"}"#)
    });
    store.waiting().await;
    // as long as it takes to answer others
    for _ in 0..20 {
        assert_eq!(get(&relay, "/api/health").status, 200);
    }
    assert!(!asking.is_finished(), "an append still stands at the gate");
    store.let_through(1_000);
    let made = asking.join().unwrap();
    assert_eq!(made.status, 201, "{made:?}");
    let stored = store.load(DocumentId::from_room_name("default")).await.unwrap();
    assert!(!stored.changes.is_empty());
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_the_room_s_own_and_over_with_the_next_request() {
    let store = GatedStore::new();
    store.let_through(1_000);
    let relay = Relay::with_store(Arc::clone(&store) as Arc<dyn Store>).await;
    let made = put(&relay, "POST /api/rooms/other/tasks", &json!({"title": "other"}));
    assert_eq!(made.status, 201);
    store.panic_once();
    let failed = get(&relay, "/api/rooms/ops/tasks");
    assert_eq!(failed.status, 500, "{failed:?}");
    assert_eq!(failed.header("content-type"), Some("application/problem+json"));
    for room in ["ops", "other"] {
        assert_eq!(get(&relay, &format!("/api/rooms/{room}/tasks")).status, 200, "{room}");
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_is_told_and_what_is_stored_is_read() {
    let disk = FaultyDisk::default();
    let relay = Relay::on_disk(disk.clone()).await;
    assert_eq!(put(&relay, "POST /api/tasks", &json!({"id": "a", "title": "a"})).status, 201);
    disk.fail_after(0);
    let refused = put(&relay, "POST /api/tasks", &json!({"title": "b"}));
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")), "{refused:?}");
    relay.until("/api/ready", |answer| answer.contains(r#""reason":"store""#)).await;
    let refused = put(&relay, "POST /api/tasks", &json!({"title": "c"}));
    assert_eq!((refused.status, &refused.json()["reason"]), (503, &json!("store")));
    disk.repair();
    relay.until("/api/ready", |answer| answer.contains("200 OK")).await;
    assert_eq!(get(&relay, "/api/tasks/a").json()["title"], "a");
    assert_eq!(put(&relay, "POST /api/tasks", &json!({"title": "d"})).status, 201);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_no_board_reads_as_an_empty_one() {
    let (_folder, relay) = relay().await;
    let mut peer = Peer::join(relay.address, "stock").await;
    let mut foreign = Replica::new("ops");
    foreign.put("cards", 7);
    foreign.put_text("columns", "no map");
    foreign.save(&mut peer).await;
    let listed = get(&relay, "/api/rooms/ops/tasks");
    assert_eq!((listed.status, &listed.json()["tasks"]), (200, &json!([])));
    let made = put(&relay, "POST /api/rooms/ops/tasks", &json!({"title": "t", "body": "b"}));
    assert!(made.status < 500, "{made:?}");
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_are_refused() {
    let (_folder, relay) = relay().await;
    let body = br#"{"title": "forged"}"#;
    for (headers, status) in [
        ([("origin", "https://evil.example"), ("host", "localhost")], 403),
        ([("origin", "null"), ("host", "localhost")], 403),
        ([("origin", "http://localhost:5173"), ("host", "evil.example")], 421),
        ([("origin", "http://localhost:5173"), ("host", "localhost")], 201),
    ] {
        let answered = ask(relay.address, "POST /api/tasks", &headers, body);
        assert_eq!(answered.status, status, "{headers:?}: {answered:?}");
        assert_eq!(answered.header("access-control-allow-origin"), None);
    }
    assert_eq!(get(&relay, "/api/tasks").json()["tasks"].as_array().unwrap().len(), 1);
    relay.stop().await;
}

/// Bodies that are refused: what is sent, and with which status.
fn refused_bodies() -> Vec<(Vec<u8>, u16)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let long = |count: usize| "x".repeat(count);
    let many = |count: usize, what: &str| vec![what; count].join(",");
    vec![
        (text(""), 400),
        (text("{"), 400),
        (text("null"), 422),
        (text("[]"), 422),
        (text("7"), 422),
        (text(r#""title""#), 422),
        (text("{}"), 422),
        (text(r#"{"title": 7}"#), 422),
        (text(r#"{"title": null}"#), 422),
        (text(r#"{"title": {"a": 1}}"#), 422),
        (text(r#"{"title": "a", "title": "b"}"#), 422),
        (text(r#"{"title": "a", "titel": "b"}"#), 422),
        (text(r#"{"title": "a"} more"#), 400),
        (text(r#"{"title": "\ud800"}"#), 400),
        (b"{\"title\": \"\xff\xfe\"}".to_vec(), 400),
        (b"\xef\xbb\xbf{\"title\": \"a\"}".to_vec(), 400),
        (text(&format!(r#"{{"title": "{}"}}"#, long(1_001))), 422),
        (text(&format!(r#"{{"title": "a", "body": "{}"}}"#, long(500_001))), 422),
        (text(r#"{"title": "a", "column": "nowhere"}"#), 422),
        (text(r#"{"title": "a", "column": 7}"#), 422),
        (text(r#"{"title": "a", "column": {"name": "Doing"}}"#), 422),
        (text(r#"{"title": "a", "labels": "one"}"#), 422),
        (text(r#"{"title": "a", "labels": [{"id": "none"}]}"#), 422),
        (text(&format!(r#"{{"title": "a", "labels": ["{}"]}}"#, long(201))), 422),
        (text(&format!(r#"{{"title": "a", "labels": [{}]}}"#, numbered(51))), 422),
        (text(r#"{"title": "a", "assignees": ["stranger"]}"#), 422),
        (text(r#"{"title": "a", "due": "tomorrow"}"#), 422),
        (text(r#"{"title": "a", "due": "2026-02-30"}"#), 422),
        (text(r#"{"title": "a", "due": 1}"#), 422),
        (text(r#"{"title": "a", "priority": "extreme"}"#), 422),
        (text(r#"{"title": "a", "checklist": [{}]}"#), 422),
        (text(r#"{"title": "a", "checklist": [{"text": "x", "done": "yes"}]}"#), 422),
        (
            text(&format!(r#"{{"title": "a", "checklist": [{}]}}"#, many(201, r#"{"text":"x"}"#))),
            422,
        ),
        (text(r#"{"title": "a", "archived": "no"}"#), 422),
        (text(r#"{"title": "a", "position": {"at": "middle"}}"#), 422),
        (text(r#"{"title": "a", "id": ""}"#), 422),
        (text(r#"{"title": "a", "id": "../../etc"}"#), 422),
        (text(&format!(r#"{{"title": "a", "id": "{}"}}"#, long(65))), 422),
        (text(r#"{"title": "a", "id": "taken"}"#), 409),
        ([vec![b'['; 100_000], vec![b']'; 100_000]].concat(), 422),
        (text(&format!(r#"{{"labels": {}1{}}}"#, "[".repeat(500), "]".repeat(500))), 400),
        (vec![b' '; TASK_BODY_BYTES_MAX + 1], 413),
    ]
}

/// That many names, each another.
fn numbered(count: usize) -> String {
    (0..count).map(|number| format!("\"l{number}\"")).collect::<Vec<_>>().join(",")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_wrong_is_refused_in_a_sentence_and_leaves_nothing() {
    let (_folder, relay) = relay().await;
    make(&relay, &json!({"id": "taken", "title": "there"}));
    let before = get(&relay, "/api/rooms/ops/tasks");
    let mut wrong = Vec::new();
    for (body, status) in refused_bodies() {
        let shown: String = String::from_utf8_lossy(&body).chars().take(80).collect();
        let refused = ask(relay.address, "POST /api/rooms/ops/tasks", &[], &body);
        if refused.status != status {
            wrong.push((shown, status, refused));
            continue;
        }
        assert_eq!(refused.header("content-type"), Some("application/problem+json"), "{shown}");
        let problem = refused.json();
        assert_eq!(problem["status"], status, "{shown}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(' ') && detail.len() < 500, "{shown}: {detail}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let now = get(&relay, "/api/rooms/ops/tasks");
    assert_eq!(now.json(), before.json(), "nothing came of any of them");
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_odd_and_fits_is_kept_as_it_is() {
    let (_folder, relay) = relay().await;
    for title in
        ["", " ", "\u{0}", "a\u{0}b\n\t\u{7f}", "🙈\u{202e}x", "<script>", &"x".repeat(1_000)]
    {
        let made = make(&relay, &json!({"title": title, "body": title}));
        assert_eq!((&made["title"], &made["body"]), (&json!(title), &json!(title)));
    }
    // as long as a chapter, in characters of three bytes
    let body = "あ".repeat(50_000);
    let made = make(&relay, &json!({"title": "long", "body": body}));
    assert!(made["body"] == json!(body), "all of it");
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_wrong_is_refused_in_a_sentence() {
    let (_folder, relay) = relay().await;
    make(&relay, &json!({"id": "a", "title": "a"}));
    let long = "x".repeat(81);
    let json = ("content-type", "application/json");
    let mut wrong = Vec::new();
    for (line, header, status) in [
        ("POST /api/rooms/ops/tasks", ("content-type", ""), 415),
        ("POST /api/rooms/ops/tasks", ("content-type", "text/plain"), 415),
        ("POST /api/rooms/ops/tasks", ("content-type", "application/x-www-form-urlencoded"), 415),
        ("POST /api/rooms/ops/tasks", ("content-type", "application/json; charset=utf-8"), 201),
        ("PATCH /api/rooms/ops/tasks/a", ("content-type", "application/merge-patch+json"), 200),
        ("PUT /api/rooms/ops/tasks", json, 405),
        ("POST /api/rooms/ops/tasks/a", json, 405),
        ("BREW /api/rooms/ops/tasks/a", json, 405),
        ("PATCH /api/rooms/ops/tasks/b", json, 404),
        ("PUT /api/rooms/ops/tasks/b", json, 404),
        ("GET /api/rooms/ops/tasks/..%2F..%2Fetc%2Fpasswd", json, 404),
        ("GET /api/rooms/ops/tasks/%00", json, 404),
        ("GET /api/rooms/ops/tasks/%ff", json, 400),
        ("GET /api/rooms/%ff%fe/tasks", json, 400),
        ("GET /api/rooms/../tasks", json, 200),
        ("GET /api/rooms/a%2F..%2Fb%00/tasks", json, 200),
        ("GET /api/rooms//tasks", json, 404),
        (&format!("GET /api/rooms/{long}/tasks"), json, 404),
        ("GET /api/rooms/automerge:nonsense/tasks", json, 404),
        ("GET /api/rooms/ops/tasks?limit=0", json, 200),
        ("GET /api/rooms/ops/tasks?limit=-1", json, 400),
        ("GET /api/rooms/ops/tasks?limit=many", json, 400),
        ("GET /api/rooms/ops/tasks?limit=99999999999999999999999", json, 400),
        ("GET /api/rooms/ops/tasks?color=red", json, 400),
        ("GET /api/rooms/ops/tasks?after=%ff%00", json, 200),
        ("GET /api/rooms/ops/tasks?archived=perhaps", json, 400),
        ("GET /api/rooms/ops/tasks/a", ("if-none-match", "nonsense"), 200),
        ("PATCH /api/rooms/ops/tasks/a", ("if-match", "nonsense"), 412),
        ("PATCH /api/rooms/ops/tasks/a", ("if-match", "\u{e9}"), 400),
        ("HEAD /api/rooms/ops/tasks/a", json, 200),
        ("GET /api/nothing", json, 404),
        ("DELETE /api/nothing", json, 404),
    ] {
        let answered = ask(relay.address, line, &[header], br#"{"title": "x"}"#);
        if answered.status != status {
            wrong.push((line.to_owned(), header, status, answered));
        } else if status >= 400 {
            let problem = answered.json();
            assert_eq!(problem["status"], status, "{line}");
            assert!(problem["detail"].as_str().unwrap().contains(' '), "{line}: {problem}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    relay.stop().await;
}
