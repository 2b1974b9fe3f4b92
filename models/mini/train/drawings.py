"""Every drawing of an object: the 3D one, and flat ones of two other sets (SVG). All fill the same square."""

import io
import json

import numpy as np
import torch
from PIL import Image

import data
from settings import WORK

FLAT_SETS = ("flat", "noto")


def icons(name: str) -> dict[str, str]:
    """SVG documents of a set by code point, without variation selectors."""
    folder = data.fetch(name)
    table = json.loads((folder / "icons.json").read_text(encoding="utf-8"))
    names = json.loads((folder / "chars.json").read_text(encoding="utf-8"))
    size = table.get("width", 16)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 {size} {size}">'
    bodies = {plain(code): table["icons"][icon]["body"] for code, icon in names.items() if icon in table["icons"]}
    return {code: f"{head}{body}</svg>" for code, body in bodies.items()}


def plain(code: str) -> str:
    """A code point sequence without variation selectors."""
    return "-".join(part for part in code.split("-") if part != "fe0f")


def render(svg: str, side: int) -> Image.Image:
    """An SVG document as RGBA, cut to what it shows and put into the middle of a square."""
    import resvg_py

    image = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=side * 2, height=side * 2)))).convert("RGBA")
    box = image.getchannel("A").point(lambda a: 255 * (a > 8)).getbbox() or (0, 0, 1, 1)
    shown = image.crop(box)
    square = Image.new("RGBA", (max(shown.size),) * 2)
    square.paste(shown, ((square.width - shown.width) // 2, (square.height - shown.height) // 2))
    return square


def premultiplied(image: Image.Image, side: int) -> torch.Tensor:
    """[4, side, side], bytes."""
    small = image.convert("RGBa").resize((side, side), Image.Resampling.LANCZOS)
    picture = torch.from_numpy(np.array(small)).permute(2, 0, 1)
    return torch.cat([torch.minimum(picture[:3], picture[3:]), picture[3:]])


class Drawings:
    """Premultiplied pictures of objects, bytes, each at OBJECT_SHARE of the side: `solid` [n, 4, s, s], and `flat`: a list for each."""

    def __init__(self, emoji: list[str], side: int, cache: str):
        path = WORK / f"drawings-{cache}-{side}-{len(emoji)}.pt"
        if path.exists():
            self.solid, self.flat = torch.load(path)
        else:
            self.solid = torch.stack([(data.centred(data.picture_path(code), side) * 255).round().byte() for code in emoji])
            sets = [icons(name) for name in FLAT_SETS]
            found = [[s[plain(code)] for s in sets if plain(code) in s] for code in emoji]
            self.flat = [[self.fitted(svg, side) for svg in each] for each in found]
            torch.save((self.solid, self.flat), path)

    @staticmethod
    def fitted(svg: str, side: int) -> torch.Tensor:
        """A flat drawing in the middle of a picture."""
        inner = round(side * data.OBJECT_SHARE / 2) * 2
        pad = (side - inner) // 2
        return torch.nn.functional.pad(premultiplied(render(svg, side), inner), (pad, pad, pad, pad))

    def get(self, number: int, style: str, rng: np.random.Generator) -> torch.Tensor:
        """One drawing of an object in a style, [4, s, s] in 0..1."""
        flat = self.flat[number] if style == "flat" else []
        return (flat[rng.integers(len(flat))] if flat else self.solid[number]).float() / 255
