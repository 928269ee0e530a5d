/** Editing that overwrites nobody else's changes and loses none of one's own. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { onlyIfUnchanged, Problem } from "../api/client";
import { Button } from "../ui/basic";
import { useUnsaved } from "./unsaved";

const CHANGED = 412;

/** Heads of a request that is carried out only when the thing is as it was read. */
export type Heads = { "if-match"?: string };

interface EditOptions<T, V> {
  /** What is edited, as it is known now; undefined for something new. */
  thing: T | undefined;
  /** How it is on the server. */
  load: (thing: T) => Promise<T>;
  /** What stands in the fields. */
  values: V;
  /** What stood in the fields of something new. */
  start: V;
  valuesOf: (thing: T) => V;
  /** Put these into the fields. */
  take: (values: V) => void;
  /** The values in words, by the names of the fields. */
  tell: (values: V) => Record<string, string>;
}

interface Edit<T> {
  /** Send the change. Answers undefined where somebody else was faster, which `notice` tells then. */
  store: (send: (headers: Heads) => Promise<T>) => Promise<T | undefined>;
  /** Leave the form as its user wants, without a question. */
  leave: (go: () => void) => void;
  notice: ComponentChildren;
}

interface Conflict<T, V> {
  present: T;
  /** What was typed when it was met. */
  typed: V;
  loaded: boolean;
}

export function useEdit<T extends object, V>(options: EditOptions<T, V>): Edit<T> {
  const { thing, load, values, start, valuesOf, take, tell } = options;
  const [base, setBase] = useState(thing);
  const [conflict, setConflict] = useState<Conflict<T, V>>();
  const dirty = !same(values, base ? valuesOf(base) : start);
  const settle = useUnsaved(dirty);
  useEffect(() => {
    // Whoever has typed nothing sees what others change.
    if (thing && !dirty) {
      setBase(thing);
      take(valuesOf(thing));
    }
  }, [thing]);

  const store = async (send: (headers: Heads) => Promise<T>) => {
    try {
      const stored = await send(base ? onlyIfUnchanged(base) : {});
      settle();
      if (base) {
        setBase(stored);
        take(valuesOf(stored));
      }
      setConflict(undefined);
      return stored;
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== CHANGED || !base) {
        throw error;
      }
      setConflict({ present: await load(base), typed: values, loaded: false });
      return undefined;
    }
  };
  const leave = (go: () => void) => {
    settle();
    go();
  };
  const show = () => {
    if (conflict) {
      setBase(conflict.present);
      take(valuesOf(conflict.present));
      setConflict({ ...conflict, loaded: true });
    }
  };
  const keep = () => {
    setBase(conflict?.present);
    setConflict(undefined);
  };
  const notice = conflict && (
    <ConflictNotice typed={tell(conflict.typed)} present={tell(valuesOf(conflict.present))} loaded={conflict.loaded} show={show} keep={keep} />
  );
  return { store, leave, notice };
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

interface NoticeProps {
  typed: Record<string, string>;
  present: Record<string, string>;
  loaded: boolean;
  show: () => void;
  keep: () => void;
}

function ConflictNotice({ typed, present, loaded, show, keep }: NoticeProps) {
  const different = Object.keys(present).filter((name) => typed[name] !== present[name]);
  return (
    <div class="notice stack-small" data-tone="warn" role="alert">
      {loaded ? (
        <strong>The fields show the present state. This is what you had typed:</strong>
      ) : (
        <>
          <strong>Somebody changed this meanwhile, so nothing was saved.</strong>
          <p>
            What you typed is still in the fields. Load the present state and make your change again, or keep yours and save once
            more, which replaces theirs.
          </p>
        </>
      )}
      {!loaded && different.length > 0 && <p>It says now:</p>}
      <dl class="conflict">
        {different.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{(loaded ? typed : present)[name] || "empty"}</dd>
          </div>
        ))}
      </dl>
      {!loaded && (
        <div class="row">
          <Button size="small" onClick={show}>
            Load the present state
          </Button>
          <Button size="small" onClick={keep}>
            Keep mine
          </Button>
        </div>
      )}
    </div>
  );
}
