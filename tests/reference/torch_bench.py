"""Speed of the published networks in PyTorch: what `kandinsky-bot bench` measures, with its arguments and its output.

    python torch_bench.py unet --dtype f32 --runs 2

Weights are random. One JSON line goes to stdout. Convolutions are given channels-last maps where that is faster.
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable

import torch
from diffusers import PriorTransformer, UNet2DConditionModel, VQModel
from diffusers.pipelines.kandinsky.text_encoder import MultilingualCLIP
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, MarianConfig, MarianMTModel

import model_folder
from full_size import PUBLISHED, mclip_config
from make_cases import quiet
from tiny_tokenizers import CONTEXT

DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}
TIMESTEP = 500
PRIOR_STEPS = 25
PARTS = ["unet", "movq", "prior", "text", "picture", "translate", "rrdb", "compact"]

Work = Callable[[], object]


def main() -> None:
    """Reads the command line and measures one part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--size", type=int, default=768)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=100, help="denoising steps of a whole picture")
    parser.add_argument("--dtype", choices=DTYPES, default="f32")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", action="store_true", help="with torch.compile")
    parser.add_argument("--channels-last", action="store_true", help="memory format of UNet and MoVQ")
    arguments = parser.parse_args()
    quiet()
    with torch.inference_mode():
        work = Bench(arguments).work(arguments.part)
        times = [seconds(work, arguments.device) for _ in range(arguments.runs)]
    print(json.dumps({
        "part": arguments.part, "size": arguments.size, "batch": arguments.batch, "dtype": arguments.dtype,
        "device": arguments.device, "runs": arguments.runs, "median_s": statistics.median(times),
        "min_s": min(times), "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


def seconds(work: Work, device: str) -> float:
    """Time of one run."""
    started = time.perf_counter()
    work()
    if device != "cpu":
        torch.cuda.synchronize()
    return time.perf_counter() - started


class Bench:
    """Networks and inputs of one measurement."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.options = {"dtype": DTYPES[arguments.dtype], "device": arguments.device}
        self.latents = (arguments.batch, 4, arguments.size // 8, arguments.size // 8)

    def work(self, part: str) -> Work:
        """The computation that is timed, its networks ready."""
        return getattr(self, part)()

    def unet(self, batch: int | None = None) -> Work:
        """One evaluation of the UNet."""
        rows = batch or self.arguments.batch
        model = self.network(lambda: UNet2DConditionModel(**model_folder.unet_config(PUBLISHED)), has_maps=True)
        width = PUBLISHED.embedding
        latents = self.noise(rows, *self.latents[1:])
        hidden = self.noise(rows, CONTEXT, model.config.encoder_hid_dim)
        added = {"text_embeds": self.noise(rows, width), "image_embeds": self.noise(rows, width)}
        return lambda: model(latents, TIMESTEP, hidden, added_cond_kwargs=added).sample

    def movq(self, batch: int | None = None) -> Work:
        """Latents to pixels."""
        model = self.network(lambda: VQModel(**model_folder.movq_config(PUBLISHED)), has_maps=True)
        latents = self.noise(batch or self.arguments.batch, *self.latents[1:])
        return lambda: model.decode(latents, force_not_quantize=True).sample

    def prior(self) -> Work:
        """One evaluation of the prior."""
        rows, width = self.arguments.batch, PUBLISHED.embedding
        build = lambda: PriorTransformer(**PUBLISHED.prior, num_embeddings=CONTEXT, additional_embeddings=4)
        model = self.network(build)
        sample, embeds, hidden = self.noise(rows, width), self.noise(rows, width), self.noise(rows, CONTEXT, width)
        mask = torch.ones(rows, CONTEXT, dtype=torch.bool, device=self.arguments.device)
        return lambda: model(sample, TIMESTEP, embeds, hidden, attention_mask=mask).predicted_image_embedding

    def text(self) -> Work:
        """A text through both text encoders, once for each row, one after the other."""
        clip_config = CLIPTextConfig(
            **PUBLISHED.clip_text, vocab_size=49408, projection_dim=PUBLISHED.embedding,
            max_position_embeddings=CONTEXT, hidden_act="quick_gelu",
        )
        clip = self.network(lambda: CLIPTextModelWithProjection(clip_config))
        mclip = self.network(lambda: MultilingualCLIP(mclip_config()))
        ids = torch.randint(3, 1000, (1, CONTEXT), device=self.arguments.device)
        mask = torch.ones_like(ids)

        def work() -> None:
            for _ in range(self.arguments.batch):
                clip(ids)
                mclip(ids, mask)

        return work

    def picture(self) -> Work:
        """Both texts, the prior with guidance, the UNet with guidance, and the decoder."""
        text, prior, unet, movq = self.text(), self.prior(), self.unet(), self.movq(self.arguments.batch // 2)

        def work() -> None:
            text()
            for _ in range(PRIOR_STEPS):
                prior()
            for _ in range(self.arguments.steps):
                unet()
            movq()

        return work

    def translate(self) -> Work:
        """A text of 15 tokens from Russian to English, with the six beams of the published translator, to 16 tokens."""
        pad = 62517
        config = MarianConfig(
            vocab_size=pad + 1, decoder_vocab_size=pad + 1, d_model=512, encoder_layers=6, decoder_layers=6,
            encoder_attention_heads=8, decoder_attention_heads=8, encoder_ffn_dim=2048, decoder_ffn_dim=2048,
            activation_function="swish", scale_embedding=True, max_position_embeddings=512, pad_token_id=pad,
            eos_token_id=0, forced_eos_token_id=0, decoder_start_token_id=pad,
        )
        model = self.network(lambda: MarianMTModel(config))
        ids = torch.tensor([[*range(1, 16), 0]], device=self.arguments.device)
        search = {"num_beams": 6, "max_length": 17, "bad_words_ids": [[pad]], "renormalize_logits": True}
        work = lambda: model.generate(ids, attention_mask=torch.ones_like(ids), **search)
        work()
        return work

    def rrdb(self) -> Work:
        """A picture drawn twice as large by RRDBNet, whole."""
        from spandrel.architectures.ESRGAN import ESRGAN

        return self.upscaler(lambda: ESRGAN(in_nc=12, scale=4, shuffle_factor=2))

    def compact(self) -> Work:
        """A picture drawn twice as large by SRVGGNetCompact, whole."""
        from spandrel.architectures.Compact import Compact

        return self.upscaler(lambda: Compact(upscale=2))

    def upscaler(self, build: Callable[[], nn.Module]) -> Work:
        """One picture, as bytes, to a larger one."""
        model = self.network(build, has_maps=True)
        side = self.arguments.size
        picture = torch.randint(0, 256, (1, 3, side, side), dtype=torch.uint8, device=self.arguments.device)
        return lambda: (model(picture.to(self.options["dtype"]) / 255).clamp(0, 1) * 255).round().to(torch.uint8)

    def network(self, build: Callable[[], nn.Module], has_maps: bool = False) -> nn.Module:
        """A network as it is measured."""
        model = build().eval().to(**self.options)
        if has_maps and self.arguments.channels_last:
            model = model.to(memory_format=torch.channels_last)
        return torch.compile(model) if self.arguments.compile else model

    def noise(self, *shape: int) -> torch.Tensor:
        """Standard normal numbers."""
        return torch.randn(shape, **self.options)


if __name__ == "__main__":
    main()
