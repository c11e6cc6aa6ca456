//! Bad files, and what is said of them.

use warroom_engine::ImportFormat;

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
