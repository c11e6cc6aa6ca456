//! Any board, within the limits, with texts that are hard on a format.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use warroom_engine::{
    Attachment, AttachmentKind, BlobId, Card, CardId, ChecklistItem, Colour, Column, ColumnRole,
    Comment, CommentId, Day, Import, ImportedCard, Label, Person, Priority, Reaction, Stamp,
    UserId,
};

use crate::world::{card, column, item, label, user};

/// A line of text.
pub(super) fn any_line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Zé😀 ]{0,10}",
        2 => "[ -~é😀\t]{0,12}",
        2 => "[-=+@'\"#*_^\\\\<>\\[\\](){}|`;:,.!~ x0-9]{0,8}",
        1 => select(vec![
            "=1+1", "'=x", "''-", "@a", "-1", "- [ ] a", "* * *", "***", "---", "## Archive", "**Complete**",
            "%% kanban:settings", "a #tag", "#a #b", "a \\#b", "a <br> b", "a\\", "^x", "a ^x", "@{2026-01-02}",
            "a @{2026-01-02}", "a (3)", "(3)", "1. a", "> a", "\t a", "🔼", "a ⏫", "[x] a", "[a](b)", "[ ] b", "```",
        ]).prop_map(ToOwned::to_owned),
    ]
}

/// Any text: lines.
pub(super) fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => any_line(),
        1 => vec(any_line(), 1..5).prop_map(|lines| lines.join("\n")),
        1 => "[a\r\n\t ,\"'=]{0,8}",
    ]
}

fn any_stamp() -> impl Strategy<Value = Stamp> {
    (0..8_640_000_000_000_000_i64, 0..4_u8)
        .prop_map(|(at, by)| Stamp { at, by: user(&format!("p{by}")) })
}

fn any_key() -> impl Strategy<Value = String> {
    "[a-c][0-9A-Za-z]{1,4}"
}

fn any_column(number: usize) -> impl Strategy<Value = Column> {
    // the first three may be those of a new room
    let id = select(match number {
        0 => vec!["todo", "A"],
        1 => vec!["doing", "B"],
        2 => vec!["done", "C"],
        _ => vec!["D"],
    });
    let head = (any_line(), any_key(), option::of(select(ColumnRole::ALL)));
    let rest =
        (option::of(0..9_u32), option::of(select(Colour::ALL)), option::weighted(0.2, any_stamp()));
    (id, head, rest).prop_map(|(id, (title, order, role), (wip, colour, deleted))| {
        let (id, damaged) = (column(id), false);
        Column { id, title, order, role, wip, colour, deleted, damaged }
    })
}

fn any_label(number: usize) -> impl Strategy<Value = Label> {
    (any_line(), option::of(select(Colour::ALL)), any::<bool>()).prop_map(
        move |(name, colour, deleted)| {
            let id = label(&format!("l{number}"));
            Label { id, name, colour, deleted, damaged: false }
        },
    )
}

fn any_person(number: usize) -> impl Strategy<Value = Person> {
    (any_line(), 0..12_u8).prop_map(move |(name, colour)| Person {
        id: user(&format!("p{number}")),
        name,
        colour,
    })
}

fn any_checklist() -> impl Strategy<Value = Vec<ChecklistItem>> {
    vec((any_text(), any::<bool>(), any_key()), 0..4).prop_map(|items| {
        let items = items.into_iter().enumerate();
        let items = items.map(|(number, (text, done, order))| ChecklistItem {
            id: item(&format!("i{number}")),
            text,
            done,
            order,
        });
        let mut items: Vec<_> = items.collect();
        items.sort_by(|a, b| (&a.order, &a.id).cmp(&(&b.order, &b.id)));
        items
    })
}

fn any_attachments() -> impl Strategy<Value = Vec<Attachment>> {
    let one =
        (select(AttachmentKind::ALL), any_line(), 0..9_000_u64, option::of(0..9_u64), any_stamp());
    vec(one, 0..2).prop_map(|all| {
        let all = all.into_iter().enumerate();
        let all = all.map(|(number, (kind, name, bytes, duration_ms, added))| {
            let (id, mime) = (BlobId::new(&format!("b{number}")).unwrap(), "image/png".to_owned());
            Attachment { id, kind, name, mime, bytes, duration_ms, added }
        });
        all.collect()
    })
}

prop_compose! {
    fn any_stamps()(
        body_edited in option::of(any_stamp()),
        created in any_stamp(),
        done in option::weighted(0.3, any_stamp()),
        archived in option::weighted(0.2, any_stamp()),
        deleted in option::weighted(0.1, any_stamp()),
    ) -> [Option<Stamp>; 5] {
        [body_edited, Some(created), done, archived, deleted]
    }
}

