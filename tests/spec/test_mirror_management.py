"""What leading costs before and after sharing, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.domain.collaboration import Organisation
from headwater.partners.mirror.likeness import FACTORS, HALF_WAY_M, likeness, nearest
from headwater.partners.mirror.management import Depth, Layer, change, layers, managers
from headwater.partners.mirror.saving import (
    ALIKENESS,
    Assumptions,
    assumptions,
    line_management_gbp,
    management_gbp,
    net_gbp,
    one_off_gbp,
    yearly_gbp,
)


@pytest.mark.parametrize(("span", "expected"), [(4, 1365), (8, 585)])
def test_a_full_pyramid_needs_fewer_managers_at_a_wider_span(span: int, expected: int) -> None:
    # Davison, B. (2003), "Management span of control: how wide is too wide?", Journal of Business Strategy 24(4).
    assert managers(4096, span) == expected
    assert managers(4096, span) * 50_000 == pytest.approx({4: 68.25e6, 8: 29.25e6}[span])


def test_one_chief_executive_for_two_is_paid_as_the_dearer() -> None:
    one, other = {1: Layer(1, 130_000)}, {1: Layer(1, 110_000), 5: Layer(40, 1_200_000)}
    found = change([one, other], Depth.CHIEF)
    assert (found.before_gbp, found.after_gbp, found.posts_removed, found.transferred) == (240_000, 130_000, 1, 0)


def test_a_shared_team_keeps_as_many_posts_as_the_largest_team() -> None:
    one, other = {1: Layer(1, 100_000), 2: Layer(2, 160_000)}, {1: Layer(1, 100_000), 2: Layer(3, 210_000)}
    found = change([one, other], Depth.TEAM)
    assert found.after_gbp == 100_000 + 3 * 80_000
    assert found.posts_removed == 1 + 2


def test_a_full_shared_service_reckons_managers_from_all_operatives() -> None:
    # 40 + 20 operatives at spans 10 and 5: 60 at the wider span of 10 need 6 team managers instead of 8; 6 need one
    # head.
    one = {3: Layer(1, 60_000), 4: Layer(4, 160_000), 5: Layer(40, 1_000_000)}
    other = {3: Layer(1, 70_000), 4: Layer(4, 160_000), 5: Layer(20, 500_000)}
    found = change([one, other], Depth.FULL)
    assert found.posts_removed == 2 + 1
    assert found.transferred == 25


def test_sharing_that_only_raises_pay_saves_nothing() -> None:
    one, other = {1: Layer(1, 200_000)}, {1: Layer(0.2, 10_000)}
    found = change([one, other], Depth.CHIEF)
    assert found.paper_gbp == 10_000
    draws = yearly_gbp(found, 0.5, np.zeros(5), Assumptions())
    assert (draws < 0).all()


def test_posts_without_a_layer_do_not_count() -> None:
    posts = [{"layer": 4, "fte": 2.0, "salary_gbp": 40_000.0}, {"layer": None, "fte": 1.0, "salary_gbp": 1.0}]
    assert layers(posts, on_costs=0.25) == {4: Layer(2.0, 100_000.0)}


def test_one_off_costs_are_spread_as_for_every_option() -> None:
    found = change([{1: Layer(1, 100_000)}, {1: Layer(1, 100_000)}], Depth.CHIEF)
    assert one_off_gbp(found, 2, False, Assumptions()) == 75_000
    assert net_gbp(np.array([105_000.0]), 75_000).tolist() == [90_000.0]


def test_leading_a_body_costs_less_of_a_larger_one() -> None:
    # Trafford's own published posts at its own spending; Kent's £900m without schools once stood at £34m of management
    # (2 % of all).
    assumed = Assumptions()
    assert management_gbp(120e6, assumed) == 4.8e6
    assert management_gbp(480e6, assumed) == 9.6e6
    assert management_gbp(900e6, assumed) < 15e6
    # Adur and Worthing, £7.9m and £9m a year, report £456,000 a year; one of two sets must be at least that.
    assert 456e3 <= management_gbp(7.855e6, assumed) <= 0.08 * 7.855e6
    assert (line_management_gbp(1e6, assumed), line_management_gbp(20e6, assumed)) == (120e3, pytest.approx(1.2e6))


def test_less_comes_true_between_strangers() -> None:
    found = change([{1: Layer(1, 1e6)}, {1: Layer(1, 1e6)}], Depth.TEAM)
    twin, far = (yearly_gbp(found, like, np.array([0.1, 0.4]), Assumptions(coordination=0.0)) for like in (1.0, 0.01))
    assert twin.tolist() == pytest.approx([1e5, 4e5])
    assert far.tolist() == pytest.approx([1e5 * 0.01**ALIKENESS, 4e5 - 1e5 * (1 - 0.01**ALIKENESS)])


def test_unequal_bodies_of_one_post_each_lose_the_smaller_ones_pay() -> None:
    large, small = {1: Layer(1.0, 1_000_000.0)}, {1: Layer(1.0, 10_000.0)}
    found = change([large, small], Depth.TEAM)
    assert (found.paper_gbp, found.removed_gbp, found.posts_removed) == (10_000.0, 10_000.0, 1.0)


def test_fire_and_police_are_no_mirror_and_councils_of_every_tier_are_one_sort() -> None:
    bodies = [
        Organisation(code, code, sort)
        for code, sort in (("f", "fire"), ("p", "police"), ("d", "council-district"), ("k", "County"))
    ]
    found = likeness(bodies, {})
    assert found.akin[0].tolist() == [True, False, False, False]
    assert found.akin[2].tolist() == [False, False, True, True]
    assert likeness(bodies, {"f": frozenset(["9"]), "p": frozenset(["9"])}).akin[0, 1], (
        "what both list outweighs what they are called"
    )


def test_an_unknown_assumption_is_named_with_the_known_ones() -> None:
    with pytest.raises(Exception, match="mirror_realised"):
        assumptions({"mirror_realized": 0.2})
    assert assumptions({"mirror_realised": 0.2, "negative_controls": ["a"]}).realised == 0.2


def _councils() -> list[Organisation]:
    return [
        Organisation("a", "A", "district", "district", "north", population=100_000, easting=0, northing=0),
        Organisation("b", "B", "district", "district", "north", population=90_000, easting=10_000, northing=0),
        Organisation("c", "C", "district", "district", "south", population=95_000, easting=40_000, northing=0),
        Organisation("d", "D", "county", "county", "", population=800_000, easting=5_000, northing=0),
    ]


def test_the_like_neighbour_comes_first_and_reasons_add_up() -> None:
    services = {"a": frozenset("123"), "b": frozenset("123"), "c": frozenset("123"), "d": frozenset("789")}
    found = likeness(_councils(), services)
    assert [found.organisations[at] for at in nearest(found, 0, 3)] == ["b", "c"]
    reasons = found.reasons(0, 2, 900.0)
    assert [reason.factor for reason in reasons] == list(FACTORS)
    assert sum(reason.contribution for reason in reasons) == pytest.approx(-900)
    least_alike = min(reasons, key=lambda reason: reason.contribution)
    assert least_alike.factor == FACTORS[int(found.factors[:, 0, 2].argmin())]


def test_what_is_not_known_of_both_is_told_as_that_and_not_as_the_same() -> None:
    """No position of anybody: nearness is 1 within the product, and nobody is told that they are neighbours."""
    bodies = [Organisation(code, code, tier="district", population=1e5) for code in "ab"]
    found = likeness(bodies, {"a": frozenset("123"), "b": frozenset("12")})
    assert found.told(0, 1)["nearness"] is None
    assert found.told(0, 1)["scale"] == 1.0
    (nearness,) = [one for one in found.reasons(0, 1, 900.0) if one.factor == "nearness"]
    assert nearness.text.startswith("where they are is not known of both")
    placed = likeness(
        [
            Organisation(code, code, tier="district", population=1e5, easting=4e5, northing=float(at))
            for at, code in enumerate("ab")
        ],
        {},
    )
    assert placed.told(0, 1)["nearness"] == pytest.approx(1.0, abs=1e-3)
    assert placed.told(0, 1)["services"] is None


def test_a_district_is_nearer_to_the_county_above_it_than_to_another() -> None:
    bodies = [
        Organisation("d", "D", tier="district", upper_tier="k", population=1e5),
        Organisation("k", "K", tier="county", population=8e5),
        Organisation("o", "O", tier="county", population=8e5),
    ]
    tier = likeness(bodies, {}).factors[FACTORS.index("tier")]
    assert tier[0].tolist() == [1.0, 0.5, 0.1]
    assert np.array_equal(tier, tier.T)


def test_what_is_of_another_tier_and_has_no_service_in_common_is_no_mirror() -> None:
    services = {"a": frozenset("123"), "b": frozenset("123"), "c": frozenset("123")}
    for listed, akin in (("789", False), ("389", True)):
        found = likeness(_councils(), services | {"d": frozenset(listed)})
        assert found.akin[0].tolist() == [True, True, True, akin]
    unknown = likeness(_councils(), services)
    assert unknown.akin.all(), "what nobody listed speaks against nobody"


def test_distance_runs_from_edge_to_edge() -> None:
    counties = [
        Organisation(code, code, tier="county", population=7e5, easting=at, northing=0, area_km2=2827.4)
        for code, at in (("p", 0), ("q", 60_000), ("r", 90_000))
    ]
    nearness = likeness(counties, {}).factors[2]
    assert nearness[0, 1] == pytest.approx(1, abs=1e-3)
    assert nearness[0, 2] == pytest.approx((1 + 30_000 / HALF_WAY_M) ** -2, abs=1e-3)


def test_a_unitary_shares_some_powers_with_a_district_and_a_county_none() -> None:
    tiers = [Organisation(tier, tier, tier=tier) for tier in ("district", "unitary", "county")]
    assert likeness(tiers, {}).factors[3].tolist() == [[1, 0.5, 0.1], [0.5, 1, 0.5], [0.1, 0.5, 1]]


def test_a_short_list_of_services_says_little() -> None:
    bodies = [Organisation(code, code) for code in "abcd"]
    whole = frozenset(str(n) for n in range(40))
    found = likeness(bodies, {"a": whole, "b": whole, "c": frozenset(["1"]), "d": frozenset(["99"])}).factors[0]
    mean = float(np.mean([found[one, other] for one in range(4) for other in range(4) if one != other]))
    assert found[0, 1] > found[0, 2] > found[0, 3]
    assert abs(found[0, 3] - mean) < 0.2


def test_what_is_not_known_is_neither_for_nor_against() -> None:
    blank = Organisation("e", "E")
    found = likeness([*_councils(), blank], {})
    assert np.isfinite(found.product).all()
    assert (found.factors[0] == 1).all()
