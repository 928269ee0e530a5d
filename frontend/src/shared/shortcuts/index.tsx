/** The keys that work everywhere, and the way to their help. */

import { useState } from "preact/hooks";
import { navigate } from "../router";
import { Button } from "../ui/basic";
import { lazy } from "../ui/lazy";
import { useShortcuts } from "./registry";

const Help = lazy(() => import("./help"), "0");

const DESTINATIONS: [string, string, string][] = [
  ["g o", "Overview", "/"],
  ["g b", "Batches", "/batches"],
  ["g f", "Folders", "/folders"],
  ["g c", "Connections", "/connections"],
  ["g p", "Prompts", "/prompts"],
  ["n", "New batch", "/batches/new"],
];

/** A button that shows all keys, as `?` does. */
export function Shortcuts() {
  const [open, setOpen] = useState(false);
  useShortcuts("Everywhere", [
    { keys: "?", label: "Show these keys", act: () => setOpen(true), inDialog: true },
    ...DESTINATIONS.map(([keys, name, path]) => ({ keys, label: `Go to: ${name}`, act: () => navigate(path) })),
    { keys: "Escape", label: "Close a dialog or menu" },
  ]);
  return (
    <>
      <Button kind="plain" icon aria-label="Keys" title="All keys of this page (?)" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        ?
      </Button>
      {open && <Help close={() => setOpen(false)} />}
    </>
  );
}
