"""Documents, what is known of files, and encoded contents."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.support.stores import NOW, begin, document_values, make_batch

from docstage.domain.content import Content, DocumentReason, DocumentStatus, ImagePart, Part, PartKind
from docstage.domain.errors import NotFound
from docstage.domain.rendering import render
from docstage.store import contents, documents
from docstage.store.contents import NewContent, NewImage
from docstage.store.database import Database
from docstage.store.documents import (
    DocumentFilter,
    DocumentOutcome,
    SeenFile,
    Sums,
    UnusableReason,
    UsableSums,
    Verdict,
)
from docstage.store.paging import PageRequest
from docstage.stored_text import compress


def _run(database: Database, **kinds: Any) -> int:
    """A run with a document of each name, which has these columns."""
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), [])
        rows = [
            {"reason": None, "detail": None} | document_values(run_id, path, **kinds[path]) for path in kinds
        ]
        documents.insert_documents(c, rows)
    return run_id


def _outcome(document_id: int, verdict: Verdict, **changes: Any) -> DocumentOutcome:
    encoded = DocumentOutcome(document_id, verdict, "ab" * 32, "k", 1.5, 2**40, 2**62 + 1)
    return replace(encoded, **changes)


def test_documents_are_found_once(database: Database) -> None:
    """A file that the run has already is left as it is when the scan finds it again."""
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), ["a", "b"])
        documents.insert_documents(c, [document_values(run_id, path, size=99) for path in ("b", "c")])
        documents.insert_documents(c, [])
        found = documents.list_documents(c, run_id, PageRequest()).items
    assert [(document.path, document.size) for document in found] == [("a", 10), ("b", 10), ("c", 99)]


def test_outcomes_are_recorded_in_one_step(database: Database) -> None:
    """Unicode, quotes, newlines, nulls, large numbers and fractions arrive as they were sent."""
    run_id = _run(database, a={"status": "PENDING"}, b={"status": "PENDING"}, c={"status": "PENDING"})
    with database.write() as c:
        one, two, three = (document.id for document in documents.pending(c, run_id, 0, 10))
        detail = 'ü "quoted" \'single\'\n\\backslash {"json": 1} 😀'
        good = Verdict("ENCODED", None, None, "text/plain", None, 0, 3, 1)
        bad = replace(good, status="UNREADABLE", reason="damaged", detail=detail, pages=7)
        outcomes = [_outcome(one, good), _outcome(two, bad, milliseconds=None, content_key=None)]
        documents.record_outcomes(c, outcomes)
        documents.record_outcomes(c, [])
        first, second = documents.get_document(c, run_id, one), documents.get_document(c, run_id, two)
        assert [document.id for document in documents.pending(c, run_id, 0, 10)] == [three]
        assert documents.pending(c, run_id, three, 10) == []
    assert (first.status, first.size, first.mtime_ns) == (DocumentStatus.ENCODED, 2**40, 2**62 + 1)
    assert (first.milliseconds, first.reason) == (1.5, None)
    assert (second.status, second.reason) == (DocumentStatus.UNREADABLE, DocumentReason.DAMAGED)
    assert second.reason is DocumentReason.DAMAGED
    assert (second.detail, second.pages, second.content_key) == (detail, 7, None)
    assert second.milliseconds is None


def test_documents_belong_to_their_run(database: Database) -> None:
    """A document of another run is not found."""
    run_id = _run(database, a={})
    with database.read() as c:
        (document,) = documents.list_documents(c, run_id, PageRequest()).items
        assert documents.get_document(c, run_id, document.id) == document
        with pytest.raises(NotFound):
            documents.get_document(c, run_id + 1, document.id)


def test_documents_are_filtered(database: Database) -> None:
    """By status, by reason and by a part of the path."""
    run_id = _run(
        database,
        a={},
        b={"status": "UNREADABLE", "reason": "password"},
        c={"status": "SKIPPED", "reason": "empty"},
        d={"status": "SKIPPED", "reason": "empty"},
    )
    with database.read() as c:

        def found(**wanted: Any) -> str:
            items = documents.list_documents(c, run_id, PageRequest(), DocumentFilter(**wanted)).items
            return "".join(document.path for document in items)

        assert found(statuses=["UNREADABLE", "SKIPPED"]) == "bcd"
        assert found(reason="password") == "b"
        assert found(search="C") == "c"
        assert documents.unusable_reasons(c, run_id) == [
            UnusableReason("SKIPPED", "empty", 2),
            UnusableReason("UNREADABLE", "password", 1),
        ]


def test_sums_for_the_estimate(database: Database) -> None:
    """Usable documents and their tokens, apart for those that are pictures, those that fit; or all zero."""
    run_id = _run(
        database,
        a={"tokens": 5},
        b={"tokens": 7, "least_tokens": 4, "most_tokens": 9},
        c={"tokens": 2_000, "images": 2},
        e={"tokens": 1_200, "images": 1, "parts": 4, "pictured_parts": 2},
        f={"tokens": 9_000, "images": 3, "parts": 5, "pictured_parts": 3},
        d={"status": "SKIPPED", "tokens": 9_999},
    )
    with database.read() as c:
        sums, none = documents.usable_sums(c, run_id), documents.usable_sums(c, run_id + 1)
        fitting = documents.usable_sums(c, run_id, room=3)
    assert sums.pictures == Sums(documents=2, tokens=11_000, most_tokens=320, images=5, path_characters=2)
    assert sums.mixed == Sums(documents=1, tokens=1_200, most_tokens=160, images=1, path_characters=1)
    assert sums.texts == Sums(documents=2, tokens=12, most_tokens=169, path_characters=2)
    assert (sums.longest, fitting.texts.tokens, fitting.pictures) == (4, 5, sums.pictures)
    assert none == UsableSums(Sums(), Sums(), Sums(), 0)


def test_seen_files_are_remembered(database: Database) -> None:
    """What a path held is kept by root and path, and the newest knowledge replaces the older."""
    file = SeenFile("/data", "ü.txt", 1, 2**62, "a", NOW)
    with database.write() as c:
        other = replace(file, root="/other", sha256="z")
        documents.remember_files(c, [file, replace(file, path="b"), other])
        documents.remember_files(c, [replace(file, sha256="new", media_type="text/plain")])
        documents.remember_files(c, [])
        seen = documents.seen_files(c, "/data", ["ü.txt", "b", "unknown"])
        assert documents.seen_files(c, "/data", []) == {}
    assert seen.keys() == {"ü.txt", "b"}
    assert (seen["ü.txt"].sha256, seen["ü.txt"].media_type, seen["ü.txt"].mtime_ns) == (
        "new",
        "text/plain",
        2**62,
    )


def _content(key: str, content: Content) -> tuple[NewContent, list[NewImage]]:
    images = [NewImage(key, n, part.media_type, part.data) for n, part in enumerate(content.images)]
    sizes = len(images), len(content.text), content.tokens
    verdict = Verdict("ENCODED", None, None, "text/plain", None, *sizes, parts=3)
    verdict = replace(verdict, pictured_parts=2 if content.needs_sight else 1)
    return NewContent(key, verdict, compress(content.text) if content.text else None, NOW), images


def test_receipts_come_back(database: Database) -> None:
    """A receipt comes back as it was stored; there is none where an earlier version encoded the document."""
    _, receipt = render([Part(PartKind.PAGE, 1, "Grüße", left_out=("A film.",))], ["A note."])
    verdict = Verdict("ENCODED", None, None, "text/plain", None, 0, 5, 1)
    told = compress(json.dumps(receipt.to_json()))
    rows = [
        NewContent("with", verdict, None, NOW, told),
        NewContent("without", verdict, None, NOW),
        NewContent("broken", verdict, None, NOW, compress('{"parts": [{}]}')),
    ]
    with database.write() as c:
        contents.insert_contents(c, rows, [])
    with database.read() as c:
        assert contents.load_receipt(c, "with") == receipt
        assert [contents.load_receipt(c, key) for key in ("without", "broken", "unknown")] == [None] * 3


def test_contents_come_back(database: Database) -> None:
    """Text and pictures, in order; storing the same again changes nothing; unknown keys are left out."""
    pictures = tuple(ImagePart("image/png", bytes([n, 0, 255]) * 1_000) for n in range(12))
    kept = {
        "text": Content("Grüße 😀\n" * 1_000),
        "pictures": Content(images=pictures, needs_sight=True),
        "both": Content("Page", pictures[:1]),
        "nothing": Content(),
    }
    packed = [_content(key, content) for key, content in kept.items()]
    rows = [row for row, _images in packed]
    images = [image for _row, images in packed for image in reversed(images)]
    with database.write() as c:
        contents.insert_contents(c, rows, images)
        contents.insert_contents(c, rows, images)
        contents.insert_contents(c, [], [])
    with database.read() as c:
        assert contents.load_contents(c, [*kept, "unknown"]) == kept
        verdicts = contents.verdicts(c, ["pictures", "unknown"])
        assert contents.load_contents(c, []) == {}
    assert verdicts.keys() == {"pictures"}
    assert (verdicts["pictures"].status, verdicts["pictures"].images) == ("ENCODED", 12)
