"""The client of the providers that have a protocol of their own, over pydantic-ai."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from pydantic_ai import messages as parts
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from docstage.domain.served import Served
from docstage.domain.tasks import FailureKind
from docstage.models.backends import create_backend
from docstage.models.bounds import OutputBounds, TokenBounds, Told, text_bytes
from docstage.models.endings import ending_of, kind_of_ending
from docstage.models.failures import shorten
from docstage.models.masking import KeyMask
from docstage.models.messages import document_prefix, prompt_text, repair_text
from docstage.models.network import proxy_secrets
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply, ModelRequest, OfferedModel
from docstage.models.reasoning import plan_reasoning
from docstage.models.replies import RawAnswer, judge, scrub_failure
from docstage.models.schemas.dialects import Way
from docstage.models.schemas.fitter import Fitter
from docstage.models.schemas.fitting import Fitted
from docstage.models.sdk_extras import extra_settings, merged
from docstage.models.sdk_failures import failure_of_sdk_error

# With these, the libraries trip over answers that lack what they expect.
_MALFORMED = (TypeError, ValueError, LookupError, AttributeError)


class PydanticAIClient:
    """Calls one model through its provider's SDK. Must be used within one running event loop."""

    def __init__(self, config: ConnectionConfig) -> None:
        """Prepare the client; nothing is sent yet.

        Raises:
            InvalidInput: the connection lacks what its provider needs, such as a region or an address.
        """
        self._config = config
        self._backend = create_backend(config)
        self._started = False
        own: tuple[type[Exception], ...] = (AgentRunError, UserError, TimeoutError)
        self._errors = own + self._backend.errors
        self._secrets = [config.api_key or "", *config.headers.values(), *proxy_secrets(self._backend.proxy)]
        self._mask = KeyMask(config)
        self._bounds = OutputBounds.of(config)
        self._fitter = Fitter(config)
        plan = plan_reasoning(config)
        self._settings = ModelSettings(max_tokens=plan.limit(config))
        more = merged(extra_settings(config), plan.settings)
        self._settings.update(cast("ModelSettings", {**plan.sampling(config), **more}))

    def __repr__(self) -> str:
        return f"PydanticAIClient({self._config!r})"

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer the request; see `ModelClient.complete`."""
        return await self._fitter.ask(request.schema, lambda fitted: self._ask(request, fitted))

    async def _ask(self, request: ModelRequest, fitted: Fitted | None) -> ModelReply:
        messages = [_message(request, fitted), *_turn_of_repair(request)]
        with self._failures():
            async with asyncio.timeout(self._config.timeout):
                response = await model_request(
                    self._backend.model,
                    messages,
                    model_settings=self._settings,
                    model_request_parameters=_parameters(fitted),
                )
        try:
            images = len(request.content.images)
            sent = text_bytes(request) + (fitted.size if fitted else 0)
            tokens = TokenBounds.of(sent, images, _received(response), self._bounds.limit)
            return self._mask.reply(judge(_answer(response, tokens), request, self._bounds, fitted))
        except ModelFailure as failure:
            raise scrub_failure(failure, self._scrub, self._mask) from None

    async def models(self) -> list[OfferedModel]:
        """What the provider offers; see `ModelClient.models`."""
        with self._failures():
            async with asyncio.timeout(self._config.timeout):
                offers = await self._backend.list_models()
        return sorted(self._mask.offers(offers), key=lambda offer: offer.name)

    async def context_tokens(self) -> int | None:
        """What the model takes; see `ModelClient.context_tokens`."""
        offers = await self.models()
        return next((one.context_tokens for one in offers if one.name == self._config.model), None)

    async def close(self) -> None:
        """Release connections."""
        await self._backend.close()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turns whatever the SDKs raise into failures without secrets."""
        if not self._started:
            self._backend.start()
            self._started = True
        try:
            yield
        except self._errors as error:
            known = failure_of_sdk_error(error, self._config.timeout, self._secrets)
            raise scrub_failure(known, self._scrub, self._mask) from error
        except _MALFORMED as error:
            message = self._scrub(f"The provider's answer cannot be read: {type(error).__name__}: {error}")
            raise ModelFailure(FailureKind.BAD_ANSWER, message) from error

    def _scrub(self, text: str) -> str:
        return shorten(text, self._secrets)


def _message(request: ModelRequest, fitted: Fitted | None) -> parts.ModelRequest:
    """The system text, then the document, a mark up to which it is cached if it is, and the prompt."""
    prefix = document_prefix(request.content, request.document_name)
    images = [
        parts.BinaryContent(image.data, media_type=image.media_type) for image in request.content.images
    ]
    prompt = prompt_text(request, fitted.instructions if fitted else None)
    mark = [parts.CachePoint()] if request.cached else []
    content: Sequence[parts.UserContent] = [prefix, *images, *mark, prompt]
    system = [parts.SystemPromptPart(request.system)] if request.system else []
    return parts.ModelRequest(parts=[*system, parts.UserPromptPart(content)])


def _turn_of_repair(request: ModelRequest) -> list[parts.ModelMessage]:
    """The model's own answer, and what was wrong with it."""
    if request.repair is None:
        return []
    shown = request.repair.shown
    answer: list[parts.ModelMessage] = [parts.ModelResponse([parts.TextPart(shown)])] if shown else []
    asked = parts.UserPromptPart(repair_text(request, request.repair))
    return [*answer, parts.ModelRequest(parts=[asked])]


def _parameters(fitted: Fitted | None) -> ModelRequestParameters:
    if fitted is None or fitted.way is Way.PROMPT:
        return ModelRequestParameters()
    if fitted.way is Way.OBJECT:  # without the library's own words: the prompt has them
        return ModelRequestParameters(output_mode="prompted", prompted_output_template=False)
    output = OutputObjectDefinition(json_schema=fitted.schema or {}, name="answer", strict=fitted.strict)
    return ModelRequestParameters(output_mode="native", output_object=output, allow_text_output=True)


def _received(response: parts.ModelResponse) -> int:
    """Characters that came back, reasoning included."""
    written = (parts.TextPart, parts.ThinkingPart)
    return sum(len(part.content) for part in response.parts if isinstance(part, written))


def _answer(response: parts.ModelResponse, tokens: TokenBounds) -> RawAnswer:
    """The answer before it is judged. The library takes a missing end for a good one, and knows few words."""
    text = "".join(part.content for part in response.parts if isinstance(part, parts.TextPart))
    thoughts = [part.content for part in response.parts if isinstance(part, parts.ThinkingPart)]
    called = [part for part in response.parts if isinstance(part, parts.ToolCallPart)]
    details = response.provider_details or {}
    native, ending = details.get("finish_reason"), response.finish_reason
    if not native and kind_of_ending(ending_of(ending)) is None:
        ending = None
    usage, note = tokens.believe(_told(response.usage), text)
    return RawAnswer(
        text=text,
        served=Served(model=response.model_name, finish_reason=ending),
        usage=usage,
        refusal=details.get("refusal"),
        note=note,
        thoughts="\n\n".join(filter(None, thoughts)) or None,
        arguments=tuple(part.args_as_json_str() for part in called),
        native=native if isinstance(native, str) else None,
    )


def _told(usage: RequestUsage) -> Told | None:
    """What the provider says, cached tokens within the input; None if all are zero, as none were told."""
    if not usage.input_tokens and not usage.output_tokens:
        return None
    return Told(
        usage.input_tokens,
        usage.cache_read_tokens,
        usage.output_tokens,
        usage.cache_write_tokens,
        usage.output_reasoning_tokens,
        usage.cache_write_1h_tokens,
    )
