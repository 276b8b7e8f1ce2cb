"""The plots and the contact sheet of docs/phantom.md.

python docs/pictures/make_phantom_plots.py [../shared/data]

With the shared test material at hand, its measures (no picture of it) are drawn beside the phantom's; without it, those
lines are left out and the command says so.
"""

import csv
import math
import sys
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

from svg_plot import Panel, render

from rtguide.opencv import cv2
from rtguide.phantom import Phantom, load_scenario, parse_scenario, scenario_names
from rtguide.phantom.assess import (
    Block,
    Spacing,
    elevation_correlation,
    field_correlation,
    half_width_mm,
    rayleigh_p_value,
)
from rtguide.phantom.assess_needle import PUBLISHED_SHARE, shaft_grey_share
from rtguide.phantom.scenario import ProbeSettings

HERE = Path(__file__).parent
GREY = NDArray[np.uint8]
STILLS = (
    ("Clarius, eye", "clarius-ocular-image.png", (263, 82, 805, 878)),
    ("SonoSite, eye", "sonosite-anon-eye1.jpg", (387, 42, 721, 640)),
    ("Butterfly, test phantom", "butterfly_axial-lateral-resolution-2020.png", (640, 30, 1280, 1050)),
    ("Interson, test phantom", "interson-phantom.png", (442, 53, 998, 894)),
)
"""Stills in scale/: label, file, the picture's box (left, top, right, bottom), px."""
BUTTERFLY_PX_PER_MM = 21.07
"""From its printed ruler: the marks of 1 and 5 cm lie at rows 236 and 1079."""
EVEN = """
name = "even"
title = "Even"
summary = "Test material."
[probe]
depth_mm = 45
[screen]
layout = "bare"
px_per_mm = 15
[[layers]]
kind = "reference"
"""


def speckle() -> str:
    """Rayleigh, correlation widths, elevation."""
    probe = ProbeSettings(width_mm=36, depth_mm=36)
    blocks = [Block(probe, seed) for seed in range(4)]
    margin, grid = blocks[0].grid.margin_u, blocks[0].grid
    fields = [block.field()[block.rows(14, 26), margin:-margin] for block in blocks]
    values = np.concatenate([np.abs(field).ravel() for field in fields])
    values = values / math.sqrt(float(np.mean(values**2)) / 2)
    height, edges = np.histogram(values, 60, (0, 4.5), density=True)
    middle = (edges[1:] + edges[:-1]) / 2
    first = Panel("Magnitude before compression", "magnitude / sigma", "density", (0, 4.5), (0, 0.7))
    first.add("phantom", middle, height)
    first.add("Rayleigh", middle, middle * np.exp(-(middle**2) / 2), is_dashed=True)

    second = Panel("Correlation in the slice", "shift, mm", "correlation", (0, 0.8), (0, 1))
    for label, axis, step, sigma in (
        ("lateral", 1, grid.pitch, float(grid.lateral_sigma_at(np.array([20.0]))[0])),
        ("axial", 0, grid.step_mm, grid.axial_sigma_mm()),
    ):
        shifts = np.arange(13) * step
        second.add(f"{label}, phantom", shifts, field_correlation(fields, axis, 12))
        fine = np.linspace(0, 0.8, 60)
        second.add(f"{label}, model", fine, np.exp(-((fine / sigma) ** 2) / 4), is_dashed=True)

    third = Panel("Decorrelation by sliding", "slide, mm", "correlation", (0, 2), (0, 1))
    swept = Block(probe, 9, sweep_mm=2.0)
    slides = np.linspace(0, 2, 14)
    for depth in (8.0, 22.0):
        sigma = float(swept.grid.slice_sigma_at(np.array([depth]))[0])
        found = elevation_correlation(swept, swept.rows(depth - 2, depth + 2), slides)
        third.add(f"{depth:g} mm deep, phantom", slides, found)
        third.add(f"{depth:g} mm deep, slice model", slides, np.exp(-((slides / sigma) ** 2) / 4), is_dashed=True)
    return render([first, second, third])


