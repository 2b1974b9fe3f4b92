"""When the program is killed: at random moments, and at chosen moments of chosen requests."""

import asyncio
import random
from dataclasses import dataclass

import clock
from bot_api import BotApi
from chats import Call
from program import Program


@dataclass
class Moment:
    """A moment of a request, the `nth` of its kind in a life, and a delay after it."""

    method: str
    moment: str
    nth: int = 1
    delay: float = 0.0

    def __str__(self) -> str:
        later = f" + {self.delay * 1000:.0f} ms" if self.delay else ""
        return f"{self.method} #{self.nth}, {self.moment}{later}"


# The requests at which a kill can do harm, with the moments that differ.
CHOSEN = [
    ("getupdates", "confirming"),
    ("getupdates", "confirming"),
    ("getupdates with updates", "answer"),
    ("sendphoto", "head"),
    ("sendphoto", "effect"),
    ("sendphoto", "answer"),
    ("sendmediagroup", "effect"),
    ("sendmediagroup", "answer"),
    ("sendmessage", "head"),
    ("sendmessage", "effect"),
    ("sendmessage", "answer"),
    ("editmessagetext", "head"),
    ("editmessagetext", "effect"),
    ("editmessagemedia", "effect"),
    ("editmessagecaption", "effect"),
    ("deletemessage", "head"),
    ("deletemessage", "effect"),
    ("answercallbackquery", "head"),
    ("answercallbackquery", "effect"),
    ("answercallbackquery", "answer"),
    ("getfile", "effect"),
    ("download", "effect"),
]
# The share of kills while the program starts, and of those at random moments among the others.
EARLY_SHARE = 0.1
RANDOM_SHARE = 0.4
# The program has to poll within so many seconds.
LONGEST_START = 30.0
# A chosen moment that does not come is no longer waited for after so many seconds.
PATIENCE = (2.0, 5.0)


class Killer:
    """Kills the program and starts it again."""

    def __init__(self, program: Program, api: BotApi, chance: random.Random) -> None:
        self._program = program
        self._api = api
        self._chance = chance
        self._armed: Moment | None = None
        self._seen = 0
        self.at_chosen = 0
        api.hook = self._hook

    async def run(self, kills: int) -> None:
        """Kill so many times; the program runs before and after."""
        while self._program.kills < kills:
            if self._chance.random() < EARLY_SHARE:
                await self.kill_once(None, self._chance.uniform(0.0, 1.0), is_early=True)
            else:
                await self.kill_once(*self._plan())

    async def kill_once(self, moment: Moment | None, seconds: float, is_early: bool = False) -> None:
        """Kill at a moment, or at the latest so many seconds after the program began to poll, and start again."""
        self._armed, self._seen = moment, 0
        ending = asyncio.create_task(self._program.ended())
        until = clock.now() + LONGEST_START
        while not (is_early or self._api.is_polled() or ending.done()) and clock.now() < until:
            await asyncio.wait([ending], timeout=0.02)
        await asyncio.wait([ending], timeout=seconds)
        self._armed = None
        self._program.kill("at a random moment")
        await ending
        await self._program.start()

    def _plan(self) -> tuple[Moment | None, float]:
        chance = self._chance
        if chance.random() < RANDOM_SHARE:
            # Short lives hit what was left over, long ones what comes after a picture.
            return None, chance.choice([chance.uniform(0.0, 1.0), chance.uniform(0.5, 3.0), chance.uniform(2.0, 5.0)])
        method, moment = chance.choice(CHOSEN)
        delay = chance.choice([0.0, 0.0, chance.uniform(0.001, 0.06)]) if moment != "head" else 0.0
        return Moment(method, moment, chance.choice([1, 1, 2, 3]), delay), chance.uniform(*PATIENCE)

    def _hook(self, moment: str, call: Call) -> bool:
        armed = self._armed
        if armed is None or call.life != self._program.life or not self._program.is_alive:
            return False
        if (call.method, moment) != (armed.method, armed.moment):
            return False
        self._seen += 1
        if self._seen < armed.nth:
            return False
        self._armed = None
        self.at_chosen += 1
        if armed.delay:
            life = call.life
            asyncio.get_running_loop().call_later(armed.delay, self._kill_late, life, str(armed))
            return False
        self._program.kill(str(armed))
        return True

    def _kill_late(self, life: int, why: str) -> None:
        if life == self._program.life:
            self._program.kill(why)
