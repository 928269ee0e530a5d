"""How the members of `extra` reach the providers behind pydantic-ai, each where its protocol takes them."""

from collections.abc import Mapping
from typing import Any

from docstage.models.extras import sendable
from docstage.models.protocol import ConnectionConfig

# They say where the provider is, and are read when its client is made.
_OF_CLIENTS = frozenset({"region", "api_version"})
_FIELDS = "bedrock_additional_model_requests_fields"
_TIERS = ("serviceTier", "service_tier")
_WHOLE = ("additionalModelRequestFields", "additional_model_request_fields")


def body_members(config: ConnectionConfig) -> dict[str, Any]:
    """The members of `extra` that belong into the body of requests, and contradict nothing."""
    return {name: value for name, value in sendable(config.extra).items() if name not in _OF_CLIENTS}


def extra_settings(config: ConnectionConfig) -> dict[str, Any]:
    """The settings by which pydantic-ai adds them to requests.

    Bedrock takes what a model has of its own as `additionalModelRequestFields`, and the service tier beside
    it. Google's library adds them by itself: they are given to its client.
    """
    members = body_members(config)
    if not members or config.provider == "google":
        return {}
    if config.provider != "bedrock":
        return {"extra_body": members}
    tier = next((members[name] for name in _TIERS if name in members), None)
    fields = {name: value for name, value in members.items() if name not in (*_TIERS, *_WHOLE)}
    for name in _WHOLE:
        fields |= _mapping(members.get(name))
    settings: dict[str, Any] = {_FIELDS: fields} if fields else {}
    if tier is not None:
        settings["bedrock_service_tier"] = tier if isinstance(tier, Mapping) else {"type": tier}
    return settings


def merged(settings: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both settings; of objects that are in both, the members of both, and `more` decides."""
    both = {
        name: {**_mapping(settings.get(name)), **value} for name, value in more.items() if _mapping(value)
    }
    return {**settings, **more, **both}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
