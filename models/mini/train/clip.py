"""The two CLIP towers of the prior and M-CLIP (XLM-R) of the decoder, trained together by contrast."""

import random

import torch
import torch.nn.functional as F
from diffusers.pipelines.kandinsky.text_encoder import MCLIPConfig, MultilingualCLIP
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPVisionConfig, CLIPVisionModelWithProjection

import captions
import data
import vocabulary
import worlds
from loop import Clock, autocast, linear_to_zero, load_into, plain_attention, report, save
from settings import CLIP_PIXELS, TEXT_LENGTH, WIDTH

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
LAYERS = {"text": 3, "vision": 4, "xlmr": 3}


def build_text(tokenizer) -> CLIPTextModelWithProjection:
    """CLIP's text tower."""
    return CLIPTextModelWithProjection(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            projection_dim=WIDTH,
            num_hidden_layers=LAYERS["text"],
            num_attention_heads=4,
            max_position_embeddings=TEXT_LENGTH,
            hidden_act="quick_gelu",
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def build_vision() -> CLIPVisionModelWithProjection:
    """CLIP's picture tower."""
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            image_size=CLIP_PIXELS,
            patch_size=16,
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            projection_dim=WIDTH,
            num_hidden_layers=LAYERS["vision"],
            num_attention_heads=4,
            hidden_act="quick_gelu",
        )
    )


def build_xlmr(tokenizer) -> MultilingualCLIP:
    """M-CLIP: XLM-R and a linear layer."""
    return MultilingualCLIP(
        MCLIPConfig(
            transformerDimSize=WIDTH,
            imageDimSize=WIDTH,
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            num_hidden_layers=LAYERS["xlmr"],
            num_attention_heads=4,
            hidden_act="gelu",
            layer_norm_eps=1e-5,
            type_vocab_size=1,
            max_position_embeddings=TEXT_LENGTH + 3,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            bos_token_id=0,
            pad_token_id=1,
            eos_token_id=2,
        )
    )


class Encoders(nn.Module):
    """All three encoders with the temperature of the contrastive loss."""

    def __init__(self, tokenizers):
        super().__init__()
        self.text, self.vision, self.xlmr = build_text(tokenizers[0]), build_vision(), build_xlmr(tokenizers[1])
        self.log_scale = nn.Parameter(torch.tensor(2.66))


def normalised(pictures: torch.Tensor) -> torch.Tensor:
    """Pictures in [-1, 1], of any size, as CLIP's picture tower wants them."""
    small = (
        F.interpolate(pictures.float(), (CLIP_PIXELS, CLIP_PIXELS), mode="bicubic", antialias=True)
        if pictures.shape[-1] != CLIP_PIXELS
        else pictures
    )
    mean, std = (torch.tensor(v, device=pictures.device).view(1, 3, 1, 1) for v in (MEAN, STD))
    return ((small / 2 + 0.5).clamp(0, 1) - mean) / std


