//! Reading a JSON tree by hand, with the path of each value at hand for an error.

use serde_json::{Map, Value};

use super::{FilePlace, ImportError, Wrong};
use crate::board::{Day, Stamp};
use crate::error::CommandError;

/// A value in a JSON tree. The path is put together only when something is wrong.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    value: &'a Value,
    parent: Option<&'a Node<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

const NULL: Value = Value::Null;

/// The tree of a file.
pub(super) fn parse(text: &str) -> Result<Value, ImportError> {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        let place = FilePlace::Line { line: error.line(), column: Some(error.column()) };
        let words = error.to_string();
        let what = words.split(" at line ").next().unwrap_or_default();
        let wrong =
            (["this is not JSON, ", what].concat(), "export the file again, it may be cut off");
        ImportError::at(place, wrong)
    })
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, parent: None, step: Step::Root }
    }

    fn path(&self) -> String {
        let before = self.parent.map(Self::path).unwrap_or_default();
        match self.step {
            Step::Root => String::new(),
            Step::Key(key) if before.is_empty() => key.to_owned(),
            Step::Key(key) => [&before, ".", key].concat(),
            Step::Index(index) => [&before, "[", &index.to_string(), "]"].concat(),
        }
    }

    pub(super) fn wrong(&self, wrong: Wrong) -> ImportError {
        let path = self.path();
        let place = if path.is_empty() { FilePlace::File } else { FilePlace::Path(path) };
        ImportError::at(place, wrong)
    }

    fn is_not(&self, wanted: &str) -> ImportError {
        self.wrong((["this is not ", wanted].concat(), "correct it, or export the file again"))
    }

    /// What is under `key`; null where it is absent.
    pub(super) fn at<'b>(&'b self, key: &'b str) -> Node<'b>
    where
        'a: 'b,
    {
        let value = self.value.get(key).unwrap_or(&NULL);
        Node { value, parent: Some(self), step: Step::Key(key) }
    }

    pub(super) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    pub(super) fn object(&self) -> Result<&'a Map<String, Value>, ImportError> {
        self.value.as_object().ok_or_else(|| self.is_not("an object"))
    }

    /// The elements of a list; none where it is absent. `dyn`: one copy in the WASM, not one for each list.
    pub(super) fn each(
        &self,
        read: &mut dyn FnMut(&Node<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        if self.is_null() {
            return Ok(());
        }
        let list = self.value.as_array().ok_or_else(|| self.is_not("a list"))?;
        for (index, value) in list.iter().enumerate() {
            read(&Node { value, parent: Some(self), step: Step::Index(index) })?;
        }
        Ok(())
    }

    pub(super) fn text(&self) -> Result<&'a str, ImportError> {
        self.value.as_str().ok_or_else(|| self.is_not("a text"))
    }

    pub(super) fn maybe_text(&self) -> Result<Option<&'a str>, ImportError> {
        if self.is_null() { Ok(None) } else { self.text().map(Some) }
    }

    /// A text; empty where it is absent.
    pub(super) fn text_or_empty(&self) -> Result<String, ImportError> {
        Ok(self.maybe_text()?.unwrap_or_default().to_owned())
    }

    /// Yes or no; absent is no.
    pub(super) fn truth(&self) -> Result<bool, ImportError> {
        if self.is_null() {
            return Ok(false);
        }
        self.value.as_bool().ok_or_else(|| self.is_not("true or false"))
    }

    pub(super) fn number(&self) -> Result<u64, ImportError> {
        self.value.as_u64().ok_or_else(|| self.is_not("a whole number"))
    }

    pub(super) fn maybe_number(&self) -> Result<Option<u64>, ImportError> {
        if self.is_null() { Ok(None) } else { self.number().map(Some) }
    }

    /// Any number; 0 where it is none.
    pub(super) fn fraction(&self) -> f64 {
        self.value.as_f64().unwrap_or(0.0)
    }

    /// An element of a list; null where there is none.
    pub(super) fn index<'b>(&'b self, index: usize) -> Node<'b>
    where
        'a: 'b,
    {
        let value = self.value.get(index).unwrap_or(&NULL);
        Node { value, parent: Some(self), step: Step::Index(index) }
    }

    pub(super) fn id<Id: TryFrom<String, Error = CommandError>>(&self) -> Result<Id, ImportError> {
        let id = Id::try_from(self.text()?.to_owned());
        id.map_err(|error| self.wrong((error.to_string(), "correct it, or leave it out")))
    }

    /// A word of an enumeration; none where it is absent.
    pub(super) fn word<T>(&self, of_word: fn(&str) -> Option<T>) -> Result<Option<T>, ImportError> {
        let Some(word) = self.maybe_text()? else { return Ok(None) };
        let known = of_word(word).ok_or_else(|| {
            let to_do = "docs/FORMATS.md names those that there are; null is none";
            self.wrong((["an unknown word, ", word].concat(), to_do))
        });
        known.map(Some)
    }

    pub(super) fn day(&self) -> Result<Option<Day>, ImportError> {
        let Some(text) = self.maybe_text()? else { return Ok(None) };
        Day::new(text).map(Some).map_err(|_| self.is_not("a day such as 2026-01-31"))
    }

    fn moment(&self) -> Result<i64, ImportError> {
        let moment = i64::try_from(self.number()?).ok();
        let moment = moment.filter(|moment| *moment <= crate::board::MOMENT_MAX);
        moment.ok_or_else(|| self.is_not("a moment in milliseconds since 1970"))
    }

    /// A moment; none where it is absent.
    pub(super) fn maybe_moment(&self) -> Result<Option<i64>, ImportError> {
        if self.is_null() { Ok(None) } else { self.moment().map(Some) }
    }

    /// A stamp; none where it is absent.
    pub(super) fn stamp(&self) -> Result<Option<Stamp>, ImportError> {
        if self.is_null() {
            return Ok(None);
        }
        self.object()?;
        Ok(Some(Stamp { at: self.at("at").moment()?, by: self.at("by").id()? }))
    }
}
