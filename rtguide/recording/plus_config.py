"""What a configuration file of the PLUS toolkit says of a phantom: its wires, and where it lies."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rtguide.errors import ConfigError
from rtguide.recording.sequence_header import parse_numbers

__all__ = ["read_plus_config"]

LARGEST_BYTES = 4 << 20


def read_plus_config(path: Path) -> dict[str, Any]:
    """Settings for the calibration of a probe: `wires_mm`, `reference_from_phantom`, `mm_per_px`; those it has.

    Raises
    ------
    ConfigError
        It cannot be read, or is no such file.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ConfigError(f"{path}: is too large for a configuration of PLUS; give its XML file")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); give a configuration of PLUS (.xml)") from error
    if "<!ENTITY" in text:
        raise ConfigError(f"{path}: defines entities, which configurations of PLUS never do")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no entities, see above
    except ElementTree.ParseError as error:
        raise ConfigError(f"{path}: is no XML: {error}") from error
    settings: dict[str, Any] = {}
    wires = [
        [_numbers(wire, name, 3, path) for name in ("EndPointFront", "EndPointBack")]
        for pattern in root.iter("Pattern")
        if pattern.get("Type") == "NWire"
        for wire in pattern.iter("Wire")
    ]
    if wires:
        settings["wires_mm"] = wires
    for transform in root.iter("Transform"):
        if (transform.get("From"), transform.get("To")) == ("Phantom", "Reference"):
            numbers = _numbers(transform, "Matrix", 16, path)
            settings["reference_from_phantom"] = [numbers[row : row + 4] for row in range(0, 16, 4)]
    for segmentation in root.iter("Segmentation"):
        settings["mm_per_px"] = _numbers(segmentation, "ApproximateSpacingMmPerPixel", 1, path)[0]
    return settings


def _numbers(element: ElementTree.Element, name: str, count: int, path: Path) -> list[float]:
    numbers = parse_numbers(element.get(name, ""))
    if numbers is None or len(numbers) != count:
        raise ConfigError(f"{path}: {name} of <{element.tag}> is {element.get(name, 'missing')!r}, not {count} numbers")
    return numbers
