"""In which language an answer speaks: Chinese, English where `Accept-Language` begins with `en`.

Only what is said to people is put into English, and only on the way out: what is kept, and what a fingerprint is taken
of, is the Chinese.
"""

from __future__ import annotations

import json
import re
from contextvars import ContextVar
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import Scope

from api.english import english

SPOKEN = frozenset({"message", "hint", "detail", "failure"})
"""Names of an answer that hold a sentence for people."""
AS_IT_CAME = frozenset({"original"})
"""Names of an answer that hold what somebody handed in, under names of their own."""
OPTIONS = {
    "--county": ("“县市”", "“County”"),
    "--crs": ("“坐标系”", "“Reference system”"),
    "--data-date": ("“数据日期”", "“Data date”"),
    "--source-layer": ("“文件里的图层”", "“Layer in the file”"),
    "--encoding": ("“文字编码”", "“Text encoding”"),
}
"""Options of the command line, which the loaders name, as the page's form calls them."""
_OPTION = re.compile(f"(?:(?<=[㐀-鿿]) )?({'|'.join(OPTIONS)})(?: (?=[㐀-鿿]))?")
_in_english: ContextVar[bool] = ContextVar("in_english", default=False)


def hear(scope: Scope) -> None:
    """Hear which language a request asks for; what answers it runs in the same context."""
    _in_english.set(Headers(scope=scope).get("accept-language", "").lower().startswith("en"))


def said(text: str) -> str:
    """A sentence in the language that is asked for, with the words of the page."""
    in_english = _in_english.get()
    told = english(text) if in_english else text
    if "--" not in told:
        return told
    return _OPTION.sub(lambda found: OPTIONS[found[1]][in_english], told)


class Answer(JSONResponse):
    """JSON whose sentences are in the language that is asked for."""

    replaced = "strict"
    """What becomes of half a sign, which is no text."""

    def render(self, content: Any) -> bytes:
        told = _json(spoken(content) if _in_english.get() else content)
        if not _in_english.get() and _OPTION.search(told):
            told = _json(spoken(content))
        return told.encode("utf-8", self.replaced)


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def spoken(told: Any) -> Any:
    """An answer with its sentences as they are said; all else as it is."""
    if isinstance(told, dict):
        return {
            name: said(value)
            if name in SPOKEN and isinstance(value, str)
            else value
            if name in AS_IT_CAME
            else spoken(value)
            for name, value in told.items()
        }
    return [spoken(one) for one in told] if isinstance(told, (list, tuple)) else told
