"""The HTTP application."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from threading import Lock
from typing import Any

from fastapi import Depends, FastAPI, Response
from fastapi.openapi.utils import get_openapi

from docstage import __version__
from docstage.api import (
    batches,
    connections,
    documents,
    events,
    folders,
    prompts,
    purging,
    results,
    spending,
    system,
)
from docstage.api.feed import Feed
from docstage.service.context import Services
from docstage.service.session import USER
from docstage.web import pages
from docstage.web.admission import Work, heavy
from docstage.web.guard import Guard, needs_token
from docstage.web.problems import Problem, documented, install, methods_of
from docstage.web.strict_query import refuse_unknown

_EVERYWHERE = documented(401, 403, 422, 500, 503)
# Who tries a prompt changes it and tries again; for so long the model that was started for it is kept.
TRIED_AGAIN_SECONDS = 60.0
_TOKEN = {"type": "http", "scheme": "bearer", "description": "Only where the server has a token."}


def create_app(services: Services, *, token: str | None = None, actor: str = USER) -> FastAPI:
    """The application over the given services; its database must have been migrated.

    Args:
        token: what callers must present as a bearer token; None takes that of the settings.
        actor: who asks, as the audit log tells it, where no proxy names somebody.
    """
    feed = Feed(services)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.trials.linger = TRIED_AGAIN_SECONDS
        yield
        feed.close()
        await services.trials.stop()

    app = FastAPI(
        title="docstage",
        version=__version__,
        summary="Run prompts over folders of documents with language models, in batches.",
        lifespan=lifespan,
        # The documentation pages of the framework load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # it is written anew for everybody who asks; see below
        redirect_slashes=False,
        responses=_EVERYWHERE,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    app.state.feed = feed
    app.state.actor = actor
    token = services.settings.token if token is None else token
    app.state.protected = bool(token)
    for module in (
        batches,
        documents,
        results,
        folders,
        connections,
        prompts,
        purging,
        events,
        spending,
        system,
    ):
        app.include_router(module.router, dependencies=[Depends(refuse_unknown)])
    app.include_router(pages.router())
    install(app)
    app.add_middleware(Guard, settings=services.settings, token=token, methods=partial(methods_of, app))
    _describe(app)
    _offer_description(app)
    return app


def _offer_description(app: FastAPI) -> None:
    """Serve the OpenAPI document, which takes seconds to write, and so is written once."""
    written: list[bytes] = []
    writing = Lock()

    @heavy(Work.CHECK)
    def get_description() -> Response:
        with writing:
            if not written:
                written.append(json.dumps(app.openapi(), ensure_ascii=False, separators=(",", ":")).encode())
        return Response(written[0], media_type="application/json")

    app.add_api_route(
        "/openapi.json", get_description, include_in_schema=False, dependencies=[Depends(refuse_unknown)]
    )


def _describe(app: FastAPI) -> None:
    """Make the OpenAPI document, with the problem document and what the guard may answer."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes
            )
            schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            document["components"]["schemas"] |= schema.pop("$defs") | {"Problem": schema}
            document["components"]["securitySchemes"] = {"token": _TOKEN}
            for path, operations in document["paths"].items():
                for operation in operations.values():
                    _complete(path, operation)
            app.openapi_schema = document
        return app.openapi_schema

    # FastAPI documents this assignment as the way to extend the document.
    app.openapi = openapi  # type: ignore[method-assign]


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Make an operation's problems those that it may really answer."""
    responses = operation["responses"]
    if "requestBody" in operation:
        responses |= {str(key): value for key, value in documented(400, 408, 413, 415).items()}
    if needs_token(path):
        operation["security"] = [{"token": []}, {}]
    else:
        del responses["401"]
