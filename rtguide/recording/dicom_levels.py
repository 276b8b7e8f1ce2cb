"""Stored values of a DICOM picture as the grey or colour that a viewer shows, uint8.

Every stored value of up to 16 bits is looked up in a table made once: rescale, window or palette cost nothing a frame.
"""

import math

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi

from rtguide.errors import DeviceError
from rtguide.opencv import cv2
from rtguide.recording.dicom_open import brief

__all__ = ["Levels"]

_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT")


class Levels:
    """Makes shown pixels of stored ones.

    Raises
    ------
    DeviceError
        The pictures are of a kind that cannot be shown.
    """

    def __init__(self, dataset: Dataset, first: NDArray[np.generic]) -> None:
        self._bits = int(dataset.BitsStored)
        self._kind = str(dataset.PhotometricInterpretation)
        self._low = -(1 << self._bits - 1) if dataset.PixelRepresentation == 1 else 0
        self._table: NDArray[np.uint8] | None = None
        self.warnings: tuple[str, ...] = ()
        if not 1 <= self._bits <= 16:
            raise DeviceError(f"its values have {self._bits} bits, only 1 to 16 can be shown")
        if self._kind == "PALETTE COLOR":
            self._table = _palette(dataset, self._values())
        elif self._kind in ("MONOCHROME1", "MONOCHROME2"):
            self._table = self._grey_table(dataset, first)
        elif self._kind not in _COLOUR:
            raise DeviceError(f"its colours are coded as {brief(self._kind)}, which cannot be shown; convert it to RGB")

    def shown(self, stored: NDArray[np.generic], kind: str) -> NDArray[np.uint8]:
        """uint8 (h, w) or (h, w, 3) RGB of stored values; `kind` is the photometric interpretation they came in."""
        if self._table is not None:
            if stored.ndim != 2:
                raise ValueError(f"one value a pixel was promised, there are {stored.shape}")
            index = stored.astype(np.int32)
            index -= self._low
            return self._table.take(index, axis=0, mode="clip")
        if stored.ndim != 3 or stored.shape[2] != 3:
            raise ValueError(f"three values a pixel were promised, there are {stored.shape}")
        if stored.dtype == np.uint8:
            pixels = np.array(stored, np.uint8)
        else:
            pixels = (stored.astype(np.uint32) >> max(0, self._bits - 8)).clip(0, 255).astype(np.uint8)
        return _rgb(pixels) if kind.startswith("YBR_FULL") else pixels

    def _values(self) -> NDArray[np.int32]:
        """Every value that can be stored."""
        return np.arange(self._low, self._low + (1 << self._bits), dtype=np.int32)

    def _grey_table(self, dataset: Dataset, first: NDArray[np.generic]) -> NDArray[np.uint8]:
        rescale = _settings(dataset, "RescaleSlope", "PixelValueTransformationSequence")
        meant = np.asarray(apply_modality_lut(self._values(), rescale), np.float64)
        window = _settings(dataset, "WindowCenter", "FrameVOILUTSequence")
        if dataset.get("VOILUTSequence"):
            shown = np.asarray(apply_voi(meant.astype(np.int32), dataset), np.float64)
            shown *= 255 / max(1.0, float(2 ** int(dataset.VOILUTSequence[0].LUTDescriptor[2]) - 1))
        elif (centre_width := _window(window)) is not None:
            shown = _windowed(meant, *centre_width, str(window.get("VOILUTFunction") or "LINEAR"))
        elif self._bits <= 8:
            shown = np.asarray((self._values() - self._low) * (255 / ((1 << self._bits) - 1)), np.float64)
        else:
            low, high = (float(meant[int(value) - self._low]) for value in (first.min(), first.max()))
            shown = (meant - min(low, high)) * (255 / max(1e-9, abs(high - low)))
            self.warnings = ("it gives no window; its first frame is shown from its darkest value to its brightest",)
        table = np.clip(np.rint(np.nan_to_num(shown)), 0, 255).astype(np.uint8)
        return 255 - table if self._kind == "MONOCHROME1" else table


def _settings(dataset: Dataset, keyword: str, group: str) -> Dataset:
    """Where the keyword stands: in the file itself, or in the functional group of its first frame or of all frames."""
    if keyword in dataset:
        return dataset
    for holder in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        for item in (dataset.get(holder) or ())[:1]:
            for settings in (item.get(group) or ())[:1]:
                if keyword in settings:
                    return settings  # type: ignore[no-any-return]
    return dataset


def _window(dataset: Dataset) -> tuple[float, float] | None:
    """Centre and width of the first window; None where there is none that makes sense."""
    pair = []
    for keyword in ("WindowCenter", "WindowWidth"):
        value = dataset.get(keyword)
        if hasattr(value, "__iter__") and not isinstance(value, str):
            value = next(iter(value), None)
        try:
            pair.append(float(value))
        except (TypeError, ValueError):
            return None
    centre, width = pair
    return (centre, width) if math.isfinite(centre) and 1 <= width < math.inf else None


def _windowed(values: NDArray[np.float64], centre: float, width: float, function: str) -> NDArray[np.float64]:
    """Values through a window, 0 to 255 (PS3.3 C.11.2.1.2 and .3)."""
    if function == "SIGMOID":
        share = 1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -700, 700)))
    elif function == "LINEAR_EXACT":
        share = (values - centre) / width + 0.5
    else:
        share = (values - (centre - 0.5)) / max(width - 1, 1e-9) + 0.5
    return np.asarray(share * 255, np.float64)


def _palette(dataset: Dataset, values: NDArray[np.int32]) -> NDArray[np.uint8]:
    """The palette's colour of every stored value: uint8 (n, 3). Some makers write 8-bit colours into 16-bit entries."""
    colours = np.asarray(apply_color_lut(values.reshape(1, -1), dataset))[0, :, :3]
    if colours.dtype == np.uint8:
        return np.array(colours)
    return (colours if colours.max() <= 255 else colours >> 8).astype(np.uint8)


def _rgb(ybr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB of full-range Y, Cb, Cr, uint8 (h, w, 3) (PS3.3 C.7.6.3.1.2: the equations of JPEG), within one level."""
    swapped = np.ascontiguousarray(ybr[:, :, [0, 2, 1]])
    return np.asarray(cv2.cvtColor(swapped, cv2.COLOR_YCrCb2RGB), np.uint8)
