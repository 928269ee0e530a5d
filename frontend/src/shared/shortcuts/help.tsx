/** All keys that do something on the present page. */

import "./shortcuts.css";
import { Dialog } from "../ui/dialog";
import { keysOn, offered, turnKeys } from "./registry";

const NAMES: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
};

export default function ShortcutHelp({ close }: { close: () => void }) {
  return (
    <Dialog title="Keys" close={close}>
      <p class="quiet">These keys work on this page, but not while a text is typed.</p>
      {offered().map((group) => (
        <section key={group.name} class="stack-small" aria-label={group.name}>
          <h3>{group.name}</h3>
          <dl class="shortcuts">
            {group.shortcuts.map((one) => (
              <div key={one.keys}>
                <dt>
                  {one.keys.split(" ").map((key, index) => (
                    <span key={key}>
                      {index > 0 && <span class="quiet"> then </span>}
                      <kbd>{key.split("+").map((part) => NAMES[part] ?? part).join(" + ")}</kbd>
                    </span>
                  ))}
                </dt>
                <dd>{one.label}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label class="row">
        <input type="checkbox" checked={keysOn.value} onChange={(event) => turnKeys(event.currentTarget.checked)} />
        Single keys do something in this browser
      </label>
    </Dialog>
  );
}
