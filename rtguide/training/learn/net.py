"""The network of the learned cue: small, fully convolutional, any size of picture."""

import torch
from torch import nn
from torch.nn import functional

from rtguide.tracking.learned_view import LAGS_S

__all__ = ["Answering", "CueNet", "cue_loss"]


MAPS = 3
"""Answers of a cell."""

NEAR_WANTED = 0.02
"""What a cell of the wanted tip must hold to lie near it: four cells off."""

SPREAD_RANGE = -2.0, 2.5
"""Logarithms of the least and the largest spread in cells: 0.14 and 12."""


def _block(given: int, made: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(given, made, 3, stride, dilation, dilation, bias=False), nn.BatchNorm2d(made), nn.ReLU(inplace=True)
    )


class CueNet(nn.Module):
    """Three answers a cell: logits of lying on a shaft and at its visible tip; and the spread, the logarithm of how far
    off the place of a tip read here is (cells, standard deviation along each axis).

    A U-Net (Ronneberger et al., MICCAI 2015) of three scales whose first halving and last doubling only sort cells into
    channels, and whose deepest scale looks far along a shaft by dilation (Yu & Koltun, ICLR 2016).
    """

    def __init__(self, fine: int = 16, middle: int = 40, deep: int = 64) -> None:
        super().__init__()
        self.sort = nn.PixelUnshuffle(2)
        self.first = nn.Sequential(_block(4 * (len(LAGS_S) + 1), fine), _block(fine, fine))
        self.second = nn.Sequential(_block(fine, middle, 2), _block(middle, middle))
        self.third = nn.Sequential(
            _block(middle, deep, 2),
            _block(deep, deep, dilation=2),
            _block(deep, deep, dilation=4),
            _block(deep, deep, dilation=2),
            _block(deep, deep),
        )
        self.to_second, self.out_second = nn.Conv2d(deep, middle, 1), _block(middle, middle)
        self.to_first, self.out_first = nn.Conv2d(middle, fine, 1), _block(fine, fine)
        self.head = nn.Conv2d(fine, 4 * MAPS, 1)
        self.unsort = nn.PixelShuffle(2)
        with torch.no_grad():
            assert self.head.bias is not None
            self.head.bias.fill_(-4.0)
            self.head.bias[8:] = 0.0

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """given: (n, 5, rows, columns), sides multiples of 8 → (n, 3, rows, columns): shaft, tip, spread."""
        made: torch.Tensor = self.unsort(self.of_sorted(self.sort(given)))
        return made

    def of_sorted(self, given: torch.Tensor) -> torch.Tensor:
        """The same between channels of sorted cells, (n, 20, half rows, half columns) → (n, 12, half rows, …)."""
        first = self.first(given)
        second = self.second(first)
        up = self.out_second(second + _doubled(self.to_second(self.third(second))))
        up = self.out_first(first + _doubled(self.to_first(up)))
        made: torch.Tensor = self.head(up)
        return made


class Answering(nn.Module):
    """The network as trackers run it: it answers chances and cells; cells are sorted into channels outside of it."""

    def __init__(self, net: CueNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """See `CueNet.of_sorted`."""
        made = self.net.of_sorted(given)
        return torch.cat([torch.sigmoid(made[:, :8]), torch.exp(torch.clamp(made[:, 8:], *SPREAD_RANGE))], dim=1)


def _doubled(maps: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(maps, scale_factor=2.0, mode="bilinear", align_corners=False)


def cue_loss(
    made: torch.Tensor, wanted: torch.Tensor, weight: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Losses of shaft, tip and spread. made: (n, 3, rows, columns) · wanted, weight: (n, 2, rows, columns).

    The first two by the focal loss of Law & Deng (CornerNet, ECCV 2018), which spends itself on few, hard cells.
    """
    logits = made[:, :2]
    chance = torch.sigmoid(logits)
    log_yes, log_no = functional.logsigmoid(logits), functional.logsigmoid(-logits)
    miss = -wanted * (1 - chance) ** 2 * log_yes * (wanted > 0.3)
    false = -((1 - wanted) ** 4) * chance**2 * log_no
    each = ((miss + false) * weight).sum(dim=(2, 3))
    count = (wanted * (wanted > 0.3)).sum(dim=(0, 2, 3)) + 1.0
    total = each.sum(dim=0) / count
    return total[0], total[1], _spread_loss(made[:, 2], chance[:, 1].detach(), wanted[:, 1])


def _spread_loss(spread: torch.Tensor, chance: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Negative log-likelihood, a two-dimensional normal one, of how far off the tips are that stand out where they are
    wanted. spread: logarithms · all (n, rows, columns).
    """
    near = chance * (wanted > NEAR_WANTED)
    best = near.flatten(1).max(dim=1)
    ok = (best.values > 0.1) & (wanted.flatten(1).max(dim=1).values > 0.8)
    if not bool(ok.any()):
        return spread.sum() * 0.0
    columns = chance.shape[2]
    y, x = best.indices[ok] // columns, best.indices[ok] % columns
    said, true = _middle(_around(chance[ok], x, y, 2)), _middle(_around(wanted[ok], x, y, 8))
    off = (said - true).square().sum(dim=1)
    level = torch.clamp(_around(spread[ok], x, y, 2).mean(dim=(1, 2)), *SPREAD_RANGE)
    return (off * torch.exp(-2 * level) / 2 + 2 * level).mean()


def _around(maps: torch.Tensor, x: torch.Tensor, y: torch.Tensor, reach: int) -> torch.Tensor:
    """Cells up to so many from one place of each of (n, rows, columns); 0 outside."""
    side = 2 * reach + 1
    padded = functional.pad(maps, (reach, reach, reach, reach))
    step = torch.arange(side)
    each = torch.arange(len(maps))[:, None, None]
    return padded[each, (y[:, None] + step)[:, :, None], (x[:, None] + step)[:, None, :]]


def _middle(heat: torch.Tensor) -> torch.Tensor:
    """Weighted middle of (n, side, side) as an offset from the middle cell, (n, 2)."""
    step = torch.arange(heat.shape[1], dtype=heat.dtype) - heat.shape[1] // 2
    total = heat.sum(dim=(1, 2)) + 1e-6
    return torch.stack([(heat.sum(dim=k) * step).sum(dim=1) / total for k in (1, 2)], dim=1)
