"""The static checks, one after the other; all are run, and any that fails fails the whole."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHECKS = {
    "ruff (lint)": ["ruff", "check", "src", "tests", "benchmarks", "go.py"],
    "ruff (format)": ["ruff", "format", "--check", "-q", "src", "tests", "benchmarks", "go.py"],
    "mypy": ["mypy"],
    "import contracts": ["importlinter.cli", "lint_imports"],
}


def main() -> int:
    failed = [name for name, words in CHECKS.items() if _run(name, words) != 0]
    print("static checks: " + (f"{', '.join(failed)} failed" if failed else "all passed"))
    return 1 if failed else 0


def _run(name: str, words: list[str]) -> int:
    print(f"-- {name}", flush=True)
    if words[0] == "importlinter.cli":
        call = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    else:
        call = [sys.executable, "-m", *words]
    return subprocess.call(call, cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
