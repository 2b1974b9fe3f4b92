"""Measure the exported model on prompts.json, and draw contact sheets: python evaluate.py --help."""

import argparse
import json
import os
import random

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

import captions  # noqa: E402
import clip  # noqa: E402
import conditions  # noqa: E402
import data  # noqa: E402
import draw  # noqa: E402
import judge  # noqa: E402
import measures  # noqa: E402
import vocabulary  # noqa: E402
import worlds  # noqa: E402
from settings import MINI, PRESETS  # noqa: E402

BORDER = 4  # pixels
SHOWN = 40  # pictures on a contact sheet


def write_prompts(preset, count: int = 200) -> None:
    """prompts.json: half Russian, half English, a third with pairs never trained."""
    if preset.shards:
        vocabulary.write_json(MINI / "prompts.json", judge.questions(preset, count))
        return
    rng, objects = random.Random(2024), data.objects(preset)
    rows = []
    for number in range(count):
        thing = number * 37 % len(objects)
        never = data.held_out_backgrounds(thing, preset.held_out)
        seen = number % 3 != 0
        background = rng.choice([b for b in range(len(data.BACKGROUND_IDS)) if (b not in never) == seen])
        language, name = "ru" if number % 2 else "en", data.BACKGROUND_IDS[background]
        prompt = captions.plain(objects[thing], name, language, rng)
        rows.append({"prompt": prompt, "language": language, "object": objects[thing].id, "background": name, "seen": seen})
    vocabulary.write_json(MINI / "prompts.json", rows)


def write_references(preset, parts: draw.Parts) -> None:
    """references.safetensors: every object's mean picture embedding over all backgrounds; for compositions also grounds and styles."""
    if preset.shards:
        images = embed(parts, worlds.small_pictures(preset).float() / 127.5 - 1)
        save_file(judge.stored(preset, images), MINI / "references.safetensors")
        return
    images = embed(parts, conditions.pair_pictures(preset))
    save_file({"objects": images.view(-1, len(data.BACKGROUND_IDS), images.shape[1]).mean(1).half()}, MINI / "references.safetensors")


@torch.no_grad()
def embed(parts: draw.Parts, pictures: torch.Tensor) -> torch.Tensor:
    """CLIP embeddings of pictures in [-1, 1]."""
    return conditions.in_batches(lambda p: parts.vision(clip.normalised(p.clamp(-1, 1))).image_embeds, pictures)


