"""What somebody else wrote stays as it is in English, takes no time, and no answer is kept in English."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from fastapi.testclient import TestClient

from api import english as reading
from api.english import english
from api.language import hear, spoken
from spatial.models import CheckRun, Handled, Job
from tests.api.test_cases import announced
from tests.api.test_overlays import data, planner, worked
from tests.factories import known_county

EN, ZH = {"Accept-Language": "en"}, {"Accept-Language": "zh-CN"}
Bearer = dict[str, str]
__all__ = ["data", "planner"]


@pytest.mark.parametrize(
    "text",
    [
        "没有瓦片 " + "//没有瓦片 " * 500 + "x",
        "°（三度带  带）、" * 350 + "x",
        " 已办理  的第  步，你看到的是第 " * 180 + "x",
        "a（" * 1300 + "）" * 1300,
        "没有图层“" * 600 + "。",
        "参数 x 不对：" * 400 + "。",
        "、".join(chr(0x4E00 + at) for at in range(1900)),
        "。".join("、".join(chr(0x4E00 + at * 40 + one) for one in range(40)) for at in range(45)),
    ],
    ids=lambda text: text[:12],
)
def test_no_text_takes_long(text: str) -> None:
    english("没有图层“甲”。")  # the catalogue is read
    reading._kept.cache_clear()
    begun = time.process_time()
    english(text)
    assert time.process_time() - begun < 0.2


def test_a_long_text_is_not_kept() -> None:
    before = reading._kept.cache_info().currsize
    english(f"没有图层“{'甲' * 3_000}”。")
    assert reading._kept.cache_info().currsize == before


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("两个文件都叫 示例（一）、二.zip。", "Two files are both called “示例（一）、二.zip”."),
        ("没有图层“甲。乙”。", "There is no layer “甲。乙”."),
        ("地块 无：没有界址点。", "Plot “无”: There are no boundary points."),
        ("地块 （无编号）：没有界址点。", "Plot without a number: There are no boundary points."),
        ("甲（一期）、乙.csv：图形的面积为零。", "甲（一期）、乙.csv: The area of the shape is zero."),
        ("这里不能是“污染地块”。", "“污染地块” cannot stand here."),
        ("and 的项太少。", "and has too few operands."),
        ("某人写的话，不是我们的", "某人写的话，不是我们的"),
        ("甲村、乙村（北）", "甲村、乙村（北）"),
        (
            "新的事项 C1（城北（二期）：示范）：变更用途，核查结论：不得办理。",
            "New case C1 (“城北（二期）：示范”): change of use, verdict of the check: Prohibited.",
        ),
        ("没有 {0} 格式。", "There is no format “{0}”."),
        ("没有图层“甲\n乙”。", "There is no layer “甲\n乙”."),
    ],
)
def test_somebody_elses_words_stay(said: str, told: str) -> None:
    assert english(said) == told


def test_a_row_is_told_as_it_came() -> None:
    hear({"type": "http", "headers": [(b"accept-language", b"en")]})
    try:
        rows = {"rows": [{"original": {"message": "无", "hint": "高"}, "message": "没有图形。"}]}
        assert spoken(rows) == {
            "rows": [{"original": {"message": "无", "hint": "高"}, "message": "There is no shape."}]
        }
    finally:
        hear({"type": "http", "headers": []})


def test_threads_and_streams_know_the_language(client: TestClient, bearer: Callable[..., Bearer]) -> None:
    """Expected by hand; whoever asks next is told in their own language."""
    who = bearer("inspector")
    asked = client.get("/inspections", headers=who | EN).json()["checklist"]
    assert asked["records"] == "records and monitoring reports are complete"
    assert "台账" in client.get("/inspections", headers=who | ZH).json()["checklist"]["records"]
    failure = {"code": "internal", "detail": "没有完成，资料没有变。编号 A1。", "hint": "请核对编号。"}
    job = Job.objects.create(
        kind=Job.Kind.OVERLAY, title="示例", state=Job.State.FAILED, failure=failure, by=User.objects.get()
    )
    streams = [client.get(f"/jobs/{job.pk}/events", headers=who | one).text for one in (EN, ZH)]
    assert "It was not completed, and the data have not changed. Number A1." in streams[0]
    assert failure["detail"] in streams[1]


def test_what_is_answered_once_is_kept_in_chinese(client: TestClient, bearer: Callable[..., Bearer]) -> None:
    """The first asker wants English, the retry Chinese, the next retry English again."""
    known_county(but=("contaminated_plot",))
    who = bearer("clerk", "652301") | {"Idempotency-Key": "k1"}
    first, second, third = (
        client.post("/cases", json=announced(), headers=who | one).json() for one in (EN, ZH, EN)
    )
    assert first == third and first["number"] == second["number"]
    gaps = [one["check"]["gaps"][0]["message"] for one in (first, second)]
    assert "was never loaded" in gaps[0] and "从未入库" in gaps[1]
    kept = json.dumps([list(Handled.objects.values("answer")), list(CheckRun.objects.values("answer"))])
    assert "never loaded" not in kept and json.dumps("从未入库")[1:-1] in kept


@pytest.mark.usefixtures("data")
def test_what_the_service_calls_an_area_and_a_use_is_told_in_english(
    client: TestClient, planner: Bearer
) -> None:
    """A title that somebody gave stays, though it is a word of ours; what is kept is Chinese."""
    drawn, given = worked(client, planner), worked(client, planner, title="学校")
    told = client.get(f"/overlays/{drawn.pk}", headers=planner | EN).json()
    assert told["title"] == told["area"]["title"] == "drawn area"
    assert [one["title"] for one in told["uses"]] == ["planned use unknown"]
    listed = client.get("/overlays", headers=planner | EN).json()["overlays"]
    assert [one["title"] for one in listed] == ["学校", "drawn area"]
    assert client.get(f"/overlays/{given.pk}", headers=planner | EN).json()["title"] == "学校"
    drawn.refresh_from_db()
    assert drawn.title == drawn.answer["area"]["title"] == "画定的范围"
