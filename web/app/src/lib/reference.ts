/** A short name for a card that people can say aloud: the room's letters and four signs made from the card's id. */

/** Crockford's base 32: no I, L, O or U, so that nothing is misread. */
const SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * The reference of a card, such as `AL-K7Q2`. Made from the id alone, so it is the same everywhere and offline. Of 1,000
 * cards about one in two boards has a pair with equal references: it is for talking, never for finding.
 */
export function reference(cardId: string, room: string): string {
  let hash = 0x811c9dc5; // FNV-1a, 32 bits
  for (let index = 0; index < cardId.length; index += 1) hash = Math.imul(hash ^ cardId.charCodeAt(index), 0x01000193);
  let signs = "";
  for (let place = 0; place < 4; place += 1) signs += SIGNS.charAt((hash >>> (place * 5)) & 31);
  return `${prefix(room)}-${signs}`;
}

function prefix(room: string): string {
  const words = room.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const letters = words.length > 1 ? words.map((word) => Array.from(word)[0] ?? "").join("") : (words[0] ?? "WR");
  return Array.from(letters).slice(0, 2).join("").toLocaleUpperCase("en");
}
