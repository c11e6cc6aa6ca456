//! What goes out comes in again: equal, or equal in what the format can hold.

use proptest::prelude::*;
use warroom_engine::{ImportFormat, TextFormat};

use super::any::{any_board, any_damage, damaged};
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
    fn a_file_with_changes_in_it_is_read_or_refused(board in any_board(), damage in any_damage()) {
        let one = Room::of(1, board);
        let text = damaged(&one.export(TextFormat::Json), &damage);
        if let Ok(import) = read(ImportFormat::Json, &text) {
            let mut two = Room::new(2);
            drop(two.put(import));
        }
    }
}
