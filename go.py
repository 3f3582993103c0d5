#!/usr/bin/env python3
"""The one entry of the project, on nothing but Python's standard library.

python3 go.py demo [DIR]     all set-up, then the demonstration county
python3 go.py test [ARGS]    all set-up, then the tests (ARGS go to pytest)
python3 go.py lint           all set-up, then the static checks
python3 go.py mutate [ROOM]  small faults put into a room's code, and whether its tests notice
python3 go.py bench NAME     one benchmark of benchmarks/
python3 go.py docs           the reference pages, made from the code into docs/reference
python3 go.py bundle DIR     everything for a computer without internet: the program and its libraries for Windows,
macOS and Linux
python3 go.py VERB [ARGS]    any verb of headwater: check, load, partners, evaluate, serve, ...
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parent
ENV = ROOT / ".venv"
BIN = ENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST, NEWEST = (3, 11), (3, 14)

# Each lock installs everything of the one before it; what is installed is remembered by the lock's own hash.
LOCKS = {"run": "requirements.lock", "test": "requirements-test.lock"}
TESTING = {"test", "lint", "mutate", "bench", "docs"}
WHEELS = ROOT / "wheels"
"""Libraries that a bundle brought along: nothing is asked of the internet where they are."""
PLATFORMS = {
    "windows": ["win_amd64"],
    "macos": [
        "macosx_14_0_arm64",
        "macosx_13_0_arm64",
        "macosx_12_0_arm64",
        "macosx_11_0_arm64",
        "macosx_10_13_universal2",
    ],
    "linux": ["manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"],
}
BUNDLED = (
    "go.py",
    "pyproject.toml",
    "requirements.lock",
    "requirements-test.lock",
    "README.md",
    "LICENSE",
    "src",
    "docs",
    "examples",
)


def main(words):
    if not words or words[0] in {"-h", "--help"}:
        print(__doc__)
        return 0 if words else 2
    if words[0] == "bundle":
        return bundle(pathlib.Path(words[1]) if len(words) > 1 else ROOT / "bundle", words[2:] or list(PLATFORMS))
    set_up("test" if words[0] in TESTING else "run")
    return subprocess.call(command(words), env=environment(words[0]), cwd=ROOT if words[0] in TESTING else None)


def set_up(lock_name):
    """Make the environment, once a lock; a set-up cut off half-way is simply done again."""
    check_python()
    wanted = stamps(lock_name)
    stamp = ENV / "installed"
    if stamp.exists() and wanted <= set(stamp.read_text().split()):
        return
    print(f"Setting up ({LOCKS[lock_name]}, once only; this can take some minutes) ...", file=sys.stderr, flush=True)
    kept = set(stamp.read_text().split()) if stamp.exists() else set()
    if not PYTHON.exists():
        make_environment()
    install(ROOT / LOCKS[lock_name])
    link_source()
    stamp.write_text("\n".join(sorted(wanted | kept)))


def check_python():
    have = sys.version_info[:2]
    if not OLDEST <= have <= NEWEST:
        sys.exit(
            f"Headwater needs Python 3.{OLDEST[1]} to 3.{NEWEST[1]}. This is Python {have[0]}.{have[1]}"
            f" ({sys.executable}).\nInstall one of those from your software centre, then type: python3.12 go.py demo"
        )


def stamps(lock_name):
    """The hashes this environment must have: the test lock holds the run lock, so it answers for both."""
    needed = [lock_name]
    have = {name: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for name, path in LOCKS.items()}
    installed = (ENV / "installed").read_text().split() if (ENV / "installed").exists() else []
    if lock_name == "run" and have["test"] in installed:
        needed = ["test"]
    return {have[name] for name in needed} | {hashlib.sha256(str(ROOT).encode()).hexdigest()}


def make_environment():
    if shutil.which("uv"):
        run(["uv", "venv", "-q", "--clear", "--python", sys.executable, str(ENV)])
        return
    try:
        venv.create(ENV, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, OSError) as problem:
        sys.exit(
            f"Could not make a virtual environment in {ENV} ({problem}).\n"
            "On Debian or Ubuntu type: sudo apt install python3-venv   and then the same command again."
        )


def install(lock):
    offline = ["--no-index", "--find-links", str(WHEELS)] if WHEELS.is_dir() else []
    if shutil.which("uv"):
        run(["uv", "pip", "install", "-q", "--python", str(PYTHON), *offline, "--require-hashes", "-r", str(lock)])
    else:
        run([*pip(PYTHON), "install", "-q", *offline, "--require-hashes", "-r", str(lock)])


def pip(python):
    return [str(python), "-m", "pip", "--disable-pip-version-check"]


def bundle(folder, platforms):
    """The program and the locked libraries of each platform, for Python of this version, in one folder to carry
    away."""
    if unknown := [name for name in platforms if name not in PLATFORMS]:
        sys.exit(f"No such platform: {', '.join(unknown)}. Allowed: {', '.join(PLATFORMS)}")
    check_python()
    if not PYTHON.exists():
        make_environment()
    folder.mkdir(parents=True, exist_ok=True)
    for name in BUNDLED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        elif source.exists():
            shutil.copy2(source, target)
    for name in platforms:
        print(f"Libraries for {name} ...", file=sys.stderr, flush=True)
        run(download(name, folder / "wheels"))
    print(f"{folder}: on the other computer type: python go.py demo   (Python 3.{sys.version_info[1]} there too)")
    return 0


def download(name, wheels):
    """pip's own words: whole wheels alone, each as the lock's hash has it."""
    tags = [word for tag in PLATFORMS[name] for word in ("--platform", tag)]
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return [
        *pip(PYTHON),
        "download",
        "-q",
        "--only-binary=:all:",
        "--no-deps",
        "--require-hashes",
        "--implementation",
        "cp",
        "--python-version",
        version,
        *tags,
        "-d",
        str(wheels),
        "-r",
        str(ROOT / LOCKS["run"]),
    ]


def link_source():
    """Make `import headwater` and the `headwater` command work in the environment, without building a wheel."""
    purelib = subprocess.check_output(
        [str(PYTHON), "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"], text=True
    ).strip()
    (pathlib.Path(purelib) / "headwater.pth").write_text(str(ROOT / "src") + "\n", encoding="utf-8")
    if os.name == "nt":
        (BIN / "headwater.cmd").write_text('@"%~dp0python.exe" -m headwater %*\r\n', encoding="ascii")
    else:
        script = BIN / "headwater"
        script.write_text(f'#!/bin/sh\n"exec" "{PYTHON}" "-m" "headwater" "$@"\n')
        script.chmod(0o755)


def run(words):
    if subprocess.call(words) != 0:
        sys.exit(
            "Setting up stopped: "
            + " ".join(words[:3])
            + " ... did not finish.\nNothing is broken: mend what the lines above say (network, disk, permissions) and"
            " type the same command again."
        )


def environment(verb):
    found = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    # Two processes test side by side: threads of linear algebra over small matrices would only wait for each other.
    return {"OPENBLAS_NUM_THREADS": "1", **found} if verb in {"test", "mutate"} else found


def command(words):
    python, verb, rest = str(PYTHON), words[0], list(words[1:])
    if verb == "test":
        return [python, "-m", "pytest", *(rest or ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"])]
    if verb == "lint":
        return [python, str(ROOT / "tests" / "house" / "lint.py")]
    if verb == "mutate":
        return [python, str(ROOT / "tests" / "house" / "mutate.py"), *rest]
    if verb == "bench":
        return [python, str(ROOT / "benchmarks" / f"{rest[0] if rest else 'all'}.py"), *rest[1:]]
    if verb == "docs":
        return [python, str(ROOT / "docs" / "build.py"), *rest]
    return [python, "-m", "headwater", *words]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
