/** The fields of an answer, a row each: Enter adds the next one, Alt with an arrow moves one. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Button, Notice } from "../../../shared/ui/basic";
import { faultOfFields, keyOf, NEW_FIELD, twinOf, type Field } from "../fields";
import { FieldRow } from "./field-row";

interface ListProps {
  fields: Field[];
  change: (fields: Field[]) => void;
  problem?: string | undefined;
}

let number = 0;
const newId = () => (number += 1);

export function FieldList({ fields, change, problem }: ListProps) {
  // Rows keep their identity while they are moved.
  const [ids, setIds] = useState(() => fields.map(newId));
  const [wanted, setWanted] = useState<number>();
  const [said, setSaid] = useState("");
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (wanted !== undefined) {
      list.current?.querySelector<HTMLInputElement>(`[data-row="${wanted}"] input`)?.focus();
      setWanted(undefined);
    }
  }, [wanted]);
  const arrange = (nextIds: number[], nextFields: Field[]) => {
    setIds(nextIds);
    change(nextFields);
  };
  const add = (at: number) => {
    const id = newId();
    arrange(ids.toSpliced(at, 0, id), fields.toSpliced(at, 0, NEW_FIELD));
    setWanted(id);
  };
  const remove = (at: number) => {
    arrange(ids.toSpliced(at, 1), fields.toSpliced(at, 1));
    setSaid(`${nameOf(fields, at)} was removed.`);
    setWanted(ids[at + 1] ?? ids[at - 1]);
  };
  const move = (from: number, to: number) => {
    if (to < 0 || to >= fields.length) {
      return;
    }
    arrange(moved(ids, from, to), moved(fields, from, to));
    setSaid(`${nameOf(fields, from)} is now field ${to + 1} of ${fields.length}.`);
  };
  // A field that was just added has no name yet: that is told when the prompt is saved.
  const fault = fields.every(keyOf) ? (faultOfFields(fields) ?? problem) : problem;
  return (
    <div class="stack-small">
      <ol class="prompt-fields" ref={list}>
        {fields.map((field, index) => (
          <FieldRow
            key={ids[index]}
            id={ids[index] ?? 0}
            number={index + 1}
            last={fields.length}
            field={field}
            twin={twinOf(fields, index)}
            change={(part) => change(fields.map((one, at) => (at === index ? { ...one, ...part } : one)))}
            remove={() => remove(index)}
            next={() => (fields[index + 1] && !fields[index + 1]?.name ? setWanted(ids[index + 1]) : add(index + 1))}
            move={(by) => move(index, index + by)}
          />
        ))}
      </ol>
      <div class="row">
        <Button size="small" onClick={() => add(fields.length)}>
          Add a field
        </Button>
        <span class="quiet small">Enter adds the next; Alt with ↑ or ↓ moves a field.</span>
      </div>
      <p class="hidden" aria-live="polite">
        {said}
      </p>
      <div aria-live="polite">{fault && <Notice tone="warn">{fault}</Notice>}</div>
    </div>
  );
}

const nameOf = (fields: Field[], index: number) => fields[index]?.name.trim() || `Field ${index + 1}`;

function moved<T>(list: T[], from: number, to: number): T[] {
  const one = list[from] as T;
  return list.toSpliced(from, 1).toSpliced(to, 0, one);
}
