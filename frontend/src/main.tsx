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

connect();
watchLeaving();
keepFocus();
const root = document.getElementById("app");
if (root) {
  render(<App />, root);
}
