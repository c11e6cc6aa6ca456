// The stock JavaScript client, driven line by line: a JSON command on stdin, a JSON answer on stdout.
// What it does is what an application does: automerge-repo with its WebSocket adapter, nothing of ours.
import { createInterface } from "node:readline";
import { Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";

/** Milliseconds between two attempts to reconnect; the adapter's own default of 5 s only makes tests slow. */
const RETRY_MS = 200;

const handles = new Map();
const ephemerals = new Map(); // address → messages seen
let repo;
let relayStorage; // the relay's storage id, from its metadata

/** Resolves once `done` gives something, asking again whenever `subscribe` says that something happened. */
function until(subscribe, done) {
  return new Promise((resolve) => {
    const check = () => {
      const value = done();
      if (value !== undefined) {
        unsubscribe();
        resolve(value);
      }
    };
    const unsubscribe = subscribe(check);
    check();
  });
}

function remember(handle) {
  if (!handles.has(handle.url)) {
    handles.set(handle.url, handle);
    ephemerals.set(handle.url, []);
    handle.on("ephemeral-message", ({ senderId, message }) => {
      ephemerals.get(handle.url).push({ senderId, message });
      handle.emit("warroom-ephemeral");
    });
  }
  return { url: handle.url };
}

const listen = (handle, event) => (check) => {
  handle.on(event, check);
  return () => handle.off(event, check);
};

const commands = {
  async connect({ url }) {
    const adapter = new WebSocketClientAdapter(url, RETRY_MS);
    repo = new Repo({ network: [adapter], enableRemoteHeadsGossiping: true });
    adapter.on("peer-candidate", ({ peerMetadata }) => {
      relayStorage = peerMetadata.storageId;
    });
    await until(
      (check) => {
        adapter.on("peer-candidate", check);
        return () => adapter.off("peer-candidate", check);
      },
      () => (relayStorage ? true : undefined),
    );
    return { peer: repo.peerId, relay: adapter.remotePeerId };
  },
  /** Joins another relay as well, as an app with two servers does. */
  async connectAlso({ url }) {
    const adapter = new WebSocketClientAdapter(url, RETRY_MS);
    repo.networkSubsystem.addNetworkAdapter(adapter);
    await adapter.whenReady();
    return {};
  },
  /** Waits until the relay's storage is known to have the heads that we have. */
  async acknowledged({ url }) {
    const handle = handles.get(url);
    const same = () => {
      const info = relayStorage && handle.getSyncInfo(relayStorage);
      return info && JSON.stringify([...info.lastHeads].sort()) === JSON.stringify([...handle.heads()].sort());
    };
    await until(listen(handle, "remote-heads"), () => same() || undefined);
    return {};
  },
  async create({ value }) {
    return remember(repo.create(value));
  },
  /** Waits until the document is there, or answers `unavailable`. */
  async find({ url }) {
    try {
      return remember(await repo.find(url));
    } catch (error) {
      if (/unavailable/i.test(String(error))) return { unavailable: true };
      throw error;
    }
  },
  /** After `unavailable`: waits until somebody brings the document after all. */
  async findLater({ url }) {
    const handle = repo.findWithProgress(url).handle;
    await handle.whenReady();
    return remember(handle);
  },
  async change({ url, key, value }) {
    handles.get(url).change((doc) => {
      doc[key] = value;
    });
    return {};
  },
  /** Waits until the document says so. */
  async wait({ url, key, value }) {
    const handle = handles.get(url);
    const wanted = JSON.stringify(value);
    await until(listen(handle, "change"), () => JSON.stringify(handle.doc()[key]) === wanted || undefined);
    return {};
  },
  async broadcast({ url, message }) {
    handles.get(url).broadcast(message);
    return {};
  },
  /** Waits for an ephemeral message whose JSON contains a text. */
  async waitEphemeral({ url, text }) {
    const handle = handles.get(url);
    const seen = () => ephemerals.get(url).find(({ message }) => JSON.stringify(message)?.includes(text));
    return until(listen(handle, "warroom-ephemeral"), seen);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...rest } = JSON.parse(line);
  try {
    process.stdout.write(`${JSON.stringify(await commands[op](rest))}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error?.stack ?? error) })}\n`);
  }
}
process.exit(0);
