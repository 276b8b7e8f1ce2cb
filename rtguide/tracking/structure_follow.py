"""One marked structure followed from picture to picture: tracked, coasting, lost, found again."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rtguide.model.structure import StructureTrack
from rtguide.tracking.structure_blocks import Layout, Look, Match, Picture
from rtguide.tracking.structure_form import Form

__all__ = ["Follower"]

FOUND_QUALITY = 0.32
"""Common correlation above which a look counts as found. Twelve blocks of unrelated speckle reach 0.15 at the best of
all shifts searched."""

FIRST_QUALITY = 0.68
"""The first look alone decides while it is found this well."""

NEW_LOOK_QUALITY = 0.78
"""Below it, the picture has changed enough to be kept as a further look; it is still registered to 0.05 mm there."""

CHANGED_UPPER = 0.85
"""... and that even the best blocks have changed: where some are found as well as ever, the others are covered."""

TRUSTED_QUALITY = 0.42
"""A further look is cut only where an older one is found at least this well."""

RETURN_QUALITY, RETURN_PICTURES = 0.5, 3
"""A structure that was lost is found again only on a better match, in three pictures running; in two where its own
speckle leaves no doubt: a still picture brings few that count."""

RETURN_GRAIN = 0.47
"""... whose speckle is that of the first picture too. On phantom clips 14 right returns had 0.57 to 0.97, six wrong
ones, to vessels and shadows 5 to 28 mm off, 0.16 to 0.30; the same vessel in other speckle has 0.38."""

SURE_GRAIN = 0.7
"""Grain that leaves no doubt."""

LEAST_GRAIN = 0.3
"""Grain of the first look where it is found poorly: below, something else looks like it."""

LEAP_CELLS = 7.0
"""A place further from where it was expected (1 mm) is believed when it is found there in the next picture too, and no
worse than what was lost must be found again: a still picture bears any place out."""

MOST_UNREST_CELLS, UNREST_GAIN = 1.5, 0.3
"""How far from where it was expected it lies on average over the last pictures, where no look is found well: tissue
moves smoothly, and a place that jumps about is not known."""

FURTHER_GRAIN, CUT_GRAIN = 0.35, 0.4
"""The same of a further look, and of what one is cut from. On phantom clips 38 of 49 pictures below 0.35 were wrong
places (pictures in noise, where any blocks of a few cells reach 0.5), and 42 of 3,576 above it."""

BACKED_CELLS, BACKED_GRAIN = 2.0, 0.3
"""..., and where the first look, found poorly, lies within so many cells of it."""

LINE_RETURN_CELLS, LINE_RETURN_RIVALRY = 20.0, 0.8
"""How far from where it was lost (3 mm) a line may be taken up again, and how like it another place may be."""

LINE_SURE = 0.85
"""Anywhere, where it is found so well and with its speckle: other bright lines reach 0.78 in phantom clips."""

MOST_RIVALRY, CLEAR_QUALITY = 0.85, 0.5
"""The next best place must be clearly worse, unless the match is good enough to be beyond doubt: a bright form on dark
ground has broad peaks."""

LEAST_AGREEMENT = 0.45
"""Share of the blocks that must move together."""

MOST_LOOKS = 10
"""Looks kept beside the first; the one not used for longest makes room."""

MOST_GENERATIONS, AGE_COST = 4, 0.02
"""Each look that was registered to a look adds some error. Up to so many steps an older look is preferred even if it is
found worse by so much a step; the blurred form (see `structure_form`) takes the error back."""

KNOWN_QUALITY, LOOKS_APART = 0.8, 4
"""No further look is cut within so many pictures of the last, nor where another is found this well."""

COAST_S = 0.3
"""How long a structure that is not found is carried on before it is said to be lost."""

FORM_GAIN, FIRST_GAIN, LARGEST_GAP_CELLS = 0.2, 0.05, 4.0
"""Share of a further look's disagreement with the blurred form, and with the first look where that is found poorly,
that is taken up in each picture: both are right on average and noisy in one."""

LEAST_LIKENESS = 0.5
"""Correlation of the blurred form below which a further look is on something else."""

FORMLESS_GRAIN = 0.7
"""... unless it was cut right after the first one and is found with all of its speckle."""

FULL_LIKENESS = 0.75
"""..., and below which it is squeezed or half covered and lies beside its place: it then has no pull. Speckle that
changes altogether leaves 0.75 to 0.85."""

SQUEEZED_QUALITY, SQUEEZED_GRAIN = 0.65, (0.4, 0.6)
"""What a further look must show then: the same speckle, of the first generation, of the second; no later one."""

LEAST_INSIDE = 0.4
"""Share of the blocks that must lie in the image."""

SEARCH_EVERY = 3
"""A lost structure is looked for in every third picture."""

NEAR_REACH, FAR_REACH = 3, 8
"""Half cells searched around the prediction: ±0.9 mm a picture at 0.15 mm a cell, and if it is not there ±2.4 mm."""

IDENTITY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


@dataclass(slots=True, eq=False)
class Follower:
    """Follows one structure. model: where its blocks lie · outline: (m, 2) in model cells."""

    model: Layout
    outline: NDArray[np.float64]
    first: Look
    form: Form
    track: StructureTrack = StructureTrack.TRACKED
    affine: NDArray[np.float64] = field(default_factory=lambda: np.array(IDENTITY))
    velocity: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    confidence: float = 1.0
    looks: list[Look] = field(default_factory=list)
    _found_s: float = 0.0
    _count: int = 0
    _returns: int = 0
    _cut_at: int = 0
    _leapt_to: NDArray[np.float64] | None = None
    _unrest: float = 0.0
    _model_middle: NDArray[np.float64] = field(init=False)
    _place: NDArray[np.float64] = field(init=False)
    _lost_at: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self._model_middle = (self.outline.min(axis=0) + self.outline.max(axis=0)) / 2
        self._place = self._lost_at = self._middle(self.affine)

    @classmethod
    def begin(cls, picture: Picture, model: Layout, outline: NDArray[np.float64], time_s: float) -> "Follower":
        """Start from the picture it was marked in; lost at once where it lies outside the image."""
        first = Look.cut(picture, model, np.array(IDENTITY), 0)
        follower = cls(model, outline, first, Form.cut(picture, outline, has_inside=model.has_inside), _found_s=time_s)
        if not first.points[:, 2].any():
            follower.track, follower.confidence = StructureTrack.LOST, 0.0
        return follower

    def update(self, picture: Picture, time_s: float) -> None:
        """Take one distinct picture."""
        self._count += 1
        if self.track is StructureTrack.LOST:
            if self._count % SEARCH_EVERY == 0 or self._returns:
                self._search(picture, time_s)
            return
        guess = self.affine.copy()
        guess[:, 2] += self.velocity
        match, look, first = self._best(picture, guess, NEAR_REACH)
        if not self._is_good(match, picture):
            match, look, first = self._best(picture, guess, FAR_REACH)
        is_found = self._is_good(match, picture) and self._is_it(picture, match, look, first)
        if not is_found:
            self._leapt_to = None
        if not is_found or not self._is_borne_out(picture, match, look, guess):
            self._coast(time_s)
            return
        if look.generation:
            self._draw_back(match, look, first)
        place = self._middle(match.affine)
        surprise = float(np.hypot(*(place - self._middle(guess))))
        self._unrest += UNREST_GAIN * (surprise - self._unrest)
        self.velocity = 0.5 * (self.velocity + (place - self._place).clip(-6.0, 6.0))
        if look.strip is not None and look.along is not None and match.pinned == 0.0:
            self.velocity -= float(self.velocity @ look.along) * look.along
        self._place = place
        self.affine = match.affine
        if match.quality < FIRST_QUALITY and self._unrest > MOST_UNREST_CELLS:
            self._doubt(time_s)
            return
        self.confidence = _confidence(match.quality)
        self.track, self._found_s = StructureTrack.TRACKED, time_s
        look.used_at = self._count
        look.take_over(picture, match)
        self._keep_look(picture, match, look)

    def wait(self, time_s: float) -> None:
        """A repeated picture: nothing new, but a structure that coasts does so for no longer than it may."""
        if self.track is StructureTrack.COASTING and time_s - self._found_s > COAST_S:
            self._lose()

    @property
    def growth(self) -> float | None:
        """Its area over that when it was marked; None where it is not tracked."""
        (a, b, _), (c, d, _) = self.affine.tolist()
        return float(a * d - b * c) if self.track is StructureTrack.TRACKED else None

    def outline_now(self) -> NDArray[np.float64]:
        """The outline (m, 2) in grid cells."""
        return np.asarray(self.outline @ self.affine[:, :2].T + self.affine[:, 2], np.float64)

    def _middle(self, affine: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(affine[:, :2] @ self._model_middle + affine[:, 2], np.float64)

    def _best(self, picture: Picture, guess: NDArray[np.float64], reach: int) -> tuple[Match, Look, Match]:
        """The first look if it is found well, else the best of it and two others; and how the first is found.

        Older looks are preferred.
        """
        first = self.first.find(picture, guess, reach)
        if first.quality >= FIRST_QUALITY or not self.looks:
            return first, self.first, first
        best, chosen, merit = first, self.first, first.quality
        recent = max(self.looks, key=lambda look: look.used_at)
        other = self.looks[self._count % len(self.looks)]
        for look in (recent, other) if other is not recent else (recent,):
            match = look.find(picture, guess, reach)
            worth = match.quality - AGE_COST * min(look.generation, MOST_GENERATIONS)
            if worth > merit:
                best, chosen, merit = match, look, worth
        return best, chosen, first

    def _is_good(self, match: Match, picture: Picture) -> bool:
        if match.quality < FOUND_QUALITY or match.agreement < LEAST_AGREEMENT or match.share_inside < LEAST_INSIDE:
            return False
        is_clear = match.quality >= CLEAR_QUALITY
        if match.rivalry > (self.model.clear_rivalry if is_clear else MOST_RIVALRY):
            return False
        (a, b, _), (c, d, _) = match.affine.tolist()
        if abs(a * d - b * c - 1.0) > 0.5:
            return False
        x, y = (round(v) for v in self._middle(match.affine).tolist())
        rows, columns = picture.inside.shape
        return bool(0 <= x < columns and 0 <= y < rows and picture.inside[y, x])

    def _is_it(self, picture: Picture, match: Match, look: Look, first: Match) -> bool:
        """Whether speckle and blurred form bear the match out; draws a further look slowly back onto the form.

        The first look needs speckle only where it is found poorly. A further look stands on older ones: where the form
        is not what it was, squeezed or half covered, it must be young and found well.
        """
        if look.generation == 0:
            is_proved = self.model.is_line or match.quality >= FIRST_QUALITY
            return is_proved or look.grain(picture) >= LEAST_GRAIN
        if not self.model.is_line:
            gap = float(np.hypot(*(self._middle(first.affine) - self._middle(match.affine))))
            is_backed = first.quality >= FOUND_QUALITY and gap < BACKED_CELLS
            if look.grain(picture) < (BACKED_GRAIN if is_backed else FURTHER_GRAIN):
                return False
        shift, likeness = self.form.compare(picture, self._middle(match.affine) - self._model_middle)
        if likeness < LEAST_LIKENESS:
            is_next = look.generation == 1 and match.quality >= FIRST_QUALITY
            return is_next and look.grain(picture) >= FORMLESS_GRAIN
        if likeness >= FULL_LIKENESS:
            _pull(match, look, FORM_GAIN * shift)
            return True
        if self.model.is_line:
            return True
        is_young = look.generation <= len(SQUEEZED_GRAIN) and match.quality >= SQUEEZED_QUALITY
        return is_young and look.grain(picture) >= SQUEEZED_GRAIN[look.generation - 1]

    def _is_borne_out(self, picture: Picture, match: Match, look: Look, guess: NDArray[np.float64]) -> bool:
        """Whether it is where it was expected, or leapt to where it was in the last picture too, as if it came back.

        The first picture after the mark may be a later one: nothing is expected then.
        """
        place, leapt_to = self._middle(match.affine), self._leapt_to
        if float(np.hypot(*(place - self._middle(guess)))) <= LEAP_CELLS or self._count == 1:
            self._leapt_to = None
            return True
        is_again = leapt_to is not None and float(np.hypot(*(place - leapt_to))) <= LEAP_CELLS
        self._leapt_to = None if is_again else place
        if not is_again or self.model.is_line:
            return is_again
        return match.quality >= RETURN_QUALITY and look.grain(picture) >= RETURN_GRAIN

    def _draw_back(self, match: Match, look: Look, first: Match) -> None:
        """Draw a further look slowly back to where the first one, found poorly but found, says it is."""
        gap = self._middle(first.affine) - self._middle(match.affine)
        is_found = first.quality >= FOUND_QUALITY and first.agreement >= LEAST_AGREEMENT
        if is_found and float(np.hypot(*gap)) < LARGEST_GAP_CELLS:
            _pull(match, look, FIRST_GAIN * gap)

    def _coast(self, time_s: float) -> None:
        self.affine = self.affine.copy()
        self.affine[:, 2] += 0.5 * self.velocity
        self._place = self._middle(self.affine)
        self.velocity *= 0.5
        self._doubt(time_s)

    def _doubt(self, time_s: float) -> None:
        """It is not known to be there: carried on for a while, then lost."""
        self.track = StructureTrack.COASTING
        self.confidence *= 0.8
        if time_s - self._found_s > COAST_S:
            self._lose()

    def _lose(self) -> None:
        self.track, self.confidence, self._returns = StructureTrack.LOST, 0.0, 0
        self.velocity = np.zeros(2)
        self._lost_at = self._place

    def _keep_look(self, picture: Picture, match: Match, by: Look) -> None:
        """Cut a further look where the picture has changed but is still surely the structure."""
        has_changed = match.quality < NEW_LOOK_QUALITY and match.upper < CHANGED_UPPER
        if not has_changed or match.quality < TRUSTED_QUALITY:
            return
        if match.share_inside < 0.9 or self._count - self._cut_at < LOOKS_APART or self._knows(picture, match, by):
            return
        if not self.model.is_line and by.grain(picture) < CUT_GRAIN:
            return
        if len(self.looks) >= MOST_LOOKS:
            self.looks.remove(min(self.looks, key=lambda look: look.used_at))
        look = Look.cut(picture, self.model, match.affine, min(by.generation + 1, MOST_GENERATIONS))
        look.used_at = self._cut_at = self._count
        self.looks.append(look)

    def _knows(self, picture: Picture, match: Match, by: Look) -> bool:
        """Whether one of two further looks, the last one cut and one in turn, already shows this view."""
        turn = self._count % max(1, len(self.looks))
        others = (*self.looks[-1:], *self.looks[turn : turn + 1])
        return any(look.find(picture, match.affine, 1).quality >= KNOWN_QUALITY for look in others if look is not by)

    def _search(self, picture: Picture, time_s: float) -> None:
        """Look for it in the whole image; it is back when a few pictures running say so."""
        place = self.form.search(picture)
        if place is None:
            self._returns = 0
            return
        guess = np.array(IDENTITY)
        guess[:, 2] = place
        match = self.first.find(picture, guess, NEAR_REACH)
        if match.quality < RETURN_QUALITY or not self._is_good(match, picture) or not self._may_return(match, picture):
            self._returns = 0
            return
        is_near = float(np.hypot(*(self._middle(match.affine) - self._place))) < 8.0
        self._returns = self._returns + 1 if is_near else 1
        self.affine, self._place = match.affine, self._middle(match.affine)
        is_sure = self.first.grain(picture) >= SURE_GRAIN
        if self._returns >= RETURN_PICTURES - is_sure:
            self.track, self._found_s, self._returns = StructureTrack.TRACKED, time_s, 0
            self.confidence, self.velocity = _confidence(match.quality), np.zeros(2)

    def _may_return(self, match: Match, picture: Picture) -> bool:
        """Forms look alike: the speckle must be the same too.

        A pleura slides under its lung's speckle, and bright lines look alike: without its speckle a line is taken up
        again only near where it was lost, and if unrivalled.
        """
        has_grain = self.first.grain(picture) >= RETURN_GRAIN
        if not self.model.is_line or (has_grain and match.quality >= LINE_SURE):
            return has_grain
        gap = float(np.hypot(*(self._middle(match.affine) - self._lost_at)))
        return gap < LINE_RETURN_CELLS and match.rivalry < LINE_RETURN_RIVALRY


def _pull(match: Match, look: Look, shift: NDArray[np.float64]) -> None:
    """Move a match by a shift (x, y) in cells, and what its look says from now on as well."""
    match.affine[:, 2] += shift
    look.points[:, :2] -= shift


def _confidence(quality: float) -> float:
    """0 where a look is not found, 1 where it is found as well as in the very next picture."""
    return float(np.clip((quality - 0.5 * FOUND_QUALITY) / (0.9 - 0.5 * FOUND_QUALITY), 0.0, 1.0))
