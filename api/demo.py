"""The demo prefecture in the database: made, delivered as files, loaded through the real loaders, published."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from api import demo_accounts
from api import examples as offered
from api.drawing_job import draw_missing
from loaders import demo
from loaders.pipeline import load
from spatial import catalog, inspections
from spatial.models import Coverage, Draw, Feature, Release, Revision
from spatial.registers.notices import list_on
from spatial.releases import confirm_empty, publish

COUNTIES_RELEASE, RELEASE = "demo-counties", "demo"
REGION = "652300"

Tell = Callable[[str], None]


class DemoBroken(Exception):
    """A delivery of the demo was not taken as it came; the message says which and why."""


def load_if_empty(tell: Tell) -> bool:
    """Load the demo where nothing is in the database yet, or where an earlier try was cut short.

    Returns whether it loaded. Data of other releases are never touched. The accounts and the examples of a demo
    that is there already are written again where their file is gone.
    """
    if catalog.current().region.code != REGION:
        return False
    releases = dict(Release.objects.values_list("name", "state"))
    foreign = not releases.keys() <= {COUNTIES_RELEASE, RELEASE} or (not releases and _holds_data())
    is_there = releases.get(RELEASE, Release.State.DRAFT) != Release.State.DRAFT
    if foreign or is_there:
        if is_there:
            _complete()
        return False
    _load(timezone.localdate(), tell)
    demo_accounts.issue(_accounts_file())
    _draw_inspections()
    write_examples()
    return True


def _draw_inspections() -> None:
    """Give the inspector what to visit: the plots of his county."""
    people = {demo_accounts.PREFIX + role: counties for role, counties in demo_accounts.COUNTIES.items()}
    inspector, steward = (demo_accounts.PREFIX + role for role in ("inspector", "steward"))
    lists = [list_on(layer, timezone.localdate()) for layer in ("contaminated_plot", "suspected_plot")]
    own = list(
        {one.code: one for sites in lists for one in sites if one.county in people[inspector]}.values()
    )
    if not Draw.objects.exists():
        drawer = User.objects.get(username=steward)
        inspections.draw(own, {inspector: people[inspector]}, len(own), 1, drawer)


def _holds_data() -> bool:
    return Feature.objects.exists() or Revision.objects.exists()


def _accounts_file() -> Path:
    return Path(settings.JINGTU_HOME) / demo_accounts.FILE


def _complete() -> None:
    """Write what people need beside the database again, where the file is gone."""
    if not _accounts_file().exists():
        demo_accounts.renew(_accounts_file())
    if not offered.path().exists():
        write_examples()


def write_examples() -> None:
    """Leave the one-click examples where the page's route finds them."""
    told = [example.as_json() for example in demo.examples()]
    path = offered.path()
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(part, path)


def _load(today: date, tell: Tell) -> None:
    """Every step may be done twice, so that a start that was cut short goes on where it stopped."""
    known = catalog.current()
    prefecture = demo.make(today)
    with tempfile.TemporaryDirectory(prefix="jingtu-demo-") as folder:
        for delivery in demo.write(prefecture, known, Path(folder), today):
            if delivery.layer == demo.FIRST:
                _deliver(delivery, COUNTIES_RELEASE, tell)
                _confirm(today)
            else:
                _deliver(delivery, RELEASE, tell)
    publish(RELEASE)
    draw_missing()
    tell(f"  示例已发布：{sum(len(rows) for rows in prefecture.rows.values())} 条，批次 {RELEASE}")


def _deliver(delivery: demo.Delivery, release: str, tell: Tell) -> None:
    """Load one delivery; the release of the county outlines goes live with it, for the others are placed by them."""
    layer = catalog.current().layer(delivery.layer)
    if (
        release == COUNTIES_RELEASE
        and Release.objects.filter(name=release, state=Release.State.PUBLISHED).exists()
    ):
        return
    result = load(
        delivery.files,
        delivery.layer,
        county=delivery.county,
        release=release,
        commit=True,
        data_date=delivery.data_date,
    )
    if result.outcome != "accepted" or result.rows.loaded != delivery.rows:
        said = "；".join(issue.message for issue in result.issues[:3])
        raise DemoBroken(
            f"{delivery.layer}: {result.outcome}, {result.rows.loaded} of {delivery.rows} rows. {said}"
        )
    formats = "、".join(dict.fromkeys(path.suffix.removeprefix(".") for path in delivery.files))
    tell(f"  {layer.title}：{delivery.rows} 条（{formats}）")
    if release == COUNTIES_RELEASE:
        publish(release)


def _confirm(today: date) -> None:
    for one in demo.confirmations():
        said = Coverage.objects.filter(
            layer=one.layer, county=one.county, state=Coverage.State.CONFIRMED_EMPTY
        )
        if not said.exists():
            confirm_empty(one.layer, one.county, one.person, today)
