"""How long a search takes among many features, as people ask it: every layer, behind row-level security.

    .venv/bin/python benchmarks/search.py [--rows 500000] [--home FOLDER] [--explain]

The rows are invented, from a fixed seed: names, addresses and codes as offices write them. Prints for each question the
median in milliseconds of what `GET /search` asks, and how long it took the rows to go live.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import psycopg

from api.private_database import PrivateDatabase

LAYERS = ("parcel", "suspected_plot", "contaminated_plot", "park", "investigation_report")
COUNTIES = {
    "652301": "昌吉市", "652302": "阜康市", "652323": "呼图壁县", "652324": "玛纳斯县", "652325": "奇台县",
    "652327": "吉木萨尔县", "652328": "木垒哈萨克自治县",
}  # fmt: skip
TOWNS = (
    "滨湖镇",
    "六工镇",
    "榆树沟镇",
    "二六工镇",
    "大西渠镇",
    "阿什里乡",
    "庙尔沟乡",
    "九运街镇",
    "五彩湾镇",
    "老奇台镇",
    "半截沟镇",
    "碧流河镇",
    "三工镇",
    "泉子街镇",
)
ROADS = (
    "延安南路",
    "乌伊公路",
    "北京北路",
    "宁边路",
    "长宁路",
    "建国路",
    "红旗西路",
    "健康西路",
    "屯河路",
    "绿洲北路",
    "石河子路",
    "世纪大道",
)
OWNERS = (
    "天山",
    "准东",
    "西域",
    "特变",
    "新湖",
    "丰华",
    "金盾",
    "长青",
    "博格达",
    "华源",
    "中泰",
    "神火",
    "宏远",
    "东方",
    "庭州",
    "北庭",
    "蓝山屯河",
    "麦趣尔",
)
TRADES = (
    "化工",
    "电镀",
    "制革",
    "农药",
    "焦化",
    "电池",
    "水泥",
    "煤业",
    "棉纺",
    "制药",
    "金属冶炼",
    "危废处置",
    "石油",
    "物流",
    "热力",
    "再生资源",
)
KINDS = ("有限公司", "有限责任公司", "厂", "厂区地块", "原址地块", "仓储用地", "加油站", "填埋场")
FILL = """
INSERT INTO spatial_feature (layer, key, code, name, county, geom, has_boundary, attributes, revisions,
  content, load_id, file, row)
SELECT layer, code, code, name, county, ST_Multi(ST_MakeEnvelope(x, y, x + 0.001, y + 0.001, 4490)), true,
  jsonb_build_object('address', address), '{}', sha256(code::bytea), 1, 1, 1
FROM given
"""
ASKED = (
    "新疆天山化工有限公司123456号", "652301077", "天山化工", "昌吉", "阿什里", "地", "有限公司", "绿洲北路88号",
    "滨湖镇 制革",
    "changji", "tianshanhuagong", "tshg", "tianshhg", "cjs", "wlmq", "a", "77",
    "天山华工有限公", "tiansanhuagong", "没有这种东西", "zzzzqx",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "jingtu-benchmark")
    parser.add_argument("--explain", action="store_true")
    asked = parser.parse_args()
    home = asked.home / f"search-{asked.rows}"
    home.mkdir(parents=True, exist_ok=True)
    with PrivateDatabase(home / "database").running() as url:
        os.environ |= {
            "JINGTU_DATABASE_URL": url,
            "JINGTU_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "spatial.settings",
        }
        measure(url, asked.rows, asked.explain)


def measure(url: str, rows: int, explain: bool) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from spatial import catalog, wall
    from tiles import features
    from tiles.rows import Moment, View
    from tiles.sought import Closeness

    known = catalog.current()
    wall.keep_rights(known)
    who = wall.asker(None, "administrator", [], True)
    views = [
        View(layer, None, frozenset(layer.fields))
        for layer in known.layers.values()
        if layer.kind == "stored"
    ]
    with psycopg.connect(url, autocommit=True) as database:
        if database.execute("SELECT count(*) FROM spatial_feature").fetchone() != (rows,):
            fill(database, rows)
        for table in ("pg_relation_size('feature_by_words')", "pg_relation_size('spatial_feature')"):
            print(f"{table} {database.execute(f'SELECT {table}').fetchone()[0] / 2**20:.0f} MiB")
        print(f"{'asked':<24}{'hits':>6}{'ms':>9}  by tier")
        for text in ASKED:
            tiers, hits = [], 0
            for closeness in Closeness:
                statement = features.search(known, views, Moment(1, date.today()), text, closeness, limit=20)
                if statement is None or hits >= 20:
                    continue
                told, milliseconds = timed(database, statement, (wall.ENTER, who), explain)
                tiers.append(milliseconds)
                hits += told
                if closeness is Closeness.WHOLE and told:
                    break
            print(f"{text:<24}{hits:>6}{sum(tiers):>9.1f}  {' '.join(f'{one:.1f}' for one in tiers)}")


def fill(database: Any, rows: int) -> None:
    database.execute("TRUNCATE spatial_feature, spatial_load, spatial_release, spatial_revision CASCADE")
    database.execute("INSERT INTO spatial_revision (number, at, kind) VALUES (1, now(), 'publish')")
    database.execute(
        "CREATE TEMPORARY TABLE given (layer text, code text, name text, address text, county text, x float, y float)"
    )
    draw = random.Random(20261125)  # noqa: S311
    with database.cursor().copy("COPY given FROM STDIN") as copy:
        for number in range(rows):
            county = draw.choice(list(COUNTIES))
            town = draw.choice(TOWNS)
            name = f"新疆{draw.choice(OWNERS)}{draw.choice(TRADES)}{draw.choice(KINDS)}{number}号"
            address = f"{COUNTIES[county]}{town}{draw.choice(ROADS)}{draw.randrange(1, 400)}号"
            code = f"{county}{draw.randrange(100, 400):03}{number:07}"
            layer = draw.choices(LAYERS, (90, 4, 2, 2, 2))[0]
            copy.write_row(
                (layer, code, name, address, county, draw.uniform(86.5, 88), draw.uniform(43.5, 44.5))
            )
    for what, statement in {
        "rows in": FILL,
        "rows live": "UPDATE spatial_feature SET revisions = '{[1,)}'",
        "analysed": "VACUUM ANALYZE spatial_feature",
    }.items():
        begun = time.perf_counter()
        database.execute(statement)
        print(f"{what}: {time.perf_counter() - begun:.1f} s")


def timed(database: Any, statement: Any, enter: Any, explain: bool) -> tuple[int, float]:
    """Rows, and the median of three in milliseconds."""
    found = []
    for _ in range(3):
        with database.transaction():
            database.execute(*enter)
            database.execute("SET LOCAL pg_trgm.word_similarity_threshold = 0.5")
            begun = time.perf_counter()
            told = len(database.execute(*statement).fetchall())
            found.append(1000 * (time.perf_counter() - begun))
    if explain:
        with database.transaction():
            database.execute(*enter)
            database.execute("SET LOCAL pg_trgm.word_similarity_threshold = 0.5")
            text, values = statement
            plan = psycopg.sql.SQL("EXPLAIN (ANALYZE, COSTS OFF) {}").format(text)
            print(*(line for (line,) in database.execute(plan, values)), sep="\n")
    return told, median(found)


if __name__ == "__main__":
    main()
