import { useTitle } from "../../router";

export default function Page() {
  useTitle("batch");
  return <h1>batch</h1>;
}
