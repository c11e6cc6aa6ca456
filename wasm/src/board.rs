//! The class that JavaScript holds. Everything crosses as JSON text; see `convert.rs`.

use std::fmt;
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert;
use crate::error::CallError;
use crate::shell::Shell;

/// One room, open in this browser.
#[wasm_bindgen]
pub struct Board {
    shell: Rc<Shell>,
}

#[wasm_bindgen]
impl Board {
    /// Opens a room: `options` is the JSON of `{room, relay, person, breakdowns}`. Returns at once; `outputs` is called with
    /// the JSON of an array of what the engine says, in a microtask. When this instance of the WASM broke down, `trapped` is
    /// called with a sentence and an array of the hashes that it had in hand: call nothing in it any more then, load a
    /// fresh one, and give it the arrays of all breakdowns so far.
    ///
    /// # Errors
    /// An `Error` with the code `badCommand` when the options or the room's address are not understood.
    pub fn open(options: &str, outputs: Function, trapped: Function) -> Result<Board, CallError> {
        let options = convert::options(options)?;
        Ok(Self { shell: Shell::open(options, outputs, trapped)? })
    }

    /// Takes the JSON of a command; answers the number of the edit, as in the status.
    ///
    /// # Errors
    /// An `Error` with one of the codes of `CommandErrorCode`, `badCommand` or `closed`; nothing was changed.
    pub fn command(&self, json: &str) -> Result<f64, CallError> {
        let edit = self.shell.command(convert::command(json)?)?;
        #[expect(
            clippy::as_conversions,
            clippy::cast_precision_loss,
            reason = "an edit a microsecond takes 285 years to pass 2^53"
        )]
        Ok(edit as f64)
    }

    /// Takes the JSON of a presence.
    ///
    /// # Errors
    /// An `Error` with the code `badCommand`.
    pub fn presence(&self, json: &str) -> Result<(), CallError> {
        self.shell.presence(convert::presence(json)?);
        Ok(())
    }

    /// Takes the JSON of a question; what is said later with this number (below 2^53) answers it.
    ///
    /// # Errors
    /// An `Error` with one of the codes of `QuestionErrorCode`, `badCommand` or `closed`.
    pub fn ask(&self, number: f64, json: &str) -> Result<(), CallError> {
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number that JavaScript counts, and only gets back"
        )]
        let number = number as u64;
        self.shell.ask(number, convert::question(json)?)
    }

    /// Takes a file of text in a format of `ImportFormat`, wholly or not at all; answers the JSON of `Imported`.
    ///
    /// # Errors
    /// An `Error` with one of the codes of `CommandErrorCode`, `badFile`, `badCommand` or `closed`; nothing was changed.
    #[wasm_bindgen(js_name = importFile)]
    pub fn import_file(&self, format: &str, text: &str) -> Result<String, CallError> {
        let format = convert::import_format(format)?;
        Ok(convert::imported(&self.shell.import(format, text)?))
    }

    /// Takes the file of this room; answers the JSON of `Imported`.
    ///
    /// # Errors
    /// As [`Self::import_file`].
    #[wasm_bindgen(js_name = importRoom)]
    pub fn import_room(&self, file: Vec<u8>) -> Result<String, CallError> {
        Ok(convert::imported(&self.shell.import_room(&file.into())?))
    }

    /// Makes the next write wait for the disk itself (the page is being hidden).
    pub fn flush(&self) {
        self.shell.flush();
    }

    /// Dials the relay now.
    pub fn retry(&self) {
        self.shell.retry();
    }

    /// The device says that it lost the network.
    pub fn offline(&self) {
        self.shell.handle_offline();
    }

    /// Writes out, says goodbye and stops; the last thing said is `closed`.
    pub fn close(&self) {
        self.shell.close();
    }
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Board").field(&self.shell).finish()
    }
}
