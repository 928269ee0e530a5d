"""The API as commands see it: the same calls, whether in this process or on a server."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from docstage.cli.failures import ApiProblem, Unreachable
from docstage.cli.target import Target, shown
from docstage.domain.errors import DocstageError, InvalidInput
from docstage.settings import Settings, clean_token

if TYPE_CHECKING:
    import httpx

    from docstage.service.context import Services

T = TypeVar("T")
Json = dict[str, Any]

_NOT_READ = object()
_PAGE = 1_000
_LOCAL = "http://localhost"
# A server may need long for one answer, such as a test of a slow model, but not for a connection.
_ANSWER_SECONDS = 300.0
_CONNECT_SECONDS = 10.0


class ApiClient:
    """Calls the HTTP API and waits for its answers. Made by `connected`."""

    def __init__(
        self, runner: asyncio.Runner, target: Target, settings: Settings | None, services: "Services | None"
    ) -> None:
        self._runner = runner
        self._services = services
        self.target = target
        #: The local settings; None when it is a server that is asked.
        self.settings = settings

    @cached_property
    def _http(self) -> "httpx.AsyncClient":
        """Made when it is first needed: many commands on the local database end without."""
        if self.target.address is not None:
            return _remote(self.target, self.target.address)
        assert self._services is not None
        return _local(self._services)

    def close(self) -> None:
        """End what was opened for calls."""
        if "_http" in self.__dict__:
            self.run(self._http.aclose())

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at a path; None values of the query are left out. Raises DocstageError, as all calls."""
        given = _given(query)
        found = self._read(path, given)
        return self._call("GET", path, params=given) if found is _NOT_READ else found

    def items(self, path: str, limit: int | None = None, **query: Any) -> list[Json]:
        """The items of a listing over all its pages, or the first `limit` of them."""
        found: list[Json] = []
        cursor = None
        while limit is None or len(found) < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - len(found))
            page = self.get(path, limit=size, cursor=cursor, **query)
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        return found

    def post(self, path: str, body: Json | None = None) -> Any:
        """Post a body and return the answer."""
        return self._call("POST", path, json=body)

    def patch(self, path: str, body: Json) -> Any:
        """Change what is at a path and return it."""
        return self._call("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        """Delete what is at a path."""
        self._call("DELETE", path)

    def lines(self, path: str, **query: Any) -> Iterator[Any]:
        """The JSON of each line at a path, as soon as it comes."""
        pieces = self._lines(path, _given(query))
        with _reaching(self.target):
            while (line := self.run(anext(pieces, None))) is not None:
                yield json.loads(line)

    def download(self, path: str, file: Any, **query: Any) -> None:
        """Write the body at a path to a binary file, piece by piece."""
        self.run(self._download(path, file, _given(query)))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the loop in which the calls are made. Ctrl-C raises KeyboardInterrupt."""
        return self._runner.run(work)

    def sleep(self, seconds: float) -> None:
        """Wait, while what was started in the loop goes on."""
        self.run(asyncio.sleep(seconds))

    def _read(self, path: str, query: Json) -> Any:
        """What the local database says to a read for which no application is needed, or _NOT_READ."""
        if self._services is None:
            return _NOT_READ
        from docstage.api.reads import NotRead, read

        try:
            return read(self._services, path, query)
        except NotRead:
            return _NOT_READ
        except DocstageError as error:
            raise ApiProblem(error.document(path), error.status) from error
        except Exception:  # a defect: the application meets it too, and tells it as it tells all
            return _NOT_READ

    def _call(self, method: str, path: str, **options: Any) -> Any:
        with _reaching(self.target):
            response = self.run(self._http.request(method, path, **options))
        _check(response)
        return _json(response) if response.content else None

    async def _lines(self, path: str, query: Json) -> AsyncIterator[str]:
        accept = {"accept": "application/jsonl"}
        async with self._http.stream("GET", path, params=query, headers=accept) as response:
            if response.is_error:
                await response.aread()
            _check(response)
            rest = ""
            # Not by `aiter_lines`, which also breaks lines at U+2028 and others that JSON holds unescaped.
            async for piece in response.aiter_text():
                *lines, rest = (rest + piece).split("\n")
                for line in lines:
                    yield line

    async def _download(self, path: str, file: Any, query: Json) -> None:
        with _reaching(self.target):
            async with self._http.stream("GET", path, params=query) as response:
                if response.is_error:
                    await response.aread()
                _check(response)
                async for piece in response.aiter_bytes():
                    file.write(piece)


@contextmanager
def connected(ctx: typer.Context) -> Iterator[ApiClient]:
    """A client of what the command line names: a server, or the local database, made if there is none."""
    with open_client(Target.of(ctx)) as api:
        yield api


@contextmanager
def open_client(target: Target) -> Iterator[ApiClient]:
    """A client of the target.

    Raises:
        DocstageError: the settings are wrong, or the database cannot be opened or is of another version.
    """
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        settings = services = None
        if target.address is None:
            settings = target.settings()
            services = _opened(settings, stack)
        api = ApiClient(runner, target, settings, services)
        stack.callback(api.close)
        yield api


def _opened(settings: Settings, stack: ExitStack) -> "Services":
    from docstage.service.context import Services
    from docstage.store.opening import begin_use

    services = Services.open(settings)
    stack.callback(services.database.close)
    stack.callback(begin_use(services.database, "command").release)
    return services


def _local(services: "Services") -> "httpx.AsyncClient":
    import httpx

    from docstage.api.app import create_app
    from docstage.cli.asgi import AppTransport
    from docstage.service.session import actor_named

    return httpx.AsyncClient(
        transport=AppTransport(create_app(services, token="", actor=actor_named(_user_name()))),
        base_url=_LOCAL,
    )


def _user_name() -> str | None:
    """Whose process this is; None where the system has no name for them, as in some containers."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None


def _remote(target: Target, address: str) -> "httpx.AsyncClient":
    import httpx

    timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)
    token = target.token or os.environ.get("DOCSTAGE_TOKEN")
    try:
        headers = {"authorization": f"Bearer {clean_token(token)}"} if token else {}
    except ValueError as error:
        raise InvalidInput(f"The token of the server {error}.") from error
    try:
        return httpx.AsyncClient(base_url=address, headers=headers, timeout=timeout)
    except httpx.InvalidURL as error:
        raise Unreachable(f"{shown(address)!r} is no URL such as http://127.0.0.1:8640.") from error


@contextmanager
def _reaching(target: Target) -> Iterator[None]:
    import httpx

    try:
        yield
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise Unreachable(
            f"{shown(target.address)} does not answer: {reason}. Is `docstage serve` running?"
        ) from error


def _check(response: "httpx.Response") -> None:
    if not response.is_success:
        document = _json(response)
        if not isinstance(document, dict) or "title" not in document:
            raise _foreign(response)
        raise ApiProblem(document, response.status_code)


def _json(response: "httpx.Response") -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise _foreign(response) from error


def _foreign(response: "httpx.Response") -> Unreachable:
    return Unreachable(f"{response.url} answers with {response.status_code}, but not as docstage does.")


def _given(values: Json) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def write_file(api: ApiClient, out: Path, path: str, **query: Any) -> None:
    """Download into a file that appears only when it is complete.

    Raises:
        DocstageError: it cannot be written.
    """
    partial = out.with_name(f".{out.name}.{os.getpid()}.part")
    _remove_left_over(out)
    try:
        with partial.open("wb") as file:
            api.download(path, file, **query)
        partial.replace(out)
    except OSError as error:
        raise DocstageError(f"Cannot write {out}: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _remove_left_over(out: Path) -> None:
    """Remove what commands that were killed had written of the same file."""
    for partial in out.parent.glob(f".{escape(out.name)}.*.part"):
        pid = partial.name.split(".")[-2]
        if pid.isdecimal() and not _is_alive(int(pid)):
            partial.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # of another user
        return True
    return True
