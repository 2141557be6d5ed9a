"""The second wall alone: with the application's filter of rows switched off, row-level security keeps every word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from fastapi.testclient import TestClient
from psycopg.types.multirange import Int4Multirange

import api.access
import api.reading
import api.register_rights
import api.routes.cases
import api.routes.checks
import api.routes.field_work
import api.routes.loads
import api.routes.overlays
import api.routes.registers
import api.seen
from api.access import Scope
from api.app import create_app
from spatial import catalog, wall
from spatial.models import AreaOverlay, AuditEntry, Case, CheckRun, Feature, Inspection, Load, Manifest, Site
from tests.api.conftest import Bearer
from tests.api.test_matrix import ALIKE, READS, addresses, told_words
from tests.api.workers import until
from tests.api.world import B, World, build
from tests.factories import feature


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
        "visible_overlays": lambda scope: AreaOverlay.objects.all(),
        "_visible_manifests": lambda scope: Manifest.objects.select_related("site", "by"),
        "_visible_inspections": lambda scope: Inspection.objects.select_related("site", "draw"),
        "seen_lists": lambda scope, county: ["suspected_plot", "contaminated_plot", "risk_register_plot"],
    }
    modules = [
        api.access, api.reading, api.register_rights, api.routes.cases, api.routes.checks, api.routes.field_work,
        api.routes.loads, api.routes.registers, api.routes.features, api.routes.tiles, api.routes.sites,
        api.routes.jobs, api.routes.overlays,
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


@pytest.mark.django_db
def test_nobody_reads_what_others_sign_in_with() -> None:
    user = User.objects.create_user("li", "li@example.invalid", "a long enough one 1")
    for role in ("public", "steward", "administrator"):
        with wall.behind(wall.asker(user.pk, role, [], True)):
            seen = User.objects.get(username="li")
            assert (seen.password, seen.email, seen.last_login) == ("", "", None)
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                connection.cursor().execute("SELECT password FROM public.auth_user")


@pytest.mark.django_db
def test_what_waits_to_be_published_is_behind_the_wall_but_for_who_publishes() -> None:
    wall.keep_rights(catalog.current())
    shape = shapely.MultiPolygon([shapely.box(87.3, 44.0, 87.31, 44.01)])
    feature("contaminated_plot", shape, code="W1")
    feature("contaminated_plot", shape, code="W2", revisions=Int4Multirange())

    def seen(role: str, *counties: str) -> set[str | None]:
        with wall.behind(wall.asker(1, role, counties, False)):
            return set(Feature.objects.values_list("code", flat=True))

    assert seen("public") == seen("clerk", "652301") == {"W1"}
    assert seen("steward", "652301") == {"W1", "W2"}


def test_who_looks_through_lists_that_are_not_for_everyone_leaves_one_entry_an_hour(
    client: TestClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.seen, "_noted", {})
    steward = next(one for one in world.askers if one.name == "steward 652301")
    before = AuditEntry.objects.count()
    number = CheckRun.objects.get(pk=world.keys["check JIA"]).number
    paths = ("/registers/suspected_plot", "/registers/suspected_plot/notices", "/registers/contaminated_plot", "/sites",
             "/barred-uses", "/candidates", "/checks", f"/checks/{world.keys['check JIA']}")  # fmt: skip
    for path in (*paths, *paths[:-1]):
        assert client.get(path, headers=steward.header).status_code == 200
    told = [(one.action, one.object) for one in AuditEntry.objects.order_by("number")[before:]]
    assert told == [
        ("view", "suspected_plot"),
        ("view", "sites"),
        ("view", "barred_uses"),
        ("view", "closed_permit_enterprise"),
        ("view", "checks"),
        ("view", f"check {number}"),
    ]
