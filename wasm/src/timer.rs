//! One timeout, which can be moved.

use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::js;
use crate::limits::TIMEOUT_MS_MAX;

/// Calls its closure when it is due. Dropping it cancels.
pub(crate) struct Timer {
    act: Closure<dyn FnMut()>,
    running: RefCell<Option<JsValue>>,
}

impl Timer {
    pub(crate) fn new(act: impl FnMut() + 'static) -> Self {
        Self { act: Closure::new(act), running: RefCell::new(None) }
    }

    /// Fires once after `delay` (0 to 24 days; longer is cut), instead of when it would have fired.
    pub(crate) fn set(&self, delay: Duration) {
        self.cancel();
        let ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX).min(TIMEOUT_MS_MAX);
        let ms = f64::from(u32::try_from(ms).unwrap_or(u32::MAX));
        let timer = js::set_timeout(self.act.as_ref().unchecked_ref(), ms);
        *self.running.borrow_mut() = Some(timer);
    }

    pub(crate) fn cancel(&self) {
        if let Some(timer) = self.running.borrow_mut().take() {
            js::clear_timeout(&timer);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer")
            .field("running", &self.running.borrow().is_some())
            .finish_non_exhaustive()
    }
}
