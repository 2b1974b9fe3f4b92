"""A strict Bot API server (https://core.telegram.org/bots/api) that outlives the bot."""

import asyncio
import hashlib
import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import clock
from chats import BOT, Call, Change, Json, Message, World
from http_server import DisconnectedError, HttpServer, Params, Reply, Request, Upload

TOKEN = "1000000001:AAcrashcampaigncrashcampaigncrashca"
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BUTTON_LIMIT = 64
BATCH_LIMIT = 100
ALBUM_LIMITS = range(2, 11)

# What flood control counts.
PACED = {
    "sendmessage",
    "sendphoto",
    "senddocument",
    "sendmediagroup",
    "editmessagetext",
    "editmessagecaption",
    "editmessagemedia",
    "editmessagereplymarkup",
}
OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


class ApiError(Exception):
    """A refused request."""

    def __init__(self, status: int, description: str, retry_after: int = 0) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after

    def reply(self) -> Reply:
        """Return the answer that says so."""
        body: Json = {"ok": False, "error_code": self.status, "description": self.description}
        if self.retry_after:
            body["parameters"] = {"retry_after": self.retry_after}
        return Reply(self.status, json.dumps(body).encode())


def bad_request(words: str) -> ApiError:
    """Return the error of a request that is wrong."""
    return ApiError(400, f"Bad Request: {words}")


