"""Keeps a connection's own key out of what its server answers.

A server knows the key that it is asked with, and may repeat it: a gateway that tells of requests, or one that
means harm. Answers are kept, shown and exported, so they are no place for it.
"""

import json
import re
from dataclasses import asdict, replace
from typing import Any

from docstage.domain.served import Served
from docstage.domain.written import Written
from docstage.models.failures import MASK, forms_of
from docstage.models.protocol import ConnectionConfig, ModelReply, OfferedModel

NOTE = "The server repeated the connection's key in its answer; it was replaced by ***."
# Servers on this machine take any word for a key, such as `ollama`, which answers may well have.
_SHORTEST_KEY = 12
_CODE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])\S+")
_CREDENTIAL = re.compile(r"auth|key|token|secret|cookie|password|credential", re.IGNORECASE)


class KeyMask:
    """Replaces the key, and headers that carry one, in answers of a connection."""

    def __init__(self, config: ConnectionConfig) -> None:
        headers = [value for name, value in config.headers.items() if _is_credential(name, value)]
        words = [config.api_key or "", *headers, *(value.partition(" ")[2] for value in headers)]
        keys = {word for word in words if len(word) >= _SHORTEST_KEY}
        forms = {form for key in keys for form in forms_of(key)}
        self._forms = sorted(forms, key=len, reverse=True)

    def reply(self, reply: ModelReply) -> ModelReply:
        """The reply without the key; where it had one, it says so in its note."""
        value = self._in_value(reply.value)
        text = self.text(reply.text)
        if value != reply.value and text == reply.text:  # it was written in escapes
            text = json.dumps(value, ensure_ascii=False)
        thoughts = reply.thoughts and self.text(reply.thoughts)
        masked = replace(
            reply, text=text, value=value, served=self._in_served(reply.served), thoughts=thoughts
        )
        return (
            reply if masked == reply else replace(masked, note=f"{reply.note} {NOTE}" if reply.note else NOTE)
        )

    def offers(self, offers: list[OfferedModel]) -> list[OfferedModel]:
        """The models that are offered, without the key in their names."""
        return [replace(offer, name=self.text(offer.name)) for offer in offers]

    def text(self, text: str) -> str:
        """The text without the key."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text

    def written(self, written: Written) -> Written:
        """What a model wrote, without the key."""
        return Written(*(text and self.text(text) for text in (written.text, written.thoughts)))

    def _in_served(self, served: Served) -> Served:
        return Served(**{name: word and self.text(word) for name, word in asdict(served).items()})

    def _in_value(self, value: Any) -> Any:
        if not self._forms:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._in_value(one) for one in value]
        if isinstance(value, dict):
            return {self.text(name): self._in_value(one) for name, one in value.items()}
        return value


def _is_credential(name: str, value: str) -> bool:
    """Whether a header carries a key: by its name, or as it looks. Others may be words that answers have."""
    return _CREDENTIAL.search(name) is not None or _CODE.fullmatch(value) is not None
