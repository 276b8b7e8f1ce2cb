"""Small video files of every kind, with known pictures."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SHAPE = (48, 64)


def picture(index: int, is_smooth: bool = False, shape: tuple[int, int] = SHAPE) -> NDArray[np.uint8]:
    """RGB noise, or a moving slope that lossy coders keep."""
    height, width = shape
    if not is_smooth:
        return np.random.default_rng(index).integers(0, 256, (height, width, 3), dtype=np.uint8)
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows * 4, columns * 3, 0 * rows + 9 * index % 256], axis=2).astype(np.uint8)


def write_video(
    path: Path,
    codec: str = "ffv1",
    pixel_format: str = "bgr0",
    *,
    times_ms: list[int] | None = None,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    is_smooth: bool = False,
    shape: tuple[int, int] = SHAPE,
) -> Path:
    """Twelve pictures, at these times or 40 ms apart."""
    times_ms = times_ms or [40 * index for index in range(12)]
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.height, stream.width = shape
        stream.pix_fmt = pixel_format
        stream.codec_context.time_base = Fraction(1, 1000)
        for index, time in enumerate(times_ms):
            frame = av.VideoFrame.from_ndarray(picture(index, is_smooth, shape), format="rgb24").reformat(
                format=pixel_format
            )
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
