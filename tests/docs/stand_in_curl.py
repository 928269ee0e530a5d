"""Does what the documentation's examples ask of curl, for machines that have none."""

import argparse
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def main() -> int:
    """Send the request, write the answer, and end with curl's exit code."""
    given = _parse()
    body = None if given.json is None else given.json.encode()
    headers = dict(header.split(": ", 1) for header in given.header)
    if body is not None:
        headers["Content-Type"] = "application/json"
    method = given.request or ("POST" if body is not None else "GET")
    request = urllib.request.Request(given.url, body, headers, method=method)
    code, output = 0, bytearray()
    try:
        with urllib.request.urlopen(request, timeout=given.max_time) as response:
            for chunk in _chunks(response):
                if given.output is None:
                    sys.stdout.buffer.write(chunk)
                    sys.stdout.buffer.flush()
                else:
                    output += chunk
    except urllib.error.HTTPError as error:
        code, output = 22, bytearray(error.read())
    except TimeoutError:
        code = 28
    if given.output is None:
        sys.stdout.buffer.write(output)
    else:
        Path(given.output).write_bytes(output)
    return code


def _chunks(response: "urllib.request._UrlopenRet") -> Iterator[bytes]:
    while chunk := response.read1():
        yield chunk


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="curl", allow_abbrev=False)
    parser.add_argument("-s", "-S", "-N", action="store_true", dest="plain")
    parser.add_argument("--fail-with-body", action="store_true")
    parser.add_argument("-X", dest="request")
    parser.add_argument("-H", dest="header", action="append", default=[])
    parser.add_argument("-o", dest="output")
    parser.add_argument("--json")
    parser.add_argument("--max-time", type=float, default=300.0)
    parser.add_argument("url")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main())