prop_compose! {
    fn any_comment()(
        created in any_stamp(),
        text in any_text(),
        edited in option::of(0..9_000_000_000_000_i64),
        deleted in any::<bool>(),
        by in subsequence(vec!["p0", "p1", "p2"], 0..3),
        reaction in select(vec!["+1", "😀"]),
    ) -> Comment {
        let reactions = by.into_iter().map(|by| Reaction { by: user(by), reaction: reaction.to_owned() });
        Comment {
            id: CommentId::new("x").unwrap(),
            card: card("x"),
            created,
            text,
            edited,
            deleted,
            reactions: reactions.collect(),
            damaged: false,
        }
    }
}

fn any_comments() -> impl Strategy<Value = Vec<Comment>> {
    vec(any_comment(), 0..3)
}

prop_compose! {
    fn any_card(columns: Vec<&'static str>)(
        id in "[A-Z][a-z]{3}",
        column_id in select(columns),
        order in any_key(),
        title in any_text(),
        body in option::of(any_text()).prop_map(|body| body.filter(|body| !body.is_empty())),
        assignees in subsequence(vec!["p0", "p1", "p2"], 0..3),
        labels in subsequence(vec!["l0", "l1", "l2", "l3"], 0..4),
        checklist in any_checklist(),
        attachments in any_attachments(),
        due in option::of(1..29_u8),
        priority in select(Priority::ALL),
        stamps in any_stamps(),
        comments in any_comments(),
        votes in subsequence(vec!["p0", "p1", "p2"], 0..3),
    ) -> ImportedCard {
        let [body_edited, created, done, archived, deleted] = stamps;
        let due = due.and_then(|day| Day::new(&format!("2026-02-{day:02}")).ok());
        let card = Card {
            id: card(&id),
            column: column(column_id),
            order,
            title,
            has_body: body.is_some(),
            body_edited,
            assignees: assignees.into_iter().map(user).collect::<Vec<UserId>>(),
            labels: labels.into_iter().map(label).collect(),
            checklist,
            attachments,
            due,
            priority,
            created: created.unwrap(),
            done,
            archived,
            deleted,
            damaged: false,
        };
        let comments = comments.into_iter().enumerate().map(|(number, comment)| {
            let id = CommentId::new(&format!("{id}-{number}")).unwrap();
            Comment { id, card: card.id.clone(), ..comment }
        });
        let mut comments: Vec<_> = comments.collect();
        comments.sort_by(|a, b| (a.created.at, &a.id).cmp(&(b.created.at, &b.id)));
        ImportedCard { card, body, comments, votes: votes.into_iter().map(user).collect() }
    }
}

fn unique(mut cards: Vec<ImportedCard>) -> Vec<ImportedCard> {
    let mut seen: Vec<CardId> = Vec::new();
    cards.retain(|new| {
        let is_new = !seen.contains(&new.card.id);
        seen.push(new.card.id.clone());
        is_new
    });
    cards
}

/// Any board, as an import into a new room makes it.
pub(super) fn any_board() -> impl Strategy<Value = Import> {
    let columns = (any_column(0), any_column(1), any_column(2), any_column(3), 1..5_usize)
        .prop_map(|(a, b, c, d, count)| [a, b, c, d].into_iter().take(count).collect::<Vec<_>>());
    let labels = (any_label(0), any_label(1), any_label(2), 0..4_usize)
        .prop_map(|(a, b, c, count)| [a, b, c].into_iter().take(count).collect::<Vec<_>>());
    let people = (any_person(0), any_person(1), any_person(2), 0..4_usize)
        .prop_map(|(a, b, c, count)| [a, b, c].into_iter().take(count).collect::<Vec<_>>());
    let lanes = vec!["todo", "A", "doing", "B", "done", "C", "D", "gone"];
    (any_line(), columns, labels, people, vec(any_card(lanes), 0..12)).prop_map(
        |(title, columns, labels, people, cards)| Import {
            title,
            columns,
            labels,
            people,
            cards: unique(cards),
            brings_ids: true,
        },
    )
}

/// Where to change a file, and into what.
pub(super) fn any_damage() -> impl Strategy<Value = Vec<(u32, Option<char>)>> {
    let letter = select(vec![
        '"', '{', '}', '[', ']', ',', '\n', '0', '\\', '-', '😀', ':', 'n', '\t', '#', ' ',
    ]);
    vec((any::<u32>(), option::of(letter)), 1..6)
}

/// The file with those changes: a character taken away or put in.
pub(super) fn damaged(text: &str, damage: &[(u32, Option<char>)]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for (place, letter) in damage {
        let at = usize::try_from(*place).unwrap() % (letters.len() + 1);
        match letter {
            Some(letter) => letters.insert(at, *letter),
            None if at < letters.len() => drop(letters.remove(at)),
            None => letters.truncate(at / 2),
        }
    }
    letters.into_iter().collect()
}
