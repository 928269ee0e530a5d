"""Libraries that only some providers need, which are installed as extras of docstage."""

from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType

from docstage.domain.errors import InvalidInput
from docstage.models.catalogue import get_provider

# What is imported for a provider; its extra has the provider's name. All others need nothing but docstage.
_MODULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "anthropic": ("pydantic_ai", "anthropic"),
        "azure": ("pydantic_ai", "openai"),
        "bedrock": ("pydantic_ai", "boto3"),
        "google": ("pydantic_ai", "google.genai", "openai"),
        "local": ("xllamacpp",),
    }
)


class LibraryMissing(InvalidInput):
    """The provider is spoken to by a library that is not installed."""

    kind = "library-missing"
    title = "A library is not installed"


def how_to_install(extra: str) -> str:
    """The sentence that tells how an extra of docstage is installed."""
    if extra == "local":  # which is not for every machine, so that `all` leaves it out
        return (
            "Install docstage with the extra local, as docstage[local]; in a checkout `make local` does it. "
            "Then restart docstage."
        )
    return (
        f"Install docstage with the extra {extra}, as docstage[{extra}] or docstage[all] where you installed "
        "docstage; in a checkout `make setup` does it. Then restart docstage."
    )


def missing_library(provider: str) -> str | None:
    """What a user must do before connections of the provider can be used; None where nothing is missing.

    Raises:
        InvalidInput: the provider is not known.
    """
    title = get_provider(provider).title
    missing = [module for module in _MODULES.get(provider, ()) if not _is_installed(module)]
    if not missing:
        return None
    return f"{title} needs a library that is not installed here ({missing[-1]}). {how_to_install(provider)}"


def check_library(provider: str) -> None:
    """Raises LibraryMissing, with what to do, where connections of the provider cannot be used."""
    if text := missing_library(provider):
        raise LibraryMissing(text, errors=[{"field": "provider", "message": text}])


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it is part of
        return False
