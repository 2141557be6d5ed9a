"""The peers of benchmarks/tiles.py as processes of their own, on plain tables: tipg, and MapServer behind nginx."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

BUFFER = 64
NGINX = """
{user}daemon off; worker_processes 2; pid {run}/nginx.pid; error_log {run}/nginx.log;
events {{ worker_connections 512; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {run}/body; proxy_temp_path {run}/proxy; fastcgi_temp_path {run}/fastcgi;
  uwsgi_temp_path {run}/uwsgi; scgi_temp_path {run}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location = /ms {{
      fastcgi_pass unix:{run}/ms.sock; fastcgi_buffers 64 64k; fastcgi_buffer_size 64k; fastcgi_max_temp_file_size 0;
      fastcgi_param QUERY_STRING $query_string; fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param SERVER_PROTOCOL $server_protocol; fastcgi_param SERVER_NAME bench; fastcgi_param SERVER_PORT {port};
      fastcgi_param SCRIPT_NAME /ms; fastcgi_param MS_MAPFILE {run}/bench.map;
      fastcgi_param MAPSERVER_CONFIG_FILE {run}/mapserver.conf;
    }}
  }}
}}
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(
    argv: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None, stdin: int | None = None
) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            argv,
            stdin=stdin,
            stdout=out,
            stderr=out,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL if "mapserv" in str(argv[0]) else signal.SIGTERM)
            process.wait()


def wait(address: str) -> None:
    """Until something answers there, whatever it says."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"no answer from {address}")


@contextmanager
def tipg(python: Path, database: str, layers: Mapping[str, Sequence[str]], run: Path) -> Iterator[str]:
    port = free_port()
    env = {
        "DATABASE_URL": database,
        "TIPG_MAX_FEATURES_PER_TILE": "200000",
        "TIPG_TILE_BUFFER": str(BUFFER),
        "TIPG_SET_MVT_LAYERNAME": "true",
        "TIPG_DB_TABLES": json.dumps([f"public.{name}" for name in layers]),
        "TIPG_CATALOG_TTL": "86400",
    }
    argv = [
        python,
        "-m",
        "uvicorn",
        "tipg.main:app",
        "--port",
        str(port),
        "--workers",
        "2",
        "--no-access-log",
    ]
    with running(argv, run / "tipg.log", env):
        wait(f"http://127.0.0.1:{port}/collections")
        yield f"http://127.0.0.1:{port}/collections/public.{{layer}}/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}"


@contextmanager
def mapserver(
    database: str, layers: Mapping[str, Sequence[str]], points: set[str], run: Path
) -> Iterator[str]:
    port, program, nginx = free_port(), shutil.which("mapserv"), shutil.which("nginx")
    assert program and nginx
    (run / "bench.map").write_text(_mapfile(database, layers, points))
    (run / "mapserver.conf").write_text('CONFIG\nENV\nMS_MAP_PATTERN "."\nEND\nEND\n')
    (run / "nginx.conf").write_text(
        NGINX.format(run=run, port=port, user="user root; " if os.getuid() == 0 else "")
    )
    env = {"MS_MAPFILE": str(run / "bench.map"), "MAPSERVER_CONFIG_FILE": str(run / "mapserver.conf")}
    (run / "ms.sock").unlink(missing_ok=True)
    with socket.socket(
        socket.AF_UNIX
    ) as door:  # every process takes from the same one, given as standard input
        door.bind(str(run / "ms.sock"))
        door.listen(256)
        with (
            _several([program], 4, run, env, door.fileno()),
            running([nginx, "-c", run / "nginx.conf"], run / "out.log"),
        ):
            wait(f"http://127.0.0.1:{port}/ms")
            yield f"http://127.0.0.1:{port}/ms?mode=tile&tilemode=gmap&tile={{x}}+{{y}}+{{z}}&layers={{layer}}"


@contextmanager
def _several(argv: list[str], many: int, run: Path, env: Mapping[str, str], stdin: int) -> Iterator[None]:
    if many == 0:
        yield
        return
    with running(argv, run / f"mapserv{many}.log", env, stdin), _several(argv, many - 1, run, env, stdin):
        yield


def _mapfile(database: str, layers: Mapping[str, Sequence[str]], points: set[str]) -> str:
    parts = urlsplit(database)
    where = f"host={parts.hostname} port={parts.port} dbname={parts.path[1:]}"
    where += f" user={parts.username} password={parts.password}"
    lines = [
        'MAP NAME "bench" EXTENT -20037508 -20037508 20037508 20037508 SIZE 256 256 MAXSIZE 4096',
        'PROJECTION "init=epsg:3857" END WEB METADATA "ows_enable_request" "*" "ows_title" "bench" END END',
        'OUTPUTFORMAT NAME "mvt" DRIVER "MVT" MIMETYPE "application/vnd.mapbox-vector-tile" IMAGEMODE FEATURE'
        f' EXTENSION "mvt" FORMATOPTION "EXTENT=4096" FORMATOPTION "EDGE_BUFFER={BUFFER}" END IMAGETYPE "mvt"',
    ]
    for name, columns in layers.items():
        listed = ",".join(["id", *columns])
        lines += [
            f'LAYER NAME "{name}" STATUS OFF TYPE {"POINT" if name in points else "POLYGON"} CONNECTIONTYPE POSTGIS',
            f'CONNECTION "{where}" PROCESSING "CLOSE_CONNECTION=DEFER"',
            f'DATA "geom from {name} using unique id using srid=4490" PROJECTION "init=epsg:4490" END',
            f'METADATA "gml_include_items" "{listed}" "ows_title" "{name}" "ows_include_items" "{listed}" END',
            "CLASS STYLE COLOR 0 0 0 END END END",
        ]
    return "\n".join([*lines, "END"]) + "\n"
