"""What schemathesis has to know to ask for pictures: keys in turn, pictures that can be opened, and drawings that take no time."""

import base64
import io
import itertools
import os
import random

import schemathesis
from hypothesis import strategies
from PIL import Image
from schemathesis.openapi import format as openapi_format

# A key sees only its own jobs, so it stays for some requests; but not for longer than its pace allows.
STAYS = 20
KEYS, REQUESTS = os.environ["KEYS"].split(","), itertools.count()
# A number that the API takes, and the largest that is cheap to draw.
CHEAP = {
    "num_inference_steps": (1000, 1), "steps": (1000, 1), "prior_steps": (1000, 1), "n": (10, 1), "batch_size": (10, 1),
    "n_iter": (10, 1), "width": (100000, 64), "height": (100000, 64), "wait": (540, 1),
}


def picture():
    """Half white and half dark: good as a picture and as a mask."""
    drawn = Image.new("RGB", (64, 48), (255, 255, 255))
    drawn.paste((20, 40, 90), (0, 0, 32, 48))
    file = io.BytesIO()
    drawn.save(file, "PNG")
    return file.getvalue()


PICTURE = picture()
openapi_format("picture", strategies.just(base64.b64encode(PICTURE).decode()))
for kind in ("image/png", "image/jpeg", "image/webp"):
    schemathesis.openapi.media_type(kind, strategies.just(PICTURE))


@schemathesis.auth(refresh_interval=None)
class Keys:
    """Some requests with each key."""

    def get(self, case, context):
        return KEYS[next(REQUESTS) // STAYS % len(KEYS)]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.query, dict):
        shrink(case.query)
    if isinstance(case.body, dict) and case.method == "POST":
        shrink(case.body)
        # The same for the same request, so that a run can be seen again.
        dice = random.Random(repr(case.body))
        is_of_many_fields = case.operation.path in ("/v1/jobs", "/v1/images/edits")
        if is_of_many_fields and case.media_type == "application/json" and dice.random() < 0.2:
            make_sense(case.body, dice)
        for name in ("num_inference_steps", "prior_steps"):
            case.body.setdefault(name, 1)
        if "size" not in case.body:
            case.body.setdefault("width", 64)
        if isinstance(case.body.get("size"), str) and case.body["size"] != "auto" and "x" in case.body["size"]:
            case.body["size"] = "64x64"
        margins = case.body.get("outpaint")
        if isinstance(margins, dict):
            for side, pixels in margins.items():
                if isinstance(pixels, int) and not isinstance(pixels, bool) and 0 < pixels <= 16384:
                    margins[side] = min(pixels, 16)


def make_sense(fields, dice):
    """Most fields of a random request do not go together, and it is refused before anything is drawn."""
    encoded = base64.b64encode(PICTURE).decode()
    for name in ("kind", "image", "mask", "parts", "weights", "outpaint"):
        fields.pop(name, None)
    if not isinstance(fields.get("prompt"), str) or not fields["prompt"].strip():
        fields["prompt"] = "a lemon"
    fields.update(dice.choice([
        {"image": encoded}, {"image": [encoded, encoded], "weights": [1, 2, 3]}, {"image": encoded, "mask": encoded},
        {"image": encoded, "outpaint": {"left": 8, "top": 8}}, {"image": encoded, "kind": "variation"},
        {"image": encoded, "kind": "describe"}, {"image": encoded, "kind": "upscale"}, {"kind": "text_to_image"},
        {"parts": [{"image": encoded, "weight": 2}, {"text": "winter"}]},
    ]))


def shrink(fields):
    for name, (largest, cheap) in CHEAP.items():
        number = fields.get(name)
        if isinstance(number, (int, float)) and not isinstance(number, bool) and cheap < number <= largest:
            fields[name] = cheap
