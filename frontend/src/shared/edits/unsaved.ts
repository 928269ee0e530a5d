/** What is typed and not saved is not lost by leaving it: a question comes first. */

import { signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { guardNavigation } from "../router";

/** Forms with unsaved changes that stand within something: a page, or a dialog. */
export class Unsaved {
  private readonly forms = new Set<object>();
  private readonly around: Unsaved | undefined;

  constructor(around?: Unsaved) {
    this.around = around;
  }

  add(form: object): void {
    this.forms.add(form);
    this.around?.add(form);
  }

  remove(form: object): void {
    this.forms.delete(form);
    this.around?.remove(form);
  }

  get any(): boolean {
    return this.forms.size > 0;
  }

  clear(): void {
    for (const form of [...this.forms]) {
      this.remove(form);
    }
  }
}

const everywhere = new Unsaved();

/** The scope a form is in; each dialog has one of its own. */
export const FormScope = createContext(everywhere);

/** What waits for the answer whether to leave. */
export const asking = signal<{ scope: Unsaved; go: () => void } | undefined>(undefined);

/** Go on at once, or after a question where something within the scope is not saved. */
export function askFirst(go: () => void, scope: Unsaved = everywhere): void {
  if (scope.any) {
    asking.value = { scope, go };
  } else {
    go();
  }
}

/**
 * Ask before the form is left, as long as it is `dirty`. Returns what ends that at once: when it was saved, or when
 * the user gave it up.
 */
export function useUnsaved(dirty: boolean): () => void {
  const scope = useContext(FormScope);
  const form = useRef({}).current;
  // At once: the next key may leave the form.
  useLayoutEffect(() => {
    if (dirty) {
      scope.add(form);
      return () => scope.remove(form);
    }
  }, [dirty, scope]);
  return () => scope.remove(form);
}

/** Begin to watch the ways out of a page. Called once. */
export function watchLeaving(): void {
  guardNavigation((go) => {
    if (everywhere.any) {
      askFirst(go);
      return false;
    }
    return true;
  });
  addEventListener("beforeunload", (event) => {
    if (everywhere.any) {
      event.preventDefault();
    }
  });
}
