"""Reads with rapidocr over onnxruntime: PP-OCRv6's small models, which its wheel brings."""

import math
from pathlib import Path
from statistics import fmean, median
from typing import Any, TypeAlias

import cv2
import numpy as np
import rapidocr
from numpy.typing import NDArray
from PIL import Image
from rapidocr.utils.process_img import get_rotate_crop_image

from docstage.extraction.extractors.pdf.text import Box
from docstage.extraction.ocr.readers import Found, ReadLine

_MODELS = Path(rapidocr.__file__).parent / "models"
_DETECTION = _MODELS / "PP-OCRv6_det_small.onnx"
_RECOGNITION = _MODELS / "PP-OCRv6_rec_small.onnx"
# What is read with less confidence is no word but a stain, a pattern or a drawing.
_LEAST_SCORE = 0.6
# Lines are found as well in a smaller picture, in less time and memory; they are read in the whole one. An A4
# page has 140 dpi then; one that is long and narrow keeps its width.
_DETECTED_PIXELS = 1_900_000
# So many lines tell whether a picture is upside down: those of an upright one have a higher mean score.
_LEAST_SIDE = 32
_SAMPLES = 8
_SURE = 0.93
_BETTER = 0.05
_NOISE = 2
# Lines are so much longer than they are high.
_LONG = 2.0

Pixels: TypeAlias = NDArray[np.uint8]
Quad: TypeAlias = NDArray[np.float32]
"""The four corners of a line, (4, 2) in pixels: top left, top right, bottom right, bottom left."""

Scored: TypeAlias = tuple[str, float]
"""What is written in a line, and how sure the model is of it, from 0 to 1."""


class RapidReader:
    """See `readers.Reader`."""

    def __init__(self) -> None:
        for model in (_DETECTION, _RECOGNITION):
            if not model.is_file():  # else rapidocr would load it from the network
                raise FileNotFoundError(f"rapidocr is installed without its model {model.name}")
        cv2.setNumThreads(1)
        self._engine: Any = rapidocr.RapidOCR(
            params={
                "Global.log_level": "critical",
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.model_path": str(_DETECTION),
                "Rec.model_path": str(_RECOGNITION),
            }
        )
        # Both models are loaded with a picture of nothing, so that the time of the first one is its own.
        self._recognized([np.full((48, 96, 3), 255, np.uint8)])
        self._detected(np.full((64, 64, 3), 255, np.uint8))

    def read(self, image: Image.Image) -> Found:
        """Find the lines and read them; turn the picture first where they say so."""
        pixels: Pixels = np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
        quads, quarters = self._detected(pixels), 0
        if _stand_upright(quads):
            pixels, quarters = np.ascontiguousarray(np.rot90(pixels, -1)), 1
            quads = self._detected(pixels)
        if not quads:
            return Found(())
        crops = [get_rotate_crop_image(pixels, quad.copy()) for quad in quads]
        read, is_upside_down = self._read_upright(quads, crops)
        if is_upside_down:
            height, width = pixels.shape[:2]
            quads = [_upside_down(quad, width, height) for quad in quads]
            quarters += 2
        lines = zip(quads, read, strict=True)
        kept = [(quad, scored) for quad, scored in lines if scored[1] >= _LEAST_SCORE]
        if _is_noise([scored for _, scored in kept]):
            return Found(())
        return Found(_levelled([(quad, text) for quad, (text, _) in kept]), 90 * quarters)

    def _read_upright(self, quads: list[Quad], crops: list[Pixels]) -> tuple[list[Scored], bool]:
        """The lines as they are, or from the other end where the longest are read with more confidence so."""
        order = sorted(range(len(quads)), key=lambda index: -_length(quads[index]))
        samples = [crops[index] for index in order[:_SAMPLES]]
        read, is_upside_down = self._recognized(samples), False
        if _sureness(read) < _SURE:
            other = self._recognized([_turned(crop) for crop in samples])
            if _sureness(other) > _sureness(read) + _BETTER:
                read, is_upside_down = other, True
        rest = [crops[index] for index in order[_SAMPLES:]]
        read += self._recognized([_turned(crop) for crop in rest] if is_upside_down else rest)
        return [each for _, each in sorted(zip(order, read, strict=True))], is_upside_down

    def _detected(self, pixels: Pixels) -> list[Quad]:
        height, width = pixels.shape[:2]
        scale = min(1.0, math.sqrt(_DETECTED_PIXELS / (height * width)))
        self._engine.max_side_len = max(round(scale * max(height, width)), _LEAST_SIDE)
        found = self._engine(pixels, use_det=True, use_cls=False, use_rec=False)
        boxes = getattr(found, "boxes", None)
        return [] if boxes is None else [np.asarray(box, np.float32) for box in boxes]

    def _recognized(self, crops: list[Pixels]) -> list[Scored]:
        """What is written in each line."""
        if not crops:
            return []
        read = self._engine.recognize_txt(crops)
        return [(str(text).strip(), float(score)) for text, score in zip(read.txts, read.scores, strict=True)]


def _is_noise(read: list[Scored]) -> bool:
    """Whether a sign or two are all that was read, without being sure: something of a photo or a logo."""
    return sum(len(text) for text, _ in read) <= _NOISE and all(score < _SURE for _, score in read)


def _sureness(read: list[Scored]) -> float:
    return fmean(score for _, score in read)


def _turned(crop: Pixels) -> Pixels:
    return np.ascontiguousarray(np.rot90(crop, 2))


def _stand_upright(quads: list[Quad]) -> bool:
    """Whether most of what is written runs up or down."""
    upright = level = 0.0
    for quad in quads:
        along, across = _length(quad), _height(quad)
        if along > _LONG * across:
            level += along
        elif across > _LONG * along:
            upright += across
    return upright > level


def _length(quad: Quad) -> float:
    return float(np.linalg.norm(quad[1] - quad[0]))


def _height(quad: Quad) -> float:
    return float(np.linalg.norm(quad[3] - quad[0]))


def _upside_down(quad: Quad, width: int, height: int) -> Quad:
    turned = np.array([width, height], np.float32) - quad
    return np.ascontiguousarray(np.roll(turned, 2, axis=0))


def _levelled(read: list[tuple[Quad, str]]) -> tuple[ReadLine, ...]:
    """The lines with level boxes, after turning all by the angle at which most of them run."""
    angles = [
        math.atan2(float(quad[1][1] - quad[0][1]), float(quad[1][0] - quad[0][0]))
        for quad, _ in read
        if _length(quad) > _LONG * _height(quad)
    ]
    angle = median(angles) if angles else 0.0
    cos, sin = math.cos(angle), math.sin(angle)
    lines = []
    for quad, text in read:
        x, y = (float(each) for each in quad.mean(axis=0))
        middle_x, middle_y = x * cos + y * sin, y * cos - x * sin
        across, up = _length(quad) / 2, _height(quad) / 2
        box = Box(middle_x - across, -middle_y - up, middle_x + across, -middle_y + up)
        lines.append(ReadLine(text, box))
    return tuple(line for line in lines if line.text)
