//! Reading the fields of a JSON object by name.
//!
//! Values are read by hand: what serde derives for enums that are tagged inside first copies everything into a value of its
//! own, once for each type and reader, and made a tenth of the whole WASM; for plain structs it still costs 1 KB each. A test
//! holds this to what serde writes.

use serde_json::{Map, Value};
use warroom_engine::{
    CardId, ChangeId, ColumnId, CommandError, ConflictOwner, Hash, Hover, Moment, Person, Pointer,
    Position, Presence, Splice, TextTarget, TypingPlace, UserId,
};

use crate::error::CallError;
use crate::hash;

/// An object whose fields are taken out one by one.
pub(super) struct Fields(Map<String, Value>);

pub(super) fn bad(what: &str, key: &str) -> CallError {
    CallError::BadCall(format!("{what} `{key}`"))
}

impl Fields {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// [`CallError::BadCall`].
    pub(super) fn of_json(json: &str) -> Result<Self, CallError> {
        match serde_json::from_str(json) {
            Ok(value) => Self::of_value(value),
            Err(error) => Err(CallError::BadCall(error.to_string())),
        }
    }

    fn of_value(value: Value) -> Result<Self, CallError> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(CallError::BadCall("an object is wanted".to_owned())),
        }
    }

    /// A field that may be absent or null.
    fn maybe(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key).filter(|value| !value.is_null())
    }

    fn value(&mut self, key: &str) -> Result<Value, CallError> {
        self.maybe(key).ok_or_else(|| bad("missing", key))
    }

    pub(super) fn text(&mut self, key: &str) -> Result<String, CallError> {
        match self.value(key)? {
            Value::String(text) => Ok(text),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => Err(bad("not a text:", key)),
        }
    }

    pub(super) fn number(&mut self, key: &str) -> Result<u64, CallError> {
        self.value(key)?.as_u64().ok_or_else(|| bad("not a whole number:", key))
    }

    pub(super) fn object(&mut self, key: &str) -> Result<Self, CallError> {
        Self::of_value(self.value(key)?)
    }

    /// A list of objects.
    pub(super) fn objects(&mut self, key: &str) -> Result<Vec<Self>, CallError> {
        let Value::Array(list) = self.value(key)? else { return Err(bad("not a list:", key)) };
        let mut objects = Vec::new();
        for value in list {
            objects.push(Self::of_value(value)?);
        }
        Ok(objects)
    }

    fn maybe_object(&mut self, key: &str) -> Result<Option<Self>, CallError> {
        self.maybe(key).map(Self::of_value).transpose()
    }

    pub(super) fn id<Id: TryFrom<String, Error = CommandError>>(
        &mut self,
        key: &str,
    ) -> Result<Id, CallError> {
        Ok(Id::try_from(self.text(key)?)?)
    }

    pub(super) fn maybe_id<Id: TryFrom<String, Error = CommandError>>(
        &mut self,
        key: &str,
    ) -> Result<Option<Id>, CallError> {
        if self.is_null(key) { Ok(None) } else { self.id(key).map(Some) }
    }

    /// A field that holds a person.
    ///
    /// # Errors
    /// [`CallError::BadCall`].
    pub(super) fn person(&mut self, key: &str) -> Result<Person, CallError> {
        let mut person = self.object(key)?;
        let colour = person.number("colour")?;
        let colour = u8::try_from(colour).map_err(|_| bad("too large a number:", "colour"))?;
        let id = UserId::try_from(person.text("id")?);
        let id = id.map_err(|error| CallError::BadCall(error.to_string()))?;
        Ok(Person { id, name: person.text("name")?, colour })
    }

    fn pointer(mut self) -> Result<Pointer, CallError> {
        let (fx, fy) = (self.fraction("fx")?, self.fraction("fy")?);
        Ok(Pointer { column: self.id("column")?, card: self.maybe_id("card")?, fx, fy })
    }

    fn fraction(&mut self, key: &str) -> Result<f32, CallError> {
        let number = self.value(key)?.as_f64().ok_or_else(|| bad("not a number:", key))?;
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            reason = "a fraction loses digits that no screen shows"
        )]
        Ok(number as f32)
    }

    /// Lists of hashes in hex, as `trap.rs` tells them; none when absent.
    pub(super) fn hashes(&mut self, key: &str) -> Result<Vec<Vec<Hash>>, CallError> {
        let Some(value) = self.maybe(key) else { return Ok(Vec::new()) };
        let one = |value: &Value| value.as_str().and_then(hash::of_text);
        let list = |value: &Value| value.as_array()?.iter().map(one).collect();
        let lists = value.as_array().and_then(|lists| lists.iter().map(list).collect());
        lists.ok_or_else(|| bad("not hashes:", key))
    }

    /// A moment of the past.
    ///
    /// # Errors
    /// [`CallError::BadCall`].
    pub(super) fn moment(&mut self, key: &str) -> Result<Moment, CallError> {
        let mut moment = self.object(key)?;
        match moment.text("kind")?.as_str() {
            "time" => Ok(Moment::Time { at: moment.number("at")? }),
            "heads" => {
                let heads = moment.value("heads")?;
                let one = |value: &Value| value.as_str().and_then(ChangeId::of_text);
                let heads = heads.as_array().and_then(|heads| heads.iter().map(one).collect());
                Ok(Moment::Heads { heads: heads.ok_or_else(|| bad("not hashes:", "heads"))? })
            }
            other => Err(bad("an unknown moment", other)),
        }
    }

    pub(super) fn conflict_owner(&mut self) -> Result<ConflictOwner, CallError> {
        let mut owner = self.object("owner")?;
        Ok(match owner.text("of")?.as_str() {
            "room" => ConflictOwner::Room,
            "column" => ConflictOwner::Column { column: owner.id("column")? },
            "label" => ConflictOwner::Label { label: owner.id("label")? },
            "card" => ConflictOwner::Card { card: owner.id("card")? },
            "item" => ConflictOwner::Item { card: owner.id("card")?, item: owner.id("item")? },
            other => return Err(bad("an unknown owner", other)),
        })
    }

    pub(super) fn small_number(&mut self, key: &str) -> Result<u32, CallError> {
        u32::try_from(self.number(key)?).map_err(|_| bad("too large a number:", key))
    }

    fn hover(mut self) -> Result<Hover, CallError> {
        Ok(Hover { column: self.id("column")?, before: self.maybe_id("before")? })
    }

    pub(super) fn position<Id: TryFrom<String, Error = CommandError>>(
        &mut self,
    ) -> Result<Position<Id>, CallError> {
        let mut position = self.object("position")?;
        match position.text("at")?.as_str() {
            "start" => Ok(Position::Start),
            "end" => Ok(Position::End),
            "before" => Ok(Position::Before { id: position.id("id")? }),
            "after" => Ok(Position::After { id: position.id("id")? }),
            other => Err(bad("an unknown position", other)),
        }
    }

    pub(super) fn target(&mut self) -> Result<TextTarget, CallError> {
        let mut text = self.object("text")?;
        match text.text("field")?.as_str() {
            "title" => Ok(TextTarget::Title { card: text.id("card")? }),
            "body" => Ok(TextTarget::Body { card: text.id("card")? }),
            other => Err(bad("an unknown text", other)),
        }
    }

    pub(super) fn splice(&mut self) -> Result<Splice, CallError> {
        let mut splice = self.object("splice")?;
        let mut units = |key| {
            let number = splice.number(key)?;
            u32::try_from(number).map_err(|_| bad("too large a number:", key))
        };
        let (at, delete) = (units("at")?, units("delete")?);
        Ok(Splice { at, delete, insert: splice.text("insert")? })
    }

    /// A word of an enumeration.
    pub(super) fn word<T>(
        &mut self,
        key: &str,
        of_word: fn(&str) -> Option<T>,
    ) -> Result<T, CallError> {
        let word = self.text(key)?;
        of_word(&word).ok_or_else(|| bad("an unknown word:", &word))
    }

    pub(super) fn maybe_word<T>(
        &mut self,
        key: &str,
        of_word: fn(&str) -> Option<T>,
    ) -> Result<Option<T>, CallError> {
        if self.is_null(key) { Ok(None) } else { self.word(key, of_word).map(Some) }
    }

    pub(super) fn maybe_number(&mut self, key: &str) -> Result<Option<u64>, CallError> {
        if self.is_null(key) { Ok(None) } else { self.number(key).map(Some) }
    }

    pub(super) fn is_null(&self, key: &str) -> bool {
        self.0.get(key).is_none_or(Value::is_null)
    }

    pub(super) fn truth(&mut self, key: &str) -> Result<bool, CallError> {
        self.value(key)?.as_bool().ok_or_else(|| bad("not yes or no:", key))
    }

    /// The presence that the object is.
    ///
    /// # Errors
    /// [`CallError::BadCall`], or [`CallError::Command`] for a text that is not an id.
    pub(super) fn presence(mut self) -> Result<Presence, CallError> {
        let kind = self.text("type")?;
        Ok(match kind.as_str() {
            "viewing" => Presence::Viewing { card: self.maybe_id("card")? },
            "typing" => {
                let place = self.maybe_object("place")?;
                Presence::Typing { place: place.map(Self::typing_place).transpose()? }
            }
            "pointing" => {
                let pointer = self.maybe_object("pointer")?;
                Presence::Pointing { pointer: pointer.map(Self::pointer).transpose()? }
            }
            "idle" => Presence::Idle { idle: self.truth("idle")? },
            "grab" => Presence::Grab { cards: self.cards()? },
            "carry" => {
                let hover = self.maybe_object("hover")?;
                Presence::Carry { hover: hover.map(Self::hover).transpose()? }
            }
            "release" => Presence::Release,
            other => return Err(bad("an unknown presence", other)),
        })
    }

    fn typing_place(mut self) -> Result<TypingPlace, CallError> {
        match self.text("in")?.as_str() {
            "card" => Ok(TypingPlace::Card { card: self.id::<CardId>("card")? }),
            "composer" => Ok(TypingPlace::Composer { column: self.id::<ColumnId>("column")? }),
            other => Err(bad("an unknown place", other)),
        }
    }

    fn cards(&mut self) -> Result<Vec<CardId>, CallError> {
        let Value::Array(cards) = self.value("cards")? else {
            return Err(bad("not a list:", "cards"));
        };
        let ids = cards.iter().map(|card| {
            let id = card.as_str().ok_or_else(|| bad("not a text in", "cards"))?;
            Ok(CardId::new(id)?)
        });
        ids.collect()
    }
}
