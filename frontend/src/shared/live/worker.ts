/** A worker that all tabs of this browser share, so that twenty tabs need one connection and not twenty. */

import { Link } from "./link";
import type { FromTab, FromWorker } from "./messages";

const ports = new Set<MessagePort>();

const link = new Link((message: FromWorker) => {
  for (const port of ports) {
    port.postMessage(message);
  }
});

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (port) {
    port.onmessage = ({ data }: MessageEvent<FromTab>) => hear(port, data);
  }
});

function hear(port: MessagePort, message: FromTab): void {
  if (message.kind === "bye") {
    ports.delete(port);
    return;
  }
  if (message.token === "" && link.hasToken) {
    // A tab that has not been given the token must neither hear what is protected nor end what others hear.
    port.postMessage({ kind: "state", state: "refused" } satisfies FromWorker);
    return;
  }
  ports.add(port);
  // First, since a token that this tab has just been given may end the refusal that it would be told of.
  link.start(message.token);
  port.postMessage(link.current);
}
