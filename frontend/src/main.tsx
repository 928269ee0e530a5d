import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/components.css";
import "./theme";
import { render } from "preact";
import { App } from "./app";
import { connect } from "./live/stream";

connect();
const root = document.getElementById("app");
if (root) {
  render(<App />, root);
}
