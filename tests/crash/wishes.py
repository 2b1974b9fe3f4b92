"""What people asked for.

Prompts hold a token such as `w17x`. It comes back in captions, so pictures can be told apart. A wish and what grew out
of it (again, variations) are a family: they share the token.
"""

import re
from dataclasses import dataclass, field

from chats import Update

TOKEN = re.compile(r"\bw\d+x\b")


@dataclass
class Wish:
    """An update that asks for a drawing."""

    update: Update
    what: str


@dataclass
class Family:
    """Wishes that share a token."""

    token: str
    chat_id: int
    wishes: list[Wish] = field(default_factory=list)
    is_cancelled: bool = False


@dataclass
class Stall:
    """Somebody waited for the next step of a conversation and gave up."""

    update: Update
    waited_for: str


class Ledger:
    """All wishes of a campaign."""

    def __init__(self) -> None:
        self.families: dict[str, Family] = {}
        # Messages that belong to a family without its token.
        self.bound: dict[tuple[int, int], Family] = {}
        self.stalls: list[Stall] = []

    def new(self, chat_id: int) -> Family:
        """Begin a family."""
        family = Family(f"w{len(self.families) + 1}x", chat_id)
        self.families[family.token] = family
        return family

    def bind(self, chat_id: int, message_id: int, family: Family) -> None:
        """Note that a message belongs to a family."""
        self.bound[chat_id, message_id] = family

    def of_text(self, text: str) -> Family | None:
        """Return the family whose token stands in a text."""
        found = TOKEN.search(text)
        return self.families.get(found.group()) if found else None
