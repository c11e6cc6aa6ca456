//! Files as other programs write them.

use warroom_engine::{Import, ImportFormat, LabelId, Priority, TextFormat};

use super::room::{Room, read};

/// A card as a line: its column, title, tags, day, priority, items and whether it is done or archived; then its body.
fn lines(import: &Import) -> Vec<String> {
    let cards = import.cards.iter().map(|new| {
        let card = &new.card;
        let column = import.columns.iter().find(|column| column.id == card.column).unwrap();
        let label = |id: &LabelId| {
            import.labels.iter().find(|label| label.id == *id).unwrap().name.as_str()
        };
        let mut labels: Vec<&str> = card.labels.iter().map(label).collect();
        labels.sort_unstable();
        let due = card.due.map_or(String::new(), |due| format!(" {due}"));
        let items: Vec<String> = card
            .checklist
            .iter()
            .map(|item| format!("{}{}", if item.done { "+" } else { "-" }, item.text))
            .collect();
        let marks = [(card.done.is_some(), " done"), (card.archived.is_some(), " archived")];
        let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        let priority = if card.priority == Priority::Normal { "" } else { card.priority.word() };
        let body = new.body.as_deref().unwrap_or_default();
        format!(
            "{}: {} {labels:?}{due} {priority} {items:?}{marks} | {body}",
            column.title, card.title
        )
    });
    cards.collect()
}

#[test]
fn a_board_of_obsidian() {
    let file = "---\r\n\r\nkanban-plugin: board\r\ntags: [a, b]\r\n\r\n---\r\n\r\nSome words first\r\n\r\n\
        # Ideas\r\n\r\n- [ ] Write #docs for [[Home]] #later #p/1\r\n\
        - [ ] Two days @{2026-01-02} @@{10:00} ^a1b2c3\r\n\
        \t- [ ] one\r\n\t- [x] two\r\n\t\r\n\tA body\r\n\r\n\t```\r\n\t## no heading\r\n\t```\r\n\
        - [x] Linked @[[2026-01-03]] \u{23EB}\r\n    four blanks\r\n      six\r\n\
        lazy line\r\n\r\nnot of the card\r\n\r\n\
        ## In work (3)\r\n\r\n* [ ] star \u{1F4C5} 2026-01-04 \u{1F53A}\r\n+ plus, no box\r\n1. numbered\r\n- [/] half<br>two lines\r\n- \r\n\r\n\
        ## Finished\r\n\r\n**Complete**\r\n- [x] done #1\r\n\r\n\r\n***\r\n\r\n## Archive\r\n\r\n- [x] old\r\n\r\n\
        %% kanban:settings\r\n```\r\n{\"kanban-plugin\":\"board\",\"list-collapse\":[false]}\r\n```\r\n%%\r\n## Behind";
    let import = read(ImportFormat::Markdown, file).unwrap();
    let columns: Vec<_> = import
        .columns
        .iter()
        .map(|column| format!("{} {:?} {:?}", column.title, column.wip, column.role))
        .collect();
    assert_eq!(columns, ["Ideas None None", "In work Some(3) None", "Finished None Some(Done)"]);
    assert_eq!(
        lines(&import),
        [
            "Ideas: Write #docs for [[Home]] [\"later\", \"p/1\"]  [] | ",
            "Ideas: Two days [] 2026-01-02  [\"-one\", \"+two\"] | A body\n\n```\n## no heading\n```",
            "Ideas: Linked [] 2026-01-03 high [] done | four blanks\n  six\nlazy line",
            "In work: star [] 2026-01-04 urgent [] | ",
            "In work: plus, no box []  [] | ",
            "In work: numbered []  [] | ",
            "In work: half\ntwo lines []  [] done | ",
            "In work:  []  [] | ",
            "Finished: done #1 []  [] done | ",
            "Ideas: old []  [] done archived | ",
        ]
    );
}

#[test]
fn a_plain_line_between_columns_is_no_archive() {
    for plain in ["---", "___"] {
        let file = format!(
            "## One\n\n- [ ] a\n{plain}\n\n## Two\n\n- [ ] b\n\n***\n\n## Archive\n\n- [ ] c\n"
        );
        let import = read(ImportFormat::Markdown, &file).unwrap();
        let said = ["One: a []  [] | ", "Two: b []  [] | ", "One: c []  [] archived | "];
        assert_eq!(lines(&import), said, "{plain}");
    }
}

#[test]
fn a_sheet_of_another_program() {
    let file = "\u{feff}Task;Status;Tags;Assignee;Due Date;Points;Done\r\n\
        Paint;Doing;home, red ;Ann;2026-02-03T10:00:00Z;5;no\r\n\
        \"Say \"\"hi\"\"; and\ngo\";;;;;;yes\r\n;;;;;;\r\n'=1+1;Doing;home;Ann,Bo;;;2026-01-31\r\n";
    let import = read(ImportFormat::Csv, file).unwrap();
    assert_eq!(
        lines(&import),
        [
            "Doing: Paint [\"home\", \"red\"] 2026-02-03  [] | ",
            "To do: Say \"hi\"; and\ngo []  [] done | ",
            "Doing: =1+1 [\"home\"]  [] done | ",
        ]
    );
    let people: Vec<&str> = import.people.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(people, ["Ann", "Bo"]);
}

#[test]
fn a_sheet_has_no_formula_in_it() {
    let file = "title,body,labels\n\"'=1\",\"'+2\n=3\",\"'@a\"\n'=1,-,'-x";
    let room = Room::of(1, read(ImportFormat::Csv, file).unwrap());
    let sheet = room.export(TextFormat::Csv);
    let cells = sheet.lines().flat_map(|line| line.split(','));
    let risky = cells
        .filter(|cell| cell.trim_start_matches('"').starts_with(['=', '+', '-', '@', '\t', '\r']));
    // the second line of a cell is no cell
    assert_eq!(risky.collect::<Vec<_>>(), ["=3\""], "{sheet}");
}

#[test]
fn what_markdown_looks_like() {
    let file = r#"{"format":"warroom-board","version":1,"title":"A: \"b\"",
        "columns":[{"id":"a","title":"Plan #1","wip":2},{"id":"b","title":"Shipped","role":"done"}],
        "labels":[{"id":"l","name":"Bug report"}],
        "cards":[{"column":"a","title":"Fix a #bug","labels":["l"],"due":"2026-01-02","priority":"high",
            "checklist":[{"text":"one","done":true},{"text":"two"}],"body":"Text\n\n- [ ] more"},
            {"column":"a","title":"x","body":"- [ ] first"},
            {"column":"b","title":"y","done":{"at":1,"by":"p"}},{"column":"b","title":"z","archived":{"at":1,"by":"p"}}]}"#;
    let room = Room::of(1, read(ImportFormat::Json, file).unwrap());
    let written = "---\n\nkanban-plugin: board\ntitle: \"A: \\\"b\\\"\"\n\n---\n\n\n\n## Plan \\#1 (2)\n\n\
        - [ ] Fix a \\#bug #Bug-report @{2026-01-02} \u{23EB}\n\t- [x] one\n\t- [ ] two\n\t\n\tText\n\t\n\t- [ ] more\n\
        - [ ] x\n\t\n\t- [ ] first\n\n\n## Shipped\n\n**Complete**\n- [x] y\n\n\n***\n\n## Archive\n\n- [ ] z\n\n\n\
        %% kanban:settings\n```\n{\"kanban-plugin\":\"board\"}\n```\n%%\n";
    assert_eq!(room.export(TextFormat::Markdown), written);
}
