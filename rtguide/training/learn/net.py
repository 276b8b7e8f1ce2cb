"""The network of the learned cue: small, fully convolutional, any size of picture."""

import torch
from torch import nn
from torch.nn import functional

from rtguide.tracking.learned_view import LAGS_S

__all__ = ["Answering", "CueNet", "cue_loss"]


def _block(given: int, made: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(given, made, 3, stride, dilation, dilation, bias=False), nn.BatchNorm2d(made), nn.ReLU(inplace=True)
    )


class CueNet(nn.Module):
    """Two logits a cell: on a shaft, and at its visible tip.

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
        self.head = nn.Conv2d(fine, 8, 1)
        self.unsort = nn.PixelShuffle(2)
        with torch.no_grad():
            assert self.head.bias is not None
            self.head.bias.fill_(-4.0)

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """given: (n, 5, rows, columns), sides multiples of 8 → logits (n, 2, rows, columns): shaft, tip."""
        made: torch.Tensor = self.unsort(self.of_sorted(self.sort(given)))
        return made

    def of_sorted(self, given: torch.Tensor) -> torch.Tensor:
        """The same between channels of sorted cells, (n, 20, rows / 2, columns / 2) → (n, 8, rows / 2, columns / 2)."""
        first = self.first(given)
        second = self.second(first)
        up = self.out_second(second + _doubled(self.to_second(self.third(second))))
        up = self.out_first(first + _doubled(self.to_first(up)))
        made: torch.Tensor = self.head(up)
        return made


class Answering(nn.Module):
    """The network as trackers run it: its answers are probabilities; cells are sorted into channels outside of it."""

    def __init__(self, net: CueNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """See `CueNet.of_sorted`."""
        return torch.sigmoid(self.net.of_sorted(given))


def _doubled(maps: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(maps, scale_factor=2.0, mode="bilinear", align_corners=False)


def cue_loss(logits: torch.Tensor, wanted: torch.Tensor, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Losses of shaft and tip. logits, wanted, weight: (n, 2, rows, columns).

    Both by the focal loss of Law & Deng (CornerNet, ECCV 2018), which spends itself on few, hard cells.
    """
    chance = torch.sigmoid(logits)
    log_yes, log_no = functional.logsigmoid(logits), functional.logsigmoid(-logits)
    miss = -wanted * (1 - chance) ** 2 * log_yes * (wanted > 0.3)
    false = -((1 - wanted) ** 4) * chance**2 * log_no
    each = ((miss + false) * weight).sum(dim=(2, 3))
    count = (wanted * (wanted > 0.3)).sum(dim=(0, 2, 3)) + 1.0
    total = each.sum(dim=0) / count
    return total[0], total[1]
