"""How long papers take: a parcel report beside WeasyPrint, and the papers of a batch with the memory that they take.

    .venv/bin/python benchmarks/papers.py [--parcels 1000] [--pages 30] [--peer-python peers/bin/python] [--home FOLDER]

On the demo, in a private database below --home. Every page is another one. WeasyPrint is given the same page as HTML:
same words, tables, map, heads and feet; the HTML is ready before its clock begins, ours puts answer and map together
within.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from api.private_database import PrivateDatabase

ROUNDS = 3
ASKED = ("--action", "supply", "--current-use", "1001", "--proposed-use", "0701")
JINGTU = Path(sys.executable).with_name("jingtu")
PEER = """
import json, sys, time
from weasyprint import HTML
for line in sys.stdin:
    took = []
    for page in json.loads(line):
        begun = time.perf_counter()
        made = HTML(string=page).write_pdf()
        took.append(time.perf_counter() - begun)
    print(json.dumps([took, len(made)]), flush=True)
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parcels", type=int, default=1_000)
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--peer-python", type=Path, help="a Python with weasyprint; without it no comparison")
    parser.add_argument(
        "--home", type=Path, default=Path(tempfile.gettempdir()) / "jingtu-benchmark" / "papers"
    )
    asked = parser.parse_args()
    asked.home.mkdir(parents=True, exist_ok=True)
    with PrivateDatabase(asked.home / "database").running() as url:
        os.environ |= {"JINGTU_DATABASE_URL": url, "JINGTU_HOME": str(asked.home),
                       "DJANGO_SETTINGS_MODULE": "spatial.settings"}  # fmt: skip
        for command in ("migrate", "demo"):
            subprocess.run([JINGTU, command], check=True, stdout=subprocess.DEVNULL)
        file = parcels(asked.home, asked.parcels)
        batch(file, asked.home / "table.csv")
        took, memory = batch(file, asked.home / "papers.zip")
        told(
            f"{asked.parcels} reports, summary and workbook", took, (asked.home / "papers.zip").stat().st_size
        )
        quarter = len(memory) // 4
        print(f"  memory of all processes: {max(memory[quarter : 2 * quarter])} MB at most in the second quarter, "
              f"{max(memory[3 * quarter :])} MB in the last")  # fmt: skip
        if asked.peer_python:
            beside(asked.peer_python, asked.pages)


def parcels(home: Path, many: int) -> Path:
    """Parcels of 4 to 12 corners in 昌吉市, some of them where the demo has plots."""
    import django

    django.setup()
    import shapely

    from spatial.outlines import county_outlines

    drawn = random.Random(4)  # noqa: S311
    county = county_outlines()["652301"]
    west, south, east, north = county.bounds
    found: list[Any] = []
    while len(found) < many:
        x, y = drawn.uniform(west, east), drawn.uniform(south, north)
        if drawn.random() < 0.6:
            x, y = drawn.uniform(87.22, 87.36), drawn.uniform(43.97, 44.1)
        disc = shapely.Point(x, y).buffer(drawn.uniform(0.0004, 0.002), quad_segs=drawn.randint(1, 3))
        if county.contains(disc):
            found.append(disc)
    features = [
        {
            "type": "Feature",
            "properties": {"parcel_no": f"供地-{at:04d}"},
            "geometry": shapely.geometry.mapping(one),
        }
        for at, one in enumerate(found, 1)
    ]
    path = home / f"parcels-{many}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def batch(file: Path, out: Path) -> tuple[float, list[int]]:
    """Seconds of `jingtu check-batch`, and the memory of it and its children in MB, five times a second."""
    begun = time.perf_counter()
    process = subprocess.Popen([JINGTU, "check-batch", file, "--out", out, *ASKED], stdout=subprocess.DEVNULL)
    memory: list[int] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.2):
            memory.append(sum(map(resident, family(process.pid))) // 1024)

    watching = threading.Thread(target=look)
    watching.start()
    assert process.wait() == 0
    ended.set()
    watching.join()
    return time.perf_counter() - begun, memory or [0]


def family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(one for child in children for one in family(int(child)))]


