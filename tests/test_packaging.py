"""The project as a package: what a wheel of it holds."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("api", "spatial", "loaders", "tiles", "migrations")


def test_a_wheel_holds_every_program_and_data_file(tmp_path: Path) -> None:
    git = ["git", "-C", str(ROOT), "ls-files", "-z", "--", *PROGRAMS, "pyproject.toml", "README.md"]
    files = [
        name
        for name in subprocess.run(git, capture_output=True, text=True, check=True).stdout.split("\0")
        if name
    ]
    for name in filter(lambda name: (ROOT / name).is_file(), files):
        target = tmp_path / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run(
        [*command, "--wheel-dir", str(tmp_path), str(tmp_path / "source")], check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("jingtu-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in files if name.startswith(PROGRAMS) and (ROOT / name).is_file()} - held == set()
