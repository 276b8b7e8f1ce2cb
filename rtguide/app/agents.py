"""The user's agents and their ceilings: `agents.toml` in the configuration folder. rtguide ships none."""

from dataclasses import fields
from pathlib import Path

from rtguide.app.user_files import read_tables, user_path
from rtguide.errors import ConfigError
from rtguide.model.agent import Agent

__all__ = ["read_agents", "usual_agents"]

_WORDS = ("name", "source")


def usual_agents() -> tuple[Agent, ...]:
    """Those in the user's own configuration folder; none without such a file.

    Raises
    ------
    ConfigError
        There is such a file and it cannot be understood.
    """
    path = user_path("agents.toml")
    return read_agents(path) if path.exists() else ()


def read_agents(path: Path) -> tuple[Agent, ...]:
    """A table `[[agents]]` for each.

    Raises
    ------
    ConfigError
        It cannot be read, is no TOML, has an unknown key, a ceiling without a source, or one name twice.
    """
    known = [field.name for field in fields(Agent)]
    agents = [_agent(table, path) for table in read_tables(path, "agents", known)]
    names = [agent.name for agent in agents]
    if len(set(names)) != len(names):
        raise ConfigError(f"{path}: two agents have the same name ({', '.join(names)}): give each its own")
    return tuple(agents)


def _agent(table: dict[str, object], path: Path) -> Agent:
    for key, value in table.items():
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
