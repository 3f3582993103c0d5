"""Do the tests bite? Small faults are put into the code, one at a time, and the tests that reach it must fail.

python3 go.py mutate [ROOM ...] [--file SUFFIX] [--changed] [--count 60] [--seed 1] [--minutes 20] [--seconds 30]
[--again]

A room's tests are run once under a profiler, to learn which function each reaches and how long it takes. Each fault
then runs in a fork that has the libraries loaded already: the tests that reach its function, quickest first, for
`--seconds` at most.
No file is changed: the fork compiles the faulty text in place of the file. What was judged is kept in
.mutants/ROOM.jsonl under the hash of the text and of its tests, so that a run that was cut off goes on. Faults that
change nothing that can be seen stand with their reason in tests/house/equivalents.toml.

Refused: mutmut (its trampolines do not compile under numba, and it wants the whole suite for its map) and cosmic-ray (a
new process
a fault, and no map: three seconds of imports and every test of a room, a hundred times).
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
SOURCE, TESTS, KEPT = ROOT / "src" / "headwater", ROOT / "tests", ROOT / ".mutants"
EQUIVALENT = TESTS / "house" / "equivalents.toml"
KINDS = ("spec", "reference", "invariants", "agreement")  # doors and pictures are too slow to be asked a hundred times
FILE_SECONDS = 40  # of work: a test file that takes longer under the profiler is left out of the map
LIBRARIES = (
    "numpy",
    "scipy.stats",
    "scipy.optimize",
    "scipy.sparse",
    "numba",
    "pyarrow.parquet",
    "pyarrow.csv",
    "pyarrow.compute",
    "duckdb",
    "ibis",
    "hypothesis",
    "openpyxl",
    "jinja2",
    "tomlkit",
    "statsmodels.api",
    "click",
    "splink",
)
ROOMS = ("disclosure", "ledger", "savings", "capacity", "evidence", "stats", "governance", "sources")


@dataclass(frozen=True)
class Fault:
    file: str
    line: int
    function: str
    was: str
    now: str
    text: str

    def key(self, tests: str) -> str:
        return hashlib.sha256(f"{self.file}|{self.text}|{tests}".encode()).hexdigest()[:16]


SWAPS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}


def variants(node: ast.AST, text: str) -> Iterator[str]:
    """What may stand in a node's place: another comparison, sign, constant, condition, answer; or nothing."""
    part = lambda child: f"({ast.get_source_segment(text, child)})"  # noqa: E731
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            yield from (f"({part(left)} {_sign(new)} {part(right)})" for new in SWAPS.get(type(op), ()))
        case ast.BinOp(left=left, op=op, right=right) if not _words(left) and not _words(right):
            yield from (f"({part(left)} {_sign(new)} {part(right)})" for new in SWAPS.get(type(op), ()))
        case ast.BoolOp(op=op, values=values):
            yield f" {_sign(SWAPS[type(op)][0])} ".join(map(part, values)).join("()")
            word = f" {_sign(type(op))} "
            yield from (word.join(part(v) for v in values if v is not gone).join("()") for gone in values)
        case ast.UnaryOp(operand=operand):
            yield part(operand)
        case ast.Constant(value=bool(value)):
            yield str(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield repr(value + 1 if isinstance(value, int) else value * 1.5 + (value == 0))
        case ast.IfExp(test=test, body=body, orelse=other):
            yield from (part(body), part(other))
        case ast.If(test=test) | ast.While(test=test) if not isinstance(test, ast.BoolOp | ast.Compare | ast.UnaryOp):
            yield f"not {part(test)}"
        case ast.Expr(value=ast.Call()):
            yield "None"
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant | ast.Name):
            yield "return None"


def _sign(kind: type) -> str:
    left, right = ast.Name("x"), ast.Name("y")
    made = ast.BoolOp(kind(), [left, right]) if issubclass(kind, ast.boolop) else ast.Compare(left, [kind()], [right])
    return ast.unparse(made if not issubclass(kind, ast.operator) else ast.BinOp(left, kind(), right))[2:-2]


def _words(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


NEVER_SEEN = ("strict", "stacklevel", "cache", "kind")
"""Arguments whose change nobody sees while all else is right: lengths that are equal, a stable order of distinct
keys."""


def faults(file: Path) -> list[Fault]:
    """Every fault of a file, but none in annotations, in sentences or in what an error says."""
    text = file.read_text()
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found: list[Fault] = []

    def walk(node: ast.AST, function: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            function = f"{function}.{node.name}".lstrip(".")
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, ast.keyword) and node.arg in NEVER_SEEN:
            return
        target = node.test if isinstance(node, ast.If | ast.While) else node
        for new in dict.fromkeys(variants(node, text)):
            first = starts[target.lineno - 1] + target.col_offset  # type: ignore[attr-defined]
            last = starts[target.end_lineno - 1] + target.end_col_offset  # type: ignore[attr-defined]
            raw = text.encode()
            whole = (raw[:first] + new.encode() + raw[last:]).decode()
            was = " ".join(raw[first:last].decode().split())
            name = str(file.relative_to(SOURCE))
            found.append(Fault(name, target.lineno, function, was, " ".join(new.split()), whole))  # type: ignore[attr-defined]
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "decorator_list", "bases"} or isinstance(
                node, ast.Raise | ast.JoinedStr | ast.Import
            ):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    walk(child, function)

    walk(ast.parse(text), "")
    return found


