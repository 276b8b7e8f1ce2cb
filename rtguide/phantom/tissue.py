"""What each kind of tissue sends back and takes away.

Levels are of the diffuse echo in dB below the brightest tissue, attenuation in dB/(cm MHz). The attenuations are the
usual textbook values; the levels follow the order in which tissues appear on screens (blood, muscle, fat, nerve, skin,
fascia), their distances were set by eye against published stills of nerve blocks.

Anisotropy: tendons lose most of their echo within some 10° of tilt, nerves keep it longer. Order and size are those of
the textbook below (nerves substantially darker from 10° on, tendons changed from 2° on); the curve is our judgement.

References
----------
clinicalgate.com, Anisotropy (page, a secondary source).
Diagnostics 13 (2023), 855, table 4: attenuations (the table was read; `docs/phantom.md` sets ours beside it).
Goss, Johnston, Dunn, Comprehensive compilation of empirical ultrasonic properties of mammalian tissues, J Acoust Soc Am
64 (1978), 423-457 (abstract: where measured values are compiled; none was read off it).
"""

from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["MEAN_ATTENUATION", "PROPERTIES", "TissueProperties"]

MEAN_ATTENUATION = 0.6
"""dB/(cm MHz) that the scanner's time gain makes up for: the usual assumption for soft tissue (0.5 to 0.7)."""


@dataclass(frozen=True, slots=True)
class TissueProperties:
    """level_db: mean diffuse echo · unevenness_db: how much it varies from place to place · attenuation: dB/(cm MHz) ·
    streaks_per_mm2, streak_mm, streak_db: smooth reflectors in it (septa, perimysium): how many, how long, how bright ·
    tilt_rad: tilt at which an anisotropic tissue has lost 60 % of its echo, None where it does not matter.
    """

    level_db: float
    unevenness_db: float
    attenuation: float
    streaks_per_mm2: float = 0.0
    streak_mm: float = 0.0
    streak_db: float = 0.0
    tilt_rad: float | None = None


PROPERTIES = MappingProxyType(
    {
        "skin": TissueProperties(-11.0, 3.0, 0.9, 0.5, 3.0, -6.0),
        "reference": TissueProperties(-15.0, 0.0, MEAN_ATTENUATION),
        "fat": TissueProperties(-22.5, 3.5, 0.5, 0.09, 6.0, -3.0),
        "muscle": TissueProperties(-28.0, 4.0, 0.75, 0.38, 2.6, -8.0, 0.45),
        "connective": TissueProperties(-20.0, 4.5, 0.7, 0.3, 3.0, -6.0),
        "honeycomb-nerve": TissueProperties(-9.0, 1.5, 0.7, tilt_rad=0.3),
        "dark-nerve": TissueProperties(-27.0, 1.5, 0.6),
        "tendon": TissueProperties(-13.0, 2.0, 0.9, 1.4, 4.0, -5.0, 0.14),
        "gland": TissueProperties(-12.0, 1.5, 0.6),
        "fluid": TissueProperties(-44.0, 1.0, 0.05),
        "bone": TissueProperties(-30.0, 3.0, 25.0),
        "lung": TissueProperties(-21.0, 4.0, 1.6),
        "artery": TissueProperties(-44.0, 1.0, 0.2),
        "vein": TissueProperties(-44.0, 1.0, 0.2),
    }
)