def needle(data: Path | None) -> str:
    """Brightness over steepness, and the shaft's profile beside the real one."""
    first = Panel("Shaft over steepness", "angle to the face, °", "grey, share of that at 0°", (0, 80), (0, 1.05))
    angles = (0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 75.0)
    found = np.mean([shaft_grey_share(angles, seed) for seed in (1, 2, 3)], axis=0)
    first.add("phantom, mean of 3", angles, found)
    first.add("published", *zip(*PUBLISHED_SHARE, strict=True), is_dashed=True)

    second = Panel(
        "Across the shaft", "distance from its brightest line, mm", "grey, share of peak", (-1.5, 1.5), (0, 1.05)
    )
    phantom = Phantom(load_scenario("femoral"), seed=1, rate_hz=30.0)
    pixels, truth = phantom.frame(300)
    assert truth.needle is not None
    start, stop = (np.array(truth.needle.curve_px[i]) for i in (2, -2))
    second.add("phantom", *_profile(pixels, start, stop, truth.mm_per_px[0]))
    if data is not None:
        frame = _clip_frame(data, 35)
        rows = {int(r["frame"]): r for r in csv.DictReader((data / "needle_tissue/annotations.csv").open())}
        row = rows[35]
        tip = np.array([float(row["tip_x_px"]), float(row["tip_y_px"])])
        shaft = np.array([float(row["shaft_x_px"]), float(row["shaft_y_px"])])
        second.add("real clip", *_profile(frame, shaft, tip + 0.1 * (shaft - tip), 1 / 28.15), is_dashed=True)
    return render([first, second])


def grey(data: Path | None) -> str:
    """Histograms of grey levels inside the picture."""
    panel = Panel("Grey levels in the picture", "grey", "share of pixels", (0, 255), (0, 0.08))
    levels = np.arange(0, 256, 4)
    for name in ("femoral", "axillary", "lumbar-facet"):
        phantom = Phantom(load_scenario(name), seed=1, rate_hz=2.0)
        pixels = phantom.frame(8)[0]
        x0, y0, x1, y1 = phantom.geometry.bounds_px()
        panel.add(name, levels, _histogram(pixels[y0:y1, x0:x1][phantom.geometry.mask()]))
    if data is not None:
        frame = _clip_frame(data, 35)
        panel.add("real: needle clip", levels, _histogram(frame[20:840, 20:960]), is_dashed=True)
        stills = [cv2.imread(str(p), cv2.IMREAD_GRAYSCALE) for p in sorted((data / "nerve_masks/images").glob("*.png"))]
        inside = np.concatenate([still[still.max(axis=1) > 25].ravel() for still in stills if still is not None])
        panel.add("real: nerve stills", levels, _histogram(inside.astype(np.uint8)), is_dashed=True)
    panels = [panel]
    if data is not None:
        other = Panel("Other scanners' stills", "grey", "share of pixels", (0, 255), (0, 0.08))
        for label, name, (x0, y0, x1, y1) in STILLS:
            other.add(label, levels, _histogram(_still(data, name)[y0:y1, x0:x1]), is_dashed=True)
        panels.append(other)
    return render(panels)


def even(data: Path | None) -> str:
    """Even test material on the screen: grain and fall-off with depth, beside the real test phantom of scale/."""
    grain = Panel("Grain on the screen, 20 to 27 mm", "shift, mm", "correlation", (0, 1.5), (0, 1))
    fall = Panel("Even material over depth", "depth, mm", "median grey, share of the largest", (0, 45), (0, 1.05))
    phantom = Phantom(parse_scenario(EVEN, "even.toml"), seed=1, rate_hz=2.0)
    x0, y0, x1, y1 = phantom.geometry.bounds_px()
    shown = [("phantom", phantom.frame(8)[0][y0:y1, x0:x1], 15.0, False)]
    if data is not None:
        # The face lies 25 rows from the top (where the ruler's 0 is); clear of the screen's edges and the fan's.
        real = _still(data, STILLS[2][1])[25:, 640:1280]
        shown.append(("Butterfly", real, BUTTERFLY_PX_PER_MM, True))
    for label, picture, ppm, is_dashed in shown:
        strip = picture[round(20 * ppm) : round(27 * ppm)].astype(np.float64)
        for name, axis in (("lateral", 1), ("axial", 0)):
            count = round(1.5 * ppm)
            grain.add(f"{name}, {label}", np.arange(count) / ppm, _correlation(strip, axis, count), is_dashed=is_dashed)
        depths = np.arange(1.0, 45.0)
        rows = [picture[round((d - 0.5) * ppm) : round((d + 0.5) * ppm)] for d in depths]
        medians = np.array([float(np.median(row)) for row in rows])
        fall.add(label, depths, medians / medians.max(), is_dashed=is_dashed)
    return render([grain, fall])


