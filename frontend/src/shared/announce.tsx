/** Says to screen readers what changes without anybody's doing. */

import { signal } from "@preact/signals";

const said = signal("");

export function announce(text: string): void {
  said.value = text;
}

export function Announcements() {
  return (
    <p class="hidden" aria-live="polite">
      {said.value}
    </p>
  );
}
