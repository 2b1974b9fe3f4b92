"""Widths, depths and scheduler settings of one random model."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class ModelKind:
    """What a model is meant to exercise; everything else about it is drawn from the seed."""

    name: str
    inpaint: bool = False
    prediction_type: str = "epsilon"
    clip_sample: bool = False
    prior_clip_range: float = 10.0
    small: bool = False
    original: bool = False  # to be written as original checkpoints, which fix head widths and norm groups


@dataclass(frozen=True)
class ModelShape:
    """Everything that the configuration files of one model folder say."""

    kind: ModelKind
    embedding: int
    clip_tokens: int
    clip_text: dict
    clip_vision: dict
    xlmr_tokens: int
    xlmr: dict
    prior: dict
    unet: dict
    movq: dict

    @property
    def decoder_folder(self) -> str:
        """The repository that holds this model's UNet."""
        return "kandinsky-2-1-inpaint" if self.kind.inpaint else "kandinsky-2-1"


def draw_shape(kind: ModelKind, rng: random.Random) -> ModelShape:
    """Draws a shape within the limits of the reference classes (a small one for the committed set).

    The encoders' widths differ from the embedding's wherever they may, so that a mix-up cannot pass.
    """
    embedding = rng.choice([24, 32]) if kind.small else rng.choice([48, 64, 80, 96])
    widths = [width for width in ([24, 32, 40] if kind.small else [48, 64, 80, 96]) if width != embedding]
    xlmr = encoder_shape(rng, kind.small, rng.choice(widths))
    return ModelShape(
        kind=kind,
        embedding=embedding,
        clip_tokens=rng.randrange(450, 500) if kind.small else rng.randrange(700, 1100),
        clip_text=encoder_shape(rng, kind.small, embedding),
        clip_vision=encoder_shape(rng, kind.small, rng.choice(widths)) | patches(rng, kind.small),
        xlmr_tokens=rng.randrange(200, 300) if kind.small else rng.randrange(300, 600),
        xlmr=xlmr,
        prior=prior_shape(rng, kind, embedding),
        unet=unet_shape(rng, kind, embedding, xlmr["hidden_size"]),
        movq=movq_shape(rng, kind),
    )


def encoder_shape(rng: random.Random, small: bool, hidden: int) -> dict:
    """A transformer encoder, under the names that all three encoder configurations share."""
    return {
        "hidden_size": hidden,
        "num_attention_heads": rng.choice([2, 4]),
        "num_hidden_layers": rng.choice([1, 2] if small else [2, 3]),
        "intermediate_size": hidden * rng.choice([2, 3, 4]),
    }


def patches(rng: random.Random, small: bool) -> dict:
    """Side of the picture that the vision tower reads, and of its patches."""
    size, patch = rng.choice([(28, 7), (32, 8)] if small else [(32, 8), (42, 14), (48, 16), (56, 14)])
    return {"image_size": size, "patch_size": patch}


def prior_shape(rng: random.Random, kind: ModelKind, embedding: int) -> dict:
    """The prior transformer."""
    small = kind.small
    if kind.original:
        heads = 1 if small else rng.choice([2, 3])
        return {"embedding_dim": embedding, "num_attention_heads": heads, "attention_head_dim": 64,
                "num_layers": rng.choice([1, 2])}
    return {
        "embedding_dim": embedding,
        "num_attention_heads": rng.choice([2, 3] if small else [2, 3, 4, 6]),
        "attention_head_dim": rng.choice([16] if small else [16, 24, 32]),
        "num_layers": rng.choice([1, 2] if small else [2, 3, 4]),
    }


def unet_shape(rng: random.Random, kind: ModelKind, embedding: int, text_width: int) -> dict:
    """The UNet: 3 or 4 levels, widths that grow and are multiples of the norm groups and the head width."""
    if kind.original:
        return original_unet_shape(rng, kind, embedding, text_width)
    levels = 3 if kind.small else rng.choice([3, 4])
    widths = [16, 16, 32] if kind.small else sorted(rng.choice([32, 64, 96, 128]) for _ in range(levels))
    return {
        "in_channels": 9 if kind.inpaint else 4,
        "block_out_channels": widths,
        "layers_per_block": 1 if kind.small else rng.choice([1, 2, 3]),
        "attention_head_dim": rng.choice([8, 16] if kind.small else [8, 16, 32]),
        "norm_num_groups": rng.choice([4, 8] if kind.small else [8, 16, 32]),
        "cross_attention_dim": embedding,
        "encoder_hid_dim": text_width,
    }


def original_unet_shape(rng: random.Random, kind: ModelKind, embedding: int, text_width: int) -> dict:
    """A UNet as the original can be configured: heads 64 wide, norms of 32 groups, no attention at the finest level."""
    widths = [32, 64] if kind.small else [rng.choice([32, 96]), 64, rng.choice([64, 128])]
    return {
        "in_channels": 9 if kind.inpaint else 4,
        "block_out_channels": widths,
        "layers_per_block": 1 if kind.small else 2,
        "attention_head_dim": 64,
        "norm_num_groups": 32,
        "cross_attention_dim": embedding,
        "encoder_hid_dim": text_width,
    }


def movq_shape(rng: random.Random, kind: ModelKind) -> dict:
    """MoVQ: its spatial norms always have 32 groups, so every width is a multiple of 32."""
    small = kind.small
    widths = [32] * (2 if kind.original else 4) if small else sorted(rng.choice([32, 64, 96]) for _ in range(4))
    return {
        "block_out_channels": widths,
        "layers_per_block": 1 if small else rng.choice([1, 2]),
        "norm_num_groups": 32 if kind.original else rng.choice([8, 16, 32]),
        "num_vq_embeddings": rng.choice([32, 64, 128]),
    }