def _correlation(strip: NDArray[np.float64], axis: int, count: int) -> list[float]:
    """Of grey with itself, shifted by 0 to count - 1 px; slow changes across and in depth taken out first."""
    flat = strip - cv2.GaussianBlur(strip, (0, 0), 40)
    lines = flat if axis == 1 else flat.T
    length = lines.shape[1]
    return [float(np.corrcoef(lines[:, : length - n].ravel(), lines[:, n:].ravel())[0, 1]) for n in range(count)]


def _still(data: Path, name: str) -> GREY:
    found = cv2.imread(str(data / "scale" / name), cv2.IMREAD_GRAYSCALE)
    if found is None:
        raise SystemExit(f"there is no picture {data / 'scale' / name}")
    return found.astype(np.uint8)


def sheet() -> GREY:
    """All scenarios, 9.5 s in: uint8, three in a row."""
    tiles = []
    for name in scenario_names():
        pixels = Phantom(load_scenario(name), seed=1, rate_hz=2.0).frame(19)[0]
        small = cv2.resize(pixels, (480, 270), interpolation=cv2.INTER_AREA)
        small = small if small.ndim == 3 else cv2.cvtColor(small, cv2.COLOR_GRAY2RGB)
        cv2.putText(small, name, (8, 262), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 220, 120), 1, cv2.LINE_AA)
        tiles.append(small)
    while len(tiles) % 4:
        tiles.append(np.zeros_like(tiles[0]))
    return np.vstack([np.hstack(tiles[i : i + 4]) for i in range(0, len(tiles), 4)]).astype(np.uint8)


EVENTS = (
    ("adductor-canal", 15.5, "injectate parts layers"),
    ("infraclavicular", 14.5, "bubbles"),
    ("subacromial", 16.0, "echogenic steroid"),
    ("infraclavicular-hard", 8.3, "small injections on the way"),
    ("supraclavicular", 1.2, "colour box"),
    ("supraclavicular", 8.5, "lost contact"),
    ("rectus-sheath", 2.0, "guide line"),
    ("rectus-sheath-hard", 3.0, "calipers, trapezoid"),
    ("subacromial-hard", 4.0, "centre line"),
    ("subacromial-hard", 12.5, "needle across the slice"),
    ("axillary", 4.0, "a vein under pressure"),
    ("popliteal-sciatic-hard", 15.0, "depth set anew"),
)
"""Scenario, seconds, what there is to see."""


def events() -> GREY:
    """What happens in scenarios, one picture each: uint8, four in a row."""
    tiles = []
    for name, at_s, what in EVENTS:
        phantom = Phantom(load_scenario(name), seed=1, rate_hz=10.0)
        pixels = phantom.frame(round(at_s * 10))[0]
        x0, y0, x1, y1 = phantom.geometry_at(round(at_s * 10)).bounds_px()
        part = pixels[y0:y1, x0:x1] if pixels.ndim == 3 else cv2.cvtColor(pixels[y0:y1, x0:x1], cv2.COLOR_GRAY2RGB)
        scale = min(470 / part.shape[1], 390 / part.shape[0])
        small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        tile = np.zeros((420, 480, 3), dtype=np.uint8)
        tile[: small.shape[0], : small.shape[1]] = small
        cv2.putText(tile, f"{name}: {what}", (6, 412), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 220, 120), 1, cv2.LINE_AA)
        tiles.append(tile)
    return np.vstack([np.hstack(tiles[i : i + 4]) for i in range(0, len(tiles), 4)]).astype(np.uint8)


def _profile(
    pixels: GREY, start: NDArray[np.float64], stop: NDArray[np.float64], mm_per_px: float
) -> tuple[list[float], list[float]]:
    """Mean grey across a line, from its brightest offset, over mm, as a share of the peak above the background."""
    offsets = np.arange(-2.5, 2.5, 0.04)
    means = _strip(pixels, start, stop, offsets / mm_per_px).mean(axis=1)
    inner = np.abs(offsets) < 1.0
    peak = offsets[inner][np.argmax(means[inner])]
    floor = float(np.percentile(means, 20))
    return list(offsets - peak), list((means - floor) / (means[inner].max() - floor))