def in_fork(work: Callable[[], int], limit: float, log: Path) -> int | str:
    """The exit code of work done in a fork, or "timeout" after so many seconds of work, or four times as many by the
    clock."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 1))
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1), os.dup2(out, 2)
        try:
            os._exit(work())
        except BaseException as problem:
            print(repr(problem), flush=True)
            os._exit(70)
    end = time.monotonic() + 4 * limit
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return "timeout" if code in (-signal.SIGXCPU, -signal.SIGKILL) else code
        time.sleep(0.05)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "timeout"


def pytest_run(words: Iterable[str], plugins: Iterable[object] = ()) -> int:
    import pytest

    base = KEPT / f"tmp{os.getpid()}"
    common = [
        "-x",
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        f"--basetemp={base}",
        "--tb=line",
    ]
    try:
        return int(pytest.main([*common, "--hypothesis-seed=1", *words], plugins=list(plugins)))
    finally:
        rmtree(base, ignore_errors=True)


class Reach:
    """A pytest plugin: which functions of the house each test calls, and how long it takes with its fixtures."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.of: dict[str, Any] = {}

    def call(self, frame: Any, event: str, _: object) -> None:
        if event == "call" and (name := frame.f_code.co_filename).startswith(str(SOURCE)):
            qualified = re.sub(r"\.?<[^>]*>(\.|$)", r"\1", frame.f_code.co_qualname).strip(".")
            self.seen.add(f"{name[len(str(SOURCE)) + 1 :]}:{qualified}")

    def pytest_runtest_protocol(self, item: Any) -> None:
        self.seen, self.start = set(), time.monotonic()
        sys.setprofile(self.call)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        sys.setprofile(None)
        self.of[nodeid] = {"seconds": round(time.monotonic() - self.start, 3), "reaches": sorted(self.seen)}


def reached(room: str) -> dict[str, Any]:
    """{test: {seconds, reaches}} of the tests that name the room; kept under the hash of each test file."""
    kept = KEPT / "reach"
    kept.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    for file in sorted(file for kind in KINDS for file in (TESTS / kind).glob("test_*.py")):
        text = file.read_text()
        if not re.search(rf"headwater(\.| import .*\b){room}\b", text) and f"_{room}" not in file.stem:
            continue
        at = kept / f"{file.stem}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
        if not at.exists():
            print(f"  learning what {file.name} reaches ...", file=sys.stderr, flush=True)

            def learn(file: Path = file, at: Path = at) -> int:
                plugin = Reach()
                code = pytest_run([str(file)], [plugin])
                at.write_text(json.dumps(plugin.of))
                return code

            if (code := in_fork(learn, FILE_SECONDS, KEPT / "learn.log")) != 0:
                print(f"  {file.name}: {code}, so it is left out", file=sys.stderr, flush=True)
                at.write_text("{}")
        found |= json.loads(at.read_text())
    return found


def judges(fault: Fault, reach: dict[str, Any], seconds: float) -> list[str]:
    """The tests that reach the fault's function, quickest first, as far as the seconds go; a kernel's by what calls
    it."""
    names = {f"{fault.file}:{fault.function}"}
    if "njit" in (SOURCE / fault.file).read_text():
        module = "headwater." + fault.file.removesuffix(".py").replace("/", ".")
        users = (f for f in SOURCE.rglob("*.py") if f"from {module} import" in f.read_text())
        callers = (*(f"{f.relative_to(SOURCE)}:" for f in users), f"{fault.file}:")
        fits = lambda reaches: any(name.startswith(callers) for name in reaches)  # noqa: E731
    elif not fault.function or (SOURCE / fault.file).read_text().count(f"class {fault.function}"):
        fits = lambda reaches: any(name.startswith(f"{fault.file}:") for name in reaches)  # noqa: E731
    else:
        fits = lambda reaches: not names.isdisjoint(reaches)  # noqa: E731
    chosen, spent = [], 0.0
    for test, its in sorted(reach.items(), key=lambda pair: pair[1]["seconds"]):
        if fits(its["reaches"]) and (spent + its["seconds"] <= seconds or not chosen):
            chosen.append(test)
            spent += its["seconds"]
    return chosen


