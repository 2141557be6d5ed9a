"""A county may publish its own suspected list; nothing else becomes public by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from spatial import catalog
from tests.factories import feature
from tests.grid import grid

PLAN = grid("A . B\n. . .\nC . D")


@pytest.fixture
def publishing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    built_in = (catalog.BUILT_IN / "counties" / "652301.toml").read_text(encoding="utf-8")
    (tmp_path / "counties").mkdir()
    text = 'publish = ["suspected_plot"]\n' + built_in
    (tmp_path / "counties" / "652301.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("JINGTU_CATALOG_DIR", str(tmp_path))
    catalog.current.cache_clear()
    yield
    catalog.current.cache_clear()


def rows(client: TestClient, layer: str = "suspected_plot") -> list[str]:
    answer = client.get(f"/features/{layer}")
    return (
        [one["name"] for one in answer.json()["features"]]
        if answer.status_code == 200
        else [str(answer.status_code)]
    )


def make() -> None:
    for county, name in (("652301", "示例甲厂"), ("652302", "示例乙厂")):
        feature("suspected_plot", PLAN.polygon("ABDC"), county, code=name, name=name, status="suspected")


def test_by_default_no_suspected_plot_is_public(client: TestClient) -> None:
    make()
    assert rows(client) == ["401"]


def test_a_county_that_publishes_shows_its_own_rows_and_no_others(
    publishing: None, client: TestClient
) -> None:
    make()
    assert rows(client) == ["示例甲厂"]
    assert rows(client, "attention_plot") == ["401"]
