"""What /openapi.json says beyond the routes themselves: the answers, the problems, and how one signs in.

`python -m api.described` writes it for the page's types (web/src/api/schema.d.ts, `make types`), without the problems
that every route may answer instead.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from fastapi import FastAPI

from api.answers import schemas, settled
from api.errors import TITLES

STATUSES = (400, 401, 403, 404, 408, 409, 413, 422, 503)
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": TITLES[status],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in STATUSES
}
"""What every route may answer instead."""
_TEXT = {"type": "string"}
PROBLEM = {
    "title": "Problem",
    "description": "RFC 9457；title、detail 和 hint 为中文，Accept-Language 以 en 开头时为英文。",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "hint"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {**_TEXT, "description": "哪里不对"},
        "code": {**_TEXT, "description": "给程序看的代码，清单见文档"},
        "hint": {**_TEXT, "description": "怎么办"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "code", "message"],
                "properties": {"at": _TEXT, "code": _TEXT, "message": _TEXT},
            },
        },
    },
}
SIGNING_IN = {
    "token": {"type": "http", "scheme": "bearer", "description": "jingtu user token 发的令牌"},
    "session": {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "网页登录后的会话"},
}


def install(app: FastAPI) -> None:
    """Describe once, when it is first asked for."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            told = plain()
            for methods in told["paths"].values():
                for operation in methods.values():
                    settled(operation["responses"])
            parts = told.setdefault("components", {}).setdefault("schemas", {})
            parts |= {**schemas(), "Problem": PROBLEM}
            told["components"]["securitySchemes"] = SIGNING_IN
            told["security"] = [{}, {"token": []}, {"session": []}]
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spatial.settings")
    django.setup()
    from api.app import create_api

    whole = create_api().openapi()
    for methods in whole["paths"].values():
        for operation in methods.values():
            operation["responses"] = {
                status: one for status, one in operation["responses"].items() if status.startswith("2")
            }
    json.dump(whole, sys.stdout, ensure_ascii=False, indent=1)
