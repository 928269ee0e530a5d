"""`python -m docstage.simulator`: serve on a free port until standard input is closed.

So another process can keep a simulator beside itself that never outlives it. The address is the first line of
standard output.
"""

import asyncio
import sys
import threading

from docstage.simulator.profile import Profile
from docstage.simulator.server import serve


async def _serve_until_input_ends() -> None:
    loop = asyncio.get_running_loop()
    serving = asyncio.ensure_future(serve(Profile(), "127.0.0.1", 0, _say_address))

    def wait_for_end() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(serving.cancel)

    threading.Thread(target=wait_for_end, daemon=True).start()
    try:
        await serving
    except asyncio.CancelledError:
        return


def _say_address(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve_until_input_ends())
