"""Names of models without what stands before them."""

import re

_VENDOR = re.compile(r"^(?:[a-z]{2,6}\.)?(?:anthropic|amazon|meta|mistral|qwen|google|deepseek|openai)\.")


def bare_name(model: str) -> str:
    """The name by which a model's family is known, in lower case.

    It begins after the last slash (`meta-llama/llama-4-scout` is `llama-4-scout`) and after the vendor that
    Bedrock puts before it (`us.anthropic.claude-...`).
    """
    return _VENDOR.sub("", model.lower().rsplit("/", 1)[-1])
