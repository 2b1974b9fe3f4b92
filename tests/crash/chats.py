"""What the fake Telegram knows: chats, messages, files, and updates that wait for the bot."""

import asyncio
import time
from dataclasses import dataclass, field

import clock
import pictures

BOT_ID = 1_000_000_001
BOT = {"id": BOT_ID, "is_bot": True, "first_name": "Kandinsky", "username": "kandinsky_campaign_bot"}

Json = dict[str, object]


@dataclass
class Call:
    """A request of the bot, as the server saw it."""

    method: str
    life: int
    received: float
    chat_id: int = 0
    answered: float | None = None
    # What the answer says; none while there is no answer.
    outcome: str | None = None


@dataclass
class Message:
    """A message in a chat."""

    chat_id: int
    message_id: int
    sender: Json
    text: str = ""
    photo: list[Json] | None = None
    document: Json | None = None
    keyboard: list[list[Json]] = field(default_factory=list)
    reply_to: int | None = None
    album: str | None = None
    date: int = field(default_factory=lambda: int(time.time()))
    is_deleted: bool = False
    # When the message was last changed.
    changed: float = field(default_factory=clock.now)

    @property
    def is_from_bot(self) -> bool:
        """Whether the bot sent it."""
        return self.sender["id"] == BOT_ID

    def presses(self) -> list[str]:
        """Return what its buttons send."""
        return [str(button["callback_data"]) for row in self.keyboard for button in row if "callback_data" in button]


@dataclass
class Change:
    """Something that the bot showed to people; `message_id` is 0 for a line over the chat."""

    kind: str
    call: Call
    chat_id: int
    message_id: int
    text: str
    presses: list[str]
    has_picture: bool
    reply_to: int | None
    # What tells its picture from others; two pictures may have the same caption.
    picture: str = ""
    at: float = field(default_factory=clock.now)


@dataclass
class Update:
    """Something that the bot is told by getUpdates."""

    update_id: int
    kind: str
    payload: Json
    what: str
    chat_id: int
    # When it was handed out, and to which life of the program.
    handed_out: list[tuple[float, int]] = field(default_factory=list)
    confirmed: tuple[float, int] | None = None
    # For a press: when it was answered and with which line.
    press_answered: float | None = None
    press_line: str = ""

    def json(self) -> Json:
        """Return what getUpdates gives out."""
        return {"update_id": self.update_id, self.kind: self.payload}


class World:
    """All chats."""

    def __init__(self) -> None:
        self.messages: dict[int, dict[int, Message]] = {}
        self.people: dict[int, Json] = {}
        self.titles: dict[int, str] = {}
        self.files: dict[str, bytes] = {}
        self.updates: list[Update] = []
        self.waiting: list[Update] = []
        self.changes: list[Change] = []
        self.more = asyncio.Event()
        self._next_update = 7_000
        self._next_file = 0
        self._next_album = 0

    # Chats and files.

    def chat(self, chat_id: int) -> dict[int, Message]:
        """Return the messages of a chat by their numbers."""
        return self.messages.setdefault(chat_id, {})

    def knows(self, chat_id: int) -> bool:
        """Whether somebody wrote there before."""
        return chat_id in self.messages

    def new_album(self) -> str:
        """Return the name of a new album."""
        self._next_album += 1
        return f"album-{self._next_album}"

    def add_photo(self, data: bytes) -> list[Json]:
        """Keep a photo; its sizes."""
        file_id = self._keep("photo", data)
        width, height = pictures.size(data)
        size = {"file_id": file_id, "file_unique_id": file_id, "width": width, "height": height}
        return [size | {"file_size": len(data)}]

    def add_document(self, name: str, data: bytes) -> Json:
        """Keep a file."""
        file_id = self._keep("document", data)
        document = {"file_id": file_id, "file_unique_id": file_id, "file_name": name}
        return document | {"mime_type": "image/png", "file_size": len(data)}

    def _keep(self, kind: str, data: bytes) -> str:
        self._next_file += 1
        file_id = f"{kind}-{self._next_file}"
        self.files[file_id] = data
        return file_id

    def post(self, chat_id: int, sender: Json, **content: object) -> Message:
        """Put a message into a chat."""
        chat = self.chat(chat_id)
        message = Message(chat_id, len(chat) + 1, sender, **content)  # type: ignore[arg-type]
        chat[message.message_id] = message
        return message

    def json_of(self, message: Message, with_reply: bool = True) -> Json:
        """Return a message as the Bot API shows it."""
        shown: Json = {
            "message_id": message.message_id,
            "from": message.sender,
            "date": message.date,
            "chat": self._chat_json(message.chat_id),
        }
        if message.photo:
            shown["photo"] = message.photo
        if message.document:
            shown["document"] = message.document
        if message.text:
            shown["caption" if message.photo or message.document else "text"] = message.text
            if message.text.startswith("/"):
                command = {"type": "bot_command", "offset": 0, "length": len(message.text.split()[0])}
                shown["caption_entities" if message.photo or message.document else "entities"] = [command]
        if message.keyboard:
            shown["reply_markup"] = {"inline_keyboard": message.keyboard}
        if message.album:
            shown["media_group_id"] = message.album
        answered = self.chat(message.chat_id).get(message.reply_to or 0)
        if with_reply and answered and not answered.is_deleted:
            shown["reply_to_message"] = self.json_of(answered, with_reply=False)
        return shown

    def _chat_json(self, chat_id: int) -> Json:
        if chat_id < 0:
            return {"id": chat_id, "type": "supergroup", "title": self.titles.get(chat_id, "Group")}
        return {"id": chat_id, "type": "private", "first_name": self.people[chat_id]["first_name"]}

    # Updates.

    def push(self, kind: str, payload: Json, what: str, chat_id: int) -> Update:
        """Let the bot know of something."""
        update = Update(self._next_update, kind, payload, what, chat_id)
        self._next_update += 1
        self.updates.append(update)
        self.waiting.append(update)
        self.more.set()
        return update

    def confirm(self, offset: int, life: int) -> list[Update]:
        """Forget updates below an offset; those that are forgotten."""
        confirmed = [update for update in self.waiting if update.update_id < offset]
        for update in confirmed:
            update.confirmed = (clock.now(), life)
        self.waiting = [update for update in self.waiting if update.update_id >= offset]
        return confirmed

    def press_of(self, query_id: str) -> Update | None:
        """Return the press with this number."""
        presses = (update for update in reversed(self.updates) if update.kind == "callback_query")
        return next((press for press in presses if press.payload["id"] == query_id), None)
