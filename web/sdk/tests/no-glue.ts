// Stands for the glue of a WASM that has not been built.

export {};
