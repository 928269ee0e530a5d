"""By how much a scan is askew."""

import numpy as np
from PIL import Image, ImageOps

# In degrees: as scanners and hands do it, and as finely as lines of an A4 page need it.
_MOST = 8.0
_STEP = 0.5
# Lines of text are still apart in a picture of this size.
_SIDE = 800
# Where no angle is much better than upright, there is nothing to mend.
_BETTER = 1.1


def skew_of(image: Image.Image) -> float:
    """The degrees by which the picture has to be turned counterclockwise, so that its lines are level.

    They are level where rows of pixels differ most from each other: lines of text and the white between them.
    """
    small = ImageOps.invert(ImageOps.grayscale(image))
    small.thumbnail((_SIDE, _SIDE))
    angles = np.arange(-_MOST, _MOST + _STEP, _STEP)
    contrasts = [_contrast(small.rotate(float(angle), Image.Resampling.BILINEAR)) for angle in angles]
    best = int(np.argmax(contrasts))
    upright = contrasts[len(angles) // 2]
    return float(angles[best]) if contrasts[best] > _BETTER * upright else 0.0


def _contrast(image: Image.Image) -> float:
    rows = np.asarray(image, np.float32).sum(axis=1)
    return float(np.square(np.diff(rows)).sum())
