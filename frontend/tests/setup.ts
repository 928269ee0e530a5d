/** Makes node a place in which modules of the pages can be tried: node --import ./frontend/tests/setup.ts --test ... */

import { registerHooks } from "node:module";

// Modules name each other without their endings, as the build takes them.
registerHooks({
  resolve(name, context, next) {
    try {
      return next(name, context);
    } catch (error) {
      if (name.startsWith(".")) {
        return next(`${name}.ts`, context);
      }
      throw error;
    }
  },
});

/** A storage of a browser, which begins empty in every file of tests. */
class Kept implements Storage {
  [name: string]: unknown;
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }

  clear(): void {
    this.#items.clear();
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }
}

/** What modules ask of the browser when they are read. Nothing is drawn here. */
const browser = {
  location: new URL("http://docstage.test/"),
  history: { state: null, replaceState: () => undefined, pushState: () => undefined },
  sessionStorage: new Kept(),
  localStorage: new Kept(),
  addEventListener: () => undefined,
  scrollTo: () => undefined,
};
for (const [name, value] of Object.entries(browser)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
