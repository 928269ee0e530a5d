"""The heads of model files: good ones, and whatever else somebody may name."""

import struct
from pathlib import Path

import pytest
from tests.local_model.heads import LLAMA, STRING, UINT32, head, listed, number, text, words, write

from docstage.local_model.gguf import NotGguf, read_head


def test_sizes_are_read_wherever_they_stand(tmp_path: Path) -> None:
    """Behind a vocabulary, too; memory is that of keys and values of all layers, at two bytes a number."""
    vocabulary = listed("tokenizer.ggml.tokens", STRING, *(text(f"word {number}") for number in range(2_000)))
    scores = listed("tokenizer.ggml.scores", UINT32, *(struct.pack("<I", one) for one in range(2_000)))
    template = words("tokenizer.chat_template", "{{ message }}" * 1_000)
    found = read_head(write(tmp_path, vocabulary, scores, template, *LLAMA))
    assert (found.architecture, found.context_tokens) == ("llama", 8_192)
    assert found.bytes_per_token == 30 * 3 * (64 + 64) * 2


def test_heads_may_differ_from_layer_to_layer(tmp_path: Path) -> None:
    """As models with several kinds of layers have it; lengths of keys and values may be said apart."""
    heads = listed("odd.attention.head_count_kv", UINT32, *(struct.pack("<I", one) for one in (4, 0, 2)))
    entries = (words("general.architecture", "odd"), number("odd.block_count", 3), heads)
    lengths = (number("odd.attention.key_length", 100), number("odd.attention.value_length", 28))
    found = read_head(write(tmp_path, *entries, *lengths))
    assert (found.context_tokens, found.bytes_per_token) == (None, 6 * 128 * 2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GG",
        b"PK\x03\x04 an archive",
        b"GGUF",
        head(*LLAMA)[:-3],
        head(*LLAMA, count=7),
        head(*LLAMA, count=2**60),
        head(*LLAMA, version=99),
        head(number("llama.block_count", 1)),
        head(text("endless") + struct.pack("<IQ", STRING, 2**62)),
        head(text("endless") + struct.pack("<IIQ", 9, STRING, 2**62)),
        head(text("endless") + struct.pack("<IIQ", 9, UINT32, 2**62)),
        head(text("nested") + struct.pack("<IIQ", 9, 9, 1)),
        head(text("unknown kind") + struct.pack("<I", 77)),
    ],
)
def test_what_is_no_model_is_told(tmp_path: Path, data: bytes) -> None:
    """Whatever its bytes are: nothing is read beyond its end, and no length is believed."""
    file = tmp_path / "model.gguf"
    file.write_bytes(data)
    with pytest.raises(NotGguf):
        read_head(file)
