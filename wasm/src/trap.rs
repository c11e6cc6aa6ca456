//! A panic ends this instance of the WASM: nothing in it may be trusted or called again. JavaScript is told, throws the
//! instance away and opens a fresh one from `IndexedDB`, which learns what was in hand when it happened.

use std::cell::{Cell, RefCell};
use std::panic;
use std::rc::{Rc, Weak};

use js_sys::{Array, Function};
use warroom_engine::{Hash, in_hand};
use wasm_bindgen::JsValue;

thread_local! {
    static TRAPPED: Cell<bool> = const { Cell::new(false) };
    static HOOKED: Cell<bool> = const { Cell::new(false) };
    /// Who wants to know: one function for each open board.
    static LISTENERS: RefCell<Vec<Weak<Function>>> = const { RefCell::new(Vec::new()) };
}

/// Whether this instance broke down. What the browser still delivers is then ignored.
pub(crate) fn is_trapped() -> bool {
    TRAPPED.with(Cell::get)
}

/// Calls `listener` with a sentence and the hashes of what was in hand (in hex) when this instance breaks down. It must
/// not call back into the instance.
pub(crate) fn watch(listener: &Rc<Function>) {
    LISTENERS.with_borrow_mut(|all| {
        all.retain(|other| other.strong_count() > 0);
        all.push(Rc::downgrade(listener));
    });
    if HOOKED.with(|hooked| hooked.replace(true)) {
        return;
    }
    panic::set_hook(Box::new(|info| {
        TRAPPED.with(|trapped| trapped.set(true));
        let message = JsValue::from_str(&info.to_string());
        let hashes: Array =
            in_hand().iter().map(|hash| JsValue::from_str(&hex_of_hash(hash))).collect();
        // a panic inside the list itself must not panic again
        let listeners: Vec<_> = LISTENERS
            .with(|all| all.try_borrow().map(|all| all.iter().filter_map(Weak::upgrade).collect()))
            .unwrap_or_default();
        for listener in listeners {
            let _thrown = listener.call2(&JsValue::NULL, &message, &hashes);
        }
    }));
}

fn hex_of_hash(hash: &Hash) -> String {
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// A hash as this module told it to JavaScript.
pub(crate) fn hash_of_hex(hex: &str) -> Option<Hash> {
    let digits: Option<Vec<u8>> = hex
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| digit.try_into().ok()))
        .collect();
    let (pairs, rest) = digits.as_ref()?.as_chunks::<2>();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    if rest.is_empty() { bytes.try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_as_it_was_told_and_nothing_else_is() {
        let hash: Hash = std::array::from_fn(|index| u8::try_from(index * 8).unwrap());
        let hex = hex_of_hash(&hash);
        assert_eq!((hex.len(), hash_of_hex(&hex)), (64, Some(hash)));
        let (shorter, foreign) = (hex.replace('8', ""), hex.replace('8', "g"));
        for other in ["", "0", &shorter, &format!("{hex}0"), &format!("{hex}00"), &foreign] {
            assert_eq!(hash_of_hex(other), None, "{other}");
        }
    }
}