def ranks(embeddings: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Rank (0 = nearest) of the wanted object by cosine to the references."""
    objects = load_file(MINI / "references.safetensors")["objects"].float()
    near = F.normalize(embeddings, dim=-1) @ F.normalize(objects, dim=-1).T
    return (near > near.gather(1, wanted[:, None])).sum(1)


def border_background(pictures: torch.Tensor) -> torch.Tensor:
    """Number of the background nearest to the mean colour of the border."""
    rgb = pictures.clamp(-1, 1) / 2 + 0.5
    inner = torch.zeros(rgb.shape[-2:], dtype=torch.bool)
    inner[BORDER:-BORDER, BORDER:-BORDER] = True
    return torch.cdist(rgb[..., ~inner].mean(-1), data.background_colours()).argmin(1)


def report(name: str, rows: list[dict], rank: torch.Tensor, background: torch.Tensor) -> None:
    """One line for all prompts and for each of four shares."""
    wanted = torch.tensor([data.BACKGROUND_IDS.index(r["background"]) for r in rows])
    groups = {
        "all": lambda r: True,
        "seen": lambda r: r["seen"],
        "unseen": lambda r: not r["seen"],
        "ru": lambda r: r["language"] == "ru",
        "en": lambda r: r["language"] == "en",
    }
    print(name)
    for group, belongs in groups.items():
        chosen = torch.tensor([belongs(r) for r in rows])
        shares = [(background == wanted)[chosen], (rank < 1)[chosen], (rank < 5)[chosen]]
        print(
            "  {:7s} background {:.3f}  object first {:.3f}  object in 5 {:.3f}".format(group, *(float(s.float().mean()) for s in shares))
        )


def sheet(pictures: torch.Tensor, labels: list[str], path: str, columns: int = 10, side: int = 96) -> None:
    """A contact sheet with labels."""
    lines = (len(pictures) + columns - 1) // columns
    page = Image.new("RGB", (columns * side, lines * (side + 14)), "white")
    pen = ImageDraw.Draw(page)
    for number, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        array = ((picture.clamp(-1, 1) / 2 + 0.5) * 255).round().byte().permute(1, 2, 0).numpy()
        x, y = number % columns * side, number // columns * (side + 14)
        page.paste(Image.fromarray(array).resize((side, side), Image.Resampling.LANCZOS), (x, y))
        pen.text((x + 2, y + side), label[: side // 6], fill="black")
    page.save(path, optimize=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=PRESETS, default="cpu")
    parser.add_argument("--limit", type=int, default=200, help="only the first prompts")
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--prior-guidance", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sheet", help="write a contact sheet of the first drawn pictures")
    parser.add_argument("--prior-only", action="store_true", help="stop after the prior's embeddings")
    parser.add_argument("--write", action="store_true", help="write prompts.json and references.safetensors first")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    preset, parts = PRESETS[options.preset], draw.load()
    for name in ("guidance", "prior_guidance", "steps"):
        if getattr(options, name) is not None:
            parts.defaults[name] = getattr(options, name)
    if options.write:
        write_prompts(preset)
        write_references(preset, parts)
    rows = json.loads((MINI / "prompts.json").read_text(encoding="utf-8"))[: options.limit]
    (measure_compositions if preset.shards else measure)(preset, parts, rows, options)


def measure(preset, parts: draw.Parts, rows: list[dict], options) -> None:
    """Ceilings, the prior alone, and the drawn pictures."""
    ids = [o.id for o in data.objects(preset)]
    wanted = torch.tensor([ids.index(r["object"]) for r in rows])
    pairs = wanted * len(data.BACKGROUND_IDS) + torch.tensor([data.BACKGROUND_IDS.index(r["background"]) for r in rows])
    real = conditions.pair_pictures(preset)[pairs]
    report("real pictures", rows, ranks(embed(parts, real), wanted), border_background(real))
    prompts = [r["prompt"] for r in rows]
    if options.prior_only:
        imagined, everything = draw.imagine(parts, prompts, options.seed), embed(parts, conditions.pair_pictures(preset))
        nearest = (F.normalize(imagined, dim=-1) @ F.normalize(everything, dim=-1).T).argmax(1) % len(data.BACKGROUND_IDS)
        report("the prior's embeddings", rows, ranks(imagined, wanted), nearest)
        return
    pictures, imagined = draw.draw(parts, prompts, options.seed)
    report("drawn pictures", rows, ranks(embed(parts, pictures), wanted), border_background(pictures))
    print("  against the real pictures of the pairs:", measures.line(pictures, real))
    print("  the real pictures through the MoVQ:", measures.line(measures.decoded(parts.movq, real), real))
    if options.sheet:
        sheet(pictures[:SHOWN], [f"{r['object']}, {r['background']}" for r in rows[:SHOWN]], options.sheet)


def measure_compositions(preset, parts: draw.Parts, rows: list[dict], options) -> None:
    """The same for presets whose pictures are compositions: objects, grounds and styles, all by CLIP."""
    known = judge.references(load_file(MINI / "references.safetensors"))
    wanted, prompts = judge.asked(preset, rows), [r["prompt"] for r in rows]
    real = judge.real_pictures(preset, rows)
    judge.report("real pictures", rows, wanted, embed(parts, real), known)
    print("  through the MoVQ:", measures.line(measures.decoded(parts.movq, real), real))
    judge.report("the prior's embeddings", rows, wanted, draw.imagine(parts, prompts, options.seed), known)
    if options.prior_only:
        return
    pictures, _ = draw.draw(parts, prompts, options.seed)
    judge.report("drawn pictures", rows, wanted, embed(parts, pictures), known)
    others, _ = draw.draw(parts, prompts[:24], options.seed + 1000)
    differ = (others.clamp(-1, 1) - pictures[:24].clamp(-1, 1)).abs().mean() * 127.5
    print(f"  mean difference between two seeds: {float(differ):.1f} of 255")
    if options.sheet:
        sheet(pictures[:SHOWN], [r["prompt"] for r in rows[:SHOWN]], options.sheet, side=128)


if __name__ == "__main__":
    main()
