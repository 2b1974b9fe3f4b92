"""Losses that keep a decoder from averaging over what is uncertain: a patch discriminator, and distances between features."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

import clip
from settings import CLIP_PIXELS

LARGEST = 10.0  # of the adaptive weight
HIDDEN = 0.3  # weight of the picture tower's hidden states


class PatchDiscriminator(nn.Sequential):
    """Says of every patch whether it is real."""

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128)):
        layers, before = [], 3
        for width in widths:
            layers += [spectral_norm(nn.Conv2d(before, width, 4, 2, 1)), nn.LeakyReLU(0.2)]
            before = width
        layers += [spectral_norm(nn.Conv2d(before, before, 3, 1, 1)), nn.LeakyReLU(0.2), spectral_norm(nn.Conv2d(before, 1, 3, 1, 1))]
        super().__init__(*layers)


class Features(nn.Module):
    """Distances between pictures in the picture tower's hidden states and after fixed random orthogonal convolutions."""

    def __init__(self, vision):
        super().__init__()
        self.vision = vision.eval().requires_grad_(False)
        generator = torch.Generator().manual_seed(5)
        shapes = [(32, 3, 5, 5), (64, 32, 3, 3), (64, 64, 3, 3)]
        self.kernels = nn.ParameterList([orthogonal_kernel(shape, generator) for shape in shapes]).requires_grad_(False)

    def random(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        """Responses of the random convolutions, each at half the size of the one before."""
        found = []
        for number, kernel in enumerate(self.kernels):
            pictures = F.leaky_relu(F.conv2d(pictures, kernel, stride=1 if number == 0 else 2, padding=kernel.shape[-1] // 2), 0.2)
            found.append(pictures)
        return found

    def hidden(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        """Hidden states 1 to 3 of the picture tower for square tiles."""
        side = CLIP_PIXELS
        tiles = pictures.unfold(2, side, side).unfold(3, side, side).permute(0, 2, 3, 1, 4, 5).reshape(-1, 3, side, side)
        return list(self.vision(clip.normalised(tiles), output_hidden_states=True).hidden_states[1:4])

    def forward(self, decoded: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Sum of mean absolute differences. Tiles begin anywhere: the pictures are rolled."""
        roll = tuple(torch.randint(0, CLIP_PIXELS, (2,)).tolist())
        with torch.no_grad():
            wanted = self.random(real) + self.hidden(real.roll(roll, (2, 3)))
        found = self.random(decoded) + self.hidden(decoded.roll(roll, (2, 3)))
        far = [(a - b).abs().float().mean() for a, b in zip(found, wanted, strict=True)]
        count = len(self.kernels)
        return sum(far[:count]) + HIDDEN * sum(far[count:])


def orthogonal_kernel(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """A convolution kernel with orthogonal rows or columns."""
    kernel = torch.empty(shape[0], shape[1] * shape[2] * shape[3])
    nn.init.orthogonal_(kernel, generator=generator)
    return kernel.view(shape)


class Adversary:
    """The discriminator with its optimizer, and how much the decoder heeds it."""

    def __init__(self, device, share: float):
        self.model, self.share = PatchDiscriminator().to(device), share
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, betas=(0.5, 0.95))

    def loss(self, decoded: torch.Tensor) -> torch.Tensor:
        """What the decoder makes small."""
        self.model.requires_grad_(False)
        return -self.model(decoded).float().mean()

    def weight_for(self, other: torch.Tensor, own: torch.Tensor, decoded: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
        """Weight at which the adversarial loss's gradient at the last kernel is a share of the other losses'.
        Both gradients are given at the decoded pictures."""
        norms = [torch.autograd.grad(decoded, last, gradient, retain_graph=True)[0].norm() for gradient in (other, own)]
        return (norms[0] / (norms[1] + 1e-6)).clamp(max=LARGEST) * self.share

    def learn(self, decoded: torch.Tensor, real: torch.Tensor) -> float:
        """One step of the discriminator: hinge loss."""
        self.model.requires_grad_(True)
        told_real, told_decoded = self.model(torch.cat([real, decoded])).float().chunk(2)
        loss = (F.relu(1 - told_real).mean() + F.relu(1 + told_decoded).mean()) / 2
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())

    def state_dict(self) -> dict:
        """For a checkpoint."""
        return {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        """From a checkpoint."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
