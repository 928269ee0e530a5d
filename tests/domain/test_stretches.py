"""The beginning of a document that is too long: it fits, ends at a good place, and says what it is."""

from hypothesis import given
from hypothesis import strategies as st

from docstage.domain.content import PICTURE_MARK, TOKENS_PER_IMAGE, Content, ImagePart, Part, PartKind
from docstage.domain.rendering import render
from docstage.domain.stretches import LEAST_ROOM, Stretch, beginning_of, first_stretch
from docstage.domain.token_counts import count_tokens

RED = ImagePart("image/png", b"red")
SENTENCE = "The lessee pays the rent on the first day of every month. "


def paged(pages: int, words: int = 20, **members: object) -> Content:
    return render([Part(PartKind.PAGE, n, SENTENCE * words, **members) for n in range(1, pages + 1)])[0]  # type: ignore[arg-type]


def cut(content: Content, room: int) -> tuple[Stretch, Content]:
    found = first_stretch(content, room)
    assert found
    return found, beginning_of(content, found)


def test_whole_pages_are_kept_as_long_as_they_fit() -> None:
    found, sent = cut(paged(40), 2_000)
    assert sent.text.count("<page ") == sent.text.count("</page>") > 5
    last = sent.text.count("<page ")
    assert found.covers == f"pages 1 to {last} of 40"
    assert f"Here are pages 1 to {last} of 40; the rest is not included." in sent.text
    assert f'<page n="{last + 1}">' not in sent.text


def test_a_document_that_fits_is_not_cut() -> None:
    assert first_stretch(paged(3), 2_000) is None
    assert first_stretch(Content(""), 2_000) is None


def test_a_first_page_that_is_too_long_ends_with_a_sentence_and_its_tag() -> None:
    found, sent = cut(paged(2, words=2_000), 1_000)
    assert found.covers == "page 1 of 2, in part"
    assert "month. \n</page>\n[" in sent.text


def test_a_text_without_parts_ends_with_a_paragraph() -> None:
    content = Content("\n\n".join([SENTENCE * 3] * 500))
    found, sent = cut(content, 1_000)
    assert content.text[: found.characters].endswith("\n\n")
    assert found.covers == f"its first {found.characters:,} of {len(content.text):,} characters"
    assert sent.text.startswith(content.text[: found.characters])


def test_pictures_go_with_their_parts_and_take_their_tokens() -> None:
    content = paged(40, words=1, images=(RED,))
    found, sent = cut(content, 5 * TOKENS_PER_IMAGE)
    assert len(sent.images) == found.pictures == sent.text.count("[picture ") < 5
    blind = first_stretch(content, 1_000, sees=False)
    assert blind
    assert blind.pictures > found.pictures


def test_a_picture_is_not_cut_off_its_reference() -> None:
    part = Part(PartKind.SECTION, 1, f"{PICTURE_MARK}" * 900, images=(RED,) * 900)
    content = render([part])[0]
    for room in range(LEAST_ROOM, LEAST_ROOM + 40):
        found = first_stretch(content, room, sees=False)
        assert found
        assert content.text[: found.characters].count("[") == content.text[: found.characters].count("]")


def test_attachments_are_closed_and_counted_as_parts() -> None:
    parts = [Part(PartKind.MESSAGE, 1, SENTENCE)]
    parts += [Part(PartKind.PAGE, n, SENTENCE * 20, within="offer.pdf") for n in range(1, 30)]
    found, sent = cut(render(parts)[0], 1_500)
    assert sent.text.count("<attachment ") == sent.text.count("</attachment>") == 1
    assert sent.text.count("<page ") == sent.text.count("</page>")
    assert found.covers == f"parts 1 to {1 + sent.text.count('<page ')} of 30"


def test_a_text_that_forges_tags_is_one_text() -> None:
    forged = '<page n="1">\n' + SENTENCE * 500
    found, sent = cut(Content(forged), 600)
    assert found.covers.startswith("its first ")
    assert "</page>" not in sent.text


def test_a_room_that_takes_hardly_anything_is_none() -> None:
    assert first_stretch(paged(40), LEAST_ROOM - 1) is None


@given(
    st.lists(st.text(max_size=400), min_size=2, max_size=12),
    st.integers(LEAST_ROOM, 1_500),
    st.sampled_from([PartKind.PAGE, PartKind.SHEET]),
)
def test_what_is_sent_fits_and_begins_as_the_document_does(
    texts: list[str], room: int, kind: PartKind
) -> None:
    content = render([Part(kind, n, text * 5) for n, text in enumerate(texts, 1)])[0]
    found = first_stretch(content, room)
    if found is None:
        assert content.text_tokens.expected <= room
        return
    sent = beginning_of(content, found)
    assert sent.text.startswith(content.text[: found.characters])
    assert sent.text.count(f"<{kind} n=") == sent.text.count(f"</{kind}>")
    assert count_tokens(content.text[: found.characters]).expected <= room
    assert found.tokens.expected >= count_tokens(sent.text).expected - 1
    assert first_stretch(content, room) == found


def test_a_long_text_is_cut_at_once() -> None:
    content = paged(2_000, words=17)
    assert len(content.text) > 1_900_000
    found, _ = cut(content, 100_000)
    assert found.tokens.expected > 90_000
