"""The second wall alone: with the application's filter of rows switched off, row-level security keeps every word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from fastapi.testclient import TestClient

import api.access
import api.reading
import api.register_rights
import api.routes.cases
import api.routes.checks
import api.routes.field_work
import api.routes.loads
import api.routes.registers
import api.seen
from api.access import Scope
from api.app import create_app
from spatial import catalog
from spatial.models import AuditEntry, Case, CheckRun, Inspection, Load, Manifest, Site
from tests.api.conftest import Bearer
from tests.api.test_matrix import ALIKE, READS, addresses, told_words
from tests.api.workers import until
from tests.api.world import B, World, build


@pytest.fixture
def world(client: TestClient, bearer: Callable[..., Bearer], tmp_path: Path) -> World:
    return build(client, bearer, tmp_path)


def without_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application as if it forgot to ask who asks; what redacts a stored answer is no filter of rows."""
    everything: dict[str, Any] = {
        "may_read": lambda scope, layer: True,
        "row_counties": lambda scope, layer: None,
        "require_layer": lambda scope, known, layer: catalog.current().layer(layer),
        "readable_layers": lambda scope, known: [
            one for one in known.layers.values() if one.kind != "request"
        ],
        "readable_fields": lambda scope, layer: list(layer.fields.values()),
        "may_oversee": lambda scope, layer, counties: True,
        "require_role": lambda scope, roles: None,
        "may_see_row": lambda scope, layer, county: True,
        "sees_all": lambda scope, county: True,
        "visible_sites": lambda scope: Site.objects.all(),
        "visible_cases": lambda scope: Case.objects.all(),
        "visible_checks": lambda scope: CheckRun.objects.all(),
        "visible_loads": lambda scope: Load.objects.all(),
        "_visible_manifests": lambda scope: Manifest.objects.select_related("site", "by"),
        "_visible_inspections": lambda scope: Inspection.objects.select_related("site", "draw"),
        "seen_lists": lambda scope, county: ["suspected_plot", "contaminated_plot", "risk_register_plot"],
    }
    modules = [
        api.access, api.reading, api.register_rights, api.routes.cases, api.routes.checks, api.routes.field_work,
        api.routes.loads, api.routes.registers, api.routes.features, api.routes.tiles, api.routes.sites,
        api.routes.jobs,
        api.routes.releases, api.routes.audit, api.routes.attachments, api.routes.changes, api.routes.catalog,
    ]  # fmt: skip
    for module in modules:
        for name, open_ in everything.items():
            if hasattr(module, name):
                monkeypatch.setattr(module, name, open_)


def test_with_the_filter_switched_off_the_database_alone_keeps_every_word(
    client: TestClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_filter(monkeypatch)
    open_scope: Callable[[Scope], Any] = api.routes.cases.visible_cases
    assert open_scope(api.access.STRANGER).count() == 2, "the filter is off"
    read = 0
    # What holds for one county holds for the other.
    askers = [one for one in world.askers if B not in one.counties]
    for route, patterns in READS.items():
        if route in ALIKE or route == "GET /checks/{check_id}/report":
            continue
        for pattern in patterns:
            for address, _ in addresses(world, pattern):
                for one in askers:
                    answer = client.get(address, headers=one.header)
                    shown = told_words(world, answer.content, address)
                    leaked = {word for word in shown if not world.words[word](one)}
                    assert not leaked, f"{one.name} reads {leaked} at {address} ({route})"
                    read += len(shown)
    assert read > 300, "the database hides everything"


@pytest.mark.django_db
def test_the_reader_may_read_and_nothing_else() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT privilege_type FROM information_schema.role_table_grants WHERE grantee = 'jingtu_reader'"
        )
        assert [row[0] for row in cursor.fetchall()] == ["SELECT"]
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = 'jingtu_reader'"
        )
        assert cursor.fetchone() == (False, False, False)


def test_what_is_looked_at_and_not_for_everyone_leaves_an_entry(
    client: TestClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.seen, "_noted", {})
    clerk = next(one for one in world.askers if one.name == "clerk 652301")
    before = AuditEntry.objects.count()
    feature = world.keys["feature JIA"]
    for path in ("/features/suspected_plot", "/features/suspected_plot", "/features/contaminated_plot",
                 f"/features/suspected_plot/{feature}", "/sites/SUSJIA"):  # fmt: skip
        assert client.get(path, headers=clerk.header).status_code == 200
    rows = AuditEntry.objects.order_by("number")[before:]
    assert [(row.action, row.object, row.username) for row in rows] == [
        ("view", "suspected_plot", "clerk0"),
        ("view", f"suspected_plot {feature}", "clerk0"),
        ("view", "site SUSJIA", "clerk0"),
    ]


def test_a_server_that_starts_before_its_database_is_migrated_tells_the_rights_when_it_is(
    transactional_db: None,
) -> None:
    def asked(statement: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone() if cursor.description else None

    asked("DELETE FROM spatial_layerright")
    asked("ALTER TABLE spatial_layerright RENAME TO not_yet")
    try:
        with TestClient(create_app(), base_url="http://127.0.0.1") as client:
            assert client.get("/healthz").status_code == 200
            asked("ALTER TABLE not_yet RENAME TO spatial_layerright")
            until(lambda: asked("SELECT count(*) FROM spatial_layerright")[0] > 50)
    finally:
        asked("ALTER TABLE IF EXISTS not_yet RENAME TO spatial_layerright")
