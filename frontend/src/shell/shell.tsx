/** What surrounds every page: the way around, notices that concern all, and the token's question. */

import { useState } from "preact/hooks";
import { isRightToken, Problem, setToken, token } from "../shared/api/client";
import { linkState } from "../shared/live/stream";
import { currentUrl } from "../shared/router";
import { Shortcuts } from "../shared/shortcuts";
import { Button } from "../shared/ui/basic";
import { Link } from "../shared/ui/link";
import { Menu } from "../shared/ui/menu";
import { theme, type Theme } from "./theme";

export const SECTIONS: [string, string][] = [
  ["/", "Overview"],
  ["/batches", "Batches"],
  ["/folders", "Folders"],
  ["/connections", "Connections"],
  ["/prompts", "Prompts"],
];
const THEMES: [Theme, string][] = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function Header() {
  const path = currentUrl.value.pathname;
  const isHere = (section: string) => (section === "/" ? path === "/" : path === section || path.startsWith(`${section}/`));
  return (
    <header class="top">
      <Link href="/" class="brand">
        <img src="/favicon.svg" alt="" width="24" height="24" /> docstage
      </Link>
      <nav class="nav" aria-label="Sections">
        {SECTIONS.map(([href, name]) => (
          <Link key={href} href={href} aria-current={isHere(href) ? "page" : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <div class="top-tools">
        <Shortcuts />
        <Menu
          label={`Colours: ${THEMES.find(([name]) => name === theme.value)?.[1] ?? ""}`}
          items={THEMES.map(([name, text]) => ({ name: text, act: () => void (theme.value = name) }))}
        >
          ◐
        </Menu>
      </div>
    </header>
  );
}

/** Says so while the server does not answer. */
export function ConnectionNotice() {
  return (
    <div role="status" aria-live="polite">
      {linkState.value === "reconnecting" && (
        <p class="strip">
          The connection to docstage is lost; trying again. What is shown may be old, and comes up to date by itself.
        </p>
      )}
    </div>
  );
}

const WRONG_TOKEN = "This token is not the right one.";

/** Asks for the token of this server. Only the right one is taken, since all tabs share the stream. */
export function TokenForm() {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState(token.value ? WRONG_TOKEN : "");
  const give = async (value: string) => {
    try {
      if (await isRightToken(value)) {
        setToken(value);
      } else {
        setProblem(WRONG_TOKEN);
      }
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : String(error));
    }
  };
  return (
    <form
      class="card stack token-form"
      onSubmit={(event) => {
        event.preventDefault();
        void give(text.trim());
      }}
    >
      <h1>Token</h1>
      <p>
        This server is protected. Its token is in the settings of whoever runs it (<code>DOCSTAGE_TOKEN</code>). It is kept
        until you close this tab.
      </p>
      {problem && (
        <p id="token-problem" class="field-error" role="alert">
          {problem}
        </p>
      )}
      <div class="field">
        <label for="token">Token</label>
        <input
          id="token"
          class="input"
          type="password"
          autocomplete="current-password"
          required
          aria-invalid={problem !== "" || undefined}
          aria-describedby={problem ? "token-problem" : undefined}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <div>
        <Button kind="primary" type="submit">
          Continue
        </Button>
      </div>
    </form>
  );
}
