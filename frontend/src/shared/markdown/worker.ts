/** Reads Markdown beside the page, so that no text, however it is made, can make the page wait. */

import { Lexer } from "marked";

addEventListener("message", ({ data }: MessageEvent<string>) => {
  // Without its links, which are not needed any more, the list of blocks is plain data.
  postMessage([...new Lexer({ gfm: true }).lex(data)]);
});
