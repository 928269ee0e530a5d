"""Repeated prefixes are reported as cached input, as providers bill them."""

from collections.abc import Callable

from tests.simulator.chat import body, call
from tests.support.simulators import INSTANT

from docstage.simulator.cache import PrefixCache
from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Profile

Start = Callable[..., str]
LONG = "The tenant pays the rent on the first day of each month. " * 200  # 2,850 tokens


async def test_the_second_prompt_about_a_document_is_mostly_cached(simulator: Start) -> None:
    """All but the last step of the shared prefix counts, in steps of 128 tokens."""
    url = simulator()
    first = await call(url, body(LONG, "What is the rent?"))
    second = await call(url, body(LONG, "Who is the tenant?"))
    assert first.cached == 0
    assert second.cached % 128 == 0
    assert 0 <= second.body["usage"]["prompt_tokens"] - second.cached < 128 + 20


async def test_short_prompts_and_other_models_share_nothing(simulator: Start) -> None:
    """Below 1,024 tokens nothing is cached; each model has a cache of its own."""
    url = simulator()
    for _ in range(2):
        assert (await call(url, body("short"))).cached == 0
    await call(url, body(LONG))
    assert (await call(url, body(LONG, model="simulated-large"))).cached == 0


async def test_a_prompt_first_hides_the_document_from_the_cache(simulator: Start) -> None:
    """A prefix must match from its first character on."""
    url = simulator()
    for prompt in ("What is the rent?", "Who is the tenant?"):
        message = {"role": "user", "content": f"{prompt}\n\n<document>{LONG}</document>"}
        reply = await call(url, {"model": "simulated-small", "messages": [message]})
        assert reply.cached == 0


async def test_only_answered_calls_are_cached(simulator: Start) -> None:
    """A call that failed leaves nothing behind, and the cache can be turned off."""
    failing = simulator(Profile(latency=INSTANT, error_rates={Fault.SERVER_ERROR: 0.5}, seed=2))
    replies = [await call(failing, body(LONG)) for _ in range(12)]
    answered = [reply.status == 200 for reply in replies]
    first = answered.index(True)
    assert first > 0
    assert replies[first].cached == 0
    assert all(reply.cached > 0 for reply in replies[first + 1 :] if reply.status == 200)
    off = simulator(Profile(latency=INSTANT, cache=False))
    assert [(await call(off, body(LONG))).cached for _ in range(2)] == [0, 0]


def test_the_cache_forgets_what_was_used_least() -> None:
    """Its size is bounded; a used prefix outlives an unused one."""
    cache = PrefixCache(minimum=1, step=1, max_prefixes=4)
    old, used, new = (cache.prefixes("m", text) for text in ("aaaaAAAA", "bbbbBBBB", "ccccCCCC"))
    cache.add(old)
    cache.add(used)
    cache.add(new)
    assert cache.cached_tokens("aaaaAAAA", old) == 0
    assert cache.cached_tokens("bbbbBBBB", used) == 2
    cache.add(old)
    assert cache.cached_tokens("bbbbBBBB", used) == 2
    assert cache.cached_tokens("ccccCCCC", new) == 0


def test_scripts_without_spaces_count_a_token_a_character() -> None:
    """A cached prefix is counted as the prompt's tokens are."""
    cache = PrefixCache(minimum=1_024, step=128)
    text = "契約書" * 1_000
    prefixes = cache.prefixes("m", text)
    cache.add(prefixes)
    assert 2_500 < cache.cached_tokens(text, prefixes) <= 3_000
