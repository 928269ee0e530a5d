import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/components.css";
import "./theme";
import { render } from "preact";
import { App } from "./app";
import { watchLeaving } from "./edits/unsaved";
import { keepFocus } from "./focus";
import { connect } from "./live/stream";
import { listenForKeys } from "./shortcuts/registry";

connect();
watchLeaving();
keepFocus();
listenForKeys();
const root = document.getElementById("app");
if (root) {
  render(<App />, root);
}
