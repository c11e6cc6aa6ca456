//! Exports of Trello: a thousand cards of the shape that they have, and what becomes of each part.

use serde_json::{Value, json};
use warroom_engine::limits::{CHECKLIST_ITEMS_MAX, COMMENT_UNITS_MAX, TITLE_UNITS_MAX};
use warroom_engine::{Board, Card, Colour, Import, ImportFormat, TextFormat};

use super::held::by_markdown;
use super::room::{Room, importer, read};
use crate::world::user;

/// An id as Trello makes them: seconds since 1970 in hex, and a number.
fn id(number: usize) -> String {
    format!("{:08x}{number:016x}", 1_480_000_000 + number)
}

const LISTS: [&str; 5] = ["Triage", "Backlog", "Doing", "Done", "Old"];
const COLOURS: [&str; 6] = ["green", "yellow", "purple", "sky", "black_dark", "lime_light"];
const MEMBERS: [&str; 3] = ["Ann Example", "Bo Example", "Cy Example"];

fn list(number: usize) -> Value {
    json!({
        "id": id(100 + number), "name": LISTS[number], "closed": LISTS[number] == "Old", "color": null,
        "idBoard": id(1), "pos": 65_535.5 * [5.0, 4.0, 3.0, 2.0, 1.0][number], "subscribed": false, "softLimit": null,
        "creationMethod": null, "idOrganization": id(2), "limits": {}, "nodeId": "ari:cloud:trello::list/x"
    })
}

fn label(number: usize) -> Value {
    let name = if number == 3 { String::new() } else { format!("Label {number}") };
    json!({
        "id": id(200 + number), "idBoard": id(1), "idOrganization": id(2), "name": name, "color": COLOURS[number],
        "uses": 3
    })
}

fn member(number: usize) -> Value {
    json!({
        "id": id(300 + number), "avatarHash": null, "avatarUrl": null, "bio": "", "confirmed": true,
        "fullName": MEMBERS[number], "initials": "XE", "memberType": "normal", "username": format!("m{number}")
    })
}

fn attachments(number: usize) -> Value {
    if !number.is_multiple_of(10) {
        return json!([]);
    }
    json!([{
        "id": id(9_000 + number), "bytes": 1_234, "date": "2026-01-01T00:00:00.000Z", "edgeColor": null,
        "idMember": id(300), "isUpload": true, "mimeType": "image/png", "name": "a [b].png", "previews": [],
        "url": "https://trello.com/1/cards/x/attachments/y/download/a b.png", "pos": 16_384, "fileName": "a.png"
    }])
}

fn card(number: usize) -> Value {
    let labels: Vec<Value> = (0..number % 3).map(|step| label((number + step) % 6)).collect();
    let label_ids: Vec<Value> = labels.iter().map(|label| label["id"].clone()).collect();
    let due =
        number.is_multiple_of(4).then(|| format!("2026-03-{:02}T09:00:00.000Z", number % 28 + 1));
    let desc = if number.is_multiple_of(2) {
        format!("About *{number}*\n\nMore, \"quoted\"")
    } else {
        String::new()
    };
    json!({
        "id": id(1_000 + number), "address": null, "badges": { "comments": 1, "checkItems": 2, "due": due },
        "checkItemStates": null, "closed": number % 50 == 49, "coordinates": null, "creationMethod": null,
        "cover": { "color": null, "idAttachment": null, "size": "normal" },
        "customFieldItems": [], "dateLastActivity": "2026-02-03T04:05:06.789Z", "desc": desc, "descData": { "emoji": {} },
        "due": due, "dueComplete": number.is_multiple_of(8), "dueReminder": -1, "email": null, "idAttachmentCover": null,
        "idBoard": id(1), "idChecklists": [], "idLabels": label_ids, "idList": id(100 + number % 5),
        "idMembers": (0..number % 3).map(|step| id(300 + step)).collect::<Vec<_>>(), "idMembersVoted": if number == 0 { vec![id(301)] } else { Vec::new() },
        "idShort": number, "isTemplate": false, "labels": labels, "limits": {}, "locationName": null,
        "manualCoverAttachment": false, "name": format!("Card {number} \u{1F600} (with, signs)"),
        "pluginData": [], "pos": (2_000 - number) * 16_384, "shortLink": "abcdefgh",
        "shortUrl": "https://trello.com/c/abcdefgh", "start": null, "subscribed": false,
        "url": "https://trello.com/c/abcdefgh/1-card",
        "attachments": attachments(number)
    })
}

