"""People who chat with the bot: they ask for pictures, mix, repaint, cancel, press buttons, and lose patience."""

import asyncio
import itertools
import random
import re
from collections.abc import Callable

import buttons
import clock
import pictures
from chats import Json, Message, Update, World
from wishes import Family, Ledger, Stall, Wish

SUBJECTS = [
    "a red apple on a blue background",
    "a lemon on a green background",
    "a yellow moon on a blue background",
    "a rocket on a black background",
    "a cat on a pink background",
]
# How long somebody waits for the next step of a conversation, and for a picture, in seconds.
STEP_PATIENCE = 20.0
PICTURE_PATIENCE = 45.0
LOOK = 0.1

_QUERY_NUMBERS = itertools.count(1)


def is_status(message: Message) -> bool:
    """Whether it tells of a job that waits or runs."""
    return buttons.job_behind(buttons.CANCEL, message.presses()) is not None


def is_result(message: Message) -> bool:
    """Whether it is a drawn picture with its buttons."""
    return bool(message.photo or message.document) and buttons.find(buttons.FILE, message.presses()) is not None


def is_final(message: Message) -> bool:
    """Whether a job ends with it: pictures, their buttons, or a word of failure or cancellation."""
    return buttons.find(buttons.AGAIN, message.presses()) is not None