def _strip(
    pixels: GREY, start: NDArray[np.float64], stop: NDArray[np.float64], offsets_px: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Grey at offsets (rows) from a line, along it (columns)."""
    along = (stop - start) / np.linalg.norm(stop - start)
    normal = np.array([-along[1], along[0]])
    places = start + np.linspace(0, 1, 300)[None, :, None] * (stop - start) + offsets_px[:, None, None] * normal
    found = cv2.remap(pixels, places[..., 0].astype(np.float32), places[..., 1].astype(np.float32), cv2.INTER_LINEAR)
    return found.astype(np.float64)


def _histogram(values: GREY) -> NDArray[np.float64]:
    counts, _ = np.histogram(values, np.arange(0, 257, 4))
    return counts / counts.sum()


def _clip_frame(data: Path, index: int) -> GREY:
    with av.open(str(data / "needle_tissue/ph_1_3_1.mp4")) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == index:
                return frame.to_ndarray(format="gray")
    raise SystemExit(f"the clip has no frame {index}")


def figures() -> str:
    """What the plots show, in figures."""
    probe = ProbeSettings(width_mm=36, depth_mm=36)
    blocks = [Block(probe, seed) for seed in range(4)]
    grid, margin = blocks[0].grid, blocks[0].grid.margin_u
    fields = [block.field()[:, margin:-margin] for block in blocks]
    lateral = float(grid.lateral_sigma_beams()[blocks[0].rows(20, 21)][0])
    apart = Spacing(math.ceil(4 * grid.axial_sigma_mm() / grid.step_mm), math.ceil(4 * lateral))
    middle = [field[blocks[0].rows(15, 25)] for field in fields]
    power = [np.abs(field) ** 2 for field in middle]
    lines = [
        "KS p-values against Rayleigh: " + ", ".join(f"{rayleigh_p_value(field, apart):.2f}" for field in middle),
        f"independent samples in each: {middle[0][:: apart.samples, :: apart.beams].size}",
        "<I^2>/<I>^2: " + ", ".join(f"{float(np.mean(p**2) / np.mean(p) ** 2):.2f}" for p in power),
    ]
    per_sigma = 4 * math.sqrt(math.log(2))
    for depth in (8.0, 18.0, 30.0):
        found = [field[blocks[0].rows(depth - 2, depth + 2)] for field in fields]
        model = per_sigma * float(grid.lateral_sigma_at(np.array([depth]))[0])
        width = half_width_mm(field_correlation(found, 1, 12), grid.pitch)
        lines.append(
            f"lateral width at {depth:g} mm: {width:.3f} mm, model {model:.3f}: {100 * (width / model - 1):+.1f} %"
        )
    found = [field[blocks[0].rows(10, 30)] for field in fields]
    width, model = half_width_mm(field_correlation(found, 0, 8), grid.step_mm), per_sigma * grid.axial_sigma_mm()
    lines.append(f"axial width: {width:.3f} mm, model {model:.3f}: {100 * (width / model - 1):+.1f} %")
    swept, slides = Block(probe, 9, sweep_mm=2.0), np.linspace(0, 2, 14)
    for depth in (8.0, 22.0):
        sigma = float(swept.grid.slice_sigma_at(np.array([depth]))[0])
        correlation = elevation_correlation(swept, swept.rows(depth - 2, depth + 2), slides)
        most = float(np.abs(correlation - np.exp(-((slides / sigma) ** 2) / 4)).max())
        lines.append(f"sliding at {depth:g} mm: at most {most:.3f} from the slice model")
    angles = (0.0, 10.0, 30.0, 50.0, 75.0)
    shares = np.mean([shaft_grey_share(angles, seed) for seed in (1, 2, 3)], axis=0)
    lines.append("shaft's grey by angle: " + ", ".join(f"{a:g}°: {s:.2f}" for a, s in zip(angles, shares, strict=True)))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write all of them beside this file, and print the figures."""
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[2] / "shared" / "data"
    data = given if given.is_dir() else None
    if data is None:
        sys.stdout.write(f"{given} is not here: the lines of real images are left out\n")
    for name, text in (
        ("phantom-speckle.svg", speckle()), ("phantom-needle.svg", needle(data)), ("phantom-grey.svg", grey(data)),
        ("phantom-even.svg", even(data)),
    ):  # fmt: skip
        (HERE / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}\n")
    for name, picture in (("phantom-sheet.jpg", sheet()), ("phantom-events.jpg", events())):
        cv2.imwrite(str(HERE / name), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])
        sys.stdout.write(f"{name}\n")
    sys.stdout.write(figures())


if __name__ == "__main__":
    main()
