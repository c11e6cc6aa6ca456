//! The browser's engine reads and writes JSON alone. This turns files of other programs into our JSON and back
//! (`docs/FORMATS.md`): a WASM of its own, which a browser loads when somebody imports or exports one.

use warroom_engine::{ImportFormat, Importer, Stamp, TextFormat, UserId, formats};
use warroom_protocol::Seed;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// Turns a file into our JSON. `format` is an `ImportFormat`, `person` the id of who imports, `now` milliseconds since 1970,
/// and `seed` has 32 random bytes, from which ids are drawn.
///
/// # Errors
/// Where the file is wrong, how, and what to do.
#[wasm_bindgen(js_name = toJson)]
pub fn to_json(
    format: &str,
    text: &str,
    person: String,
    now: i64,
    seed: &[u8],
) -> Result<String, JsError> {
    let format = ImportFormat::of_word(format).ok_or_else(|| unknown(format))?;
    Ok(formats::to_json(format, text, &mut importer(person, now, seed)?)?)
}

/// Turns our JSON, as the engine exported it, into a file. `format` is a `TextFormat`; the rest as for [`to_json`].
///
/// # Errors
/// Where the JSON is wrong, how, and what to do.
#[wasm_bindgen(js_name = fromJson)]
pub fn from_json(
    format: &str,
    json: &str,
    person: String,
    now: i64,
    seed: &[u8],
) -> Result<String, JsError> {
    let format = TextFormat::of_word(format).ok_or_else(|| unknown(format))?;
    Ok(formats::from_json(json, format, &mut importer(person, now, seed)?)?)
}

fn unknown(format: &str) -> JsError {
    JsError::new(&["an unknown format, ", format].concat())
}

fn importer(person: String, now: i64, seed: &[u8]) -> Result<Importer, JsError> {
    let seed = seed.try_into().map_err(|_| JsError::new("the seed has to have 32 bytes"))?;
    let stamp = Stamp { at: now, by: UserId::try_from(person)? };
    Ok(Importer::new(stamp, Seed(seed)))
}