def tokens(tokenizer, texts: list[str], device, length: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids, mask), padded to the longest text or to `length`."""
    padding = "max_length" if length else "longest"
    out = tokenizer(texts, padding=padding, max_length=length or TEXT_LENGTH, truncation=True, return_tensors="pt")
    return out.input_ids.to(device), out.attention_mask.to(device)


class Batches:
    """Random (picture, CLIP caption, XLM-R caption) triples on the pairs of training."""

    def __init__(self, preset, device):
        self.objects = data.objects(preset)
        self.pictures = data.object_pictures(self.objects, CLIP_PIXELS).to(device)
        self.pairs = data.training_pairs(len(self.objects), preset.held_out)
        self.colours = data.background_colours().to(device)
        self.rng, self.count, self.device = random.Random(3), preset.batch["clip"], device

    def draw(self, same_object: bool) -> tuple[torch.Tensor, list[str], list[str]]:
        """One hard batch: the same objects on two backgrounds, or many objects on the same two backgrounds."""
        chosen = self.same_objects() if same_object else self.same_backgrounds()
        texts = [[self.caption(int(o), int(b)) for o, b in chosen] for _ in range(2)]
        return self.render(chosen), *texts

    def same_objects(self) -> torch.Tensor:
        """Random pairs; the second half repeats the first half's objects on other backgrounds."""
        chosen = self.pairs[torch.randperm(len(self.pairs))[: self.count]]
        half = len(chosen) // 2
        for i in range(half):
            seen = self.pairs[self.pairs[:, 0] == chosen[i, 0]]
            chosen[half + i] = seen[self.rng.randrange(len(seen))]
        return torch.unique(chosen, dim=0)

    def same_backgrounds(self) -> torch.Tensor:
        """Pairs of two random backgrounds only."""
        two = torch.tensor(self.rng.sample(range(len(self.colours)), 2))
        pool = self.pairs[torch.isin(self.pairs[:, 1], two)]
        return pool[torch.randperm(len(pool))[: self.count]]

    def caption(self, thing: int, background: int) -> str:
        """A varied caption; most of those on the default background do not mention it."""
        name = data.BACKGROUND_IDS[background]
        silent = name == data.DEFAULT_BACKGROUND and self.rng.random() < 0.6
        return captions.varied(self.objects[thing], None if silent else name, self.rng.choice(["ru", "en"]), self.rng)

    def render(self, chosen: torch.Tensor) -> torch.Tensor:
        """Slightly moved, scaled and tinted pictures, ready for the tower."""
        count = len(chosen)
        theta = torch.zeros(count, 2, 3, device=self.device)
        scale = 0.85 + 0.3 * torch.rand(count, device=self.device)
        theta[:, 0, 0], theta[:, 1, 1] = 1 / scale, 1 / scale
        theta[:, :, 2] = (torch.rand(count, 2, device=self.device) - 0.5) * 0.2
        grid = F.affine_grid(theta, (count, 4, CLIP_PIXELS, CLIP_PIXELS), align_corners=False)
        moved = F.grid_sample(self.pictures[chosen[:, 0].to(self.device)], grid, align_corners=False)
        colours = self.colours[chosen[:, 1].to(self.device)] + 0.04 * torch.randn(count, 3, device=self.device)
        return normalised(data.compose(moved, colours.clamp(0, 1)))


def contrast(a: torch.Tensor, b: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Symmetric InfoNCE."""
    logits = scale * F.normalize(a.float(), dim=-1) @ F.normalize(b.float(), dim=-1).T
    target = torch.arange(len(a), device=a.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def train(preset, minutes: float, resume: bool) -> None:
    """Train all three encoders."""
    torch.manual_seed(2)
    tokenizers = vocabulary.load()
    model = Encoders(tokenizers).to(preset.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.2e-3, betas=(0.9, 0.98), weight_decay=0.02)
    plain_attention(preset, model.text, model.vision, model.xlmr.transformer)
    clock = Clock("clip", minutes)
    load_into("clip", model, optimizer, clock, resume)
    batches = worlds.Batches(preset) if preset.shards else Batches(preset, preset.device)
    while clock.running():
        linear_to_zero(optimizer, 1.2e-3, clock)
        pictures, first, second = batches.draw(same_object=clock.step % 2 == 0)
        with autocast(preset):
            image = model.vision(pictures).image_embeds
            text = model.text(tokens(tokenizers[0], first, preset.device)[0]).text_embeds
            pooled = model.xlmr(*tokens(tokenizers[1], second, preset.device))[0]
        scale = model.log_scale.exp().clamp(max=100)
        to_text, to_xlmr = contrast(image, text, scale), contrast(image, pooled, scale)
        loss = to_text + to_xlmr + 0.3 * contrast(pooled, text, scale)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        report(clock, clip=float(to_text.detach()), xlmr=float(to_xlmr.detach()))
        if clock.time_to_save():
            save("clip", model, optimizer, clock)
    save("clip", model, optimizer, clock)
