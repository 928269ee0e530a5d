/**
 * The keys of the pages: who offers one registers it here, and is called when it is pressed. The help lists what is
 * registered at the moment, so that it names all keys and no others.
 */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

export interface Shortcut {
  /** As `KeyboardEvent.key` has it; several keys one after another have a space between them: `g b`. */
  keys: string;
  label: string;
  /** What it does; keys without it are seen to by the element that has the focus. */
  act?: () => void;
  /** It works within a dialog, and not only outside of all. */
  inDialog?: boolean;
}

export interface Group {
  name: string;
  shortcuts: Shortcut[];
}

const KEY = "docstage.keys";
const BETWEEN_MS = 1_500;

const groups = signal<Group[]>([]);

/** Whether keys without Ctrl or Alt do something; some tools for speech type them by mistake. */
export const keysOn = signal(localStorage.getItem(KEY) !== "off");

export function turnKeys(on: boolean): void {
  keysOn.value = on;
  localStorage.setItem(KEY, on ? "on" : "off");
}

/** What is offered now; groups of the same name are one, and each key is there once. */
export function offered(): Group[] {
  const found = new Map<string, Map<string, Shortcut>>();
  for (const { name, shortcuts } of groups.value) {
    const keys = found.get(name) ?? new Map<string, Shortcut>();
    shortcuts.forEach((one) => keys.set(one.keys, one));
    found.set(name, keys);
  }
  return [...found].map(([name, keys]) => ({ name, shortcuts: [...keys.values()] }));
}

/** Offer keys while the component is there; `ready` turns them off meanwhile. */
export function useShortcuts(name: string, shortcuts: Shortcut[], ready = true): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  const key = shortcuts.map((one) => `${one.keys} ${one.label}`).join("\n");
  useEffect(() => {
    if (!ready) {
      return;
    }
    const mine: Group = {
      name,
      shortcuts: latest.current.map((one, index) => (one.act ? { ...one, act: () => latest.current[index]?.act?.() } : one)),
    };
    groups.value = [...groups.peek(), mine];
    return () => void (groups.value = groups.peek().filter((one) => one !== mine));
  }, [name, key, ready]);
}

let before = "";
let timer: ReturnType<typeof setTimeout> | undefined;

/** Begin to listen. */
export function listenForKeys(): void {
  addEventListener("keydown", pressed);
}

function pressed(event: KeyboardEvent): void {
  if (!keysOn.peek() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isMeantFor(event)) {
    return;
  }
  const dialog = document.querySelector("dialog[open]") !== null;
  const usable = groups.peek().flatMap((group) => group.shortcuts).filter((one) => one.act && (!dialog || one.inDialog));
  const keys = before ? `${before} ${event.key}` : event.key;
  // Who registered last is nearest to what is looked at.
  const found = usable.findLast((one) => one.keys === keys) ?? usable.findLast((one) => one.keys === event.key);
  clearTimeout(timer);
  before = "";
  if (found) {
    event.preventDefault();
    found.act?.();
  } else if (usable.some((one) => one.keys.startsWith(`${event.key} `))) {
    before = event.key;
    timer = setTimeout(() => (before = ""), BETWEEN_MS);
  }
}

const WRITES = "textarea, select, [contenteditable], [role=menu], input:not([type=checkbox], [type=radio], [type=button])";

/** Whether the key is meant for what it was pressed in: it writes there, or chooses, or scrolls. */
function isMeantFor({ target, key }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.closest(key.startsWith("Arrow") ? `${WRITES}, .table-frame` : WRITES) !== null;
}
