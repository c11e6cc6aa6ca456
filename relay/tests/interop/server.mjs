// A stock automerge-repo sync server on a folder, to put under the same load as ours:
//   npm run stock-server --workspace @warroom/interop -- <port> <folder>
// It prints its process, for the load generator's --pid.

import process from "node:process";

import { Repo } from "@automerge/automerge-repo";
import { WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { WebSocketServer } from "ws";

const [port, folder] = process.argv.slice(2);
if (port === undefined || folder === undefined) {
  console.error("give a port and a folder: stock-server -- 3030 /tmp/stock");
  process.exit(2);
}
const sockets = new WebSocketServer({ host: "127.0.0.1", port: Number(port) });
new Repo({
  network: [new WebSocketServerAdapter(sockets)],
  storage: new NodeFSStorageAdapter(folder),
  // as its own sync server: whoever knows an id may have the document, and nobody is told of any
  sharePolicy: () => Promise.resolve(false),
});
sockets.on("listening", () => {
  console.log(process.pid);
});
