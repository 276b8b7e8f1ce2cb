"""Values that go smoothly from one set place to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Timeline"]


@dataclass(frozen=True, slots=True)
class Timeline:
    """start: values at time 0 · steps: (seconds, values at their end; what is absent stays)."""

    start: Mapping[str, float]
    steps: tuple[tuple[float, Mapping[str, float]], ...]
    repeats: bool

    @classmethod
    def of(
        cls, start: Mapping[str, float], steps: Iterable[tuple[float, Mapping[str, float | None]]], *, repeats: bool
    ) -> "Timeline":
        """A timeline whose steps may leave values out (None)."""
        kept = tuple((s, {k: v for k, v in values.items() if v is not None}) for s, values in steps)
        return cls(dict(start), kept, repeats)

    @property
    def seconds(self) -> float:
        """Length of one run."""
        return sum(seconds for seconds, _ in self.steps)

    def run(self, time_s: float) -> int:
        """Number of the run that a time falls in, from 0; stays at 0 if it does not repeat."""
        return int(time_s // self.seconds) if self.repeats and self.seconds > 0 else 0

    def at(self, time_s: float) -> dict[str, float]:
        """All values at a time. Each step eases in and out (3s² − 2s³)."""
        values = dict(self.start)
        rest = time_s - self.run(time_s) * self.seconds
        for seconds, wanted in self.steps:
            if rest < seconds:
                s = max(0.0, rest / seconds)
                ease = s * s * (3.0 - 2.0 * s)
                for key, value in wanted.items():
                    values[key] += (value - values[key]) * ease
                return values
            values.update(wanted)
            rest -= seconds
        return values
