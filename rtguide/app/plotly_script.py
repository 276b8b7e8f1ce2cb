"""plotly.js, which every page with plots carries once."""

from rtguide.errors import ConfigError

__all__ = ["plotly_script"]


def plotly_script() -> str:
    """Some 4.8 MB of script.

    Raises
    ------
    ConfigError
        It is not installed.
    """
    try:
        from plotly.offline import get_plotlyjs  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError as error:
        raise ConfigError("a page with plots needs plotly: pip install 'rtguide[html]'") from error
    return str(get_plotlyjs())
