/** An export of Trello in the shape that its JSON has, made up: lists, labels, members, checklists, archived and done cards, comments. */

const LISTS = ["Triage", "Backlog", "Doing", "Done"];
const LABELS = [["Bug", "red"], ["Idea", "sky_light"], ["Later", "black_dark"]];
const MEMBERS = ["Ann Example", "Bo Example", "Cy Example"];

/** An id as Trello makes them: 24 hexadecimal digits. */
const id = (number) => number.toString(16).padStart(24, "5");

/** The JSON of a board with so many cards. Every fiftieth is archived, every second has a description, every tenth a comment. */
export function trelloExport(count) {
  const board = id(1);
  const lists = LISTS.map((name, number) => ({ id: id(100 + number), name, closed: false, idBoard: board, pos: 65535.5 * (number + 1), subscribed: false }));
  const labels = LABELS.map(([name, color], number) => ({ id: id(200 + number), idBoard: board, name, color, uses: 3 }));
  const members = MEMBERS.map((fullName, number) => ({ id: id(300 + number), fullName, initials: "XE", username: `m${number}` }));
  const cards = Array.from({ length: count }, (_, number) => ({
    id: id(10_000 + number),
    name: `Card ${number} 😀 (with, signs)`,
    desc: number % 2 === 0 ? `About *${number}*\n\nMore, "quoted"` : "",
    closed: number % 50 === 49,
    due: number % 4 === 0 ? `2026-03-${String((number % 28) + 1).padStart(2, "0")}T09:00:00.000Z` : null,
    dueComplete: number % 8 === 0,
    idBoard: board,
    idList: id(100 + (number % LISTS.length)),
    idLabels: number % 3 === 0 ? [id(200 + (number % LABELS.length))] : [],
    idMembers: number % 5 === 0 ? [id(300 + (number % MEMBERS.length))] : [],
    idChecklists: number % 6 === 0 ? [id(50_000 + number)] : [],
    pos: (number + 1) * 16384,
    dateLastActivity: "2026-02-03T04:05:06.789Z",
    attachments: [],
  }));
  const checklists = cards.flatMap(({ id: idCard, idChecklists }) =>
    idChecklists.map((own) => ({
      id: own,
      idBoard: board,
      idCard,
      name: "Checklist",
      pos: 16384,
      checkItems: ["one", "two"].map((name, number) => ({ id: id(90_000 + number), name, pos: number + 1, state: number === 0 ? "complete" : "incomplete" })),
    })),
  );
  const actions = cards
    .filter((_, number) => number % 10 === 0)
    .map(({ id: idCard }, number) => ({
      id: id(200_000 + number),
      type: "commentCard",
      date: "2026-02-01T10:00:00.000Z",
      idMemberCreator: id(300),
      memberCreator: { id: id(300), fullName: MEMBERS[0], username: "m0" },
      data: { text: `Said ${number}`, card: { id: idCard }, board: { id: board } },
    }));
  return JSON.stringify({ id: board, name: "A made up board", closed: false, lists, labels, members, cards, checklists, actions, prefs: {} });
}
