//! Questions out of their JSON.

use warroom_engine::{Cursor, Question, TextFormat};

use super::fields::{Fields, bad};
use crate::error::CallError;

impl Fields {
    /// The question that the object is.
    ///
    /// # Errors
    /// [`CallError::BadCall`], or [`CallError::Command`] for a text that is not an id.
    pub(super) fn question(mut self) -> Result<Question, CallError> {
        let kind = self.text("type")?;
        Ok(match kind.as_str() {
            "search" => Question::Search { text: self.text("text")? },
            "exportRoom" => Question::ExportRoom,
            "export" => Question::Export { format: self.word("format", TextFormat::of_word)? },
            "activity" => {
                let (card, limit) = (self.maybe_id("card")?, self.small_number("limit")?);
                let before = self.maybe_word("before", Cursor::of_text)?;
                Question::Activity { card, before, limit }
            }
            "boardAt" => Question::BoardAt { moment: self.moment("moment")? },
            "conflicts" => Question::Conflicts,
            "away" => Question::Away { since: self.moment("since")? },
            "cardAt" => Question::CardAt { card: self.id("card")?, moment: self.moment("moment")? },
            other => return Err(bad("an unknown question", other)),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use warroom_engine::{CardId, ChangeId, Cursor, Moment, Question, TextFormat};

    /// The JSON of one of each question, and the question.
    fn rows() -> Vec<(String, Question)> {
        let hash = "0f".repeat(32);
        let heads = vec![ChangeId([15; 32]); 2];
        let before = format!("-1.2.{hash}");
        let export = |format| Question::Export { format };
        let card = || CardId::new("c").unwrap();
        let rows = vec![
            (
                r#"{"type":"search","text":"Größe \"x\""}"#.to_owned(),
                Question::Search { text: "Größe \"x\"".to_owned() },
            ),
            (
                r#"{"type":"activity","card":null,"before":null,"limit":50}"#.to_owned(),
                Question::Activity { card: None, before: None, limit: 50 },
            ),
            (
                format!(r#"{{"type":"activity","card":"c","before":"{before}","limit":1}}"#),
                Question::Activity {
                    card: Some(card()),
                    before: Cursor::of_text(&before),
                    limit: 1,
                },
            ),
            (r#"{"type":"exportRoom"}"#.to_owned(), Question::ExportRoom),
            (r#"{"type":"export","format":"json"}"#.to_owned(), export(TextFormat::Json)),
            (r#"{"type":"export","format":"csv"}"#.to_owned(), export(TextFormat::Csv)),
            (r#"{"type":"export","format":"markdown"}"#.to_owned(), export(TextFormat::Markdown)),
            (r#"{"type":"conflicts"}"#.to_owned(), Question::Conflicts),
            (
                r#"{"type":"away","since":{"kind":"heads","heads":[]}}"#.to_owned(),
                Question::Away { since: Moment::Heads { heads: Vec::new() } },
            ),
            (
                r#"{"type":"boardAt","moment":{"kind":"time","at":5}}"#.to_owned(),
                Question::BoardAt { moment: Moment::Time { at: 5 } },
            ),
            (
                format!(
                    r#"{{"type":"cardAt","card":"c","moment":{{"kind":"heads","heads":["{hash}","{hash}"]}}}}"#
                ),
                Question::CardAt { card: card(), moment: Moment::Heads { heads } },
            ),
        ];
        assert!(Cursor::of_text(&before).is_some());
        rows
    }

    #[test]
    fn every_question_that_javascript_knows_is_read() {
        let generated = include_str!("../../../web/sdk/src/generated.ts");
        let (_, from) = generated.split_once("export type Question = ").unwrap();
        let (declaration, _) = from.split_once("\n\n").unwrap_or((from, ""));
        let tags = declaration.split("\"type\": \"").skip(1);
        let known: BTreeSet<&str> = tags.map(|rest| rest.split('"').next().unwrap()).collect();
        let mut read = BTreeSet::new();
        let rows = rows();
        for (json, wanted) in &rows {
            assert_eq!(&super::super::question(json).unwrap(), wanted, "{json}");
            let (_, kind) = json.split_once("\"type\":\"").unwrap();
            read.insert(kind.split('"').next().unwrap());
        }
        assert_eq!(read, known);
    }
}
