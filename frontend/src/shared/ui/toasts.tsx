/** Short messages that come and go; screen readers say them aloud. */

import { signal } from "@preact/signals";
import { Problem } from "../api/client";
import { Button } from "./basic";

interface Toast {
  id: number;
  text: string;
  tone: "good" | "bad";
  /** Takes back what is told. */
  undo?: (() => void) | undefined;
}

const SHOWN_MS = 6_000;
const UNDO_MS = 15_000;
const toasts = signal<Toast[]>([]);
let number = 0;

/** Say something. Bad news stay until they are closed. */
export function toast(text: string, tone: "good" | "bad" = "good", undo?: () => void): void {
  number += 1;
  const one = { id: number, text, tone, undo };
  toasts.value = [...toasts.value.slice(-3), one];
  if (tone === "good") {
    setTimeout(() => drop(one.id), undo ? UNDO_MS : SHOWN_MS);
  }
}

/** Say what was done, and offer to take it back. */
export const toastWithUndo = (text: string, undo: () => void) => toast(text, "good", undo);

/** Tell why something did not work. */
export function toastError(error: unknown): void {
  toast(error instanceof Problem ? error.message : String(error), "bad");
}

function drop(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((one) => (
        <div key={one.id} class="toast" data-tone={one.tone}>
          <span dir="auto">{one.text}</span>
          {one.undo && (
            <Button
              size="small"
              onClick={() => {
                one.undo?.();
                drop(one.id);
              }}
            >
              Undo
            </Button>
          )}
          <Button kind="plain" size="small" icon aria-label="Close this message" onClick={() => drop(one.id)}>
            ✕
          </Button>
        </div>
      ))}
    </div>
  );
}
