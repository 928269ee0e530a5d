/** Buttons, badges, notices and other small parts. */

import type { ComponentChildren, JSX } from "preact";
import type { Problem } from "../api/client";
import { percent } from "../format";

type ButtonProps = Omit<JSX.IntrinsicElements["button"], "size"> & {
  kind?: "primary" | "soft" | "danger" | "plain" | undefined;
  size?: "small" | undefined;
  /** The button shows only a sign; `aria-label` must say what it does. */
  icon?: boolean;
  /** What it began is under way: it does nothing meanwhile, and keeps the focus, which a disabled button would lose. */
  busy?: boolean;
};

export function Button({ kind, size, icon, busy, type = "button", class: classes = "", ...rest }: ButtonProps) {
  const waiting = busy ? { "aria-disabled": true, onClick: (event: Event) => event.preventDefault() } : {};
  return (
    <button
      type={type}
      class={`button ${classes as string}`}
      data-kind={kind}
      data-size={size}
      data-icon={icon || undefined}
      {...rest}
      {...waiting}
    />
  );
}

export type Tone = "quiet" | "busy" | "ready" | "good" | "warn" | "bad";

/** A short state in words, set off by colour and shape. */
export function Badge({ tone = "quiet", children }: { tone?: Tone; children: ComponentChildren }) {
  return (
    <span class="badge" data-tone={tone}>
      {children}
    </span>
  );
}

/** One part of a progress bar, as a share of the whole. */
export interface Part {
  share: number;
  tone?: Tone;
}

interface ProgressBarProps {
  share: number;
  label: string;
  /** What the share is made of; default: all alike. */
  parts?: Part[];
}

/** A share from 0 to 1 as a bar with a name for screen readers. */
export function ProgressBar({ share, label, parts = [{ share }] }: ProgressBarProps) {
  return (
    <span
      class="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(share * 100)}
      aria-valuetext={percent(share)}
    >
      {parts.map((part, index) => (
        <span key={index} data-tone={part.tone} style={{ width: `${part.share * 100}%` }} />
      ))}
    </span>
  );
}

export function Notice({ tone, children }: { tone?: Tone; children: ComponentChildren }) {
  return (
    <div class="notice" data-tone={tone}>
      {children}
    </div>
  );
}

/** What went wrong, and a way to try again. */
export function ErrorNotice({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div class="notice stack-small" data-tone="bad" role="alert">
      <strong>{problem.title}</strong>
      <p>{problem.message}</p>
      {retry && (
        <div>
          <Button size="small" onClick={retry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}

/** What is shown where there is nothing yet: why, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="card empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Keeps the room of what is being fetched. */
export function Skeleton({ height = "1.25rem" }: { height?: string }) {
  return <span class="skeleton" style={{ height }} aria-hidden="true" />;
}

/** Name and figure, one beside the other. */
export function Figures({ items }: { items: [string, ComponentChildren][] }) {
  return (
    <dl class="figures">
      {items.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
