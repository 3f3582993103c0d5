"""An evaluation of people is a function of what is in the records: no order, no pseudonym and no other key moves a
byte."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.evidence.people.case import Case
from headwater.evidence.people.design import designed
from headwater.evidence.people.evaluation import calibrated, estimated
from headwater.evidence.people.matching import matched
from headwater.evidence.people.reading import Population, in_memory
from headwater.stats.content import among_equals, bits_of, even, mixed, named_seed, steady
from headwater.worlds.traps import FIRST_DAY, KINDS, LAST_DAY, NEVER, OUTCOME, TRAPS, SmallWorld, small_world
from small_worlds import plan


@cache
def world() -> SmallWorld:
    return small_world(replace(TRAPS[1], people=2_500, chance=0.3), 4)


def evaluated(order: np.ndarray, shuffle: int) -> Case:
    """The evaluation with people numbered and named in another order, and contacts given in another."""
    made = world()
    number = np.argsort(order)
    person, day, kind = number[made.person], made.day, made.kind
    mixed_up = np.random.default_rng(shuffle).permutation(len(day))
    person, day, kind = person[mixed_up], day[mixed_up], kind[mixed_up]
    people = Population(
        np.array([f"{at:x}" for at in range(len(order))], dtype=object),
        made.first[order],
        made.last[order],
        made.why[order],
        made.enrolled[order],
        made.birth_year[order],
        made.female[order],
        made.area[order],
        made.deprivation[order],
        np.full(len(order), NEVER),
    )
    entry = kind == 0
    sorted_ = np.lexsort((day[entry], person[entry]))
    protocol = plan(seed=3)
    design = designed(
        people,
        (person[entry][sorted_], day[entry][sorted_]),
        protocol,
        tuple(KINDS),
        (FIRST_DAY, LAST_DAY),
        in_memory((person, day, kind), len(KINDS)),
    )
    return calibrated(estimated(protocol, design, matched(design, protocol)))


@cache
def as_it_came() -> Case:
    return evaluated(np.arange(len(world().first)), 0)


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_order_of_people_or_contacts_and_no_pseudonym_moves_a_byte(seed: int) -> None:
    one, other = as_it_came(), evaluated(np.random.default_rng(seed).permutation(len(world().first)), seed)
    assert one.design.covariates.tobytes() == other.design.covariates.tobytes()
    assert one.sets.row.tobytes() == other.sets.row.tobytes()
    for kind in (OUTCOME,):
        mine, theirs = one.models[kind], other.models[kind]
        assert mine is not None
        assert theirs is not None
        assert mine.beta.tobytes() == theirs.beta.tobytes()
        assert mine.covariance.tobytes() == theirs.covariance.tobytes()
        assert one.shams[kind].estimates.tobytes() == other.shams[kind].estimates.tobytes()


def test_another_seed_moves_the_waits() -> None:
    made, other = as_it_came(), plan(seed=4)
    assert made.design.drawings == 5
    assert named_seed(3, "waits") != named_seed(other.seed, "waits")


@given(st.text(min_size=2, max_size=6))
def test_a_name_and_its_anagram_have_seeds_of_their_own(word: str) -> None:
    if word != word[::-1]:
        assert named_seed(1, word) != named_seed(1, word[::-1])


@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=50), st.integers(0, 2**63))
def test_a_draw_belongs_to_its_content_alone(days: list[int], seed: int) -> None:
    values = np.array(days, dtype=np.int64)
    drawn = even(mixed(values, seed))
    assert ((drawn >= 0) & (drawn < 1)).all()
    assert (even(mixed(values[::-1].copy(), seed)) == drawn[::-1]).all()
    assert (np.sort(among_equals(mixed(values, seed))) == np.sort(among_equals(bits_of(values)))).all()


@given(st.floats(1e-9, 1e9), st.floats(-1e-14, 1e-14))
def test_the_last_digits_of_a_sum_are_cut(value: float, noise: float) -> None:
    near = steady(np.array([value * (1 + noise)]))[0]
    assert abs(near / value - 1) < 1e-10
    assert steady(np.array([near]))[0] == near
