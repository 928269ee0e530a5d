/** A prompt beside what it brings: the form, and the trial of what stands in it. */

import "./workbench.css";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Draft } from "./draft";
import { TryPanel } from "./trial/try";

interface WorkbenchProps {
  draft: Draft;
  /** The form. */
  children: ComponentChildren;
}

export function PromptWorkbench({ draft, children }: WorkbenchProps) {
  const id = useId();
  return (
    <div class="prompt-workbench">
      <section class="card" aria-label="Prompt">
        {children}
      </section>
      <section class="card stack" aria-labelledby={id}>
        <div class="stack-small">
          <h2 id={id}>Try it on one document</h2>
          <p class="quiet">As it stands in the form, whether it is saved or not.</p>
        </div>
        <TryPanel draft={draft} />
      </section>
    </div>
  );
}
