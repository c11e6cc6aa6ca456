/** Keys that belong to an input method, not to the page. */

/** Whether a key is part of composing a word. In Safari the key that ends it comes after its end; only its old code tells. */
export function composes(event: KeyboardEvent): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else tells it
  return event.isComposing || event.keyCode === 229;
}
