/** A button that opens a list of further actions. */

import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import { Button } from "./basic";

export interface MenuItem {
  name: string;
  /** What it will do. */
  hint?: string;
  act: () => void;
}

interface MenuProps {
  label: string;
  items: MenuItem[];
  /** The sign on the button. */
  children?: ComponentChildren;
  /** Words on the button, in place of a sign. */
  text?: string;
  kind?: "primary" | "soft" | undefined;
  size?: "small" | undefined;
}

const ROOM = 8;

export function Menu({ label, items, children = "⋯", text, kind, size }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const entries = () => [...(menu.current?.querySelectorAll<HTMLButtonElement>("button") ?? [])];
  const opened = (event: ToggleEvent) => {
    const open = event.newState === "open";
    button.current?.setAttribute("aria-expanded", String(open));
  };
  // At once and not when told that it is open: the next key may come before that.
  const show = () => {
    if (button.current && menu.current) {
      menu.current.showPopover();
      putBeside(button.current, menu.current);
      entries()[0]?.focus();
    }
  };
  const isOpen = () => menu.current?.matches(":popover-open") ?? false;
  const choose = (item: MenuItem) => {
    menu.current?.hidePopover();
    button.current?.focus();
    item.act();
  };
  return (
    <>
      <Button
        ref={button}
        icon={!text}
        kind={kind}
        size={size}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded="false"
        onClick={() => (isOpen() ? menu.current?.hidePopover() : show())}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") {
            event.preventDefault();
            show();
          }
        }}
      >
        {text ? (
          <>
            {text}
            <span aria-hidden="true">▾</span>
          </>
        ) : (
          children
        )}
      </Button>
      <div
        ref={menu}
        id={id}
        class="menu"
        role="menu"
        aria-label={label}
        popover="auto"
        onToggle={opened}
        onKeyDown={(event) => {
          if (event.key === "Tab") {
            menu.current?.hidePopover();
          }
          moveFocus(event, entries());
        }}
      >
        {items.map((item) => (
          <button key={item.name} type="button" role="menuitem" tabIndex={-1} onClick={() => choose(item)}>
            <span>{item.name}</span>
            {item.hint && <span class="quiet small">{item.hint}</span>}
          </button>
        ))}
      </div>
    </>
  );
}

function putBeside(button: HTMLElement, menu: HTMLElement): void {
  const from = button.getBoundingClientRect();
  const left = Math.max(ROOM, Math.min(from.right - menu.offsetWidth, innerWidth - menu.offsetWidth - ROOM));
  const below = from.bottom + 4 + menu.offsetHeight <= innerHeight - ROOM;
  menu.style.left = `${left}px`;
  menu.style.top = `${below ? from.bottom + 4 : Math.max(ROOM, from.top - 4 - menu.offsetHeight)}px`;
}

function moveFocus(event: KeyboardEvent, entries: HTMLElement[]): void {
  const now = entries.indexOf(document.activeElement as HTMLElement);
  const steps: Record<string, number> = {
    ArrowDown: (now + 1) % entries.length,
    ArrowUp: (now - 1 + entries.length) % entries.length,
    Home: 0,
    End: entries.length - 1,
  };
  const next = steps[event.key];
  if (next !== undefined) {
    event.preventDefault();
    entries[next]?.focus();
  }
}
