"""What the house looks like: sizes of files, what may be imported, what OpenCV must leave alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 400
VAGUE = {"utils.py", "helpers.py", "common.py"}
PYTHON = sorted(p for top in ("rtguide", "devices", "calibration", "tests") for p in (ROOT / top).rglob("*.py"))


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_holds_one_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LIMIT
    assert path.name not in VAGUE


def test_every_decision_has_a_number_of_its_own() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    numbers = [path.name[:4] for path in records]
    assert len(set(numbers)) == len(numbers), [name for name in numbers if numbers.count(name) > 1]
    assert [path.read_text(encoding="utf-8")[2:6] for path in records] == numbers


def test_every_page_is_found_from_the_index_and_every_link_leads_somewhere() -> None:
    docs = ROOT / "docs"
    links = {}
    for page in (ROOT / "README.md", *docs.rglob("*.md")):
        found = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        links[page] = {(page.parent / one).resolve() for one in found}
    dead = {str(page.relative_to(ROOT)): gone for page, there in links.items()
            if (gone := [str(one) for one in there if not one.exists()])}  # fmt: skip
    assert not dead
    index = docs / "README.md"
    assert index in links[ROOT / "README.md"]
    assert {page for page in docs.glob("*.md") if page != index} <= links[index]


def test_the_command_line_starts_without_opencv_qt_and_numba() -> None:
    program = (
        "import sys\n"
        "for name in ('cv2', 'PySide6', 'numba', 'av'): sys.modules[name] = None\n"
        "from rtguide.app.cli import run\n"
        "run(['--help'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout


def test_importing_opencv_leaves_qts_variables_as_they_were() -> None:
    program = (
        "import os\n"
        "os.environ['QT_QPA_FONTDIR'] = '/given'\n"
        "os.environ.pop('QT_QPA_PLATFORM_PLUGIN_PATH', None)\n"
        "from rtguide.opencv import cv2, QT_VARIABLES\n"
        "print([os.environ.get(name) for name in QT_VARIABLES], cv2.__version__ > '4')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=os.environ)
    assert done.stdout.strip() == "[None, '/given'] True", done.stderr


def test_every_package_is_pinned() -> None:
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    import importlib.metadata  # noqa: PLC0415

    from packaging.requirements import Requirement  # noqa: PLC0415

    for text in importlib.metadata.requires("rtguide") or []:
        name = Requirement(text).name.lower().replace("_", "-")
        assert name == "rtguide" or name in pinned, f"{name} is not in constraints.txt"
