"""Checks of the HTTP API with the clients of others. URL, KEY, PAGE and OWNER come from the environment; `run` sets them."""

import base64
import io
import json
import os
import subprocess
import threading
import time
from pathlib import Path

import httpx
import litellm
import openai
import webuiapi
from openapi_spec_validator import validate
from PIL import Image, ImageDraw

URL, KEY, PAGE, OWNER = os.environ["URL"], os.environ["KEY"], os.environ["PAGE"], int(os.environ["OWNER"])
README = Path(__file__).parents[2] / "README.md"
# The miniature draws such a picture in a second or two.
FAST = {"num_inference_steps": 4}


def client(key=KEY, **options):
    return openai.OpenAI(base_url=f"{URL}/v1", api_key=key, **options)


def png(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    file.name = "picture.png"
    file.seek(0)
    return file


def photo():
    picture = Image.new("RGB", (128, 96), (40, 90, 160))
    ImageDraw.Draw(picture).ellipse((30, 20, 90, 80), fill=(220, 40, 40))
    return picture


def mask():
    picture = Image.new("RGBA", (128, 96), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (20, 20, 70, 70))
    return picture


def opened(entry):
    return Image.open(io.BytesIO(base64.b64decode(entry.b64_json)))


def a_picture_from_a_text():
    answer = client().images.generate(model="kandinsky-2.1", prompt="красное яблоко", n=2, size="256x256",
                                      extra_body={**FAST, "seed": 7})
    assert len(answer.data) == 2 and opened(answer.data[0]).size == (256, 256), answer.size
    assert opened(answer.data[0]).info, "the recipe is inside"


def an_edit_with_a_mask():
    answer = client().images.edit(image=png(photo()), mask=png(mask()), prompt="луна", extra_body=FAST)
    edited, original = opened(answer.data[0]).convert("RGB"), photo()
    assert edited.size == original.size
    far = [(x, y) for x in range(100, 128) for y in range(96)]
    assert all(edited.getpixel(place) == original.getpixel(place) for place in far), "what is not masked stays"


def a_mix_of_several_pictures():
    answer = client().images.edit(image=[png(photo()), png(photo())], prompt="кот",
                                  extra_body={**FAST, "weights": [1, 1, 2]})
    assert opened(answer.data[0]).size == (128, 128)


def a_variation():
    answer = client().images.create_variation(image=png(photo()), n=1, extra_body=FAST)
    assert opened(answer.data[0]).size == (128, 128)


def a_stream_with_partial_images():
    events = list(client().images.generate(prompt="кот", stream=True, partial_images=2, extra_body={"steps": 10}))
    assert events[-1].type == "image_generation.completed" and opened(events[-1]).size == (128, 128)
    assert all(event.type == "image_generation.partial_image" for event in events[:-1]), events


def errors_have_classes():
    def raised(kind, call):
        try:
            call()
        except kind as error:
            return error
        raise AssertionError(f"no {kind.__name__}")

    wrong = raised(openai.AuthenticationError, lambda: client("kb_wrong").models.list())
    assert wrong.code == "invalid_api_key" and wrong.request_id.startswith("req_")
    bad = raised(openai.BadRequestError, lambda: client().images.generate(prompt="кот", n=99))
    assert (bad.code, bad.param) == ("invalid_value", "n"), bad
    raised(openai.NotFoundError, lambda: client().models.retrieve("gpt-image-2"))


def a_retry_finds_its_job():
    """The client gives up too early and repeats the request by itself."""
    before = len(jobs())
    answer = client(timeout=2.0, max_retries=40).images.generate(prompt="ёж", extra_body={"steps": 6})
    assert opened(answer.data[0]).size == (128, 128)
    assert len(jobs()) == before + 1, "one job"


def whoever_leaves_cancels():
    """The job waits behind another one, and the queue is paused meanwhile: however fast the machine is, nobody draws it."""
    before = client().post("/jobs", body={"prompt": "город", "n": 10, "steps": 1000}, cast_to=object)
    try:
        leaving = threading.Thread(target=leaves, args=("лес",))
        leaving.start()
        wait_for(lambda job: job["id"] != before["id"] and job["status"] == "queued", "the job waits")
        owner_says("/pause")
        wait_for(lambda job: job["status"] == "queued" and job["is_paused"], "the queue is paused")
        leaving.join()
        wait_for(lambda job: job["status"] == "cancelled", "the job is cancelled")
    finally:
        client().post(f"/jobs/{before['id']}/cancel", cast_to=object)
        owner_says("/resume")


def leaves(prompt):
    try:
        client(timeout=5.0, max_retries=0).images.generate(prompt=prompt)
        raise AssertionError("the picture came too early")
    except openai.APITimeoutError:
        pass


def wait_for(holds, what):
    """Waits until something holds for the newest job."""
    started = time.monotonic()
    while not holds(jobs()[0]):
        assert time.monotonic() - started < 60, f"never: {what}: {jobs()[0]}"
        time.sleep(0.5)


def owner_says(text):
    """In the chat, as the admin."""
    httpx.post(f"{PAGE}/page/message", json={"user": OWNER, "lang": "en", "text": text}).raise_for_status()


def jobs():
    return client().get("/jobs?limit=100", cast_to=object)["data"]


def a_client_of_a1111():
    address = URL.removeprefix("http://")
    host, port = address.split(":")
    api = webuiapi.WebUIApi(host=host, port=int(port), username="me", password=KEY)
    drawn = api.txt2img(prompt="кот", steps=4, seed=5, width=128, height=128)
    assert drawn.image.size == (128, 128) and drawn.info["seed"] == 5
    changed = api.img2img(images=[photo()], prompt="кот", steps=4, denoising_strength=0.6)
    assert changed.image.size[0] > 0
    assert api.get_progress()["progress"] == 0


def litellm_draws_and_edits():
    there = {"model": "openai/kandinsky-2.1", "api_base": f"{URL}/v1", "api_key": KEY}
    drawn = litellm.image_generation(prompt="кот", n=1, **there, extra_body=FAST)
    assert opened(drawn.data[0]).size == (128, 128)
    edited = litellm.image_edit(image=[png(photo())], prompt="луна", **there, extra_body=FAST)
    assert opened(edited.data[0]).size[0] > 0


def the_lines_of_the_readme_work():
    """The two lines of Python and of curl, at this server's address."""
    text = README.read_text().replace("http://127.0.0.1:8081", URL)
    python = text.split("```python\n")[1].split("```")[0]
    names = {"openai": openai, "KEY": KEY}
    exec(python, names)
    assert base64.b64decode(names["picture"]).startswith(b"\x89PNG")
    curl = next(block for block in text.split("```sh\n")[1:] if block.startswith("curl")).split("```")[0]
    answer = json.loads(subprocess.run(["bash", "-c", curl], capture_output=True, check=True, env=os.environ).stdout)
    assert httpx.get(answer["data"][0]["url"]).headers["content-type"] == "image/png"


def the_description_is_valid():
    document = client().get("/openapi.json", cast_to=object)
    validate(document)
    assert document["servers"][0]["url"] == URL


CHECKS = [
    the_description_is_valid, the_lines_of_the_readme_work, a_picture_from_a_text, an_edit_with_a_mask, a_mix_of_several_pictures,
    a_variation, a_stream_with_partial_images, errors_have_classes, a_retry_finds_its_job, a_client_of_a1111, litellm_draws_and_edits,
    whoever_leaves_cancels,
]

for check in CHECKS:
    started = time.monotonic()
    check()
    print(f"{check.__name__.replace('_', ' ')}: {time.monotonic() - started:.1f} s", flush=True)
print("all is well")
