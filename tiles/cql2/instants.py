"""Days and moments as CQL2 writes them: `2026-08-15`, `2026-08-15T08:00:00Z` (OGC 21-065r2, rule instantInstance)."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from tiles.cql2.refusal import FilterRefused, shortened
from tiles.cql2.tree import Place

BEIJING = timezone(timedelta(hours=8))
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")


def day(text: str, at: Place) -> date:
    """A date. Raises FilterRefused."""
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise FilterRefused(
        f"“{shortened(text)}”不是日期，应为 2026-08-15 这样的日期。",
        at,
    )


def moment(text: str, at: Place) -> datetime:
    """A time in UTC, to the microsecond. Raises FilterRefused."""
    if _MOMENT.fullmatch(text):
        try:
            found = datetime.fromisoformat(text).astimezone(UTC)
            found.astimezone(BEIJING)
        except (ValueError, OverflowError):
            pass
        else:
            return found
    raise FilterRefused(
        f"“{shortened(text)}”不是时间，应为 2026-08-15T08:00:00Z 这样的世界时。",
        at,
    )


def instant(text: str, at: Place) -> date:
    """Either. Raises FilterRefused."""
    return moment(text, at) if "T" in text else day(text, at)


def beijing_day(value: date) -> date:
    """The day on which a moment falls in Beijing; a day is itself."""
    return value.astimezone(BEIJING).date() if isinstance(value, datetime) else value