def too_many(seconds: int) -> ApiError:
    """Return the error of flood control."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", seconds)


@dataclass
class Pause:
    """A chat that flood control holds."""

    life: int
    begun: float
    until: float


@dataclass
class Ignored:
    """A request that came before a pause was over."""

    call: Call
    pause: Pause


# Told at the moments of a request: `head` is there, it has taken `effect`, its `answer` is written. A getUpdates that
# hands something out is a "getupdates with updates"; `confirming` is the moment at which a higher offset took effect.
Hook = Callable[[str, Call], bool]
Fault = Callable[[str, int], ApiError | None]


class BotApi:
    """The server. `hook` may kill the program and then returns true; `fault` may refuse a request."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.http = HttpServer(self._handle, lambda: self.life)
        self.life = 0
        self.calls: list[Call] = []
        self.hook: Hook = lambda _moment, _call: False
        self.fault: Fault = lambda _method, _chat_id: None
        self.pauses: dict[int, Pause] = {}
        self.ignored_pauses: list[Ignored] = []
        self._poll = 0
        self._commands: Json = {}
        methods: dict[str, Callable[[Params, Call], object]] = {
            "getme": self._get_me,
            "deletewebhook": lambda _params, _call: True,
            "getwebhookinfo": lambda _params, _call: {
                "url": "",
                "has_custom_certificate": False,
                "pending_update_count": 0,
            },
            "setmycommands": lambda _params, _call: True,
            "deletemycommands": lambda _params, _call: True,
            "getmycommands": lambda _params, _call: [],
            "setmyname": lambda _params, _call: True,
            "getmyname": lambda _params, _call: {"name": ""},
            "setmydescription": lambda _params, _call: True,
            "getmydescription": lambda _params, _call: {"description": ""},
            "setmyshortdescription": lambda _params, _call: True,
            "getmyshortdescription": lambda _params, _call: {"short_description": ""},
            "sendchataction": lambda _params, _call: True,
            "setmessagereaction": lambda _params, _call: True,
            "getchatmember": self._get_chat_member,
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "senddocument": self._send_document,
            "sendmediagroup": self._send_media_group,
            "editmessagetext": self._edit_text,
            "editmessagecaption": self._edit_caption,
            "editmessagemedia": self._edit_media,
            "editmessagereplymarkup": self._edit_keyboard,
            "deletemessage": self._delete_message,
            "deletemessages": self._delete_messages,
            "answercallbackquery": self._answer_press,
            "answerinlinequery": lambda _params, _call: True,
            "getfile": self._get_file,
        }
        self._methods = methods

    def api_url(self) -> str:
        """Return what takes the place of https://api.telegram.org."""
        return f"http://127.0.0.1:{self.http.port}"

    def begin_life(self, life: int) -> None:
        """Note that the program was started once more; requests of an earlier life get no answer."""
        self.life = life
        self._poll += 1
        self.world.more.set()

    def is_polled(self) -> bool:
        """Whether this life of the program has asked for updates."""
        recent = reversed(self.calls[-50:])
        return any(call.life == self.life and call.method.startswith("getupdates") for call in recent)

    # One request.

    async def _handle(self, request: Request, life: int, write: Callable[[Reply], Awaitable[None]]) -> None:
        words = urlsplit(request.path).path.strip("/").split("/")
        if words[0] == "file":
            await self._download(request, life, words, write)
            return
        if len(words) != 2 or not words[0].startswith("bot"):
            raise DisconnectedError
        call = Call(words[1].lower(), life, clock.now())
        self.calls.append(call)
        await self._serve(request, call, words[0] == f"bot{TOKEN}", write)

    async def _serve(
        self, request: Request, call: Call, is_known: bool, write: Callable[[Reply], Awaitable[None]]
    ) -> None:
        if self.hook("head", call):
            raise DisconnectedError
        params = await request.params()
        try:
            if not is_known:
                raise ApiError(401, "Unauthorized")
            reply = await self._perform(params, call)
            call.outcome = "ok"
        except ApiError as error:
            reply = error.reply()
            call.outcome = error.description
        if self.hook("effect", call):
            raise DisconnectedError
        await write(reply)
        call.answered = clock.now()
        self.hook("answer", call)

    async def _perform(self, params: Params, call: Call) -> Reply:
        if call.method == "getupdates":
            return _ok(await self._get_updates(params, call))
        method = self._methods.get(call.method)
        if method is None:
            raise ApiError(404, "Not Found")
        if "chat_id" in params.values:
            call.chat_id = params.number("chat_id")
        if call.method in PACED:
            self._pace(call)
        error = self.fault(call.method, call.chat_id)
        if error is not None:
            if error.retry_after:
                begun = clock.now()
                self.pauses[call.chat_id] = Pause(call.life, begun, begun + error.retry_after)
            raise error
        return _ok(method(params, call))

    def _pace(self, call: Call) -> None:
        """Refuse what comes within a pause, and note it if the same life was told of the pause before."""
        pause = self.pauses.get(call.chat_id)
        if pause is None or call.received >= pause.until - 0.05:
            return
        # Requests that crossed the answer on the way are nobody's fault.
        if call.life == pause.life and call.received > pause.begun + 0.1:
            self.ignored_pauses.append(Ignored(call, pause))
        raise too_many(max(1, math.ceil(pause.until - clock.now())))

    async def _download(
        self, request: Request, life: int, words: list[str], write: Callable[[Reply], Awaitable[None]]
    ) -> None:
        call = Call("download", life, clock.now())
        self.calls.append(call)
        await request.params()
        if self.hook("head", call):
            raise DisconnectedError
        data = self.world.files.get(unquote("/".join(words[2:])))
        call.outcome = "ok" if data is not None else "Not Found"
        if self.hook("effect", call):
            raise DisconnectedError
        await write(Reply(200, data, "application/octet-stream") if data is not None else Reply(404, b"{}"))
        call.answered = clock.now()
        self.hook("answer", call)

    async def _get_updates(self, params: Params, call: Call) -> object:
        self._poll += 1
        poll, world = self._poll, self.world
        # The poll before ends.
        world.more.set()
        offset = params.number("offset")
        if world.confirm(offset, call.life) and self.hook("confirming", call):
            raise DisconnectedError
        limit = min(params.number("limit", BATCH_LIMIT), BATCH_LIMIT)
        deadline = clock.now() + params.number("timeout")
        while not world.waiting and clock.now() < deadline:
            world.more.clear()
            try:
                async with asyncio.timeout(deadline - clock.now()):
                    await world.more.wait()
            except TimeoutError:
                break
            if call.life != self.life:
                raise DisconnectedError
            if poll != self._poll:
                raise ApiError(409, f"Conflict: {OTHER_POLL}")
        batch = world.waiting[:limit]
        for update in batch:
            update.handed_out.append((clock.now(), call.life))
        if batch:
            call.method = "getupdates with updates"
        return [update.json() for update in batch]

    # Methods.

    def _get_me(self, _params: Params, _call: Call) -> Json:
        abilities = {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": True,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
        return BOT | abilities

    def _get_chat_member(self, params: Params, _call: Call) -> Json:
        person = self.world.people.get(params.number("user_id"))
        if person is None:
            raise bad_request("user not found")
        return {"status": "member", "user": person}

    def _get_file(self, params: Params, _call: Call) -> Json:
        file_id = params.text("file_id")
        data = self.world.files.get(file_id)
        if data is None:
            raise bad_request("invalid file_id")
        return {"file_id": file_id, "file_unique_id": file_id, "file_size": len(data), "file_path": file_id}

    def _send_message(self, params: Params, call: Call) -> Json:
        text = params.text("text")
        if not text:
            raise bad_request("message text is empty")
        if _length(text) > TEXT_LIMIT:
            raise bad_request("message is too long")
        return self._send(params, call, text=text)

    def _send_photo(self, params: Params, call: Call) -> Json:
        return self._send(params, call, text=_caption(params.text("caption")), photo=self._photo_of(params, "photo"))

    def _send_document(self, params: Params, call: Call) -> Json:
        upload = _upload(params, "document")
        document = self.world.add_document(upload.name, upload.data)
        return self._send(params, call, text=_caption(params.text("caption")), document=document)

    def _send_media_group(self, params: Params, call: Call) -> list[Json]:
        media = params.structure("media")
        if not isinstance(media, list) or len(media) not in ALBUM_LIMITS:
            raise bad_request("wrong number of messages in an album")
        album, sent = self.world.new_album(), []
        for item in media:
            photo = self._photo_of(params, str(item["media"]).removeprefix("attach://"))
            sent.append(self._send(params, call, text=_caption(item.get("caption", "")), photo=photo, album=album))
        return sent

    def _send(self, params: Params, call: Call, **content: object) -> Json:
        chat_id, reply_to = self._chat(params), None
        answered = params.structure("reply_parameters")
        if isinstance(answered, dict):
            reply_to = int(answered["message_id"])
            is_there = reply_to in self.world.chat(chat_id) and not self.world.chat(chat_id)[reply_to].is_deleted
            if not is_there and not answered.get("allow_sending_without_reply"):
                raise bad_request("message to be replied not found")
        keyboard = _keyboard(params)
        message = self.world.post(chat_id, BOT, keyboard=keyboard, reply_to=reply_to, **content)
        self._note("sent", call, message)
        return self.world.json_of(message)

    def _edit_text(self, params: Params, call: Call) -> Json:
        message, text = self._own(params), params.text("text")
        if message.photo or message.document:
            raise bad_request("there is no text in the message to edit")
        if not text:
            raise bad_request("message text is empty")
        if _length(text) > TEXT_LIMIT:
            raise bad_request("message is too long")
        return self._change(call, message, text, _keyboard(params))

    def _edit_caption(self, params: Params, call: Call) -> Json:
        message = self._own(params)
        if not (message.photo or message.document):
            raise bad_request("there is no caption in the message to edit")
        return self._change(call, message, _caption(params.text("caption")), _keyboard(params))

    def _edit_keyboard(self, params: Params, call: Call) -> Json:
        message = self._own(params)
        return self._change(call, message, message.text, _keyboard(params))

    def _edit_media(self, params: Params, call: Call) -> Json:
        message, media = self._own(params), params.structure("media")
        if not isinstance(media, dict):
            raise bad_request('parameter "media" is required')
        message.photo = self._photo_of(params, str(media["media"]).removeprefix("attach://"))
        message.text = ""
        return self._change(call, message, _caption(str(media.get("caption") or "")), _keyboard(params), True)

    def _change(
        self, call: Call, message: Message, text: str, keyboard: list[list[Json]], is_new: bool = False
    ) -> Json:
        if not is_new and (message.text, message.keyboard) == (text, keyboard):
            raise bad_request(NOT_MODIFIED)
        message.text, message.keyboard = text, keyboard
        message.changed = clock.now()
        self._note("edited", call, message)
        return self.world.json_of(message)

    def _delete_message(self, params: Params, call: Call) -> bool:
        return self._delete(call, self._chat(params), params.number("message_id"))

    def _delete_messages(self, params: Params, call: Call) -> bool:
        numbers = params.structure("message_ids")
        for number in numbers if isinstance(numbers, list) else []:
            if int(number) in self.world.chat(self._chat(params)):
                self._delete(call, self._chat(params), int(number))
        return True

    def _delete(self, call: Call, chat_id: int, message_id: int) -> bool:
        message = self.world.chat(chat_id).get(message_id)
        if message is None or message.is_deleted:
            raise bad_request("message to delete not found")
        message.is_deleted = True
        message.changed = clock.now()
        self._note("deleted", call, message)
        return True

    def _answer_press(self, params: Params, call: Call) -> bool:
        press = self.world.press_of(params.text("callback_query_id"))
        if press is None:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        line = params.text("text")
        if press.press_answered is None:
            press.press_answered, press.press_line = clock.now(), line
        change = Change("line", call, press.chat_id, 0, line, [str(press.payload["data"])], False, None)
        self.world.changes.append(change)
        return True

    # Parts of requests.

    def _chat(self, params: Params) -> int:
        chat_id = params.number("chat_id")
        if not self.world.knows(chat_id):
            raise bad_request("chat not found")
        return chat_id

    def _own(self, params: Params) -> Message:
        message = self.world.chat(self._chat(params)).get(params.number("message_id"))
        if message is None or message.is_deleted:
            raise bad_request("message to edit not found")
        if not message.is_from_bot:
            raise bad_request("message can't be edited")
        return message

    def _photo_of(self, params: Params, part: str) -> list[Json]:
        return self.world.add_photo(_upload(params, part).data)

    def _note(self, kind: str, call: Call, message: Message) -> None:
        file = message.photo[-1] if message.photo else message.document
        picture = hashlib.sha256(self.world.files[file["file_id"]]).hexdigest()[:16] if file else ""
        presses = message.presses()
        self.world.changes.append(
            Change(
                kind,
                call,
                message.chat_id,
                message.message_id,
                message.text,
                presses,
                bool(file),
                message.reply_to,
                picture,
            )
        )


def _ok(result: object) -> Reply:
    return Reply(200, json.dumps({"ok": True, "result": result}).encode())


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _caption(text: str) -> str:
    if _length(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return text


def _upload(params: Params, name: str) -> Upload:
    value = params.text(name)
    upload = params.files.get(value.removeprefix("attach://")) or params.files.get(name)
    if upload is None or not upload.data:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return upload


def _keyboard(params: Params) -> list[list[Json]]:
    markup = params.structure("reply_markup")
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        if not 1 <= len(button.get("callback_data", "x").encode()) <= BUTTON_LIMIT:
            raise bad_request("BUTTON_DATA_INVALID")
    return [row for row in rows if row]
