import { Confirm } from "../ui/dialog";
import { asking } from "./unsaved";

export function LeaveQuestion() {
  const asked = asking.value;
  if (!asked) {
    return null;
  }
  return (
    <Confirm
      title="Leave without saving?"
      confirm="Leave"
      danger
      act={() => {
        asked.scope.clear();
        return Promise.resolve(asked.go());
      }}
      close={() => (asking.value = undefined)}
    >
      <p>What you changed is not saved yet, and is lost when you leave.</p>
    </Confirm>
  );
}
