// A board as the frontend holds it: joins the engine's outputs into snapshots and sends verbs.

import type {
  ActivityOptions,
  Board,
  BoardOptions,
  BoardSnapshot,
  BoardStatus,
  Edit,
  Found,
  Notice,
  PastBoard,
  SinceAway,
  StatusFacts,
  TextHandle,
  Unsubscribe,
} from "./api.ts";
import { ImportRefused } from "./api.ts";
import { BoardStore } from "./board-store.ts";
import { after, now } from "./clock.ts";
import { debugLog } from "./debug.ts";
import { Edits } from "./edits.ts";
import { EngineRunner } from "./engine-runner.ts";
import type {
  ActivityPage,
  Card,
  CardId,
  Command,
  Conflict,
  Delta,
  Imported,
  ImportFormat,
  Moment,
  PastCard,
  Status,
  TextFormat,
  TextTarget,
} from "./generated.ts";
import { Past } from "./history.ts";
import { Imports } from "./imports.ts";
import { CLOSE_MS_MAX } from "./limits.ts";
import { tell } from "./listeners.ts";
import type { EngineOutput, FromEngine, StartEngine, ToEngine } from "./messages.ts";
import { askToPersist, watchPage } from "./page.ts";
import { PresenceClient } from "./presence.ts";
import { Questions } from "./questions.ts";
import { TalkStore } from "./talk-store.ts";
import { textKey, TextSession } from "./text-session.ts";
import { Verbs } from "./verbs.ts";

const FACTS: StatusFacts = {
  unsaved: 0,
  unstored: 0,
  waiting: 0,
  storage: "durable",
  quarantined: 0,
  leftOut: 0,
  lastSavedAt: null,
};

const RESTORE_SKIPPED = "the card's body could only be read, or a part of its history has not arrived here: try again later";

/** The board behind {@link Board}. */
export class BoardClient extends Verbs implements Board {
  readonly room: string;
  readonly presence: PresenceClient;
  readonly #options: BoardOptions;
  readonly #runner: EngineRunner;
  readonly #edits: Edits;
  readonly #questions: Questions;
  readonly #imports: Imports;
  readonly #past: Past;
  readonly #store = new BoardStore();
  readonly #talk: TalkStore;
  readonly #texts = new Map<string, TextSession>();
  /** Which text a command was for, until it is answered. */
  readonly #typing = new Map<number, { readonly session: TextSession; readonly opens: boolean }>();
  readonly #listeners = new Set<(snapshot: BoardSnapshot) => void>();
  readonly #noticeListeners = new Set<(notice: Notice) => void>();
  readonly #log = debugLog("board");
  readonly #stopPage: () => void;
  #status: BoardStatus = { ...FACTS, phase: "opening" };
  #engineStatus: Status | null = null;
  #snapshot: BoardSnapshot;
  /** Whether this engine has read its board. */
  #ready = false;
  /** What an engine after a breakdown would have shown first: it holds if that engine says nothing else. */
  #unshown: Delta | null = null;
  #closed = false;
  #cancelClosing: () => void = () => undefined;

