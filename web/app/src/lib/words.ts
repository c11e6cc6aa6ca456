/** Looking for words in what is on screen: upper and lower case and accents are alike. */

/** A text as it is compared. */
export function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase("en");
}

/** The words of what was typed, as they are compared. */
export function wordsOf(text: string): readonly string[] {
  return plain(text).split(/\s+/u).filter((word) => word !== "");
}

/** Whether a text holds each word, anywhere. */
export function matchesWords(text: string, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const where = plain(text);
  return words.every((word) => where.includes(word));
}
