"""Replays chosen noise inside the reference pipelines and records what their networks say."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import torch
from torch import nn


@dataclass(frozen=True)
class Call:
    """One call of a network."""

    args: tuple
    kwargs: dict
    output: object


@contextmanager
def calls_of(module: nn.Module) -> Iterator[list[Call]]:
    """Collects the calls of `module` while the context lasts."""
    calls = []
    hook = module.register_forward_hook(
        lambda _, args, kwargs, output: calls.append(Call(args, kwargs, output)), with_kwargs=True
    )
    try:
        yield calls
    finally:
        hook.remove()


@contextmanager
def noise_from(draws: list[torch.Tensor], scheduler_module: str) -> Iterator[None]:
    """Makes the schedulers of `scheduler_module` use `draws`, in order and all of them, as their noise."""
    remaining = list(draws)

    def draw(shape: torch.Size, **_: object) -> torch.Tensor:
        noise = remaining.pop(0)
        assert noise.shape == shape, f"noise of {tuple(noise.shape)} for {tuple(shape)}"
        return noise

    with mock.patch(f"{scheduler_module}.randn_tensor", draw):
        yield
    assert not remaining, f"{len(remaining)} draws were not used"
