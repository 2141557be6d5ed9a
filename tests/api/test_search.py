"""What is found by name, code, address and pinyin over HTTP, and in what order; nothing that may not be seen is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from fastapi.testclient import TestClient
from psycopg import sql

from spatial import catalog, wall
from spatial.models import Feature
from tests.factories import LIVE, feature
from tests.grid import grid
from tiles import features
from tiles.rows import Moment, View
from tiles.sought import Closeness

PLAN = grid("""
    A . B
    D . E
""")
Bearer = Callable[..., dict[str, str]]
PLACES = {
    "park": ("昌吉高新技术产业开发区", "准东经济技术开发区", "阜康产业园", "呼图壁工业园", "玛纳斯工业园区",
             "奇台县喇嘛湖梁工业园区"),
    "waste_site": ("木垒县垃圾填埋场", "吉木萨尔县北庭镇渣场", "阿什里乡堆场", "长山子镇堆场", "绿洲路转运站"),
}  # fmt: skip

TYPED = {
    "昌吉": "昌吉高新技术产业开发区",
    "昌吉 开发区": "昌吉高新技术产业开发区",
    "changji": "昌吉高新技术产业开发区",
    "ChangJi GaoXin": "昌吉高新技术产业开发区",
    "ｃｈａｎｇｊｉ": "昌吉高新技术产业开发区",
    "cjgx": "昌吉高新技术产业开发区",
    "changjgx": "昌吉高新技术产业开发区",
    "cjigaox": "昌吉高新技术产业开发区",
    "昌吉gaoxin": "昌吉高新技术产业开发区",
    "fukang": "阜康产业园",
    "fukcyy": "阜康产业园",
    "呼图壁": "呼图壁工业园",
    "hutubi": "呼图壁工业园",
    "htb": "呼图壁工业园",
    "manasi": "玛纳斯工业园区",
    "lamahu": "奇台县喇嘛湖梁工业园区",
    "qtxlmhl": "奇台县喇嘛湖梁工业园区",
    "jimusaer": "吉木萨尔县北庭镇渣场",
    "mulei": "木垒县垃圾填埋场",
    "btzhzhch": "吉木萨尔县北庭镇渣场",
    # 什 is shí here and not shén; 长 is cháng and not zhǎng; ü is typed as v.
    "ashili": "阿什里乡堆场",
    "changshanzi": "长山子镇堆场",
    "zhangshanzi": "长山子镇堆场",
    "lvzhoulu": "绿洲路转运站",
}


def found(client: TestClient, words: str, **given: Any) -> list[str]:
    answer = client.get("/search", params={"q": words}, **given)
    assert answer.status_code == 200, answer.text
    return [one["name"] or one["code"] for one in answer.json()["results"]]


def test_places_are_found_as_people_type_them(client: TestClient, bearer: Bearer) -> None:
    for layer, names in PLACES.items():
        for name in names:
            feature(layer, PLAN.polygon("ABED"), name=name)
    clerk = bearer("clerk")
    assert {words: found(client, words, headers=clerk)[:1] for words in TYPED} == {
        words: [name] for words, name in TYPED.items()
    }


def test_the_whole_comes_before_a_beginning_a_part_and_the_shorter_name_first(client: TestClient) -> None:
    for name in ("东示例园区", "示例园区西", "示例园区", "大东示例园区", "示例园区西北"):
        feature("park", PLAN.polygon("ABED"), name=name)
    assert found(client, "示例园区") == [
        "示例园区",
        "示例园区西",
        "示例园区西北",
        "东示例园区",
        "大东示例园区",
    ]
    assert found(client, "shiliyuanqu") == found(client, "slyq") == found(client, "示例园区")
    (first, *_) = client.get("/search", params={"q": "示例园区", "limit": 1}).json()["results"]
    assert first["name"] == "示例园区"


def test_what_is_merely_similar_comes_last_and_only_where_nothing_is_called_so(client: TestClient) -> None:
    for name in ("天山化工有限公司", "天山化工有限公司东厂", "北庭水泥厂"):
        feature("park", PLAN.polygon("ABED"), name=name)
    assert found(client, "天山华工有限公司") == ["天山化工有限公司", "天山化工有限公司东厂"]
    assert found(client, "tianshanhuagongyouxiangongsi") == ["天山化工有限公司", "天山化工有限公司东厂"]
    assert found(client, "tianshanhuagonyouxiangongsi") == ["天山化工有限公司", "天山化工有限公司东厂"]
    assert found(client, "天山化工有限公司东") == ["天山化工有限公司东厂", "天山化工有限公司"]
    assert found(client, "北庭水泥厂") == ["北庭水泥厂"]
    assert found(client, "完全不相干的话") == []


def test_codes_and_addresses_are_found_whatever_signs_stand_between(
    client: TestClient, bearer: Bearer
) -> None:
    feature("contaminated_plot", None, code="652301-077", name="甲")
    feature("waste_site", None, name="乙", address="昌吉市滨湖镇绿洲北路 88 号")
    feature("parcel", PLAN.polygon("ABED"), code="652301100201GB00012", parcel_no="652301100201GB00012")
    clerk = bearer("clerk")
    assert found(client, "652301-077") == found(client, "652301077") == found(client, "301-07") == ["甲"]
    assert found(client, "绿洲北路88号", headers=clerk) == found(client, "滨湖镇 88", headers=clerk) == ["乙"]
    assert found(client, "gb00012", headers=clerk) == ["652301100201GB00012"]


def test_no_sign_means_anything(client: TestClient) -> None:
    feature("park", PLAN.polygon("ABED"), name="昌吉园区")
    for words in (
        "%",
        "_",
        "\\",
        "|",
        "''",
        "🏭",
        "\u00ad",
        "𠮷",
        "ﷺ",
        "\u034f",
        "园%昌",
        "昌_北_x",
        "|昌|东|x",
    ):
        assert found(client, words) == [], words
    for words in (
        "昌%吉",
        "昌_吉",
        "\\昌吉",
        "昌|吉",
        "（昌吉）",
        "“昌吉”",
        "昌·吉",
        "昌",
        "cj%",
        "%%cjyq__",
    ):
        assert found(client, words) == ["昌吉园区"], words


def test_a_nul_is_refused_and_the_longest_words_are_answered(client: TestClient) -> None:
    feature("park", PLAN.polygon("ABED"), name="昌吉园区")
    assert client.get("/search", params={"q": "昌\x00吉"}).status_code == 422
    for words in ("ba" * 40, "乂" * 80, "a " * 39 + "a", "长行" * 40, "u" * 80):
        assert found(client, words) == []


def test_letters_of_other_scripts_and_rare_characters_are_found(client: TestClient) -> None:
    feature("park", PLAN.polygon("ABED"), name="سانجى باغچىسى")
    feature("park", PLAN.polygon("ABED"), name="𫇭岭园")
    assert found(client, "سانجى") == ["سانجى باغچىسى"]
    assert found(client, "𫇭岭") == ["𫇭岭园"]


def test_what_may_not_be_seen_is_not_found_by_any_spelling(client: TestClient, bearer: Bearer) -> None:
    feature("suspected_plot", PLAN.polygon("ABED"), county="652302", code="B2-7", name="邻县电镀厂")
    ours = bearer("clerk", "652301")
    for words in ("邻县电镀厂", "邻县", "linxian", "lxddc", "linxddc", "B2-7", "邻县电度厂"):
        assert found(client, words) == found(client, words, headers=ours) == []
        assert found(client, words, headers=bearer("clerk", "652302")) == ["邻县电镀厂"]


def test_a_field_that_the_asker_may_not_see_leads_to_no_row(
    client: TestClient, bearer: Bearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feature("park", PLAN.polygon("ABED"), name="公开的园区", code="7", address="保密路一号")
    assert found(client, "保密路") == ["公开的园区"]
    was = features.shown
    monkeypatch.setattr(features, "shown", lambda view, field: field != "address" and was(view, field))
    assert found(client, "保密路") == found(client, "保密路一号") == found(client, "保密路二号") == []
    assert found(client, "公开的") == found(client, "gkdyq") == ["公开的园区"]
    monkeypatch.setattr(features, "shown", lambda view, field: field != "name" and was(view, field))
    assert found(client, "公开的") == found(client, "gkdyq") == []
    assert client.get("/search", params={"q": "保密路"}).json()["results"][0]["name"] is None


def test_rows_that_wait_have_no_text_and_get_it_when_they_go_live(transactional_db: None) -> None:
    row = feature("park", PLAN.polygon("ABED"), name="园区", code="1", revisions=[])
    assert sought_of(row) is None
    Feature.objects.filter(pk=row.pk).update(revisions=LIVE)
    assert sought_of(row) == "|1|园园区区|yuanqu|yq|"
    Feature.objects.filter(pk=row.pk).update(name="长乐")
    assert sought_of(row) == "|1|长长乐乐|changle|zhangyue|cl|zy|"


def sought_of(row: Feature) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sought FROM spatial_feature WHERE id = %s", [row.pk])
        (told,) = cursor.fetchone()
    return told  # type: ignore[no-any-return]


def test_people_search_by_the_index_behind_row_level_security(transactional_db: None) -> None:
    known = catalog.current()
    park = known.layer("park")
    wall.keep_rights(known)
    for closeness in Closeness:
        asked = features.search(
            known,
            [View(park, None, frozenset(park.fields))],
            Moment(1, date.today()),
            "昌吉园区",
            closeness,
            limit=1,
        )
        assert asked is not None
        with transaction.atomic(), connection.cursor() as cursor:
            # So few rows are found by any index; the others must not be there to be taken.
            cursor.execute("DROP INDEX feature_by_key, feature_by_county, spatial_feature_layer_geom")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(wall.ENTER, wall.asker(None, "public", [], False))
            cursor.execute(sql.SQL("EXPLAIN {}").format(asked[0]), asked[1])
            plan = "\n".join(line for (line,) in cursor.fetchall())
            transaction.set_rollback(True)
        assert re.search(r"Bitmap Index Scan on feature_by_words.*\n *Index Cond: \(+sought", plan), plan
