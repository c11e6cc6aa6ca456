//! The few functions of the global scope that are called, alike in a worker and on a page.

use js_sys::Function;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub(crate) fn date_now() -> f64;
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(crate) fn performance_now() -> f64;
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    pub(crate) fn get_random_values(into: &mut [u8]);
    #[wasm_bindgen(js_name = setTimeout)]
    pub(crate) fn set_timeout(act: &Function, ms: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    pub(crate) fn clear_timeout(timer: &JsValue);
    #[wasm_bindgen(js_name = queueMicrotask)]
    pub(crate) fn queue_microtask(act: &Function);
}

/// Something of the global scope, if it is there.
pub(crate) fn global<T: JsCast>(name: &str) -> Option<T> {
    let value = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str(name)).ok()?;
    if value.is_null() || value.is_undefined() { None } else { Some(value.unchecked_into()) }
}
