"""Writes picture files that are unlike what a camera or a browser usually sends: tests/reference/odd_pictures.

    python make_odd_pictures.py

All show the same: four quarters, red and green above, blue and white below, 24 pixels wide and 16 high.
"""

from pathlib import Path

import numpy as np
from PIL import Image

OUT = Path(__file__).parent / "odd_pictures"
WIDTH, HEIGHT = 24, 16
# Tag of the orientation in EXIF, and what has to be done to an upright picture so that each value describes it.
ORIENTATION = 0x0112
INVERSE = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quarters() -> Image.Image:
    """Red and green above, blue and white below."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    above, left = slice(0, HEIGHT // 2), slice(0, WIDTH // 2)
    below, right = slice(HEIGHT // 2, None), slice(WIDTH // 2, None)
    pixels[above, left] = (255, 0, 0)
    pixels[above, right] = (0, 255, 0)
    pixels[below, left] = (0, 0, 255)
    pixels[below, right] = (255, 255, 255)
    return Image.fromarray(pixels)


def main() -> None:
    """Writes the files."""
    OUT.mkdir(exist_ok=True)
    upright = quarters()
    other = upright.transpose(Image.Transpose.ROTATE_180)
    jpeg = {"quality": 95, "subsampling": 0}
    for value, inverse in INVERSE.items():
        exif = Image.Exif()
        exif[ORIENTATION] = value
        turned = upright if inverse is None else upright.transpose(inverse)
        turned.save(OUT / f"orientation-{value}.jpg", exif=exif, **jpeg)
        if value == 6:
            turned.save(OUT / "orientation-6.png", exif=exif)
            turned.save(OUT / "orientation-6.webp", exif=exif, lossless=True)
    upright.save(OUT / "progressive.jpg", progressive=True, **jpeg)
    upright.convert("CMYK").save(OUT / "cmyk.jpg", **jpeg)
    upright.save(OUT / "lossy.webp", quality=95)
    frames = {"save_all": True, "append_images": [other, other], "duration": 100}
    upright.save(OUT / "animated.png", **frames)
    upright.save(OUT / "animated.webp", lossless=True, **frames)
    upright.save(OUT / "animated.gif", **frames)


if __name__ == "__main__":
    main()
