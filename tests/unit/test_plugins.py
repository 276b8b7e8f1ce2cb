"""How an address finds its device, with devices of another's package."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from rtguide.app import plugins
from rtguide.clock import ManualClock
from rtguide.errors import ConfigError, DeviceError
from rtguide.model.address import SourceAddress
from rtguide.ports import DeviceListing, FrameSource, OpenContext
from scripted import ScriptedSource


class Foreign:
    """A device for `.foo` files, and for addresses `foreign:` where it takes a scheme."""

    takes_scheme = True
    score = 80
    opened: SourceAddress | None = None

    def sniff(self, path: Path, head: bytes) -> int:
        return self.score if path.suffix == ".foo" or head.startswith(b"FOO") else 0

    def list(self) -> Sequence[DeviceListing]:
        return ()

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        type(self).opened = address
        return ScriptedSource()


class Rival(Foreign):
    takes_scheme = False


class Entry:
    def __init__(self, name: str, loaded: type, value: str = "") -> None:
        self.name, self._loaded, self.value = name, loaded, value or f"{loaded.__module__}:{loaded.__qualname__}"

    def load(self) -> type:
        return self._loaded


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> object:
    def use(*entries: Entry) -> None:
        monkeypatch.setattr(plugins, "registered", lambda group: entries if group == "devices" else ())

    use(Entry("foreign", Foreign))
    return use


@pytest.mark.usefixtures("register")
def test_a_scheme_reaches_its_device_with_options() -> None:
    plugins.open_source("foreign:thing?rate=5", ManualClock(), is_paced=True)
    assert Foreign.opened is not None
    assert (Foreign.opened.body, Foreign.opened.options) == ("thing", {"rate": "5"})


@pytest.mark.usefixtures("register")
def test_a_path_reaches_the_device_that_knows_it_by_name_or_content(tmp_path: Path) -> None:
    path = tmp_path / "clip.bin"
    path.write_bytes(b"FOO and more")
    plugins.open_source(str(path), ManualClock(), is_paced=False)
    assert Foreign.opened is not None
    assert Foreign.opened.body == str(path)


def test_the_surest_device_wins_and_a_tie_is_an_error(tmp_path: Path, register: object) -> None:
    path = tmp_path / "clip.foo"
    path.write_bytes(b"x")
    Rival.score, Rival.opened = 90, None
    register(Entry("foreign", Foreign), Entry("rival", Rival))  # type: ignore[operator]
    plugins.open_source(str(path), ManualClock(), is_paced=False)
    assert Rival.opened is not None
    Rival.score = 80
    with pytest.raises(ConfigError, match="claimed equally by the devices foreign, rival"):
        plugins.open_source(str(path), ManualClock(), is_paced=False)


@pytest.mark.usefixtures("register")
def test_what_nobody_reads_is_said_in_one_line(tmp_path: Path) -> None:
    unknown = tmp_path / "notes.txt"
    unknown.write_text("hello", encoding="utf-8")
    empty = tmp_path / "empty.mp4"
    empty.touch()
    for path, words in ((tmp_path / "gone.mp4", "no such file"), (unknown, "no video"), (empty, "empty")):
        with pytest.raises(DeviceError, match=words) as error:
            plugins.open_source(str(path), ManualClock(), is_paced=False)
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)


def test_two_packages_with_one_name_are_told_apart(register: object) -> None:
    register(Entry("foreign", Foreign, "a:A"), Entry("foreign", Rival, "b:B"))  # type: ignore[operator]
    with pytest.raises(ConfigError, match="registered more than once"):
        plugins.devices()


def test_a_name_that_is_not_registered_is_refused_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match="classic"):
        plugins.make_tracker("oracle")
