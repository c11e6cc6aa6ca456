//! A panic ends this instance of the WASM: nothing in it may be trusted or called again. JavaScript is told, throws the
//! instance away and opens a fresh one from `IndexedDB`, which learns what was in hand when it happened.

use std::cell::{Cell, RefCell};
use std::panic;
use std::rc::{Rc, Weak};

use js_sys::{Array, Function};
use warroom_engine::in_hand;
use wasm_bindgen::JsValue;

use crate::hash;

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
            in_hand().iter().map(|hash| JsValue::from_str(&hash::to_text(hash))).collect();
        // a panic inside the list itself must not panic again
        let listeners: Vec<_> = LISTENERS
            .with(|all| all.try_borrow().map(|all| all.iter().filter_map(Weak::upgrade).collect()))
            .unwrap_or_default();
        for listener in listeners {
            let _thrown = listener.call2(&JsValue::NULL, &message, &hashes);
        }
    }));
}