fn checklist(number: usize) -> Value {
    let items: Vec<Value> = (0..3)
        .map(|item| {
            json!({
                "idChecklist": id(20_000 + number), "state": if item == 1 { "complete" } else { "incomplete" },
                "id": id(30_000 + number * 3 + item), "name": format!("Step {item}"), "nameData": { "emoji": {} },
                "pos": 16_384 * (3 - item), "due": null, "dueReminder": null, "idMember": null
            })
        })
        .collect();
    json!({
        "id": id(20_000 + number), "name": "Checklist", "idBoard": id(1), "idCard": id(1_000 + number * 3),
        "pos": 16_384, "limits": {}, "checkItems": items, "creationMethod": null
    })
}

fn comment(number: usize, day: usize, text: &str) -> Value {
    json!({
        "id": id(50_000 + number), "idMemberCreator": id(300), "type": "commentCard",
        "data": {
            "text": text, "textData": { "emoji": {} },
            "card": { "id": id(1_000 + number), "name": "x", "idShort": number, "shortLink": "abcdefgh" },
            "board": { "id": id(1), "name": "x" }, "list": { "id": id(100), "name": "Triage" }
        },
        "appCreator": null, "date": format!("2026-01-{day:02}T10:00:00.000Z"), "limits": {},
        "memberCreator": { "id": id(300), "fullName": "Ann Example", "username": "m0", "initials": "AE" }
    })
}

fn edited() -> Value {
    let mut action = comment(0, 10, "Edited");
    action["data"]["dateLastEdited"] = json!("2026-01-16T12:00:00.000Z");
    action["memberCreator"] =
        json!({ "id": id(399), "fullName": "Gone Example", "username": "gone" });
    action
}

fn by_nobody() -> Value {
    let mut action = comment(0, 11, "By nobody");
    action["memberCreator"] = Value::Null;
    action
}

fn created(number: usize) -> Value {
    let mut action = comment(number, 1, "");
    action["type"] = json!("createCard");
    action["memberCreator"] =
        json!({ "id": id(399), "fullName": "Gone Example", "username": "gone" });
    action
}

/// An export of so many cards.
pub(super) fn export(cards: usize) -> Value {
    json!({
        "id": id(1), "nodeId": "ari:cloud:trello::board/x", "name": "Our Trello", "desc": "", "descData": null,
        "closed": false, "dateClosed": null, "idOrganization": id(2), "pinned": false, "starred": false,
        "url": "https://trello.com/b/x/y", "prefs": { "background": "blue", "voting": "disabled" },
        "labelNames": { "green": "Label 0" }, "limits": {}, "memberships": [], "powerUps": [], "customFields": [],
        "pluginData": [], "idTags": [], "dateLastActivity": "2026-02-03T04:05:06.789Z",
        "actions": [by_nobody(), edited(), comment(0, 9, "Newer\nof two lines"), comment(0, 2, "Older"), created(0)],
        "cards": (0..cards).map(card).collect::<Vec<_>>(),
        "labels": (0..6).map(label).collect::<Vec<_>>(),
        "lists": (0..5).map(list).collect::<Vec<_>>(),
        "members": (0..3).map(member).collect::<Vec<_>>(),
        "checklists": (0..cards / 3).map(checklist).collect::<Vec<_>>(),
    })
}

fn room(file: &Value) -> Room {
    Room::of(1, read(ImportFormat::Trello, &file.to_string()).unwrap())
}

fn titled<'a>(board: &'a Board, title: &str) -> &'a Card {
    board.cards().find(|card| card.title.starts_with(title)).unwrap()
}

#[test]
fn a_thousand_cards_come_in_and_their_exports_come_in_again() {
    let one = room(&export(1_000));
    assert_eq!(one.board().cards().count(), 1_000);
    let json = one.export(TextFormat::Json);
    let two = Room::of(2, read(ImportFormat::Json, &json).unwrap());
    assert_eq!(one.board(), two.board());
    assert_eq!(one.bodies, two.bodies);
    let three =
        Room::of(3, read(ImportFormat::Markdown, &one.export(TextFormat::Markdown)).unwrap());
    assert_eq!(by_markdown(&one), by_markdown(&three));
    assert_eq!(three.board().cards().count(), 1_000);
}

