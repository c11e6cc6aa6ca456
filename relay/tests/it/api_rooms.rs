//! Goal: a program that speaks HTTP alone finds, makes and names rooms, reads what happened there, and takes them out and in as
//! files. Method: requests as bytes on loopback, with the board as another request shows it as the judge.

use std::fmt::Write as _;

use serde_json::{Value, json};
use warroom_engine::limits::IMPORT_BYTES_MAX;
use warroom_relay::limits::{TASK_FILE_BODIES_MAX, TASK_PAGE_MAX};

use crate::api::{ask, get, put, relay};
use crate::people::{add_column, open};
use crate::relay::{Relay, within};

/// Makes a task in a room.
fn make(relay: &Relay, room: &str, body: &Value) {
    let made = put(relay, &format!("POST /api/rooms/{room}/tasks"), body);
    assert_eq!(made.status, 201, "{made:?}");
}

/// The tasks of a room without what no file but our own has: ids, order, people, when.
fn faces(relay: &Relay, room: &str) -> Vec<Value> {
    let listed = get(relay, &format!("/api/rooms/{room}/tasks?archived=true")).json();
    let mut faces: Vec<Value> = listed["tasks"].as_array().unwrap().iter().map(face).collect();
    faces.sort_by_key(|face| face["title"].to_string());
    faces
}

