"""Random files of strangers are read right or refused; none is misread in silence."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from strangers_world import misread, stranger

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=some.integers(0, 2**32 - 1))
def test_no_file_is_misread_in_silence(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    one = stranger(Random(seed))
    told, _kept, wrong = misread(tmp_path_factory.getbasetemp(), one)
    assert not wrong, f"{one.told}: {told}; {wrong[:3]}"


def test_most_of_them_are_read(tmp_path: Path) -> None:
    """Refusing everything would misread nothing: half of the files at least are read whole."""
    told = Counter(misread(tmp_path, stranger(Random(seed)))[0] for seed in range(40))
    assert told["read"] >= 20, told
