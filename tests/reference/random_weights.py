"""Random weights in which every part matters.

Fresh networks are nearly the identity: zeroed output layers, unit norms, tiny embeddings. Here each parameter is drawn so
that its branch has about unit scale, and the output layers of the UNet and of MoVQ are fitted so that sampling
stays within the range of real latents and pixels.
"""

import torch
from torch import nn
from torch.nn import functional as F

NORMS = (nn.LayerNorm, nn.GroupNorm)
LATENT_SIDE = 16
FIT_BATCH = 64
RIDGE = 1e-3
CONDITION_SHARE = 0.15


def randomise(model: nn.Module, generator: torch.Generator) -> None:
    """Draws every parameter of `model`: layers by fan-in, norms around one, free parameters at half scale."""
    drawn = set()
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            std, mean = spread(module, name, parameter)
            redraw(parameter, generator, std, mean)
            drawn.add(parameter)
    assert len(drawn) == sum(1 for _ in model.parameters())


def spread(module: nn.Module, name: str, parameter: torch.Tensor) -> tuple[float, float]:
    """Standard deviation and mean for one parameter of `module`."""
    if isinstance(module, NORMS):
        return (0.2, 1.0) if name == "weight" else (0.2, 0.0)
    if name == "bias":
        return 0.1, 0.0
    if isinstance(module, (nn.Linear, nn.Conv2d)):
        return parameter[0].numel() ** -0.5, 0.0
    return 0.5, 0.0


def redraw(parameter: torch.Tensor, generator: torch.Generator, std: float, mean: float = 0.0) -> None:
    """Fills one tensor with normal numbers."""
    parameter.data = mean + std * torch.randn(parameter.shape, generator=generator)


def randomise_prior(prior: nn.Module, generator: torch.Generator) -> None:
    """The prior, with plausible statistics of the image embedding."""
    randomise(prior, generator)
    redraw(prior.clip_mean, generator, 0.3)
    prior.clip_std.data = 0.3 + 0.5 * torch.rand(prior.clip_std.shape, generator=generator)


def randomise_unet(unet: nn.Module, predicts_noise: bool, alphas: torch.Tensor, generator: torch.Generator) -> None:
    """The UNet, its head fitted by ridge regression to denoise smooth random latents.

    Conditions are turned down, or guidance would make sampling chaotic and rounding errors grow from step to step.
    A twentieth of the head stays random, so that every condition has a say in the prediction; the four variance
    channels are random altogether. `alphas` are the cumulative products of the noise schedule.
    """
    randomise(unet, generator)
    for name, module in unet.named_modules():
        if name.endswith((".time_emb_proj", ".to_out.0")):
            module.weight.data *= CONDITION_SHARE
    noisy, noise, clean, timesteps = noisy_latents(alphas, generator)
    inputs = torch.zeros(FIT_BATCH, unet.config.in_channels, LATENT_SIDE, LATENT_SIDE)
    inputs[:, :4] = noisy
    features = head_features(unet, inputs, timesteps, generator)
    fitted = ridge(unfolded(features, unet.conv_out), noise if predicts_noise else clean)
    weight = fitted[:-1].T.reshape(4, *unet.conv_out.weight.shape[1:])
    unet.conv_out.weight.data[:4] = weight + 0.05 * unet.conv_out.weight[:4]
    unet.conv_out.bias.data[:4] = fitted[-1]


def noisy_latents(alphas: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    """Noisy latents, their noise, the clean latents and the timesteps."""
    clean = smooth_latents(FIT_BATCH, generator)
    noise = torch.randn(clean.shape, generator=generator)
    timesteps = torch.randint(0, len(alphas), (FIT_BATCH,), generator=generator)
    alpha = alphas[timesteps][:, None, None, None]
    return alpha.sqrt() * clean + (1 - alpha).sqrt() * noise, noise, clean, timesteps


def smooth_latents(count: int, generator: torch.Generator) -> torch.Tensor:
    """Blurred noise of unit variance, the shape of real latents."""
    coarse = torch.randn(count, 4, LATENT_SIDE // 4, LATENT_SIDE // 4, generator=generator)
    return 1.5 * F.interpolate(coarse, scale_factor=4, mode="bilinear")


@torch.no_grad()
def head_features(
    unet: nn.Module, inputs: torch.Tensor, timesteps: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """What reaches the UNet's last convolution under random conditions."""
    width = unet.config.cross_attention_dim
    states = torch.randn(len(inputs), 77, unet.config.encoder_hid_dim, generator=generator)
    embeds = torch.randn(2, len(inputs), width, generator=generator)
    features = []
    hook = unet.conv_out.register_forward_pre_hook(lambda _, args: features.append(args[0]))
    unet(inputs, timesteps, states, added_cond_kwargs={"text_embeds": embeds[0], "image_embeds": embeds[1]})
    hook.remove()
    return features[0]


def unfolded(features: torch.Tensor, conv: nn.Conv2d) -> torch.Tensor:
    """One row per pixel: what `conv` sees there, and a one for the bias."""
    columns = F.unfold(features, conv.kernel_size, padding=conv.padding).transpose(1, 2)
    return F.pad(columns.reshape(-1, columns.shape[-1]), (0, 1), value=1.0)


def ridge(rows: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Weights that map `rows` onto the channels of `target`, kept moderate."""
    rows, wanted = rows.double(), target.movedim(1, -1).reshape(-1, target.shape[1]).double()
    gram = rows.T @ rows
    gram.diagonal().add_(RIDGE * gram.diagonal().mean())
    return torch.linalg.solve(gram, rows.T @ wanted).float()


@torch.no_grad()
def randomise_movq(movq: nn.Module, latent_std: float, generator: torch.Generator) -> None:
    """MoVQ, its norms modulated around one by the latent, its output spread over the range of pixels.

    `latent_std` is the spread of the latents that sampling will bring.
    """
    randomise(movq, generator)
    for name, module in movq.decoder.named_modules():
        if name.endswith((".conv_y", ".conv_b")):
            module.weight.data *= 0.5 / latent_std
        if name.endswith(".conv_y"):
            module.bias.data += 1.0
    latents = latent_std * smooth_latents(FIT_BATCH // 8, generator)
    sample = movq.decode(latents, force_not_quantize=True).sample
    scale = 0.35 / sample.std(dim=(0, 2, 3))
    head = movq.decoder.conv_out
    head.weight.data *= scale[:, None, None, None]
    head.bias.data = (head.bias - sample.mean(dim=(0, 2, 3))) * scale
