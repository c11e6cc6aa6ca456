//! Questions out of their JSON.

use warroom_engine::{Question, TextFormat};

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
            other => return Err(bad("an unknown question", other)),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use warroom_engine::{Question, TextFormat};

    /// The JSON of one of each question, and the question.
    fn rows() -> Vec<(&'static str, Question)> {
        let export = |format| Question::Export { format };
        vec![
            (
                r#"{"type":"search","text":"Größe \"x\""}"#,
                Question::Search { text: "Größe \"x\"".to_owned() },
            ),
            (r#"{"type":"exportRoom"}"#, Question::ExportRoom),
            (r#"{"type":"export","format":"json"}"#, export(TextFormat::Json)),
            (r#"{"type":"export","format":"csv"}"#, export(TextFormat::Csv)),
            (r#"{"type":"export","format":"markdown"}"#, export(TextFormat::Markdown)),
        ]
    }

    #[test]
    fn every_question_that_javascript_knows_is_read() {
        let generated = include_str!("../../../web/sdk/src/generated.ts");
        let (_, from) = generated.split_once("export type Question = ").unwrap();
        let (declaration, _) = from.split_once("\n\n").unwrap_or((from, ""));
        let tags = declaration.split("\"type\": \"").skip(1);
        let known: BTreeSet<&str> = tags.map(|rest| rest.split('"').next().unwrap()).collect();
        let mut read = BTreeSet::new();
        for (json, wanted) in rows() {
            assert_eq!(super::super::question(json).unwrap(), wanted, "{json}");
            let (_, kind) = json.split_once("\"type\":\"").unwrap();
            read.insert(kind.split('"').next().unwrap());
        }
        assert_eq!(read, known);
    }
}
