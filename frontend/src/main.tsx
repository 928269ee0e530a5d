import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/controls.css";
import "./styles/notices.css";
import "./styles/tables.css";
import "./styles/overlays.css";
import "./shell/theme";
import { render } from "preact";
import { watchLeaving } from "./shared/edits/unsaved";
import { connect } from "./shared/live/stream";
import { listenForKeys } from "./shared/shortcuts/registry";
import { App } from "./shell/app";
import { keepFocus } from "./shell/focus";

connect();
watchLeaving();
keepFocus();
listenForKeys();
const root = document.getElementById("app");
if (root) {
  render(<App />, root);
}
