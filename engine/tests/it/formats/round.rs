//! What goes out comes in again: equal, or equal in what the format can hold.

use proptest::prelude::*;
use warroom_engine::{ImportFormat, TextFormat};

use super::any::{any_board, any_damage, damaged};
use super::held::{by_csv, by_markdown, named};
use super::room::{Room, read};

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn json_holds_everything(board in any_board()) {
        let one = Room::of(1, board);
        let text = one.export(TextFormat::Json);
        let two = Room::of(2, read(ImportFormat::Json, &text).unwrap());
        prop_assert_eq!(one.board(), two.board());
        prop_assert_eq!(&one.bodies, &two.bodies);
        prop_assert_eq!(text, two.export(TextFormat::Json));
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
        for (out, into) in [
            (TextFormat::Json, ImportFormat::Json),
            (TextFormat::Csv, ImportFormat::Csv),
            (TextFormat::Markdown, ImportFormat::Markdown),
        ] {
            let text = damaged(&one.export(out), &damage);
            if let Ok(import) = read(into, &text) {
                let mut two = Room::new(2);
                drop(two.put(import));
            }
        }
    }
}
