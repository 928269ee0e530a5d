"""How many tokens a run's calls of one connection will take in, and which of its documents do not fit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection

from docstage.asking.question import MOST_OF_CHARACTER_IN_NAME, Question, question_of
from docstage.domain.calibration import Calibration
from docstage.domain.content import TOKENS_PER_IMAGE
from docstage.domain.room import Room
from docstage.domain.snapshot import FrozenConnection, FrozenPrompt
from docstage.models.bounds import MOST_TOKENS_OF_IMAGE
from docstage.models.catalogue import sees_images
from docstage.service.batches.views import ConnectionEstimate
from docstage.store import calibrations, documents, library, stretches
from docstage.store.documents import Sums, UsableSums


@dataclass(frozen=True, slots=True)
class InputEstimate:
    """What a connection is sent.

    Attributes:
        tasks: that it can take.
        unsupported: tasks of documents that are pictures, which it does not take.
        unseen: tasks of documents of which it is sent the text without the pictures.
        oversized: tasks of documents that are surely too long for it.
        doubtful: tasks of documents that are too long for it if they have as many tokens as expected.
        partial: tasks that are sent the beginning of a document, which is too long, by ids of prompts.
        context_tokens: what the model takes in all, None where nobody knows.
        expected: input tokens, as its calls so far let expect, else as the scripts of the texts do.
        most: input tokens; no tokenizer makes more.
        most_of_call: input tokens of the longest call; no tokenizer makes more.
        calibration_calls: its calls so far that told how it counts.
    """

    tasks: int
    unsupported: int
    unseen: int
    oversized: int
    doubtful: int
    partial: Mapping[int, int]
    context_tokens: int | None
    expected: int
    most: int
    most_of_call: int
    calibration_calls: int


def input_estimate(
    c: Connection,
    run_id: int,
    frozen: FrozenConnection,
    prompts: Collection[FrozenPrompt],
    sums: UsableSums,
) -> InputEstimate:
    """The estimate of every prompt about every document of a run.

    Args:
        sums: of all documents of the run.
    """
    known = calibrations.calibration(c, frozen.id, frozen.model)
    room = library.get_connection(c, frozen.id).room(frozen)
    sees = sees_images(frozen)
    blind = not sees
    cells = stretches.cut_tasks(c, run_id)
    partial = {one.id: cells[frozen.id, one.id] for one in prompts if (frozen.id, one.id) in cells}
    sent: list[tuple[Question, UsableSums]] = []
    doubtful = 0
    for prompt in prompts:
        question, cut = question_of(prompt), None
        if prompt.id in partial:
            cut = stretches.is_cut(run_id, frozen.id, prompt.id)
        whole = _fitting(c, run_id, room.for_text(question.tokens.least), sums, cut)
        doubtful += _doubtful(c, run_id, room, known, question, cut)
        begun = UsableSums() if cut is None else stretches.cut_sums(c, run_id, frozen.id, prompt.id)
        sent.append((question, whole + begun))
    fitting = [one for _, one in sent]
    return InputEstimate(
        tasks=sum(one.documents - blind * one.pictures.documents for one in fitting),
        unsupported=blind * sum(one.pictures.documents for one in fitting),
        unseen=blind * sum(one.mixed.documents for one in fitting),
        oversized=sum(sums.documents - one.documents for one in fitting),
        doubtful=doubtful,
        partial=partial,
        context_tokens=room.context_tokens,
        expected=sum(_expected(known, *one, sees=sees) for one in sent),
        most=sum(_most(sums, q) for q, one in sent for sums in _read(one, sees=sees)),
        most_of_call=max((_most_of_call(one, q, sees=sees) for q, one in sent), default=0),
        calibration_calls=known.calls,
    )


def context_warnings(one: ConnectionEstimate) -> list[str]:
    """What a connection's context means for the run, in words."""
    warnings = []
    if one.oversized_tasks:
        warnings.append(
            f"{_documents(one.oversized_tasks)} too long for {one.connection}, whose model takes "
            f"{one.context_tokens or 0:,} tokens: not sent. Use a model with a larger context."
        )
    if one.partial_tasks:
        warnings.append(
            f"{_documents(one.partial_tasks)} too long for {one.connection}, whose model takes "
            f"{one.context_tokens or 0:,} tokens: the first parts that fit are sent, as the prompt says. "
            "Each row tells which."
        )
    if one.doubtful_tasks:
        warnings.append(
            f"{_documents(one.doubtful_tasks)} perhaps too long for {one.connection}, whose model takes "
            f"{one.context_tokens or 0:,} tokens: these calls may fail."
        )
    return warnings


def _documents(tasks: int) -> str:
    return f"{tasks:,} task{' has a document' if tasks == 1 else 's have documents'}"


def _fitting(
    c: Connection, run_id: int, room: int | None, sums: UsableSums, cut: ColumnElement[bool] | None
) -> UsableSums:
    """Those of the documents that are sent whole: they are not surely too long."""
    if cut is None and (room is None or sums.longest <= room):
        return sums
    return documents.usable_sums(c, run_id, room, cut)


def _doubtful(
    c: Connection,
    run_id: int,
    room: Room,
    known: Calibration,
    question: Question,
    cut: ColumnElement[bool] | None,
) -> int:
    """How many of the fitting documents are texts that do not fit if they are as long as expected."""
    left = room.for_text(question.tokens.least)
    if room.context_tokens is None or left is None:
        return 0
    expected = known.expecting(room.context_tokens - room.kept) - question.tokens.expected
    return documents.longer_texts(c, run_id, expected, left, cut)


def _expected(known: Calibration, question: Question, fitting: UsableSums, *, sees: bool) -> int:
    """Texts alone tell how a connection counts, so that pictures are left as they are expected."""
    *seen, texts = _read(fitting, sees=sees)
    expected = known.tokens(texts.tokens + texts.documents * question.tokens.expected, texts.documents)
    return expected + sum(one.tokens + one.documents * question.tokens.expected for one in seen)


def _read(fitting: UsableSums, *, sees: bool) -> list[Sums]:
    """What of the documents a connection is sent, the texts last."""
    if sees:
        return [fitting.pictures, fitting.mixed, fitting.texts]
    mixed = fitting.mixed
    return [
        replace(mixed, images=0, tokens=mixed.tokens - TOKENS_PER_IMAGE * mixed.images),
        fitting.texts,
    ]


def _most_of_call(fitting: UsableSums, question: Question, *, sees: bool) -> int:
    """Not less than `at_most_tokens` of any document: with the pictures and paths of all."""
    read = _read(fitting, sees=sees)
    names = MOST_OF_CHARACTER_IN_NAME * max(sums.path_characters for sums in read)
    pictures = MOST_TOKENS_OF_IMAGE * max(sums.images for sums in read)
    return fitting.most_of_longest + names + pictures + question.tokens.most


def _most(sums: Sums, question: Question) -> int:
    """The sum of `at_most_tokens` over documents."""
    names = MOST_OF_CHARACTER_IN_NAME * sums.path_characters
    pictures = MOST_TOKENS_OF_IMAGE * sums.images
    return sums.most_tokens + names + pictures + sums.documents * question.tokens.most
