"""Open streams and requests at a steady pace, and what they cost the server. `load` starts it."""

import asyncio
import os
import time
from pathlib import Path

import aiohttp

# Without an address, only what the program costs that serves no API.
URL, PAGE, OWNER = os.environ.get("URL"), os.environ.get("PAGE"), int(os.environ["OWNER"])
KEYS, PROCESS = os.environ.get("KEYS", "").split(","), int(os.environ["PROCESS"])
LASTS = float(os.environ.get("SECONDS_LONG", "60"))
STREAMS, PER_SECOND = 200, 50
TICK = os.sysconf("SC_CLK_TCK")


def processor():
    """Milliseconds that the server has computed, and how often one of its threads was woken."""
    computed = woken = 0
    for thread in Path(f"/proc/{PROCESS}/task").iterdir():
        fields = (thread / "stat").read_text().rsplit(")", 1)[1].split()
        computed += (int(fields[11]) + int(fields[12])) * 1000 // TICK
        for line in (thread / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                woken += int(line.split()[1])
    return computed, woken


def memory():
    for line in Path(f"/proc/{PROCESS}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


class Cost:
    """What a time costs."""

    def __enter__(self):
        self.begun, self.before = time.monotonic(), processor()
        return self

    def __exit__(self, *_):
        minutes = (time.monotonic() - self.begun) / 60
        after = processor()
        self.computed = (after[0] - self.before[0]) / minutes
        self.woken = (after[1] - self.before[1]) / minutes / 60


def row(what, cost, latencies=()):
    figures = f"{cost.computed:.0f} ms | {cost.woken:.1f} | {memory():.0f} MB"
    spread = "– | – | –"
    if latencies:
        ordered = sorted(latencies)
        at = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 for share in (0.5, 0.99, 1.0)]
        spread = " | ".join(f"{value:.1f} ms" for value in at)
    print(f"| {what} | {figures} | {spread} |", flush=True)


def bearer(number):
    return {"Authorization": f"Bearer {KEYS[number % len(KEYS)]}"}


async def owner_says(session, text):
    async with session.post(f"{PAGE}/page/message", json={"user": OWNER, "lang": "en", "text": text}) as answer:
        answer.raise_for_status()


async def ask(session, number, prompt, **fields):
    async with session.post(f"{URL}/v1/jobs", headers=bearer(number), json={"prompt": prompt, **fields}) as answer:
        answer.raise_for_status()
        return (await answer.json())["id"]


async def stream(session, number, job, opened):
    """Reads the events of a job to their end; counts them."""
    events = 0
    async with session.get(f"{URL}/v1/jobs/{job}/events", headers=bearer(number)) as answer:
        answer.raise_for_status()
        async for line in answer.content:
            if line.startswith(b"event:"):
                events += 1
                opened.release() if events == 1 else None
    return events


async def requests(session, jobs, lasts):
    """So many requests a second, whether the ones before are answered or not: their times."""
    times, running = [], set()

    async def one(number):
        kind, begun = number % 10, time.monotonic()
        # Every key within its pace.
        key = number // 10 % len(KEYS) if kind == 0 else number % len(KEYS)
        if kind == 0:
            # A job that is called off at once: nothing is drawn.
            job = await ask(session, key, f"wave {number}")
            async with session.post(f"{URL}/v1/jobs/{job}/cancel", headers=bearer(key)) as answer:
                await answer.read()
                status = answer.status
        else:
            path = ["/v1/models", f"/v1/jobs/{jobs[key]}", "/v1/jobs?limit=5"][number % 3]
            async with session.get(f"{URL}{path}", headers=bearer(key)) as answer:
                await answer.read()
                status = answer.status
        assert status == 200, status
        times.append(time.monotonic() - begun)

    begun = time.monotonic()
    for number in range(int(lasts * PER_SECOND)):
        await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
        task = asyncio.create_task(one(number))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return times


async def main():
    unbound = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=unbound, timeout=aiohttp.ClientTimeout(total=None)) as session:
        # The model is loaded and warm.
        async with session.post(f"{URL}/v1/images/generations", headers=bearer(0), json={"prompt": "a cat", "steps": 2}) as answer:
            answer.raise_for_status()
        # Until the connection of that is closed.
        await asyncio.sleep(35)
        with Cost() as cost:
            await asyncio.sleep(LASTS)
        row("the API is served, nobody asks for anything", cost)

        await owner_says(session, "/pause")
        await asyncio.sleep(1)
        jobs = [await ask(session, key, f"a lemon {key}", steps=4, prior_steps=4) for key in range(len(KEYS))]
        opened = asyncio.Semaphore(0)
        streams = [asyncio.create_task(stream(session, number, jobs[number % len(KEYS)], opened)) for number in range(STREAMS)]
        for _ in streams:
            await opened.acquire()
        await asyncio.sleep(1)
        with Cost() as cost:
            await asyncio.sleep(LASTS)
        row(f"{STREAMS} open streams of jobs that wait", cost)
        with Cost() as cost:
            times = await requests(session, jobs, LASTS)
        row(f"the same, and {PER_SECOND} requests a second", cost, times)

        await owner_says(session, "/resume")
        with Cost() as cost:
            times = await requests(session, jobs, LASTS)
        row(f"the same while {len(jobs)} pictures are drawn one after another", cost, times)
        events = await asyncio.gather(*streams)
        assert min(events) > 1, "each stream tells the whole way"
        print(f"\n{sum(events)} events came over {STREAMS} streams", flush=True)


async def alone():
    await asyncio.sleep(35)
    with Cost() as cost:
        await asyncio.sleep(LASTS)
    row("the API is not served", cost)


asyncio.run(alone() if "ALONE" in os.environ else main())
