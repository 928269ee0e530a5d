"""Lays out a question: the document first, the prompt last.

Providers cache the beginning of a request. As long as everything up to the prompt is the same for all prompts
about a document, all but the first are billed mostly at the price of cached input.
"""

import base64
import re
from typing import Any

from docstage.domain.content import Content, ImagePart
from docstage.domain.written import Repair
from docstage.models.protocol import ModelRequest

SEPARATOR = "\n\n"
_CLOSING = re.compile(r"<(?=/document)", re.IGNORECASE)


def document_prefix(content: Content, name: str | None) -> str:
    """The document between delimiters, by which the model tells its text from the instructions.

    A closing delimiter inside the document would end it early and let what follows pose as instructions, so
    its `<` is written `&lt;`. Nothing else of the text changes: models read it as it stands.
    """
    attribute = f' name="{_attribute(name)}"' if name else ""
    text = _CLOSING.sub("&lt;", content.text)
    if content.images:
        note = f"[{len(content.images)} image(s) of this document follow.]"
        text = f"{text}\n{note}" if text else note
    return f"<document{attribute}>\n{text}\n</document>"


def prompt_text(request: ModelRequest, instructions: str | None = None) -> str:
    """The prompt, followed by what else the model is told to do."""
    return request.prompt if instructions is None else f"{request.prompt}{SEPARATOR}{instructions}"


def chat_messages(request: ModelRequest, instructions: str | None = None) -> list[dict[str, Any]]:
    """The request as messages of the OpenAI chat API: the system text if any, then one user message."""
    messages: list[dict[str, Any]] = []
    if request.system:
        messages.append({"role": "system", "content": request.system})
    prefix = document_prefix(request.content, request.document_name)
    prompt = prompt_text(request, instructions)
    if request.content.images:
        parts: list[dict[str, Any]] = [{"type": "text", "text": prefix}]
        parts += [_image_part(image) for image in request.content.images]
        messages.append({"role": "user", "content": [*parts, {"type": "text", "text": prompt}]})
    else:
        messages.append({"role": "user", "content": prefix + SEPARATOR + prompt})
    return messages + turn_of_repair(request)


def repair_text(request: ModelRequest, repair: Repair) -> str:
    """The words in which a model is asked to mend its answer, which stands above them if that is possible."""
    which = "This answer" if repair.shown else "An earlier answer of yours, too long to be shown here,"
    form = "as JSON alone, without any other text" if request.schema is not None else "without any other text"
    return (
        f"{which} cannot be used. What is wrong with it: {repair.fault}{SEPARATOR}"
        f"Write the whole answer again, corrected, {form}."
    )


def turn_of_repair(request: ModelRequest) -> list[dict[str, Any]]:
    """The messages in which a model is shown its answer and asked to mend it; none where it is not."""
    if request.repair is None:
        return []
    shown = request.repair.shown
    answer = [{"role": "assistant", "content": shown}] if shown else []
    return [*answer, {"role": "user", "content": repair_text(request, request.repair)}]


def base64_length(data: bytes) -> int:
    """How long the data is as it is sent."""
    return -(-len(data) // 3) * 4


def _attribute(name: str) -> str:
    """A file's name as the value of an attribute: on one line, and unable to end it."""
    escaped = name.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(escaped.split())


def _image_part(image: ImagePart) -> dict[str, Any]:
    data = base64.b64encode(image.data).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:{image.media_type};base64,{data}"}}
