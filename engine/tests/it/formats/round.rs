//! What goes out comes in again: equal, or equal in what the format can hold.

use proptest::prelude::*;
use warroom_engine::limits::{
    CHECKLIST_ITEMS_MAX, IMPORT_BYTES_MAX, IMPORT_CARDS_MAX, IMPORT_PARTS_MAX, MARKS_MAX,
    NAME_UNITS_MAX, ORDER_BYTES_MAX, TITLE_UNITS_MAX,
};
use warroom_engine::{ImportFormat, TextFormat, formats};

use super::any::{any_board, any_damage, damaged};
use super::held::{by_csv, by_markdown, named};
use super::room::{Room, importer, read};

const PAIRS: [(TextFormat, ImportFormat); 3] = [
    (TextFormat::Json, ImportFormat::Json),
    (TextFormat::Csv, ImportFormat::Csv),
    (TextFormat::Markdown, ImportFormat::Markdown),
];

/// Titles that were merged, labels that several people put, items that several people added, cards of years.
#[test]
fn a_board_that_outgrew_the_limits_of_a_file_is_written_all_the_same() {
    let many =
        |count: usize, one: fn(usize) -> String| (0..count).map(one).collect::<Vec<_>>().join(",");
    let title = "t".repeat(TITLE_UNITS_MAX + 1);
    let labels = many(MARKS_MAX + 1, |number| format!(r#""l{number}""#));
    let items = many(CHECKLIST_ITEMS_MAX + 1, |number| format!(r#"{{"text":"i{number}"}}"#));
    let cards = many(IMPORT_CARDS_MAX, |_| r#"{"column":"c"}"#.to_owned());
    let people = many(IMPORT_PARTS_MAX + 1, |number| format!(r#"{{"name":"p{number}"}}"#));
    let pad = " ".repeat(IMPORT_BYTES_MAX);
    let long = "n".repeat(NAME_UNITS_MAX + 1);
    let order = "V".repeat(ORDER_BYTES_MAX + 1);
    let json = format!(
        r#"{{"format":"warroom-board","version":1,"title":"{long}",{pad}
        "columns":[{{"id":"c","title":"{long}","order":"{order}"}}],"labels":[{{"name":"{long}"}}],"people":[{people}],
        "cards":[{{"column":"c","title":"{title}","labels":[{labels}],"checklist":[{items}]}},{cards}]}}"#
    );
    assert!(read(ImportFormat::Json, &json).is_err(), "as a file it is refused");
    for format in [TextFormat::Csv, TextFormat::Markdown] {
        let text = formats::from_json(&json, format, &mut importer(77)).unwrap();
        assert!(text.contains(&title) && text.contains("i200") && text.contains(&long));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn json_holds_everything(board in any_board()) {
        let one = Room::of(1, board);
        let text = one.export(TextFormat::Json);
        let two = Room::of(2, read(ImportFormat::Json, &text).unwrap());
        prop_assert_eq!(one.board(), two.board());
        prop_assert_eq!(&one.bodies, &two.bodies);
        for card in one.board().cards() {
            let (a, b) = (one.talk.talk(), two.talk.talk());
            prop_assert_eq!(a.comments(&card.id), b.comments(&card.id));
            prop_assert_eq!(a.votes(&card.id), b.votes(&card.id));
        }
        prop_assert_eq!(text, two.export(TextFormat::Json));
    }

    #[test]
    fn what_a_file_says_is_the_same_by_way_of_json(board in any_board()) {
        let room = Room::of(1, board);
        for (out, into) in PAIRS {
            let text = room.export(out);
            let by_json = formats::to_json(into, &text, &mut importer(77)).unwrap();
            let direct = read(into, &text).unwrap();
            prop_assert_eq!(read(ImportFormat::Json, &by_json).unwrap(), direct);
        }
    }

    #[test]
    fn what_is_exported_is_the_same_by_way_of_json(board in any_board()) {
        let room = Room::of(1, board);
        let json = room.export(TextFormat::Json);
        for (out, _) in PAIRS {
            let by_json = formats::from_json(&json, out, &mut importer(77)).unwrap();
            prop_assert_eq!(by_json, room.export(out));
        }
    }

    #[test]
    fn csv_holds_cards_by_the_names_of_things(board in any_board()) {
        let one = Room::of(1, named(board));
        let text = one.export(TextFormat::Csv);
        let two = Room::of(2, read(ImportFormat::Csv, &text).unwrap());
        prop_assert_eq!(by_csv(&one), by_csv(&two), "{}", text);
    }

    #[test]
    fn markdown_holds_what_obsidian_can(board in any_board()) {
        let one = Room::of(1, named(board));
        let text = one.export(TextFormat::Markdown);
        let two = Room::of(2, read(ImportFormat::Markdown, &text).unwrap());
        prop_assert_eq!(by_markdown(&one), by_markdown(&two), "{}", text);
        let again = two.export(TextFormat::Markdown);
        let three = Room::of(3, read(ImportFormat::Markdown, &again).unwrap());
        prop_assert_eq!(three.export(TextFormat::Markdown), again, "the order of all lists, and of the archive");
    }

    #[test]
    fn an_export_of_trello_with_changes_in_it_is_read_or_refused(damage in any_damage()) {
        let text = damaged(&super::trello::export(6).to_string(), &damage);
        if let Ok(import) = read(ImportFormat::Trello, &text) {
            let mut room = Room::new(2);
            drop(room.put(import));
        }
    }

    #[test]
    fn a_file_with_changes_in_it_is_read_or_refused(board in any_board(), damage in any_damage()) {
        let one = Room::of(1, board);
        for (out, into) in PAIRS {
            let text = damaged(&one.export(out), &damage);
            if let Ok(import) = read(into, &text) {
                let mut two = Room::new(2);
                drop(two.put(import));
            }
        }
    }
}
