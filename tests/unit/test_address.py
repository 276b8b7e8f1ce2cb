import pytest

from rtguide.errors import ConfigError
from rtguide.model.address import parse_address

SCHEMES = frozenset({"sim", "replay", "grabber"})


def test_scheme_body_and_options() -> None:
    address = parse_address("sim:femoral?seed=3&fps=25.5", SCHEMES)
    assert (address.scheme, address.body) == ("sim", "femoral")
    assert address.options == {"seed": "3", "fps": "25.5"}
    assert address.number("fps", 30.0, 1.0, 120.0) == 25.5
    assert address.number("seconds", 7.0, 0.0, 100.0) == 7.0


@pytest.mark.parametrize("text", ["clip.mp4", "/a b/c?d=1.mkv", "C:\\clips\\a.mp4", "odd:name.mp4", "./sim"])
def test_everything_else_is_a_path(text: str) -> None:
    address = parse_address(text, SCHEMES)
    assert address.scheme == ""
    assert address.body == text


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(ConfigError, match="known here: grabber, replay, sim"):
        parse_address("rtmp://host/live", SCHEMES)
    with pytest.raises(ConfigError, match="names no source"):
        parse_address("sim:", SCHEMES)
    address = parse_address("sim:femoral?fps=fast&loop=maybe", SCHEMES)
    with pytest.raises(ConfigError, match="from 1 to 120"):
        address.number("fps", 30.0, 1.0, 120.0)
    with pytest.raises(ConfigError, match="loop=1"):
        address.flag("loop")
    with pytest.raises(ConfigError, match="unknown option 'loop'"):
        address.refuse_unknown_options(("fps",))


def test_infinite_and_missing_numbers_are_refused() -> None:
    address = parse_address("sim:femoral?fps=nan", SCHEMES)
    with pytest.raises(ConfigError):
        address.number("fps", 30.0, 1.0, 120.0)
