"""Answers in plain words: sentences and values of the document that have to do with the prompt."""

from collections.abc import Callable
from hashlib import blake2b

from docstage.simulator.facts import Facts, facts_of, words
from docstage.simulator.request import ChatRequest

# Words of a prompt that ask for a kind of value, and how the answer introduces these values.
_ASKED: tuple[tuple[str, frozenset[str], Callable[[Facts], tuple[str, ...]]], ...] = (
    ("Dates", frozenset(("date", "deadline", "when", "due", "day", "until")), lambda facts: facts.dates),
    (
        "Amounts",
        frozenset(("amount", "total", "price", "cost", "pay", "sum", "money")),
        lambda facts: facts.amounts,
    ),
    ("E-mail", frozenset(("email", "mail", "contact", "addres")), lambda facts: facts.emails),
    (
        "Names",
        frozenset(("name", "party", "partie", "person", "company", "signed")),
        lambda facts: facts.names,
    ),
)
_SHOWN_VALUES = 6


def text_answer(request: ChatRequest, seed: int) -> str:
    """The answer in plain words, always the same for the same seed, model, document and prompt."""
    if request.shows_only_pictures:
        return picture_note(request.images)
    facts = facts_of(request.document)
    asked = words(request.prompt)
    quotes = _quotes(facts, asked, model=request.model, seed=seed)
    if not quotes:
        return "The document has no text that bears on this."
    return "\n".join([*(f"- {quote}" for quote in quotes), *_values(facts, asked)])


def light_answer(key: str) -> str:
    """An answer that costs nothing to make and is different for each call."""
    return f"Simulated answer {key}, which quotes nothing of the document."


def picture_note(images: int) -> str:
    """What the simulator can say about pictures."""
    pages = "one page" if images == 1 else f"{images} pages"
    return f"I see a picture of {pages}, but this simulator cannot read pictures."


def relevant(facts: Facts, asked: frozenset[str], salt: bytes) -> list[str]:
    """The document's sentences, those that share the most words first; the salt decides between equals."""
    scored = [
        (-len(asked & known), blake2b(sentence.encode(), digest_size=4, key=salt).digest(), sentence)
        for sentence, known in facts.sentences
    ]
    return [sentence for _, _, sentence in sorted(scored)]


def _quotes(facts: Facts, asked: frozenset[str], *, model: str, seed: int) -> list[str]:
    """A few of the most relevant sentences, in the order of the document."""
    salt = f"{seed}/{model}".encode()[:64]
    wanted = 2 if "small" in model else 4
    chosen = set(relevant(facts, asked, salt)[:wanted])
    return list(dict.fromkeys(sentence for sentence, _ in facts.sentences if sentence in chosen))


def _values(facts: Facts, asked: frozenset[str]) -> list[str]:
    """A line for each kind of value that the prompt asks for and the document has."""
    found = ((title, find(facts)) for title, triggers, find in _ASKED if triggers & asked)
    return [f"{title}: {', '.join(values[:_SHOWN_VALUES])}." for title, values in found if values]
