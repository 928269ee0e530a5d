/** Reads a stream of server-sent events with `fetch`, since EventSource can carry no token. */

export interface ServerEvent {
  id: string | null;
  name: string;
  data: string;
}

/** The events of an answer's body, until it ends. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      yield parse(block);
    }
  }
}

function parse(block: string): ServerEvent {
  const event: ServerEvent = { id: null, name: "message", data: "" };
  for (const line of block.split("\n")) {
    const [, field, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (field === "id") {
      event.id = value ?? null;
    } else if (field === "event") {
      event.name = value ?? "";
    } else if (field === "data") {
      event.data += value ?? "";
    }
  }
  return event;
}
