/** Files that were dropped or picked, with their paths; whole folders are walked through. */

export interface Picked {
  /** Where the file lies below what was picked, with `/` between the parts. */
  path: string;
  file: File;
}

export interface Gathered {
  files: Picked[];
  /** How many were left out because their names, or those of their folders, begin with a dot. */
  hidden: number;
  /** The name of the folder that was picked, when it was a single one. */
  name: string;
}

/** What was dropped. Must be called while the event is handled: later the browser has forgotten it. */
export function fromDrop(transfer: DataTransfer): Promise<Gathered> {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) {
    return Promise.resolve(gathered([...transfer.files].map((file) => ({ path: file.name, file }))));
  }
  return Promise.all(entries.map(walk)).then((found) => gathered(found.flat()));
}

/** What was picked with a file input. */
export const fromInput = (files: FileList): Gathered =>
  gathered([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));

async function walk(entry: FileSystemEntry): Promise<Picked[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Picked[] = [];
  for (;;) {
    // A reader gives a part of the entries at each call, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) {
      return found;
    }
    for (const one of some) {
      found.push(...(await walk(one)));
    }
  }
}

function gathered(all: Picked[]): Gathered {
  const shown = all.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".")));
  const tops = new Set(shown.map(({ path }) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "")));
  const [name = ""] = tops.size === 1 ? tops : [];
  const files = shown.map(({ path, file }) => ({ path: usable(name ? path.slice(name.length + 1) : path), file }));
  return { files: files.sort((one, other) => one.path.localeCompare(other.path)), hidden: all.length - shown.length, name };
}

/** The path without the characters that the server takes in no name. */
const usable = (path: string) => path.replace(/[\x00-\x1f\x7f\\]/g, "_");