def judged(fault: Fault, tests: list[str], seconds: float) -> str:
    path = str(SOURCE / fault.file)

    def work() -> int:
        plain = SourceFileLoader.get_code

        def get_code(loader: SourceFileLoader, name: str) -> Any:
            return compile(fault.text, path, "exec") if loader.path == path else plain(loader, name)

        SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]
        if "njit" in fault.text:  # a kernel that was compiled before knows nothing of the fault
            import numba

            numba.config.CACHE_DIR = str(KEPT / f"tmp{os.getpid()}-numba")
        try:
            return pytest_run(tests)
        finally:
            rmtree(KEPT / f"tmp{os.getpid()}-numba", ignore_errors=True)

    code = in_fork(work, 20 + 4 * seconds, KEPT / "judge.log")
    return {0: "survived", "timeout": "killed (it never ends)"}.get(code, "killed")


def equivalents() -> dict[tuple[str, str, str], str]:
    held = tomllib.loads(EQUIVALENT.read_text()).get("same", []) if EQUIVALENT.exists() else []
    return {(one["file"], one["was"], one["now"]): one["why"] for one in held}


def chosen(room: str, wish: argparse.Namespace, changed: set[str]) -> list[Fault]:
    files = [
        f
        for f in sorted((SOURCE / room).rglob("*.py"))
        if str(f).endswith(wish.file) and (not wish.changed or str(f) in changed)
    ]
    found = [fault for file in files for fault in faults(file)]
    return random.Random(wish.seed).sample(found, min(wish.count, len(found)))


def run_room(room: str, wish: argparse.Namespace, changed: set[str], end: float) -> Counter[str]:
    told: Counter[str] = Counter()
    plan = chosen(room, wish, changed)
    if not plan:
        return told
    reach, same = reached(room), equivalents()
    log = KEPT / f"{room}.jsonl"
    kept = {one["key"]: one for one in map(json.loads, log.read_text().splitlines())} if log.exists() else {}
    for fault in plan:
        if time.monotonic() > end:
            print(f"  the time is up: {len(plan) - told.total()} of {room} not judged")
            break
        tests = judges(fault, reach, wish.seconds)
        key = fault.key(
            ",".join(sorted({hashlib.sha256((ROOT / t.split("::")[0]).read_bytes()).hexdigest() for t in tests}))
        )
        if (fault.file, fault.was, fault.now) in same:
            verdict = "equivalent"
        elif key in kept and not wish.again:
            verdict = kept[key]["verdict"]
        else:
            verdict = judged(fault, tests, wish.seconds) if tests else "not reached"
            with log.open("a") as out:
                out.write(
                    json.dumps(
                        {
                            "key": key,
                            "verdict": verdict,
                            "file": fault.file,
                            "line": fault.line,
                            "was": fault.was,
                            "now": fault.now,
                        }
                    )
                    + "\n"
                )
        told[verdict.split(" (")[0]] += 1
        if verdict in {"survived", "not reached"}:
            print(f"  {verdict:11} {fault.file}:{fault.line}  {fault.was}  ->  {fault.now}", flush=True)
    return told


def changed_files() -> set[str]:
    done = subprocess.run(
        ["git", "diff", "--name-only", "--diff-filter=d", "main", "--", "src"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return {str(ROOT / name) for name in done.stdout.split()}


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("rooms", nargs="*", default=[])
    words.add_argument("--file", default=".py")
    for flag in ("--changed", "--again"):
        words.add_argument(flag, action="store_true")
    for flag, kind, value in (
        ("--count", int, 60),
        ("--seed", int, 1),
        ("--minutes", float, 20.0),
        ("--seconds", float, 30.0),
    ):
        words.add_argument(flag, type=kind, default=value)
    wish = words.parse_args()
    KEPT.mkdir(exist_ok=True)
    os.chdir(ROOT)
    sys.dont_write_bytecode = True
    sys.path[:0] = [str(ROOT / "src"), str(TESTS)]
    for name in LIBRARIES:
        __import__(name)
    end, rows = time.monotonic() + 60 * wish.minutes, []
    for room in wish.rooms or ROOMS:
        print(room, flush=True)
        rows.append((room, run_room(room, wish, changed_files() if wish.changed else set(), end)))
    print(
        f"\n{'room':12} {'killed':>7} {'survived':>9} {'not reached':>12} {'equivalent':>11} {'killed of reached':>18}"
    )
    for room, told in rows:
        share = told["killed"] / max(told["killed"] + told["survived"], 1)
        print(
            f"{room:12} {told['killed']:7} {told['survived']:9} {told['not reached']:12} {told['equivalent']:11}"
            f" {share:17.0%}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
