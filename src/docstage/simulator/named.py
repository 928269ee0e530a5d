"""How the simulator behaves under the names of `domain/rehearsals.py`.

Figures are those that providers publish for small accounts, or that people report; prices are invented.
"""

from collections.abc import Mapping
from types import MappingProxyType

from docstage.simulator.kinds import Away, CostReport, Fault, Overflow, Schemas, Thoughts, Wait
from docstage.simulator.profile import Latency, Profile

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "openai-like": Profile(
            requests_per_minute=500,
            tokens_per_minute=200_000,
            error_rates={Fault.SERVER_ERROR: 0.01, Fault.RATE_LIMITED: 0.01, Fault.SLOW: 0.01},
        ),
        "anthropic-like": Profile(
            requests_per_minute=50,
            error_rates={Fault.OVERLOADED: 0.1},
            input_price=3.0,
            output_price=15.0,
            cached_price=0.3,
            cache_write_price=3.75,
            cache_writes=True,
        ),
        "openrouter-like": Profile(
            error_rates={Fault.ERROR_IN_200: 0.05, Fault.KEEP_ALIVE: 0.3},
            cost=CostReport.USAGE,
            cache_writes=True,
            spending_status=402,
        ),
        "litellm-proxy": Profile(
            error_rates={Fault.PROXY_ERROR: 0.05, Fault.RATE_LIMITED: 0.02},
            wait=Wait.WORDS,
            retry_after=5.0,
            cost=CostReport.HEADER,
            spending_status=400,
        ),
        "free-tier": Profile(requests_per_minute=10, requests_per_day=200, wait=Wait.DETAILS),
        "night": Profile(
            error_rates={Fault.TIMEOUT: 0.01, Fault.SERVER_ERROR: 0.02, Fault.RATE_LIMITED: 0.02},
            retry_after=120.0,
            outage_after=900.0,
            outage_seconds=600.0,
            outage_every=3_600.0,
            away=Away.CLOSED,
            requests_per_day=2_000,
        ),
        "flaky-gateway": Profile(
            error_rates={
                Fault.BAD_GATEWAY_HTML: 0.05,
                Fault.CLOSED: 0.03,
                Fault.CUT: 0.03,
                Fault.ERROR_IN_200: 0.03,
                Fault.KEEP_ALIVE_CUT: 0.02,
                Fault.BROKEN_JSON: 0.02,
                Fault.KEEP_ALIVE: 0.2,
                Fault.STREAMED: 0.1,
            }
        ),
        "slow-answers": Profile(error_rates={Fault.TIMEOUT: 0.1, Fault.SLOW: 0.1}),
        "local-two-slots": Profile(
            latency=Latency(median=1.0, per_output_token=0.02), slots=2, loading_seconds=20.0
        ),
        "ollama-small-context": Profile(
            context_tokens=2_048, tells_context=False, overflow=Overflow.TRUNCATE
        ),
        "small-context": Profile(context_tokens=4_096, output_in_context=True),
        "reasoning-model": Profile(thoughts=Thoughts.REASONING_CONTENT),
        "thinking-aloud": Profile(thoughts=Thoughts.TAGS),
        "endless-reasoning": Profile(error_rates={Fault.ENDLESS_THOUGHTS: 1.0}),
        "cut-off-answers": Profile(endings={"length": 1 / 3}),
        "odd-endings": Profile(
            endings={
                "content_filter": 0.1,
                "error": 0.1,
                "abort": 0.1,
                "insufficient_system_resource": 0.1,
                "pause_turn": 0.1,
                "null": 0.1,
                "missing": 0.1,
                "unknown": 0.1,
            }
        ),
        "no-usage": Profile(error_rates={Fault.NO_USAGE: 1.0}),
        "wrong-usage": Profile(error_rates={Fault.ZERO_USAGE: 0.5, Fault.IMPOSSIBLE_USAGE: 0.5}),
        "many-tokens": Profile(token_ratio=2.5),
        "untidy-json": Profile(
            error_rates={
                Fault.PROSE: 0.3,
                Fault.FENCED: 0.3,
                Fault.TOOL_CALL: 0.2,
                Fault.PARTS: 0.2,
                Fault.STREAMED: 0.2,
            }
        ),
        "careless-model": Profile(
            error_rates={Fault.WRONG_SCHEMA_ONCE: 0.3, Fault.JSON_FAILED: 0.1, Fault.EMPTY: 0.02}
        ),
        "strict-schemas": Profile(schemas=Schemas.STRICT),
        "no-schemas": Profile(schemas=Schemas.NONE),
        "strict-parameters": Profile(refuses=("temperature",), largest_output=512),
        "spending-limit": Profile(spending_limit=0.05),
        "wrong-model": Profile(serves="another-model"),
        "poison-documents": Profile(error_rates={Fault.DOCUMENT_ERROR: 0.1}),
        "cautious-model": Profile(
            error_rates={Fault.REFUSAL: 0.1, Fault.DOCUMENT_FILTERED: 0.1, Fault.INVALID_PROMPT: 0.03}
        ),
    }
)
