"""A chat server whose answers depend on the path: `python -m benchmarks.support.faulty_server`.

`/well/v1` answers like the mock server, the others fail as providers do; see `FAULTS`.
"""

import argparse
import asyncio

from benchmarks.support.mock_server import MockServer, serve


def _refusal(status: str, headers: str = "") -> bytes:
    body = b'{"error": {"message": "as the benchmark says"}}'
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


FAULTS: dict[str, bytes | None] = {
    "slow": None,  # no answer at all
    "overloaded": _refusal("503 Service Unavailable"),
    "limited": _refusal("429 Too Many Requests"),
    "closed": _refusal("429 Too Many Requests", "Retry-After: 100\r\n"),
    "locked": _refusal("401 Unauthorized"),
    "broken": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",  # and then the connection is cut
}


class FaultyServer(MockServer):
    """One connection to it."""

    seen = 0

    def answer(self, request: bytes) -> None:
        """Answer as the address says; `retried` fails once and is slow from then on."""
        kind = request.split(b"/", 2)[1].decode()
        if kind == "retried":
            FaultyServer.seen += 1
            kind = "overloaded" if FaultyServer.seen == 1 else "slow"
        if kind not in FAULTS:
            super().answer(request)
            return
        refusal = FAULTS[kind]
        if refusal is not None:
            self.send(refusal)
        if kind == "broken":
            self.hang_up()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before every usable answer")
    asyncio.run(serve(FaultyServer, parser.parse_args().delay, path=""))
