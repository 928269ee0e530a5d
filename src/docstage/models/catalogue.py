"""The providers that docstage knows, and what is particular to each.

Addresses and names of environment variables are those of each provider's public API documentation:
platform.openai.com, docs.anthropic.com, ai.google.dev, docs.aws.amazon.com/bedrock,
learn.microsoft.com/azure, docs.mistral.ai, console.groq.com/docs, openrouter.ai/docs, docs.x.ai,
api-docs.deepseek.com, docs.together.ai, docs.ollama.com, lmstudio.ai/docs, docs.vllm.ai and the README of
llama.cpp's server.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from docstage.domain.errors import InvalidInput
from docstage.domain.snapshot import FrozenConnection
from docstage.models.bare_names import bare_name


class Images(StrEnum):
    """Whether a provider's models take images."""

    ALWAYS = "always"
    BY_FAMILY = "by_family"  # those whose name belongs to a family that is documented to
    NEVER = "never"


TIMEOUT = 120.0  # seconds that a call may take by default
LOCAL_TIMEOUT = 600.0  # of servers that may do only a few calls at once


@dataclass(frozen=True, slots=True)
class Provider:
    """A service or server that answers prompts.

    Attributes:
        name: as it is written in a connection.
        title: as it is shown.
        api: which client speaks to it: the OpenAI chat API, Ollama's own, or pydantic-ai.
        default_base_url: its public address, or where it listens by default on this machine; None when only
            the user can know it, or the client library does.
        needs_key: whether it refuses calls without a key.
        key_env: the environment variable that customarily holds the key.
        local: whether the user runs it on a machine of their own.
        hint: what to do when it cannot be reached or lacks a key.
        max_tokens_field: the request's member that limits generated tokens.
        price_provider: its name in genai-prices; None when it has no list prices.
        images: whether its models take images.
        first_calls: calls at once at first, where a server on the user's own machine may do only a few, and
            does not say so; None: as many as the connection allows.
    """

    name: str
    title: str
    api: Literal["chat", "ollama", "pydantic-ai"] = "chat"
    default_base_url: str | None = None
    needs_key: bool = True
    key_env: str | None = None
    local: bool = False
    hint: str = ""
    max_tokens_field: str = "max_tokens"
    price_provider: str | None = None
    images: Images = Images.BY_FAMILY
    first_calls: int | None = None

    @property
    def timeout(self) -> float:
        """Seconds that one call may take, where a connection does not say: own machines are slower."""
        return LOCAL_TIMEOUT if self.local and self.name != "simulated" else TIMEOUT


_ALL = (
    Provider(
        "openai",
        "OpenAI",
        default_base_url="https://api.openai.com/v1",
        key_env="OPENAI_API_KEY",
        hint="Keys are made at https://platform.openai.com/api-keys.",
        max_tokens_field="max_completion_tokens",
        price_provider="openai",
    ),
    Provider(
        "anthropic",
        "Anthropic",
        api="pydantic-ai",
        default_base_url="https://api.anthropic.com",
        key_env="ANTHROPIC_API_KEY",
        hint="Keys are made at https://console.anthropic.com.",
        price_provider="anthropic",
    ),
    Provider(
        "google",
        "Google Gemini",
        api="pydantic-ai",
        default_base_url="https://generativelanguage.googleapis.com",
        key_env="GEMINI_API_KEY",
        hint="Keys are made at https://aistudio.google.com/apikey.",
        price_provider="google",
    ),
    Provider(
        "bedrock",
        "Amazon Bedrock",
        api="pydantic-ai",
        needs_key=False,  # without one, the AWS credentials of the machine are used
        key_env="AWS_BEARER_TOKEN_BEDROCK",
        hint="Set the region in the connection, and a Bedrock API key or AWS credentials.",
        price_provider="aws",
    ),
    Provider(
        "azure",
        "Azure OpenAI",
        api="pydantic-ai",
        key_env="AZURE_OPENAI_API_KEY",
        hint="The address is https://<resource>.openai.azure.com/openai/v1/, the model a deployment's name.",
        price_provider="azure",
    ),
    Provider(
        "mistral",
        "Mistral",
        default_base_url="https://api.mistral.ai/v1",
        key_env="MISTRAL_API_KEY",
        hint="Keys are made at https://console.mistral.ai.",
        price_provider="mistral",
    ),
    Provider(
        "groq",
        "Groq",
        default_base_url="https://api.groq.com/openai/v1",
        key_env="GROQ_API_KEY",
        hint="Keys are made at https://console.groq.com/keys.",
        price_provider="groq",
    ),
    Provider(
        "openrouter",
        "OpenRouter",
        default_base_url="https://openrouter.ai/api/v1",
        key_env="OPENROUTER_API_KEY",
        hint="Keys are made at https://openrouter.ai/keys.",
        price_provider="openrouter",
    ),
    Provider(
        "xai",
        "xAI",
        default_base_url="https://api.x.ai/v1",
        key_env="XAI_API_KEY",
        hint="Keys are made at https://console.x.ai.",
        price_provider="x-ai",
    ),
    Provider(
        "deepseek",
        "DeepSeek",
        default_base_url="https://api.deepseek.com/v1",
        key_env="DEEPSEEK_API_KEY",
        hint="Keys are made at https://platform.deepseek.com.",
        price_provider="deepseek",
        images=Images.NEVER,
    ),
    Provider(
        "together",
        "Together AI",
        default_base_url="https://api.together.xyz/v1",
        key_env="TOGETHER_API_KEY",
        hint="Keys are made at https://api.together.ai/settings/api-keys.",
        price_provider="together",
    ),
    Provider(
        "ollama",
        "Ollama",
        api="ollama",
        default_base_url="http://localhost:11434/v1",
        needs_key=False,
        local=True,
        first_calls=1,
        hint="Is Ollama running? Start it with `ollama serve`.",
    ),
    Provider(
        "lmstudio",
        "LM Studio",
        default_base_url="http://localhost:1234/v1",
        needs_key=False,
        local=True,
        first_calls=2,
        hint="Is LM Studio's server running? Start it with `lms server start`.",
    ),
    Provider(
        "vllm",
        "vLLM",
        default_base_url="http://localhost:8000/v1",
        needs_key=False,
        local=True,
        first_calls=8,
        hint="Is vLLM running? Start it with `vllm serve <model>`.",
    ),
    Provider(
        "llamacpp",
        "llama.cpp",
        default_base_url="http://localhost:8080/v1",
        needs_key=False,
        local=True,
        first_calls=2,
        hint="Is the llama.cpp server running? Start it with `llama-server -m <model.gguf>`.",
    ),
    Provider(
        "local",
        "Local model, run by docstage",
        needs_key=False,
        local=True,
        hint="A real language model in a file (.gguf), which docstage runs; nothing leaves the computer.",
        images=Images.NEVER,
    ),
    Provider(
        "openai-compatible",
        "OpenAI-compatible server",
        needs_key=False,
        hint="Check the address; it usually ends in /v1.",
    ),
    Provider(
        "simulated",
        "Simulator",
        needs_key=False,
        local=True,
        hint="Is the simulator running?",
        images=Images.ALWAYS,
    ),
)

