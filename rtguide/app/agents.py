"""The user's agents and their ceilings: `agents.toml` in the configuration folder. rtguide ships none."""

import difflib
import tomllib
from dataclasses import fields
from pathlib import Path

import platformdirs

from rtguide.errors import ConfigError
from rtguide.model.agent import Agent

__all__ = ["read_agents", "usual_agents"]

_NAME, _TABLE = "agents.toml", "agents"
_WORDS = ("name", "source")


def usual_agents() -> tuple[Agent, ...]:
    """Those in the user's own configuration folder; none without such a file.

    Raises
    ------
    ConfigError
        There is such a file and it cannot be understood.
    """
    path = platformdirs.user_config_path("rtguide", appauthor=False) / _NAME
    return read_agents(path) if path.exists() else ()


def read_agents(path: Path) -> tuple[Agent, ...]:
    """A table `[[agents]]` for each.

    Raises
    ------
    ConfigError
        It cannot be read, is no TOML, has an unknown key, a ceiling without a source, or one name twice.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give a file of agents") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    tables = data.get(_TABLE)
    if set(data) != {_TABLE} or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(f"{path}: found {', '.join(data) or 'nothing'}; write a table [[{_TABLE}]] for each agent")
    agents = [_agent(table, path) for table in tables]
    names = [agent.name for agent in agents]
    if len(set(names)) != len(names):
        raise ConfigError(f"{path}: two agents have the same name ({', '.join(names)}): give each its own")
    return tuple(agents)


def _agent(table: dict[str, object], path: Path) -> Agent:
    known = [field.name for field in fields(Agent)]
    for key, value in table.items():
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            guess = f", did you mean {close[0]!r}?" if close else ""
            raise ConfigError(f"{path}: unknown key {key!r}{guess}. Known here: {', '.join(known)}")
        if key in _WORDS and not isinstance(value, str):
            raise ConfigError(f"{path}: {key} = {value!r}: give a text in quotes")
        if key not in _WORDS and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise ConfigError(f"{path}: {key} = {value!r}: give a number")
    if "mg_per_ml" not in table:
        raise ConfigError(f"{path}: {table.get('name', 'an agent')}: mg_per_ml is missing; 0.5 % is 5")
    numbers = {key: float(value) for key, value in table.items() if isinstance(value, (int, float))}
    try:
        return Agent(
            str(table.get("name", "")),
            numbers["mg_per_ml"],
            str(table.get("source", "")),
            numbers.get("max_mg"),
            numbers.get("max_mg_per_kg"),
        )
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
