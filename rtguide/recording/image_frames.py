"""Pictures on disk as the frames of a recording: a folder in natural order, one picture, the pages of a TIFF."""

import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from rtguide.errors import DeviceError, RecordingError
from rtguide.model.geometry import ImageGeometry

__all__ = ["IMAGE_SUFFIXES", "ImageFrames", "image_files", "natural_key"]

IMAGE_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"))

MOST_PIXELS = 64 << 20
"""Twice 8K, as for videos: a file that claims a larger picture is damaged, or would exhaust memory."""

PERIOD_NS = 40_000_000
"""Pictures carry no times; 25 a second are assumed."""

_FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
_GREY_MODES = frozenset(("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N"))
_UNKNOWN_MODES = frozenset(("I", "F"))

_PILLOW_ERRORS = (
    ArithmeticError, AssertionError, AttributeError, EOFError, Image.DecompressionBombError,
    Image.DecompressionBombWarning, LookupError, MemoryError, OSError, RuntimeError, SyntaxError, TypeError,
    ValueError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow answers damaged files with."""

_ORIENTATION, _QUARTER_TURNS = 0x0112, (5, 6, 7, 8)
"""Exif's tag, heeded in JPEG and TIFF (in a PNG it can stand behind the pixels), and its values that swap the sides."""

_DIGITS = re.compile(r"(\d+)")


def natural_key(path: Path) -> tuple[tuple[int, int | str], ...]:
    """Sorts `frame2.png` before `frame10.png`, capitals beside small letters."""
    words = _DIGITS.split(path.name.casefold())
    return tuple((1, int(word)) if index % 2 else (0, word) for index, word in enumerate(words))


def image_files(folder: Path) -> tuple[Path, ...]:
    """The pictures in a folder (not in those inside it) in natural order, by their suffixes; hidden files are none."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and path.name[0] != "."]
    return tuple(sorted((path for path in found if path.is_file()), key=lambda path: (natural_key(path), path.name)))


class ImageFrames:
    """Pictures of one size; all grey, or all RGB if one of them has colour.

    Raises
    ------
    DeviceError
        There is none, one cannot be read, or sizes differ; the message names the path and says what to do.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._files = image_files(path) if path.is_dir() else (path,)
        except OSError as error:
            raise DeviceError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
        if not self._files:
            raise DeviceError(f"{path}: the folder holds no pictures; known are {', '.join(sorted(IMAGE_SUFFIXES))}")
        heads = [_head(file) for file in self._files]
        self._shape_px = heads[0][0]
        for file, (shape_px, _, _) in zip(self._files, heads, strict=True):
            if shape_px != self._shape_px:
                now, was = (f"{shape[1]}×{shape[0]}" for shape in (shape_px, self._shape_px))
                raise DeviceError(f"{path}: {file.name} is {now} pixels, those before {was}; give pictures of one size")
        self._is_grey = all(is_grey for _, is_grey, _ in heads)
        self._pages = heads[0][2] if len(self._files) == 1 else 1
        try:
            self.pixels(0)
        except RecordingError as error:
            raise DeviceError(f"{self._files[0]}: {error}") from error

    @property
    def shape_px(self) -> tuple[int, int]:
        """(height, width)."""
        return self._shape_px

    @property
    def geometry(self) -> ImageGeometry | None:
        """A picture knows nothing of its scale."""
        return None

    @property
    def warnings(self) -> tuple[str, ...]:
        """That times are assumed, where there are several."""
        rate_hz = 1e9 / PERIOD_NS
        text = f"pictures carry no times; {rate_hz:g} a second are assumed, replay:PATH?fps=N sets another rate"
        return (text,) if len(self) > 1 else ()

    @property
    def missing_count(self) -> int:
        """None are promised."""
        return 0

    def __len__(self) -> int:
        return max(len(self._files), self._pages)

    def time_ns(self, index: int) -> int:
        """Time of a picture from the first, assumed."""
        return index * PERIOD_NS

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """uint8 (h, w) or (h, w, 3) RGB."""
        file, page = (self._files[index], 0) if self._pages == 1 else (self._files[0], index)
        try:
            with _opened(file) as image:
                if page:
                    image.seek(page)
                _check_size(image)
                pixels = self._shown(ImageOps.exif_transpose(image) if image.format == "JPEG" else image)
        except _PILLOW_ERRORS as error:
            raise RecordingError(f"{file.name} is damaged or cut short; copy it again") from error
        if pixels.shape[:2] != self._shape_px:
            size = f"{pixels.shape[1]}×{pixels.shape[0]}"
            raise RecordingError(f"page {page} of {file.name} is {size} pixels; give pages of one size")
        return pixels

    def close(self) -> None:
        """Nothing is held open."""

    def _shown(self, image: Image.Image) -> NDArray[np.uint8]:
        if image.mode.startswith("I;16"):
            wide = np.asarray(image).astype(np.uint32)
            grey = ((wide + 128) // 257).astype(np.uint8)
            return grey if self._is_grey else np.repeat(grey[:, :, None], 3, axis=2)
        return np.array(image.convert("L" if self._is_grey else "RGB"), np.uint8)


@contextmanager
def _opened(file: Path) -> Iterator[Image.Image]:
    """The picture, its size refused where it is a bomb; Pillow's remarks on odd files are kept from the screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(file, formats=_FORMATS) as image:
            yield image


def _head(file: Path) -> tuple[tuple[int, int], bool, int]:
    """((height, width) upright, whether grey, number of pages) of a picture, without decoding it.

    Raises
    ------
    DeviceError
        It cannot be read, or is of a kind that cannot be shown.
    """
    try:
        with _opened(file) as image:
            _check_size(image)
            if image.mode in _UNKNOWN_MODES:
                raise DeviceError(
                    f"{file}: its values are no levels of grey (mode {image.mode}); save it with 8 or 16 bits"
                )
            width, height = image.size
            is_lying = image.format != "PNG" and image.getexif().get(_ORIENTATION, 1) in _QUARTER_TURNS
            if is_lying and image.format == "TIFF":  # Pillow 13 scrambles those that are not compressed
                raise DeviceError(f"{file}: the picture lies on its side (TIFF orientation); turn it and save it anew")
            pages = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
            return ((width, height) if is_lying else (height, width)), image.mode in _GREY_MODES, pages
    except FileNotFoundError:
        raise DeviceError(f"{file}: there is no such file; check the spelling") from None
    except PermissionError:
        raise DeviceError(f"{file}: cannot be read; check its permissions") from None
    except _PILLOW_ERRORS as error:
        raise DeviceError(f"{file}: this is no picture that can be read, or it is damaged; copy it again") from error


def _check_size(image: Image.Image) -> None:
    if not 0 < image.width * image.height <= MOST_PIXELS:
        raise ValueError(f"a picture of {image.width}×{image.height} pixels")
