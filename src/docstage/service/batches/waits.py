"""That a batch waits for what time heals, in words."""

from datetime import UTC, datetime

from docstage.domain.tasks import FailureKind
from docstage.service.batches.views import WaitView
from docstage.store.engines import ToldWait

_WHY = {
    FailureKind.RATE_LIMITED: "the provider asks for it (rate limit)",
    FailureKind.OVERLOADED: "the provider has trouble",
    FailureKind.TIMEOUT: "the provider does not answer in time",
    FailureKind.CONNECTION: "its server cannot be reached",
}


def view_wait(told: ToldWait | None) -> WaitView | None:
    """The wait as it is shown."""
    if told is None:
        return None
    kind = FailureKind(told["kind"])
    words = f"Waits until {_moment(told['until'])}: {_WHY.get(kind, 'no call leaves')}"
    if kind is not FailureKind.RATE_LIMITED:
        words += ", and is tried again then"
    return WaitView.model_validate({**told, "words": f"{words}. It goes on by itself."})


def _moment(until: float) -> str:
    """A moment by the clock of UTC, with its day unless it is today or within the next hours."""
    moment = datetime.fromtimestamp(until, UTC)
    is_soon = (moment - datetime.now(UTC)).total_seconds() < 12 * 3_600
    return f"{moment:%H:%M} UTC" if is_soon else f"{moment:%H:%M} UTC on {moment.day} {moment:%B}"