#[test]
fn each_part_of_an_export_finds_its_place() {
    let room = room(&export(60));
    let board = room.board();
    assert_eq!(board.title(), "Our Trello");
    let columns: Vec<&str> = board.columns().map(|column| column.title.as_str()).collect();
    assert_eq!(
        columns,
        ["Done", "Doing", "Backlog", "Triage"],
        "by their places; a closed list is deleted"
    );
    let triage = board.columns().last().unwrap();
    let first = board.cards_in(&triage.id).next().unwrap();
    assert!(first.title.starts_with("Card 55 "), "by their places: {}", first.title);
    let colours: Vec<_> = ["Label 2", "sky", "Label 4", "Label 5"]
        .map(|name| board.labels().find(|label| label.name == name).unwrap().colour)
        .into();
    let wanted = [Colour::Violet, Colour::Teal, Colour::Grey, Colour::Green].map(Some);
    assert_eq!(colours, wanted, "labels without a name are called by their colour");

    let card = titled(board, "Card 0 ");
    assert_eq!(card.due.unwrap().to_string(), "2026-03-01");
    assert_eq!(card.created.at, (1_480_000_000 + 1_000) * 1_000, "an id says when it was made");
    assert_eq!(board.person(&card.created.by).unwrap().name, "Gone Example");
    assert_eq!(card.done.as_ref().unwrap().at, 1_770_091_506_789);
    let items: Vec<_> = card.checklist.iter().map(|item| (item.text.as_str(), item.done)).collect();
    assert_eq!(items, [("Step 2", false), ("Step 1", true), ("Step 0", false)], "by their places");
    assert_eq!(
        room.body(&card.id),
        "About *0*\n\nMore, \"quoted\"\n\n### Attachments\n\n- [a  b .png](https://trello.com/1/cards/x/attachments/y/download/a%20b.png)\
 "
    );
    assert_eq!(
        room.said(&card.id),
        [
            (1_767_348_000_000, "Ann Example", "Older"),
            (1_767_952_800_000, "Ann Example", "Newer\nof two lines"),
            (1_768_039_200_000, "Gone Example", "Edited"),
            (1_768_125_600_000, "?", "By nobody")
        ]
    );
    let comments = room.talk.talk().comments(&card.id);
    let edited: Vec<_> = comments.iter().map(|comment| comment.edited).collect();
    assert_eq!(edited, [None, None, Some(1_768_564_800_000), None]);
    let voters: Vec<&str> = room
        .talk
        .talk()
        .votes(&card.id)
        .iter()
        .map(|id| board.person(id).unwrap().name.as_str())
        .collect();
    assert_eq!(voters, ["Bo Example"]);
    let unread = room.talk.talk().unread(&card.id, &user("importer"));
    assert_eq!(unread, 0, "who imports has seen them");
    let card = titled(board, "Card 2 ");
    let people: Vec<&str> =
        card.assignees.iter().map(|id| board.person(id).unwrap().name.as_str()).collect();
    assert_eq!(people.len(), 2);
    assert!(people.contains(&"Ann Example") && people.contains(&"Bo Example"));
    assert_eq!(card.labels.len(), 2);
    assert!(
        titled(board, "Card 49").archived.is_some() && titled(board, "Card 4 ").archived.is_some()
    );
}

#[test]
fn whoever_is_here_already_is_who_made_and_said_things_in_the_file() {
    let file = export(1).to_string();
    let mut room = Room::new(1);
    for seed in [1, 2] {
        let import = Import::read(ImportFormat::Trello, &file, &mut importer(seed)).unwrap();
        room.put(import).unwrap();
    }
    let board = room.board();
    assert_eq!(board.people().count(), 4);
    for card in board.cards() {
        assert_eq!(board.person(&card.created.by).unwrap().name, "Gone Example");
        let said: Vec<_> = room.said(&card.id).into_iter().map(|(_, by, _)| by).collect();
        assert_eq!(said, ["Ann Example", "Ann Example", "Gone Example", "?"]);
    }
}

#[test]
fn what_is_too_long_for_its_place_stands_in_the_body() {
    let mut file = export(1);
    file["actions"][2]["data"]["text"] =
        json!(["a".repeat(COMMENT_UNITS_MAX), "b".to_owned()].join("\n"));
    file["cards"][0]["name"] = json!("é".repeat(TITLE_UNITS_MAX + 1));
    let one = json!({ "id": "c0", "name": "First", "idCard": file["cards"][0]["id"], "pos": 1, "checkItems": [
        { "name": "a", "state": "complete", "pos": 1 }
    ] });
    let many: Vec<Value> = (0..=CHECKLIST_ITEMS_MAX)
        .map(|item| json!({ "name": format!("step {item}"), "state": "incomplete", "pos": item }))
        .collect();
    let two = json!({ "id": "c1", "name": "Second", "idCard": file["cards"][0]["id"], "pos": 2, "checkItems": many });
    file["checklists"] = json!([two, one]);
    let room = room(&file);
    let card = room.board().cards().next().unwrap();
    assert_eq!(card.title.chars().count(), TITLE_UNITS_MAX);
    assert!(card.title.ends_with("é…"));
    let body = room.body(&card.id);
    assert!(body.starts_with(&"é".repeat(TITLE_UNITS_MAX + 1)));
    assert!(body.contains("### Second\n\n- [ ] step 0\n- [ ] step 1\n"), "{body}");
    assert_eq!(card.checklist.len(), 1);
    let said = room.said(&card.id);
    assert_eq!(said.len(), 3, "one of four is too long");
    assert!(body.ends_with(&format!(
        "### Imported comments\n\n- **Ann Example**, 2026-01-09: {}\n  b",
        "a".repeat(COMMENT_UNITS_MAX)
    )));
}
