import { api } from "../../api/client";
import { Empty, ErrorNotice, Skeleton } from "../../components/basic";
import { TableFrame } from "../../components/table";
import { useResource } from "../../resource";
import { useTitle } from "../../router";

export default function ConnectionsPage() {
  useTitle("Connections");
  const list = useResource("connections", (signal) => api.get("/api/connections", { query: { limit: 1000 }, signal }));
  return (
    <>
      <h1>Connections</h1>
      {list.error && <ErrorNotice problem={list.error} retry={list.reload} />}
      {!list.data && !list.error && <Skeleton height="10rem" />}
      {list.data?.items.length === 0 && <Empty title="There are none yet" />}
      {list.data && list.data.items.length > 0 && (
        <TableFrame label="Connections">
          <tbody>
            {list.data.items.map((one) => (
              <tr key={one.id}>
                <th scope="row">{one.name}</th>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      )}
    </>
  );
}