  constructor(room: string, options: BoardOptions, start: StartEngine) {
    super();
    this.room = room;
    this.#options = options;
    this.#runner = new EngineRunner(start, {
      started: (breakdowns) => {
        this.#post({ type: "open", room, relay: options.relay, person: options.person, breakdowns });
      },
      received: (message) => {
        this.#receive(message);
      },
      broken: () => {
        this.#handleBroken();
      },
      failed: (error) => {
        this.#setStatus({ ...this.#facts(), phase: "failed", error });
      },
    });
    this.#edits = new Edits((number, command) => {
      this.#post({ type: "command", number, command });
    });
    this.#questions = new Questions((number, question) => {
      this.#post({ type: "ask", number, question });
    });
    this.#imports = new Imports((message) => {
      this.#post(message);
    });
    this.#past = new Past(this.#questions);
    this.presence = new PresenceClient((presence) => {
      this.#post({ type: "presence", presence });
    });
    this.#talk = new TalkStore(options.person.id);
    this.#snapshot = { ...this.#store.view, talk: this.#talk.view, peers: [], status: this.#status };
    this.#stopPage = watchPage({
      hidden: () => {
        this.flush();
      },
      online: () => {
        this.#post({ type: "retry" });
        this.#runner.retry();
      },
      offline: () => {
        this.#post({ type: "offline" });
      },
    });
    options.signal?.addEventListener("abort", () => {
      this.close();
    });
    if (options.signal?.aborted === true) this.close();
    else this.#runner.start();
  }

  getSnapshot(): BoardSnapshot {
    return this.#snapshot;
  }

  subscribe(listener: (snapshot: BoardSnapshot) => void): Unsubscribe {
    this.#listeners.add(listener);
    listener(this.#snapshot);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  onNotice(listener: (notice: Notice) => void): Unsubscribe {
    this.#noticeListeners.add(listener);
    return () => {
      this.#noticeListeners.delete(listener);
    };
  }

  card(id: CardId): Card | undefined {
    return this.#store.card(id);
  }

  search(text: string): Promise<Found> {
    return this.#questions.ask({ type: "search", text });
  }

  async export(format: TextFormat): Promise<string> {
    const { text } = await this.#questions.ask({ type: "export", format });
    return text;
  }

  importFile(format: ImportFormat, text: string): Promise<Imported> {
    return this.#closed ? closedImport() : this.#imports.add(format, text);
  }

  async exportRoom(): Promise<Uint8Array> {
    const { base64 } = await this.#questions.ask({ type: "exportRoom" });
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  }

  importRoom(file: Uint8Array): Promise<Imported> {
    return this.#closed ? closedImport() : this.#imports.addRoom(file);
  }

  history(options?: ActivityOptions): Promise<ActivityPage> {
    return this.#past.activity(options);
  }

  at(moment: Moment): Promise<PastBoard> {
    return this.#past.boardAt(moment);
  }

  conflicts(): Promise<readonly Conflict[]> {
    return this.#past.conflicts();
  }

  away(since: Moment): Promise<SinceAway> {
    return this.#past.away(since);
  }

  cardAt(card: CardId, moment: Moment): Promise<PastCard> {
    return this.#past.cardAt(card, moment);
  }

  openText(target: TextTarget): TextHandle {
    const key = textKey(target);
    let session = this.#texts.get(key);
    if (session === undefined) {
      const painted = target.field === "title" ? (this.#store.card(target.card)?.title ?? "") : "";
      const send = (command: Command): number => this.#sendText(key, command);
      session = new TextSession(target, painted, send, () => this.#texts.delete(key));
      this.#texts.set(key, session);
    }
    return session.open();
  }

  flush(): void {
    for (const session of this.#texts.values()) session.flush();
    this.#post({ type: "flush" });
  }

  retry(): void {
    if (this.#status.phase === "failed") this.#setStatus({ ...this.#facts(), phase: "opening" });
    this.#post({ type: "retry" });
    this.#runner.retry();
  }

  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#stopPage();
    this.#setStatus({ ...this.#facts(), phase: "closed" });
    this.#cancelClosing = after(CLOSE_MS_MAX, () => {
      this.#end();
    });
    this.#endWhenIdle();
  }

  /** Closed: what was done before the engine had read the board still gets there. */
  #endWhenIdle(): void {
    if (!this.#closed) return;
    const isTyped = [...this.#texts.values()].some(({ isWaiting }) => isWaiting);
    if (!isTyped && !this.#edits.hasUnsent) this.#end();
  }

  #end(): void {
    this.#cancelClosing();
    this.#edits.close();
    this.#questions.close();
    this.#imports.close();
    this.#runner.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected send(id: string, command: Command): Edit {
    if (this.#closed) return this.#edits.refuse(id, "closed", "the board is closed: open it again");
    const edit = this.#edits.add(command, id);
    this.#log("edit", { type: command.type, number: edit.number });
    askToPersist();
    this.#settleStatus();
    return edit;
  }

  #sendText(key: string, command: Command): number {
    const { number } = this.#edits.add(command, "");
    const session = this.#texts.get(key);
    if (session !== undefined && (command.type === "editText" || command.type === "openText")) {
      this.#typing.set(number, { session, opens: command.type === "openText" });
    }
    return number;
  }

  #post(message: ToEngine): void {
    this.#runner.post(message);
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case "outputs":
        this.#log("outputs", { characters: message.json.length });
        this.#handleOutputs(JSON.parse(message.json) as EngineOutput[]);
        return;
      case "done":
        this.#edits.handleDone(message.number, message.edit);
        this.#typing.get(message.number)?.session.handleDone(message.number, message.edit);
        this.#typing.delete(message.number);
        this.#settleUnchanged(message.edit);
        return;
      case "refused":
        this.#handleRefused(message);
        return;
      case "unanswered":
        this.#questions.handleUnanswered(message);
        return;
      case "imported":
        this.#imports.handleImported(message.number, message.imported);
        return;
      case "unimported":
        this.#imports.handleUnimported(message);
        return;
      case "broken":
        return; // the runner has dealt with it
    }
  }

  /** A verb that changed nothing is followed by no status: the last one says where everything is. */
  #settleUnchanged(edit: number): void {
    const status = this.#engineStatus;
    if (status === null || edit > status.editsMade) return;
    this.#edits.handleStatus(status);
    this.#settleStatus();
  }

  #handleRefused({ number, code, message }: Extract<FromEngine, { type: "refused" }>): void {
    const refusal = this.#edits.handleRefused(number, code, message);
    const typing = this.#typing.get(number);
    this.#typing.delete(number);
    if (typing?.opens === true) typing.session.handleOpenRefused();
    else typing?.session.handleRefused(number);
    if (refusal === "refused") this.#notice({ type: "refused", code, message });
    if (refusal === "notKept") this.#notice({ type: "notKept", edits: 1 });
    this.#settleStatus();
  }

  #handleOutputs(outputs: readonly EngineOutput[]): void {
    let changed = false;
    for (const output of outputs) {
      switch (output.type) {
        case "projected":
          if (this.#store.view.ready) this.#unshown = output.reset;
          else changed = this.#store.apply([output.reset]) || changed;
          break;
        case "deltas":
          changed = this.#store.apply(output.deltas) || changed;
          changed = this.#applyTalk(output.deltas) || changed;
          for (const delta of output.deltas) this.#handleDelta(delta);
          break;
        case "presence":
          changed = this.presence.handleDeltas(output.deltas) || changed;
          break;
        case "status":
          this.#engineStatus = output.status;
          if (output.status.phase !== "opening") {
            if (this.#unshown !== null) changed = this.#store.apply([this.#unshown]) || changed;
            this.#handleReady();
          }
          this.#edits.handleStatus(output.status);
          for (const session of this.#texts.values()) session.handleStored(output.status.editsStored);
          changed = this.#nextStatus() || changed;
          break;
        case "answer":
          this.#questions.handleAnswer(output.number, output.answer);
          break;
        case "unanswered":
          this.#questions.handleUnanswered(output);
          break;
        case "closed":
          this.#runner.handleClosed();
          break;
      }
    }
    if (changed) this.#publish();
    this.#endWhenIdle();
  }

  #handleDelta(delta: Delta): void {
    switch (delta.type) {
      case "reset":
        this.#handleReady();
        return;
      case "textProjected":
        this.#texts.get(textKey(delta.text))?.handleProjected(delta.content);
        return;
      case "textOpened":
        this.#texts.get(textKey(delta.text))?.handleOpened(delta.content);
        return;
      case "textSpliced":
        this.#texts.get(textKey(delta.text))?.handleSpliced(delta.origin, delta.splice);
        return;
      case "restoreSkipped":
        this.#notice({ type: "refused", code: "refused", message: RESTORE_SKIPPED });
        return;
      case "undoSkipped":
        this.#notice({ type: "undoSkipped", card: delta.card });
        return;
      case "cardPut":
        this.#texts.get(textKey({ field: "title", card: delta.card.id }))?.handleCard();
        this.#texts.get(textKey({ field: "body", card: delta.card.id }))?.handleCard();
        return;
      case "roomRenamed":
      case "columnPut":
      case "labelPut":
      case "personPut":
      case "commentPut":
      case "votesPut":
      case "seenPut":
        return;
      case "talkReset":
        this.#edits.handleTalkReady();
        this.#imports.handleTalkReady();
        return;
    }
  }

  #applyTalk(deltas: readonly Delta[]): boolean {
    const before = this.#talk.view;
    for (const delta of deltas) this.#talk.apply(delta);
    return this.#talk.settle() !== before;
  }

  /** The engine has read the board: what waited goes out. */
  #handleReady(): void {
    this.#unshown = null;
    if (this.#ready) return;
    this.#ready = true;
    this.presence.handleReady();
    this.#edits.handleReady();
    this.#questions.handleReady();
  }

  /** The engine is gone, and a new one may follow. */
  #handleBroken(): void {
    this.#ready = false;
    this.#unshown = null;
    this.#engineStatus = null;
    this.#typing.clear();
    const lost = this.#edits.handleBroken();
    if (lost > 0) this.#notice({ type: "notKept", edits: lost });
    this.#questions.handleBroken();
    this.#imports.handleBroken();
    for (const session of this.#texts.values()) session.handleRestarted();
    const left = this.presence.handleBroken();
    if (this.#nextStatus() || left) this.#publish();
  }

  #facts(): StatusFacts {
    const status = this.#engineStatus;
    const queued = this.#queued;
    if (status === null) {
      const { unsaved: _unsaved, ...rest } = this.#status;
      return { ...rest, unsaved: Math.max(queued, rest.waiting), unstored: queued };
    }
    const isNewlySaved = status.phase === "saved" && queued === 0 && this.#status.phase !== "saved";
    return {
      unsaved: queued + Math.max(0, status.editsMade - status.editsOnRelay),
      unstored: queued + Math.max(0, status.editsMade - status.editsStored),
      waiting: status.waiting,
      storage: status.storage,
      quarantined: status.quarantined,
      leftOut: status.leftOut,
      lastSavedAt: isNewlySaved ? now() : this.#status.lastSavedAt,
    };
  }

  /** Works out the status. Answers whether it changed. */
  #nextStatus(): boolean {
    if (this.#status.phase === "closed") return false;
    const facts = this.#facts();
    const next = this.#withPhase(facts);
    const changed = JSON.stringify(next) !== JSON.stringify(this.#status);
    if (changed) this.#status = next;
    return changed;
  }

  #withPhase(facts: StatusFacts): BoardStatus {
    if (this.#engineStatus === null) {
      // until a new engine speaks, the failure stands
      const { phase } = this.#status;
      return phase === "failed" ? { ...facts, phase, error: this.#status.error } : { ...facts, phase: "opening" };
    }
    const { phase, retryAt } = this.#engineStatus;
    if (phase === "offline") return { ...facts, phase, retryAt };
    return { ...facts, phase: phase === "saved" && facts.unsaved > 0 ? "syncing" : phase };
  }

  /** Edits and typing that no engine has taken yet. */
  get #queued(): number {
    const typed = [...this.#texts.values()].filter(({ isWaiting }) => isWaiting);
    return this.#edits.queued + typed.length;
  }

  #settleStatus(): void {
    if (this.#nextStatus()) this.#publish();
  }

  #setStatus(status: BoardStatus): void {
    this.#status = status;
    this.#publish();
  }

  #publish(): void {
    const [talk, peers] = [this.#talk.view, this.presence.getPeers()];
    this.#snapshot = { ...this.#store.view, talk, peers, status: this.#status };
    tell(this.#listeners, this.#snapshot);
  }

  #notice(notice: Notice): void {
    tell(this.#noticeListeners, notice);
  }
}

function closedImport(): Promise<never> {
  return Promise.reject(new ImportRefused("closed", "the board is closed: open it again"));
}
