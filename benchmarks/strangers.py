"""How many of 2,000 random files of strangers are read, refused, or misread in silence: python benchmarks/strangers.py
[FILES [SEED]]"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from strangers_world import misread, stranger

FILES = 2_000


def main(files: int, first: int) -> int:
    told: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + files):
            one = stranger(Random(seed))
            how, _kept, found = misread(Path(folder), one)
            told[how] += 1
            wrong += [f"seed {seed} ({one.told}): {found[0]}"] if found else []
            if found:
                print(wrong[-1], flush=True)
    shares = ", ".join(f"{how} {count:,} ({count / files:.0%})" for how, count in sorted(told.items()))
    print(f"{files:,} files: {shares}; misread in silence: {len(wrong)}")
    return bool(wrong)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    sys.exit(main(given[0] if given else FILES, given[1] if len(given) > 1 else 0))
