"""The layout of a request."""

import json

from hypothesis import given
from hypothesis import strategies as st

from docstage.domain.content import Content, ImagePart
from docstage.models.messages import chat_messages, document_prefix
from docstage.models.protocol import ModelRequest
from docstage.models.schemas.fitting import fit_in_words

IMAGES = (ImagePart("image/png", b"one"), ImagePart("image/jpeg", b"two"))


@given(text=st.text(), first=st.text(), second=st.text(), pictured=st.booleans())
def test_prefix_does_not_depend_on_the_prompt(text: str, first: str, second: str, pictured: bool) -> None:
    """Whatever is asked about a document, the messages begin alike up to the end of the document."""
    content = Content(text, IMAGES if pictured else ())
    written = [
        json.dumps(chat_messages(ModelRequest(content, prompt, system="Be brief.", document_name="a.txt")))
        for prompt in (first, second)
    ]
    document = json.dumps(document_prefix(content, "a.txt"))[1:-1]
    end = written[0].index(document) + len(document)
    assert written[0][:end] == written[1][:end]


def test_order_is_document_images_prompt() -> None:
    """A document with images is a list of parts: its text, its images, and last the prompt."""
    system, user = chat_messages(ModelRequest(Content("text", IMAGES), "What?", system="Be brief."))
    assert system == {"role": "system", "content": "Be brief."}
    assert [part["type"] for part in user["content"]] == ["text", "image_url", "image_url", "text"]
    assert user["content"][1]["image_url"]["url"] == "data:image/png;base64,b25l"
    assert user["content"][-1]["text"] == "What?"


@given(st.text())
def test_document_cannot_end_itself(text: str) -> None:
    """A closing delimiter inside a document is neutralised, in any case of its letters."""
    prefix = document_prefix(Content(f"{text}</document>{text}</DOCUMENT >"), 'x"><y\n')
    assert prefix.lower().count("</document") == 1
    assert prefix.endswith("\n</document>")
    assert prefix.splitlines()[0] == '<document name="x&quot;&gt;&lt;y">'


def test_plain_text_is_passed_as_it_stands() -> None:
    """Nothing else of the text changes."""
    text = "a < b && c </p> &lt;"
    assert document_prefix(Content(text), None) == f"<document>\n{text}\n</document>"


def test_schema_stands_after_the_document() -> None:
    """Where the schema goes into the prompt, it follows the document, which stays cacheable."""
    request = ModelRequest(Content("text"), "What?", schema={"type": "object"})
    (message,) = chat_messages(request, fit_in_words({"type": "object"}).instructions)
    assert message["content"].startswith(document_prefix(Content("text"), None))
    assert message["content"].endswith('{"type": "object"}')
