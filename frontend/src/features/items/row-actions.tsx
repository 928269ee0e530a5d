/** The actions of a row: the first as a button, the rest in a menu. */

import type { ComponentChildren } from "preact";
import { navigate } from "../../shared/router";
import { Link } from "../../shared/ui/link";
import { Menu, type MenuItem } from "../../shared/ui/menu";
import type { Kind } from "./list-page";

interface RowActionsProps {
  kind: Kind;
  item: { id: number; name: string };
  /** What deleting it does, in few words. */
  deletion: string;
  /** Ask whether to delete it. */
  remove: () => void;
  /** What comes first; default: a way to its page, which is in the menu otherwise. */
  first?: ComponentChildren;
}

export function RowActions({ kind, item, deletion, remove, first }: RowActionsProps) {
  const page = `${kind.path}/${item.id}`;
  const edit: MenuItem = { name: "Edit", hint: `See and change this ${kind.one}.`, act: () => navigate(page) };
  return (
    <div class="buttons">
      {first ?? (
        <Link class="button" data-size="small" href={page} aria-label={`Edit ${item.name}`}>
          Edit
        </Link>
      )}
      <Menu
        label={`More actions for ${item.name}`}
        size="small"
        items={[
          ...(first ? [edit] : []),
          {
            name: "Use in a new batch",
            hint: `Begin a new batch with this ${kind.one}.`,
            act: () => navigate(`/batches/new?${kind.one}=${item.id}`),
          },
          { name: "Delete…", hint: deletion, act: remove },
        ]}
      />
    </div>
  );
}