fn face(task: &Value) -> Value {
    let names = |list: &Value| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|each| each["name"].clone()).collect()
    };
    json!({
        "title": task["title"], "body": task["body"], "column": task["column"]["name"],
        "labels": names(&task["labels"]), "due": task["due"], "archived": task["archived"],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_made_found_and_named() {
    let (_folder, relay) = relay().await;
    assert_eq!(get(&relay, "/api/rooms").json(), json!({"rooms": [], "next": null}));
    let made = put(&relay, "POST /api/rooms", &json!({"room": "ops", "name": "Operations"}));
    assert_eq!((made.status, &made.json()["name"]), (201, &json!("Operations")), "{made:?}");
    let at = made.header("location").unwrap();
    assert_eq!(get(&relay, at).json(), get(&relay, "/api/rooms/ops").json());
    assert_eq!(put(&relay, "POST /api/rooms", &json!({"room": "ops"})).status, 409);
    let unnamed = put(&relay, "POST /api/rooms", &json!({}));
    assert_eq!((unnamed.status, &unnamed.json()["name"]), (201, &json!("")), "{unnamed:?}");

    make(&relay, "ops", &json!({"title": "t", "body": "a document of its own", "labels": ["l"]}));
    let face = get(&relay, "/api/rooms/ops");
    let columns = face.json()["columns"].clone();
    assert_eq!(
        columns[0],
        json!({"id": "todo", "name": "To do", "role": "todo", "wip": null, "colour": null})
    );
    assert_eq!(
        (&face.json()["tasks"], &face.json()["labels"][0]["name"]),
        (&json!(1), &json!("l"))
    );

    let rooms = get(&relay, "/api/rooms").json();
    let mut names: Vec<_> =
        rooms["rooms"].as_array().unwrap().iter().map(|room| room["name"].clone()).collect();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, ["", "Operations"], "rooms alone: no bodies, no talk");
    let first = get(&relay, "/api/rooms?limit=1").json();
    let next = first["next"].as_str().unwrap();
    let second = get(&relay, &format!("/api/rooms?limit=1&after={next}")).json();
    assert_ne!(first["rooms"][0]["id"], second["rooms"][0]["id"]);

    let rename = |tag: &str, name: &str| {
        let body = json!({"name": name}).to_string();
        ask(relay.address, "PATCH /api/rooms/ops", &[("if-match", tag)], body.as_bytes())
    };
    let renamed = rename(face.tag(), "War room");
    assert_eq!((renamed.status, &renamed.json()["name"]), (200, &json!("War room")));
    assert_eq!(rename(face.tag(), "mine").status, 412);
    assert_eq!(rename("*", &"x".repeat(201)).status, 422);
    let anna = open(relay.address, "ops", "anna");
    within("the name", anna.board_when(|board| board.title() == "War room")).await.unwrap();
    anna.close().await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_told_newest_first_and_each_once() {
    let (_folder, relay) = relay().await;
    let anna = open(relay.address, "ops", "anna");
    let edit = anna.command(add_column("ideas")).await.unwrap();
    within("the edit", anna.saved(edit)).await.unwrap();
    for number in 0..3 {
        make(&relay, "ops", &json!({"id": format!("t{number}"), "title": "t", "column": "ideas"}));
    }
    let deleted = ask(relay.address, "DELETE /api/rooms/ops/tasks/t1", &[], &[]);
    assert_eq!(deleted.status, 204);
    let all = get(&relay, "/api/rooms/ops/activity").json();
    let told = all["activity"].as_array().unwrap();
    assert_eq!((&told[0]["what"]["type"], &told[0]["card"]), (&json!("deleted"), &json!("t1")));
    assert_eq!(told[0]["by"], "http");
    let people: Vec<_> =
        all["people"].as_array().unwrap().iter().map(|person| &person["id"]).collect();
    assert_eq!(people, ["anna", "http"]);
    let (mut paged, mut path) = (Vec::new(), "/api/rooms/ops/activity?limit=2".to_owned());
    loop {
        let page = get(&relay, &path).json();
        paged.extend(page["activity"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/rooms/ops/activity?limit=2&before={next}");
    }
    assert_eq!(&paged, told);
    assert_eq!(get(&relay, "/api/rooms/ops/activity?before=yesterday").status, 422);
    anna.close().await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_goes_into_a_file_and_comes_out_of_it() {
    let (_folder, one) = relay().await;
    make(
        &one,
        "ops",
        &json!({"title": "a", "body": "line\n\nline 🚀", "labels": ["x"], "due": "2026-12-01"}),
    );
    make(&one, "ops", &json!({"title": "b", "column": "Doing"}));
    make(&one, "ops", &json!({"title": "c, \"quoted\"", "column": "To do", "archived": true}));
    let before = faces(&one, "ops");
    for (format, kind) in [
        ("json", "application/json"),
        ("markdown", "text/markdown; charset=utf-8"),
        ("csv", "text/csv; charset=utf-8"),
        ("automerge", "application/octet-stream"),
    ] {
        let path = format!("/api/rooms/ops/export?format={format}");
        let address = one.address;
        let file = ask_bytes(address, &path);
        assert!(file.0.contains(&format!("content-type: {kind}\r\n")), "{}", file.0);
        assert!(
            file.0.contains("content-disposition: attachment; filename=\"board."),
            "{}",
            file.0
        );
        let (_folder, other) = relay().await;
        let line = format!("POST /api/rooms/ops/import?format={format}");
        let read = ask(other.address, &line, &[], &file.1);
        assert_eq!((read.status, &read.json()["cards"]), (200, &json!(3)), "{format}: {read:?}");
        assert_eq!(faces(&other, "ops"), before, "{format}");
        let again = ask(other.address, &line, &[], &file.1);
        let brought = if format == "automerge" { 0 } else { 3 };
        assert_eq!((again.status, &again.json()["cards"]), (200, &json!(brought)), "{format}");
        other.stop().await;
    }
    one.stop().await;
}

/// Head and bytes of the answer to `GET path`.
fn ask_bytes(address: std::net::SocketAddr, path: &str) -> (String, Vec<u8>) {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end + 2].to_vec()).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    (head, answer[end + 4..].to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_of_trello_is_read() {
    let (_folder, relay) = relay().await;
    let board = json!({
        "name": "From Trello",
        "lists": [{"id": "l", "name": "Backlog", "closed": false, "pos": 1}],
        "cards": [{"id": "c", "name": "card", "desc": "text", "idList": "l", "closed": false, "pos": 1}],
    });
    let read = put(&relay, "POST /api/rooms/ops/import?format=trello", &board);
    assert_eq!((read.status, &read.json()["cards"]), (200, &json!(1)), "{read:?}");
    let face = &faces(&relay, "ops")[0];
    assert_eq!((&face["column"], &face["body"]), (&json!("Backlog"), &json!("text")));
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_many_bodies_comes_in_whole_and_one_of_too_many_not_at_all() {
    let (_folder, relay) = relay().await;
    let import = |count: usize| {
        let mut file = "title,body\r\n".to_owned();
        for number in 0..count {
            write!(file, "t{number},body {number}\r\n").unwrap();
        }
        let line = "POST /api/rooms/ops/import?format=csv";
        ask(relay.address, line, &[("content-type", "text/csv")], file.as_bytes())
    };
    assert_eq!(import(TASK_FILE_BODIES_MAX + 1).status, 422);
    let count = TASK_PAGE_MAX + 20;
    let read = import(count);
    assert_eq!((read.status, &read.json()["cards"]), (200, &json!(count)), "{read:?}");
    let (mut told, mut path) = (0, "/api/rooms/ops/tasks".to_owned());
    loop {
        let page = get(&relay, &path).json();
        for task in page["tasks"].as_array().unwrap() {
            let number = task["title"].as_str().unwrap().trim_start_matches('t');
            assert_eq!(task["body"], format!("body {number}"));
            told += 1;
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/rooms/ops/tasks?after={next}");
    }
    assert_eq!(told, count);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_about_a_room_that_is_wrong_is_refused_in_a_sentence() {
    let (_folder, relay) = relay().await;
    make(&relay, "ops", &json!({"title": "t"}));
    let (_, history) = ask_bytes(relay.address, "/api/rooms/ops/export?format=automerge");
    let before = get(&relay, "/api/rooms/ops/tasks").json();
    let long = vec![b' '; IMPORT_BYTES_MAX + 1];
    let text = |text: &str| text.as_bytes().to_vec();
    let mut wrong = Vec::new();
    for (line, body, status) in [
        ("GET /api/rooms/ops/export", text(""), 400),
        ("GET /api/rooms/ops/export?format=", text(""), 400),
        ("GET /api/rooms/ops/export?format=xls", text(""), 400),
        ("GET /api/rooms/ops/export?format=trello", text(""), 422),
        ("POST /api/rooms/ops/export?format=json", text("{}"), 405),
        ("GET /api/rooms/ops/import?format=json", text(""), 405),
        ("POST /api/rooms/ops/import", text("{}"), 400),
        ("POST /api/rooms/ops/import?format=json", text(""), 422),
        ("POST /api/rooms/ops/import?format=json", text("{}"), 422),
        (
            "POST /api/rooms/ops/import?format=json",
            text(r#"{"format":"warroom-board","version":9}"#),
            422,
        ),
        ("POST /api/rooms/ops/import?format=json", vec![b'['; 1_000_000], 422),
        ("POST /api/rooms/ops/import?format=csv", vec![0xff, 0xfe, 0], 422),
        ("POST /api/rooms/ops/import?format=csv", text("\"title"), 422),
        ("POST /api/rooms/ops/import?format=csv", long, 413),
        ("POST /api/rooms/ops/import?format=trello", text("[]"), 422),
        ("POST /api/rooms/ops/import?format=automerge", text("no room"), 422),
        ("POST /api/rooms/ops/import?format=automerge", history[..history.len() - 1].to_vec(), 422),
        ("POST /api/rooms/other/import?format=automerge", history, 422),
        ("GET /api/rooms?limit=x", text(""), 400),
        ("GET /api/rooms?after=nothing", text(""), 422),
        ("DELETE /api/rooms", text(""), 405),
        ("POST /api/rooms", text("[7]"), 422),
        ("POST /api/rooms", text(r#"{"room": 7}"#), 422),
        ("POST /api/rooms", text(r#"{"room": ""}"#), 404),
        ("POST /api/rooms", text(r#"{"room": "automerge:x"}"#), 404),
        ("POST /api/rooms", text(r#"{"title": "x"}"#), 422),
        ("PATCH /api/rooms/ops", text("{}"), 422),
        ("PATCH /api/rooms/ops", text(r#"{"name": null}"#), 422),
        ("GET /api/rooms/%ff", text(""), 400),
        ("GET /api/rooms/ops/activity?limit=-1", text(""), 400),
        ("GET /api/rooms/ops/activity?before=%00", text(""), 422),
    ] {
        let answered = ask(relay.address, line, &[], &body);
        if answered.status != status {
            wrong.push((line, status, answered));
            continue;
        }
        let problem = answered.json();
        assert_eq!(problem["status"], status, "{line}");
        assert!(problem["detail"].as_str().unwrap().contains(' '), "{line}: {problem}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(get(&relay, "/api/rooms/ops/tasks").json(), before, "nothing came of any of them");
    relay.stop().await;
}
