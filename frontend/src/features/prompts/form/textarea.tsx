/** A text field that grows with its text. */

import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

type TextAreaProps = Omit<JSX.IntrinsicElements["textarea"], "value" | "onInput"> & {
  value: string;
  change: (value: string) => void;
};

export function TextArea({ value, change, class: classes = "", ...rest }: TextAreaProps) {
  const element = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const area = element.current;
    if (area) {
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
    }
  }, [value]);
  return (
    <textarea
      dir="auto"
      ref={element}
      class={`input prompt-area ${classes as string}`}
      value={value}
      onInput={(event) => change(event.currentTarget.value)}
      {...rest}
    />
  );
}
