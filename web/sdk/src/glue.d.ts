// The WASM package is built, not kept: this stands for it where it has not been built yet.

declare module "*/pkg/warroom.js" {
  const init: (options: { module_or_path: URL }) => Promise<unknown>;
  export default init;
}

declare module "*/pkg/formats.js" {
  const init: (options: { module_or_path: URL }) => Promise<unknown>;
  export default init;
}

declare module "*_inline.js" {
  /** The WASM, packed with gzip, in base64. */
  const packed: string;
  export default packed;
}
