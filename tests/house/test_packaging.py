"""What is carried away: the wheel outside the clone, the bundle for computers without internet, the container's
file."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def go() -> ModuleType:
    spec = importlib.util.spec_from_file_location("go_of_the_project", ROOT / "go.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_bundle_holds_the_program_and_asks_for_the_libraries_of_each_platform(
    go: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(go, "run", asked.append)
    monkeypatch.setattr(go, "PYTHON", Path(sys.executable))
    assert go.main(["bundle", str(tmp_path / "with a space")]) == 0
    carried = tmp_path / "with a space"
    assert {"go.py", "requirements.lock", "src"} <= {one.name for one in carried.iterdir()}
    assert (carried / "src" / "headwater" / "cli" / "main.py").exists()
    assert not list(carried.rglob("*.pyc"))
    assert [next(word for word in words if word.startswith(("win", "macosx", "manylinux"))) for words in asked] == [
        "win_amd64",
        "macosx_14_0_arm64",
        "manylinux_2_28_x86_64",
    ]
    for words in asked:
        assert {"--only-binary=:all:", "--require-hashes", "--no-deps"} <= set(words)
        assert words[words.index("-d") + 1] == str(carried / "wheels")


def test_an_unknown_platform_is_a_sentence(go: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="No such platform: beos"):
        go.main(["bundle", str(tmp_path), "beos"])


@pytest.mark.parametrize("uv", [True, False])
def test_libraries_that_were_brought_along_are_installed_without_the_internet(
    go: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uv: bool
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(go, "run", asked.append)
    monkeypatch.setattr(go.shutil, "which", lambda name: "uv" if uv else None)
    for folder, offline in ((tmp_path / "absent", False), (tmp_path, True)):
        monkeypatch.setattr(go, "WHEELS", folder)
        go.install(ROOT / "requirements.lock")
        assert ("--no-index" in asked[-1]) is offline
        assert "--require-hashes" in asked[-1]


def test_every_path_that_the_container_copies_is_there() -> None:
    copied = re.findall(r"^COPY (\S+)", (ROOT / "Containerfile").read_text(), re.MULTILINE)
    assert copied == ["requirements.lock", "src"]
    assert all((ROOT / name).exists() for name in copied)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the clone and unpacked elsewhere."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "wheel",
        "-q",
        "--no-deps",
        "-w",
        str(folder),
        str(ROOT),
    ]
    try:
        made = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("a wheel could not be built within a minute: what builds it is fetched from the internet")
    if made.returncode:
        pytest.skip("a wheel could not be built: what builds it is fetched from the internet")
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


OUTSIDE = """
import sys
site, absent, words = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.path.insert(0, site)
class Absent:
    def find_spec(self, name, path=None, target=None):
        if absent and name.split(".")[0] == absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
import headwater
assert headwater.__file__.startswith(site), headwater.__file__
from headwater.cli.main import main
sys.argv = ["headwater", *words]
sys.exit(main())
"""


def outside(site: Path, at: Path, *words: str, absent: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HEADWATER_KEY_FILE": str(at / "key"), "PYTHONPATH": "", "NO_COLOR": "1"}
    command = [sys.executable, "-c", OUTSIDE, str(site), absent, *words]
    return subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_wheel_works_outside_the_clone(unpacked: Path, tmp_path: Path) -> None:
    """Templates, price tables and examples are in it: a new workspace is made and loaded."""
    for words in (("new", "place"), ("-w", "place", "load")):
        ended = outside(unpacked, tmp_path, *words)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    files = [file.relative_to(ROOT / "src") for file in (ROOT / "src").rglob("*") if file.is_file()]
    left = [file for file in files if "__pycache__" not in file.parts and not (unpacked / file).exists()]
    assert left == []


def test_pages_that_are_not_installed_are_told_with_what_installs_them(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "headwater.toml").write_text('place = "X"\n')
    ended = outside(unpacked, tmp_path, "serve", absent="starlette")
    assert ended.returncode == 1
    assert "headwater[web]" in ended.stderr
    assert "Traceback" not in ended.stderr