PROVIDERS: Mapping[str, Provider] = MappingProxyType({provider.name: provider for provider in _ALL})

_IMAGE_FAMILIES = re.compile(
    r"""^(?:
        (?:chatgpt-)?gpt-(?:4o|4\.1|4\.5|4-turbo|5)(?!.*(?:audio|realtime|transcribe|tts))
      | o1(?!-mini|-preview) | o3(?!-mini) | o4-mini
      | claude-(?:3|opus|sonnet|haiku)
      | gemini-(?:1\.5|[2-9])(?!.*(?:tts|embedding))
      | nova-(?:lite|pro|premier|2)
      | pixtral | mistral-(?:small|medium)-(?:latest|3|25(?:0[3-9]|1)|2[6-9])
      | mistral-large-(?:latest|2512|2[6-9])
      | ministral-(?:3|.*-2512)
      | llama-?3\.2-(?:11b|90b) | llama-?3\.2-vision | llama-?4
      | qwen-?[23](?:\.5)?-?vl | gemma-?3(?!n|.*(?:1b|270m))
      | grok-2-vision | grok-4(?!.*code)
      | llava | bakllava | minicpm-v | moondream | internvl | smolvlm | phi-(?:3(?:\.5)?-vision|4-multimodal)
      | granite-?(?:3\.\d-)?vision
    )""",
    re.VERBOSE,
)


def get_provider(name: str) -> Provider:
    """The provider of that name.

    Raises:
        InvalidInput: there is none; the known names are listed.
    """
    try:
        return PROVIDERS[name]
    except KeyError:
        known = ", ".join(PROVIDERS)
        raise InvalidInput(f"There is no provider {name!r}. Known: {known}.", known=list(PROVIDERS)) from None


def takes_images(provider: str, model: str) -> bool:
    """Whether the model is documented to read images; a model of no known family is taken not to.

    Sources, read for the families' names: platform.openai.com/docs/models, docs.anthropic.com (vision),
    ai.google.dev (image understanding), docs.aws.amazon.com/nova, docs.mistral.ai (vision), docs.x.ai (image
    understanding), and the model cards of Llama 3.2 and 4, Qwen-VL, Gemma 3, LLaVA, MiniCPM-V, Moondream,
    InternVL, SmolVLM, Phi and Granite Vision.

    Raises:
        InvalidInput: the provider is not known.
    """
    rule = get_provider(provider).images
    if rule is not Images.BY_FAMILY:
        return rule is Images.ALWAYS
    return _IMAGE_FAMILIES.match(bare_name(model)) is not None


def sees_images(connection: FrozenConnection) -> bool:
    """Whether a connection, as a snapshot has it, takes pictures: as it says itself, else as is known."""
    told = connection.images
    return takes_images(connection.provider, connection.model) if told is None else told
