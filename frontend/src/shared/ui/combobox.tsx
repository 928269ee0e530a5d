/** A text field with suggestions: what is typed counts, a suggestion only fills it in. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Control } from "./field";

export interface Suggestion {
  value: string;
  /** What else is known of it. */
  hint?: string | undefined;
}

interface ComboboxProps {
  control: Control;
  value: string;
  change: (value: string) => void;
  suggestions: Suggestion[];
  placeholder?: string | undefined;
  required?: boolean;
  focused?: () => void;
}

const MOST = 200;

export function Combobox({ control, value, change, suggestions, placeholder, required, focused }: ComboboxProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState(false);
  const [active, setActive] = useState(-1);
  const list = useRef<HTMLUListElement>(null);
  // An exact value shows all, so that another one can be chosen without emptying the field first.
  const exact = suggestions.some((one) => one.value === value);
  const wanted = exact ? "" : value.trim().toLowerCase();
  const shown = suggestions.filter((one) => one.value.toLowerCase().includes(wanted)).slice(0, MOST);
  // Somebody who has typed one of them out is done, and what lies below shall not be covered.
  const isOpen = open && shown.length > 0 && !(typed && exact);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const choose = (suggestion: Suggestion) => {
    change(suggestion.value);
    setOpen(false);
    setActive(-1);
  };
  const move = (by: number) => {
    setOpen(true);
    setTyped(false);
    setActive((old) => (shown.length === 0 ? -1 : (old + by + shown.length) % shown.length));
  };
  const pressed = (event: KeyboardEvent) => {
    const chosen = shown[active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1);
    } else if (event.key === "Enter" && isOpen && chosen) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === "Escape" && isOpen) {
      // Closes the suggestions, not the dialog around them.
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    }
  };
  return (
    <div class="combobox">
      <input
        dir="auto"
        {...control}
        class="input"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={isOpen ? `${id}-list` : undefined}
        aria-activedescendant={isOpen && active >= 0 ? `${id}-${active}` : undefined}
        autocomplete="off"
        spellcheck={false}
        required={required}
        placeholder={placeholder}
        value={value}
        onInput={(event) => {
          change(event.currentTarget.value);
          setOpen(true);
          setTyped(true);
          setActive(-1);
        }}
        onFocus={() => focused?.()}
        onClick={() => {
          setOpen(true);
          setTyped(false);
        }}
        onBlur={() => setOpen(false)}
        onKeyDown={pressed}
      />
      {isOpen && (
        <ul ref={list} id={`${id}-list`} class="combobox-list" role="listbox" aria-label="Suggestions">
          {shown.map((one, index) => (
            <li
              key={one.value}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              onMouseDown={(event) => {
                event.preventDefault();
                choose(one);
              }}
            >
              <span>{one.value}</span>
              {one.hint && <span class="quiet small">{one.hint}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
