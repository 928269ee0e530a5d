"""The process in which documents are extracted: `python -m docstage.extraction.worker`."""

import hashlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docstage.domain.content import DocumentReason
from docstage.domain.handling import USUAL, Attachments, Handling
from docstage.domain.receipt import in_words
from docstage.domain.rendering import render
from docstage.extraction.containers.base import Entry
from docstage.extraction.containers.listing import Listing, list_container
from docstage.extraction.containers.names import file_name
from docstage.extraction.containers.opening import is_opened
from docstage.extraction.containers.shelf import Shelf
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract
from docstage.extraction.extractors.attachments import entries_of
from docstage.extraction.files import FileProblem
from docstage.extraction.media_types import detect
from docstage.extraction.members import Member, packed_members
from docstage.extraction.serving import Answer, serve
from docstage.own_files import OwnFiles
from docstage.stored_text import compress

# Address space that a worker with all libraries loaded has before its first document: 0.6 GB measured, most
# of it reserved by thread stacks and allocator arenas and never touched.
_BASE_MEMORY = 2**30
_MEMORY_DETAIL = "Extracting it takes more memory than the limit. Split the document."
_NESTED_DETAIL = "It is nested far too deeply. Take it apart and save its parts."

Extract = Callable[[bytes, str, Limits, Attachments], Extracted]


def main(extract_document: Extract = extract) -> None:
    """Serve until standard input ends. The limits are the first argument, as JSON."""
    limits = Limits(**json.loads(sys.argv[1]))

    def prepare() -> Answer:
        shelf = shelf_for(limits, extract_document)
        return lambda job, _: _serve(job, shelf, extract_document)

    serve(limits.memory_bytes + _BASE_MEMORY, prepare)


def shelf_for(limits: Limits, extract_document: Extract = extract) -> Shelf:
    """What finds documents, also those that are attached to others."""

    def attached(data: bytes, name: str) -> list[Entry]:
        return entries_of(extract_document(data, name, limits, Attachments.APART).attachments)

    return Shelf(limits, attached)


def _serve(
    job: dict[str, Any], shelf: Shelf, extract_document: Extract
) -> tuple[dict[str, Any], list[bytes]]:
    started = time.perf_counter()
    facts: dict[str, Any] = {"sha256": None, "size": None, "mtime_ns": None, "media_type": None}
    parts: list[bytes] = []
    try:
        own = OwnFiles(**job["own"]) if job.get("own") else None
        original = shelf.read(Path(job["root"]), job["path"], own)
        data, name = original.data, file_name(job["path"])
        facts |= {"size": len(data), "mtime_ns": original.status.st_mtime_ns}
        facts["sha256"] = hashlib.sha256(data).hexdigest()
        facts["media_type"] = detect(data, name)
        if job.get("bytes_only"):
            return facts | {"milliseconds": 0.0}, [data]
        handling = Handling.of(**job["handling"]) if "handling" in job else USUAL
        if is_opened(facts["media_type"], handling):
            parts = _list(facts, list_container(data, facts["media_type"], name, shelf.limits))
        else:
            extracted = extract_document(data, name, shelf.limits, handling.attachments)
            parts = _describe(facts, extracted)
    except (FileProblem, Unreadable) as problem:
        facts |= {"reason": problem.reason, "detail": problem.detail}
    except MemoryError:
        facts |= {"reason": DocumentReason.MEMORY, "detail": _MEMORY_DETAIL}
    except RecursionError:
        facts |= {"reason": DocumentReason.TOO_COMPLEX, "detail": _NESTED_DETAIL}
    except BaseException as error:
        detail = f"The extractor failed on this document: {type(error).__name__}: {error}"
        facts |= {"reason": DocumentReason.CRASHED, "detail": detail[:500]}
    facts["milliseconds"] = (time.perf_counter() - started) * 1_000
    return facts, parts


def _list(facts: dict[str, Any], listing: Listing) -> list[bytes]:
    """Add what a container holds to the facts; its members are the part."""
    facts |= {
        "reason": DocumentReason.CONTAINER,
        "detail": listing.told,
        "losses": len(listing.left_out),
        "limited": listing.limited,
    }
    return [packed_members(listing.members)]


def _describe(facts: dict[str, Any], extracted: Extracted) -> list[bytes]:
    """Add what was extracted to the facts.

    The parts are the compressed text, the receipt, the images, and the members where there are some.
    """
    members = tuple(
        Member(entry.path, len(data), hashlib.sha256(data).hexdigest())
        for entry, data in ((entry, entry.read(sys.maxsize)) for entry in entries_of(extracted.attachments))
    )
    if members and all(part.is_empty for part in extracted.parts):
        return _list(facts, Listing(members, extracted.notes, extracted.left_out))
    content, receipt = render(extracted.parts, extracted.notes, extracted.left_out)
    text_tokens = content.text_tokens
    facts |= {
        "media_type": extracted.media_type,
        "characters": len(content.text),
        "tokens": content.tokens,
        "least_tokens": text_tokens.least,
        "most_tokens": text_tokens.most,
        "pages": extracted.pages,
        "parts_read": receipt.filled_parts,
        "pictured_parts": receipt.pictured_parts,
        "losses": receipt.losses,
        "told": in_words(receipt),
        "images": [image.media_type for image in content.images],
        "has_members": bool(members),
    }
    told = compress(json.dumps(receipt.to_json()))
    listed = [packed_members(members)] if members else []
    return [compress(content.text), told, *(image.data for image in content.images), *listed]


if __name__ == "__main__":
    main()
