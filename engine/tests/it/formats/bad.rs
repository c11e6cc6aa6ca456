//! Bad files, and what is said of them.

use warroom_engine::ImportFormat;
use warroom_engine::limits::{COMMENT_UNITS_MAX, IMPORT_PARTS_MAX};

use super::room::read;

fn check(format: ImportFormat, rows: &[(&str, &str)]) {
    for (text, said) in rows {
        let error = read(format, text).unwrap_err();
        assert_eq!(error.code(), "badFile");
        assert!(error.to_string().starts_with(said), "{text}\n says: {error}\n not: {said}");
    }
}

#[test]
fn json() {
    let room = |rest: &str| format!(r#"{{"format":"warroom-board","version":1,{rest}}}"#);
    let rows = [
        (String::new(), "line 1, column 0: this is not JSON, EOF"),
        ("{\n\"a\": 1,,}".to_owned(), "line 2, column 8: this is not JSON"),
        ("[]".to_owned(), "the file: this is not an object"),
        ("{}".to_owned(), "the file: \"format\" is not \"warroom-board\": choose"),
        (r#"{"format":"warroom-board","version":2}"#.to_owned(), "version: a later version"),
        (r#"{"format":"warroom-board"}"#.to_owned(), "version: this is not a whole number"),
        (room(r#""columns":{}"#), "columns: this is not a list"),
        (room(r#""columns":[7]"#), "columns[0]: this is not an object"),
        (room(r#""columns":[{"id":"a b"}]"#), "columns[0].id: not an id"),
        (room(r#""columns":[{"id":"a"},{"id":"a"}]"#), "columns[1].id: the id comes twice, a"),
        (room(r#""columns":[{"role":"x"}]"#), "columns[0].role: an unknown word, x"),
        (room(r#""columns":[{"wip":-1}]"#), "columns[0].wip: this is not a whole number"),
        (room(r#""columns":[{"wip":4294967296}]"#), "columns[0].wip: the number is too large"),
        (room(r#""people":[{"colour":12}]"#), "people[0].colour: there is no such colour"),
        (room(r#""cards":[{"title":"a"}]"#), "cards[0].column: this is not a text"),
        (room(r#""cards":[{"column":"a","title":7}]"#), "cards[0].title: this is not a text"),
        (
            room(r#""cards":[{"column":"a"},{"column":"a","due":"2026-02-30"}]"#),
            "cards[1].due: this is not a day",
        ),
        (
            room(r#""cards":[{"column":"a","created":{"at":-1,"by":"x"}}]"#),
            "cards[0].created.at: this is not a whole number",
        ),
        (
            room(r#""cards":[{"column":"a","created":{"at":9640000000000000,"by":"x"}}]"#),
            "cards[0].created.at: this is not a moment",
        ),
        (
            room(r#""cards":[{"column":"a","checklist":[{"done":1}]}]"#),
            "cards[0].checklist[0].done: this is not true or false",
        ),
        (
            room(r#""cards":[{"column":"a","checklist":[{"id":"x"},{"id":"x"}]}]"#),
            "cards[0].checklist: the id of an item comes twice",
        ),
        (
            room(r#""cards":[{"column":"a","attachments":[{"id":"x"}]}]"#),
            "cards[0].attachments[0].bytes: this is not a whole number",
        ),
        (
            room(&format!(r#""cards":[{{"column":"a","title":"{}"}}]"#, "é".repeat(1_001))),
            "cards[0]: the title has 1001 characters, at most 1000 are kept here: shorten",
        ),
    ];
    let rows: Vec<(&str, &str)> = rows.iter().map(|(text, said)| (text.as_str(), *said)).collect();
    check(ImportFormat::Json, &rows);
}

#[test]
fn json_with_what_was_said() {
    let said = |rest: &str| {
        format!(r#"{{"format":"warroom-board","version":1,"cards":[{{"column":"a",{rest}}}]}}"#)
    };
    let long = "x".repeat(COMMENT_UNITS_MAX + 1);
    let rows = [
        (said(r#""comments":[{},7]"#), "cards[0].comments[1]: this is not an object"),
        (said(r#""comments":[{"text":7}]"#), "cards[0].comments[0].text: this is not a text"),
        (
            said(r#""comments":[{"edited":-1}]"#),
            "cards[0].comments[0].edited: this is not a whole number",
        ),
        (
            said(r#""comments":[{"id":"x"},{"id":"x"}]"#),
            "cards[0].comments[1].id: the id comes twice, x",
        ),
        (
            said(r#""comments":[{"reactions":[{"by":"a b"}]}]"#),
            "cards[0].comments[0].reactions[0].by: not an id",
        ),
        (said(r#""votes":["a b"]"#), "cards[0].votes[0]: not an id"),
        (
            said(&format!(r#""comments":[{{"text":"{long}"}}]"#)),
            "cards[0]: the comment has 10001 characters, at most 10000 are kept here: shorten",
        ),
    ];
    let rows: Vec<(&str, &str)> = rows.iter().map(|(text, said)| (text.as_str(), *said)).collect();
    check(ImportFormat::Json, &rows);
}

#[test]
fn csv() {
    let rows = [
        ("", "line 1: no column is called title: name the columns"),
        ("a,b\n1,2\n", "line 1: no column is called title"),
        (
            "title,labels,x,x,Labels\na,b,c,d,e\n",
            "line 1: two columns are about the same, labels and Labels: take one of them out",
        ),
        ("due,name, Task \n,a,b\n", "line 1: two columns are about the same, name and Task"),
        (
            "title,due\na,2026-01-01\n\"b\nc\",31.1.2026\n",
            "line 3: this is not a day, 31.1.2026: write",
        ),
        (
            "title,priority\na,P1",
            "line 2: an unknown priority, p1: use low, normal, high or urgent",
        ),
        ("title,done\na,perhaps", "line 2: this is not a moment, perhaps"),
        ("title\n\"a", "line 2: a quote is not closed"),
        ("title,body\n\"a\nb\"c,d", "line 3: there is text behind a closing quote"),
    ];
    check(ImportFormat::Csv, &rows);
    let long = format!("title,column\na,b\na,{}", "x".repeat(201));
    check(
        ImportFormat::Csv,
        &[(&long, "line 3: the column's title has 201 characters, at most 200 are kept here")],
    );
}

#[test]
fn markdown() {
    let rows = [
        ("", "the file: there is no heading and no list of cards"),
        (
            "---\nkanban-plugin: board\n\n## Not closed\n\n- [ ] a\n",
            "line 1: the head of the file has no end: write",
        ),
        ("just some text\n", "the file: there is no heading and no list of cards"),
    ];
    check(ImportFormat::Markdown, &rows);
    let long = format!("## a\n\n## {}\n", "x".repeat(201));
    check(ImportFormat::Markdown, &[(&long, "line 3: the column's title has 201 characters")]);
    let long = format!("## a\n\n- [ ] b\n\t{}\n", "x".repeat(500_001));
    check(ImportFormat::Markdown, &[(&long, "line 3: the body has 500001 characters")]);
}

#[test]
fn trello() {
    let room = |rest: &str| {
        format!(
            r#"{{"name":"x","lists":[{{"id":"l","name":"L"}}],"cards":[{{"id":"c","idList":"l",{rest}}}]}}"#
        )
    };
    let rows = [
        ("{".to_owned(), "line 1, column 1: this is not JSON, EOF"),
        ("{}".to_owned(), "the file: there are no lists and cards"),
        (r#"{"lists":[{"name":"x"}],"cards":[]}"#.to_owned(), "lists[0].id: this is not a text"),
        (
            r#"{"lists":[],"cards":[{"idList":"x"}]}"#.to_owned(),
            "cards[0].idList: there is no such list",
        ),
        (room(r#""name":7"#), "cards[0].name: this is not a text"),
        (room(r#""due":"soon""#), "cards[0].due: this is not a moment"),
        (room(r#""labels":[7]"#), "cards[0].labels[0].id: this is not a text"),
        (room(r#""attachments":[{"url":7}]"#), "cards[0].attachments[0].url: this is not a text"),
        (
            room(&format!(r#""desc":"{}""#, "x".repeat(500_001))),
            "cards[0]: the body has 500001 characters, at most 500000",
        ),
    ];
    let rows: Vec<(&str, &str)> = rows.iter().map(|(text, said)| (text.as_str(), *said)).collect();
    check(ImportFormat::Trello, &rows);
}

/// Makes a file with so many parts.
type File<'a> = &'a dyn Fn(usize) -> String;

/// So many parts, each made of its number.
fn many(count: usize, part: impl Fn(usize) -> String, between: &str) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(between)
}

#[test]
fn as_many_columns_labels_and_people_as_can_be_kept() {
    let json = |list: &str, count: usize| {
        let parts = many(count, |_| "{}".to_owned(), ",");
        format!(r#"{{"format":"warroom-board","version":1,"{list}":[{parts}]}}"#)
    };
    let csv = |field: &str, count: usize| {
        format!("title,{field}\n{}", many(count, |number| format!("a,n{number}"), "\n"))
    };
    let markdown = |count: usize| many(count, |number| format!("## c{number}\n"), "\n");
    let tags = |count: usize| many(count, |number| format!("- [ ] a #t{number}"), "\n");
    let trello = |list: &str, count: usize| {
        let parts = many(count, |number| format!(r#"{{"id":"{number}","name":"n"}}"#), ",");
        let rest = if list == "lists" { "" } else { r#""lists":[],"# };
        format!(r#"{{{rest}"{list}":[{parts}],"cards":[]}}"#)
    };
    let max = IMPORT_PARTS_MAX;
    let rows: [(ImportFormat, File<'_>, &str); 11] = [
        (
            ImportFormat::Json,
            &|count| json("columns", count),
            "columns[1000]: there are 1001 columns",
        ),
        (ImportFormat::Json, &|count| json("labels", count), "labels[1000]: there are 1001 labels"),
        (ImportFormat::Json, &|count| json("people", count), "people[1000]: there are 1001 people"),
        (ImportFormat::Csv, &|count| csv("column", count), "line 1002: there are 1001 columns"),
        (ImportFormat::Csv, &|count| csv("labels", count), "line 1002: there are 1001 labels"),
        (ImportFormat::Csv, &|count| csv("assignees", count), "line 1002: there are 1001 people"),
        (ImportFormat::Markdown, &markdown, "line 2001: there are 1001 columns"),
        (ImportFormat::Markdown, &tags, "line 1001: there are 1001 labels"),
        (
            ImportFormat::Trello,
            &|count| trello("lists", count),
            "lists[1000]: there are 1001 columns",
        ),
        (
            ImportFormat::Trello,
            &|count| trello("labels", count),
            "labels[1000]: there are 1001 labels",
        ),
        (
            ImportFormat::Trello,
            &|count| trello("members", count),
            "members[1000]: there are 1001 people",
        ),
    ];
    for (format, file, said) in rows {
        assert!(read(format, &file(max)).is_ok(), "{said}");
        let said =
            format!("{said}, at most 1000 are kept here: take some out of the file, or split it");
        check(format, &[(&file(max + 1), &said)]);
    }
}