def resident(pid: int) -> int:
    """Own memory in kB: what processes share counts where it is touched first."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def beside(python: Path, pages: int) -> None:
    from api.papers.report import report_pdf, told_of
    from api.papers.report_map import report_frame, report_map
    from api.reports import rows_of, stored_of
    from spatial import catalog, rules
    from spatial.models import CheckRun
    from spatial.remarks import with_remarks

    known, book = catalog.current(), rules.current()
    runs = list(CheckRun.objects.order_by("number")[: pages * ROUNDS])
    peer = subprocess.Popen([python, "-c", PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert peer.stdin and peer.stdout
    own, theirs, sizes = [], [], [0, 0]
    for turn in range(ROUNDS + 1):
        given = []
        for run in runs[max(turn - 1, 0) * pages :][: pages if turn else 3]:
            answer = with_remarks(run)
            frame = report_frame(answer)
            given.append(
                (
                    stored_of(run, answer, "https://jingtu.example"),
                    *rows_of(answer, frame.degrees, None),
                    frame,
                )
            )
        html = [page_of(told_of(one, report_map(one.answer, rows, frame, known), known, book, notes))
                for one, rows, notes, frame in given]  # fmt: skip
        mine = []
        for one, rows, notes, frame in given:
            begun = time.perf_counter()
            made = report_pdf(one, rows, frame, known, book, notes)
            mine.append(time.perf_counter() - begun)
            sizes[0] = len(made)
        peer.stdin.write(json.dumps(html) + "\n")
        peer.stdin.flush()
        took, sizes[1] = json.loads(peer.stdout.readline())
        if turn:  # the first is for warming up
            own += mine
            theirs += took
    peer.stdin.close()
    peer.wait()
    told(f"a parcel report, median of {len(own)}", median(own), sizes[0])
    told("  the same by WeasyPrint", median(theirs), sizes[1])
    print(f"  ours: {median(own) / median(theirs):.3f} of WeasyPrint's time")


def page_of(told: dict[str, Any]) -> str:
    """The report as HTML."""

    def table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
        top = "".join(f"<th>{one}</th>" for one in heads)
        lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        return f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"

    def picture(svg: str, width: str) -> str:
        coded = base64.b64encode(svg.encode()).decode()
        return f'<img src="data:image/svg+xml;base64,{coded}" style="width:{width}">'

    findings = [
        (one["n"], picture(told["signs"][one["look"]], "4.2mm") + f"<b>{escape(one['verdict'])}</b>",
         "<br>".join(escape(one[name]) for name in ("title", "rule", "where", "reason", "message") if one[name]),
         "<br>".join(escape(f"{basis['kind']} {basis['text']}") for basis in one["basis"]),
         "<br>".join(map(escape, one["numbers"])))
        for one in told["findings"]
    ]  # fmt: skip
    points = [(one["name"], one["x"], one["y"]) for ring in told["rings"] for one in ring["points"]]
    legend = "".join(
        f"<span>{picture(one['swatch'], '8.5mm')} {escape(one['title'])}</span> " for one in told["legend"]
    )
    plate = told["plate"]
    return f"""<!doctype html><html lang="zh"><head><meta charset="utf-8"><style>
@page {{ size: A4; margin: 22mm 20mm 24mm;
  @top-left {{ content: "净土 · 地块核查报告"; font-size: 8pt }} @top-center {{ content: "{
        escape(told["short"])
    }"; font-size: 8pt }}
  @top-right {{ content: "{told["number"]}"; font-size: 8pt }}
  @bottom-left {{ content: "指纹 {told["fingerprint"]}"; font-size: 7pt }}
  @bottom-right {{ content: "第 " counter(page) " 页 共 " counter(pages) " 页"; font-size: 7pt }} }}
body {{ font: 9pt "Noto Sans CJK SC" }} h1 {{ font-size: 20pt; text-align: center }} h2 {{ font-size: 11pt }}
table {{ width: 100%; border-collapse: collapse; font-size: 8.5pt }} td, th {{ border-bottom: .4pt solid #c9ccc9;
text-align: left; vertical-align: top; padding: 1.3mm }}</style></head><body><h1>{told["title"]}</h1>{
        picture(told["qr"], "20mm")
    }
<p>编号 {told["number"]} 出具日期 {told["date"]}</p><h2>{escape(plate["title"])}</h2><p>{
        escape(plate["text"])
    }</p>
<p>{escape(plate["gap_title"])} {escape(plate["gap_text"])}</p>
{table(("项目", "内容"), [(escape(a), escape(b)) for a, b in told["facts"] + told["more"]])}
<h2>一、位置与命中</h2>{picture(told["map"], "170mm")}<p>{legend}</p>
<h2>二、查到的问题</h2>{table(("号", "结论", "问题与理由", "依据", "数值"), findings)}
<h2>三、资料缺口</h2>{
        table(
            ("图层", "县市", "缺口", "说明", "由谁补齐"),
            [tuple(map(escape, gap.values())) for gap in told["gaps"]],
        )
    }
<h2>四、应查的图层</h2>{
        table(
            ("图层", "状态", "命中数", "重叠", "批次", "数据日期"),
            [
                (
                    escape(row["title"]),
                    row["state"],
                    row["features"],
                    row["overlap"],
                    escape(row["release"]),
                    row["data_date"],
                )
                for row in told["layers"]
            ],
        )
    }
<h2>五、界址点坐标</h2>{table(("点号", "X", "Y"), points)}
<h2>说明与验真</h2>{"".join(f"<p>{escape(one)}</p>" for one in told["is_not"])}<p>{
        escape(told["verify"])
    }</p></body></html>"""


def told(what: str, seconds: float, size: int) -> None:
    print(f"{what}: {seconds * 1000:.0f} ms, {size / 1000:.0f} kB" if seconds < 2 else
          f"{what}: {seconds:.1f} s, {size / 1e6:.0f} MB", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
