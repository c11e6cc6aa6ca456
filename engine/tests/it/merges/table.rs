//! The rows of the tables of `docs/BOARD.md` that say what becomes of concurrent writes.

const BOARD: &str = include_str!("../../../../docs/BOARD.md");

/// Every row, and how many tests it needs: pairs by their first cell, keys as `<table> · <key>`.
pub(super) fn rows() -> Vec<(String, usize)> {
    let blocks: Vec<&str> = BOARD.split("\n\n").collect();
    let mut rows = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let mut lines = block.trim().lines();
        let header = lines.next().unwrap_or_default();
        let cells = lines.skip(1).map(|line| line.split('|').nth(1).unwrap_or_default().trim());
        if header.starts_with("| Concurrent pair |") {
            rows.extend(cells.map(|cell| (cell.to_owned(), things_in(cell))));
        } else if header.starts_with("| Key |") {
            let table = name_of(index.checked_sub(1).map_or("", |before| blocks[before]));
            let keys = cells.map(|cell| cell.trim_matches('`'));
            rows.extend(keys.map(|key| (format!("{table} · {key}"), 1)));
        }
    }
    rows
}

/// `a, b or c` are three.
fn things_in(cell: &str) -> usize {
    cell.split(", ").flat_map(|part| part.split(" or ")).count()
}

/// What stands before a table begins with its name.
fn name_of(before: &str) -> &str {
    let line = before.trim().lines().next().unwrap_or_default();
    let name = line.trim_start_matches("## ").split([':', '(']).next().unwrap_or_default();
    name.trim()
}

#[test]
fn the_tables_are_found() {
    let rows = rows();
    for known in ["Root · title", "A column · wip", "A card · place", "Keys of a body · text"] {
        assert!(rows.contains(&(known.to_owned(), 1)), "{known}: {rows:?}");
    }
    for (known, needed) in [("move ‖ move", 1), ("delete ‖ edit or move", 2)] {
        assert!(rows.contains(&(known.to_owned(), needed)), "{known}: {rows:?}");
    }
    assert_eq!(things_in("due day ‖ due day, priority ‖ priority, item's text ‖ item's text"), 3);
    assert_eq!(things_in("two labels, people, items or files added to a card"), 4);
}