class Person:
    """Somebody in a chat with the bot; a negative chat is a group."""

    def __init__(self, world: World, ledger: Ledger, person_id: int, chat_id: int, chance: random.Random) -> None:
        self._world = world
        self._ledger = ledger
        self._chance = chance
        self.chat_id = chat_id
        self.user: Json = {
            "id": person_id,
            "is_bot": False,
            "first_name": f"Person {person_id}",
            "language_code": "en",
        }
        self.steps = 2
        world.people[person_id] = self.user
        world.chat(chat_id)

    # What a client can do.

    def says(self, text: str, wish: Family | None = None) -> tuple[Message, Update]:
        """Write a text."""
        return self._sends(text, wish, text=text)

    def sends_photo(self, caption: str, wish: Family | None = None, album: str | None = None) -> tuple[Message, Update]:
        """Send a photo."""
        photo = self._world.add_photo(pictures.photo(self._chance.randrange(1000)))
        return self._sends(f"photo {caption}".strip(), wish, text=caption, photo=photo, album=album)

    def sends_file(self, name: str, data: bytes) -> tuple[Message, Update]:
        """Send a file byte for byte."""
        return self._sends(f"file {name}", None, document=self._world.add_document(name, data))

    def _sends(self, what: str, wish: Family | None, **content: object) -> tuple[Message, Update]:
        message = self._world.post(self.chat_id, self.user, **content)
        update = self._world.push("message", self._world.json_of(message), what, self.chat_id)
        if wish is not None:
            self._asks(wish, message, update, what)
        return message, update

    def presses(self, message: Message, pattern: re.Pattern[str], wish: Family | None = None) -> Update | None:
        """Press the button of this kind, if it is there."""
        data = buttons.find(pattern, message.presses())
        if data is None or message.is_deleted:
            return None
        query: Json = {
            "id": str(next(_QUERY_NUMBERS)),
            "from": self.user,
            "message": self._world.json_of(message),
            "chat_instance": str(self.chat_id),
            "data": data,
        }
        update = self._world.push("callback_query", query, f"press {data}", self.chat_id)
        if wish is not None:
            self._asks(wish, message, update, f"press {data}")
        return update

    def presses_latest(self, pattern: re.Pattern[str]) -> Update | None:
        """Press this button where it is shown last."""
        messages = (message for message in reversed(self._world.chat(self.chat_id).values()) if not message.is_deleted)
        message = next((message for message in messages if buttons.find(pattern, message.presses())), None)
        return self.presses(message, pattern) if message else None

    def _asks(self, wish: Family, message: Message, update: Update, what: str) -> None:
        wish.wishes.append(Wish(update, what))
        self._ledger.bind(self.chat_id, message.message_id, wish)

    async def sees(
        self, holds: Callable[[Message], bool], after: float, patience: float = STEP_PATIENCE
    ) -> Message | None:
        """Wait for a message of the bot that came or changed after a moment."""
        until = clock.now() + patience
        while True:
            for message in reversed(self._world.chat(self.chat_id).values()):
                is_news = message.is_from_bot and message.changed >= after and not message.is_deleted
                if is_news and holds(message):
                    return message
            if clock.now() >= until:
                return None
            await asyncio.sleep(LOOK)

    async def _step(self, update: Update, holds: Callable[[Message], bool], waited_for: str) -> Message | None:
        """Wait for the bot's next step; one that does not come is noted."""
        message = await self.sees(holds, clock.now() - LOOK)
        if message is None:
            self._ledger.stalls.append(Stall(update, waited_for))
        return message

    # Conversations.

    async def chat(self, stopped: asyncio.Event) -> None:
        """Hold one conversation after another."""
        private = [
            *[self.one_prompt] * 4,
            *[self.three_prompts] * 2,
            *[self.cancelled_prompt] * 2,
            *[self.mix] * 2,
            *[self.inpaint] * 3,
            self.change,
            self.look_around,
        ]
        kinds = private if self.chat_id > 0 else [self.one_prompt, self.cancelled_prompt]
        while not stopped.is_set():
            await self._chance.choice(kinds)()
            await asyncio.sleep(self._chance.uniform(0.1, 1.5))

    def prompt(self, family: Family, count: int = 1) -> str:
        """Return words to draw with the family's token and flags that make the drawing quick."""
        number = f" --n {count}" if count > 1 else ""
        return f"{family.token} {self._chance.choice(SUBJECTS)} --steps {self.steps}{number}"

    def asks(self, count: int = 1) -> tuple[Family, Message, Update]:
        """Ask for a picture in words."""
        family = self._ledger.new(self.chat_id)
        words = self.prompt(family, count)
        text = words if self.chat_id > 0 else f"/imagine {words}"
        message, update = self.says(text, wish=family)
        return family, message, update

    async def gets(self, family: Family, after: float) -> Message | None:
        """Wait for the end of a family's latest job."""

        def holds(message: Message) -> bool:
            return is_final(message) and self._belongs(message, family)

        return await self.sees(holds, after, PICTURE_PATIENCE)

    def _belongs(self, message: Message, family: Family) -> bool:
        bound, key = self._ledger.bound, (self.chat_id, message.message_id)
        is_answer = bound.get((self.chat_id, message.reply_to or 0)) is family
        return family.token in message.text or bound.get(key) is family or is_answer

    async def one_prompt(self) -> None:
        """Ask for a picture, then perhaps press something below it."""
        begun = clock.now()
        family, _, _ = self.asks(self._chance.choice([1, 1, 1, 2]))
        final = await self.gets(family, begun)
        if final is None or not is_result(final):
            return
        begun, choice = clock.now() + LOOK, self._chance.random()
        if choice < 0.3:
            self.presses(final, buttons.AGAIN, wish=family)
            await self.gets(family, begun)
        elif choice < 0.5 and self.presses(final, buttons.VARY, wish=family):
            await self.gets(family, begun)
        elif choice < 0.7:
            self.presses(final, self._chance.choice([buttons.INFO, buttons.FILE]))

    async def three_prompts(self) -> None:
        """Ask for several pictures at once."""
        begun = clock.now()
        families = [self.asks()[0] for _ in range(3)]
        for family in families:
            await self.gets(family, begun)

    async def cancelled_prompt(self) -> None:
        """Ask for a picture and call it off as soon as that can be done."""
        begun = clock.now()
        family, _, _ = self.asks()
        status = await self.sees(lambda message: is_status(message) and self._belongs(message, family), begun, 10.0)
        if status is not None:
            family.is_cancelled = self.presses(status, buttons.CANCEL) is not None
        await self.gets(family, begun)

    async def mix(self) -> None:
        """Send an album with words and start the mix."""
        family, album = self._ledger.new(self.chat_id), self._world.new_album()
        first, update = self.sends_photo(self.prompt(family), album=album)
        self._ledger.bind(self.chat_id, first.message_id, family)
        _, update = self.sends_photo("", album=album)
        await self._start(update, family, "the card of the mix")

    async def change(self) -> None:
        """Send a photo with words that it shall become."""
        family = self._ledger.new(self.chat_id)
        message, update = self.sends_photo(f"/change {self.prompt(family)}")
        self._ledger.bind(self.chat_id, message.message_id, family)
        await self._start(update, family, "the card of the change")

    async def _start(self, update: Update, family: Family, waited_for: str) -> None:
        def is_card(message: Message) -> bool:
            return buttons.find(buttons.START, message.presses()) is not None and family.token in message.text

        card = await self._step(update, is_card, waited_for)
        if card is not None:
            begun = clock.now()
            self.presses(card, buttons.START, wish=family)
            await self.gets(family, begun)

    async def inpaint(self) -> None:
        """Send a photo, then a mask or an area of it, and let that part be drawn anew."""
        family = self._ledger.new(self.chat_id)
        message, update = self.sends_photo(f"/inpaint {self.prompt(family)}")
        self._ledger.bind(self.chat_id, message.message_id, family)
        marks = await self._step(update, _has(buttons.MASK_FILE), "how to mark the part")
        if marks is None:
            return
        by_file = self._chance.random() < 0.6
        press = self.presses(marks, buttons.MASK_FILE if by_file else buttons.AREAS)
        if press is None:
            return
        if by_file:
            asked = await self._step(press, lambda message: message.changed > marks.changed, "the question for a mask")
            if asked is None:
                return
            _, update = self.sends_file("mask.png", pictures.mask())
        else:
            areas = await self._step(press, _has(buttons.AREA), "the areas")
            chosen = self.presses(areas, buttons.AREA) if areas else None
            if chosen is None:
                return
            update = chosen
        shown = await self._step(update, _has(buttons.MASK_RIGHT), "the mask in red")
        if shown is not None:
            begun = clock.now()
            self.presses(shown, buttons.MASK_RIGHT, wish=family)
            await self.gets(family, begun)

    async def look_around(self) -> None:
        """Ask for things that draw nothing."""
        for command in self._chance.sample(["/start", "/settings", "/help", "/queue", "/history", "/style"], 2):
            begun = clock.now()
            _, update = self.says(command)
            answer = await self.sees(lambda message: not is_status(message) and not is_result(message), begun)
            if answer is None:
                self._ledger.stalls.append(Stall(update, f"the answer to {command}"))


def _has(pattern: re.Pattern[str]) -> Callable[[Message], bool]:
    return lambda message: buttons.find(pattern, message.presses()) is not None
