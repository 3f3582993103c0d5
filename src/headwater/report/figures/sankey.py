"""Flows between columns of nodes, as bands whose height is their amount: the geometry of a journey."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import INK, LIGHT_BLUE, MID_BLUE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size

BAR = 0.012
"""Width of a node's bar, as a share of the whole."""
STEPS = 24
"""Points along a band's edge; more would not be seen."""
BAND = 0.55
"""Opacity of a band: light enough that ink on it keeps a contrast of 4.5 to 1 (WCAG 2.2, 1.4.3), whatever its
colour."""
EDGE = 0.03
"""Room above the first node and below the last, as a share of the height: a name of two lines is higher than a thin
node."""
SWEEPS = 8
"""Passes over the columns that settle the order of nodes."""


@dataclass(slots=True)
class Node:
    name: str
    column: int = 0
    amount: float = 0.0
    top: float = 0.0
    out: float = 0.0
    into: float = 0.0
    """How much of the node's right and left edges is already taken by bands."""


@dataclass(frozen=True, slots=True)
class Flow:
    source: str
    target: str
    value: float
    key: str = ""


@dataclass(slots=True)
class Plan:
    """Where everything stands, in shares of the width and (scaled) amounts of the height."""

    nodes: dict[str, Node]
    flows: list[Flow]
    columns: list[list[Node]] = field(default_factory=list)
    gap: float = 0.0
    height: float = 1.0


def drawn(rows: Sequence[Row], size: Size, keys: Mapping[str, tuple[str, str]], text: Callable[[float], str]) -> Chart:
    """The bands, the nodes and their names. keys: bucket → (words, colour) of the bands."""
    plan = planned([_flow(row, keys) for row in rows if row["value"] > 0])
    height = _with_room_for_names(plan, size, text)
    x, y = _scales(plan)
    bands = alt.Chart(parts.data(_bands(plan))).mark_area(interpolate="linear", **_band_look(plan))
    bands = bands.encode(x=x, y=y, y2="bottom:Q", detail="band:N", **_band_colour(plan, keys))
    bars = alt.Chart(parts.data(_bars(plan))).mark_rect(color=INK)
    bars = bars.encode(x=alt.X("left:Q"), x2="right:Q", y="top:Q", y2="bottom:Q")
    names = _names(plan, size, text)
    return alt.layer(bands, bars, *names).properties(height=height)


def _flow(row: Row, keys: Mapping[str, tuple[str, str]]) -> Flow:
    words, _ = keys.get(str(row.get("bucket")), ("", ""))
    return Flow(str(row["source"]), str(row["target"]), float(row["value"]), words)


def planned(flows: Sequence[Flow]) -> Plan:
    """Columns by the longest way from a source (a flow that would close a circle goes to a copy of its target one step
    on), the order within columns by the weighted middle of neighbours, heights by amount."""
    flows = _without_circles(flows)
    nodes = {name: Node(name) for flow in flows for name in (flow.source, flow.target)}
    _columns(nodes, flows)
    for node in nodes.values():
        out = sum(flow.value for flow in flows if flow.source == node.name)
        into = sum(flow.value for flow in flows if flow.target == node.name)
        node.amount = max(out, into)
    plan = Plan(nodes, list(flows))
    last = max((node.column for node in nodes.values()), default=0)
    plan.columns = [[node for node in nodes.values() if node.column == at] for at in range(last + 1)]
    _settle(plan)
    return plan


def _without_circles(flows: Sequence[Flow]) -> list[Flow]:
    kept: list[Flow] = []
    for flow in sorted(flows, key=lambda flow: -flow.value):
        again = flow.source == flow.target or _leads(kept, flow.target, flow.source)
        kept.append(Flow(flow.source, f"{flow.target} (again)", flow.value, flow.key) if again else flow)
    order = {(flow.source, flow.target): at for at, flow in enumerate(flows)}
    return sorted(kept, key=lambda flow: order.get((flow.source, flow.target.removesuffix(" (again)")), 0))


def _leads(flows: Sequence[Flow], start: str, end: str) -> bool:
    seen, edge = {start}, [start]
    while edge:
        here = edge.pop()
        onward = [flow.target for flow in flows if flow.source == here and flow.target not in seen]
        seen.update(onward)
        edge.extend(onward)
    return end in seen


def _columns(nodes: Mapping[str, Node], flows: Sequence[Flow]) -> None:
    for _ in nodes:
        for flow in flows:
            nodes[flow.target].column = max(nodes[flow.target].column, nodes[flow.source].column + 1)


def _settle(plan: Plan) -> None:
    most = max((len(column) for column in plan.columns), default=1)
    total = max((sum(node.amount for node in column) for column in plan.columns), default=1.0)
    plan.gap = total * (0.06 if most < 6 else 0.04)
    plan.height = max(sum(node.amount for node in column) + plan.gap * (len(column) - 1) for column in plan.columns)
    for sweep in range(SWEEPS):
        for column in plan.columns if sweep % 2 == 0 else plan.columns[::-1]:
            column.sort(key=lambda node: _middle_of_neighbours(plan, node))
            _stack(plan, column)


def _middle_of_neighbours(plan: Plan, node: Node) -> float:
    near = [(plan.nodes[flow.source], flow.value) for flow in plan.flows if flow.target == node.name]
    near += [(plan.nodes[flow.target], flow.value) for flow in plan.flows if flow.source == node.name]
    weight = sum(value for _, value in near) or 1.0
    return sum((other.top + other.amount / 2) * value for other, value in near) / weight


def _stack(plan: Plan, column: Sequence[Node]) -> None:
    used = sum(node.amount for node in column) + plan.gap * (len(column) - 1)
    at = (plan.height - used) / 2
    for node in column:
        node.top, at = at, at + node.amount + plan.gap


def _left(plan: Plan, node: Node) -> float:
    """Columns stand at equal distances; the last leaves room for its names at its right."""
    return node.column / len(plan.columns)


def _bands(plan: Plan) -> list[Row]:
    """Points along the upper and lower edges of each band; bands leave and enter in the order of what they join."""
    for node in plan.nodes.values():
        node.out = node.into = 0.0
    starts: dict[int, float] = {}
    for at in sorted(range(len(plan.flows)), key=lambda at: plan.nodes[plan.flows[at].target].top):
        source = plan.nodes[plan.flows[at].source]
        starts[at], source.out = source.top + source.out, source.out + plan.flows[at].value
    rows: list[Row] = []
    for at in sorted(range(len(plan.flows)), key=lambda at: plan.nodes[plan.flows[at].source].top):
        target = plan.nodes[plan.flows[at].target]
        end, target.into = target.top + target.into, target.into + plan.flows[at].value
        rows += _edge(plan, at, starts[at], end)
    return rows


def _edge(plan: Plan, at: int, start: float, end: float) -> list[Row]:
    flow = plan.flows[at]
    left = _left(plan, plan.nodes[flow.source]) + BAR
    right = _left(plan, plan.nodes[flow.target])
    rows = []
    for step in range(STEPS + 1):
        t = step / STEPS
        y = start + (end - start) * t * t * (3 - 2 * t)
        rows.append({"x": left + (right - left) * t, "top": y, "bottom": y + flow.value, "band": at, "key": flow.key})
    return rows


def _bars(plan: Plan) -> list[Row]:
    return [
        {"left": _left(plan, node), "right": _left(plan, node) + BAR, "top": node.top, "bottom": node.top + node.amount}
        for node in plan.nodes.values()
    ]


def _scales(plan: Plan) -> tuple[alt.X, alt.Y]:
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
    edge = EDGE * plan.height
    return x, alt.Y("top:Q", axis=None, scale=alt.Scale(domain=[plan.height + edge, -edge], nice=False, zero=False))


def _band_look(plan: Plan) -> Row:
    plain = not any(flow.key for flow in plan.flows)
    look: Row = {"opacity": BAND} if not plain else {"opacity": BAND, "color": LIGHT_BLUE}
    return {**look, "stroke": "white" if not plain else MID_BLUE, "strokeWidth": 0.5}


def _band_colour(plan: Plan, keys: Mapping[str, tuple[str, str]]) -> Row:
    used = {words: colour for words, colour in keys.values() if any(flow.key == words for flow in plan.flows)}
    if not used:
        return {}
    scale = alt.Scale(domain=list(used), range=list(used.values()))
    return {"color": alt.Color("key:N", scale=scale, legend=alt.Legend(symbolType="square"))}


def _names(plan: Plan, size: Size, text: Callable[[float], str]) -> list[Chart]:
    """Each node's name and amount at its right, in as many lines as the room to the next column asks for."""
    points = _points(plan, size)
    charts: list[Chart] = []
    for node in plan.nodes.values():
        says = _says(plan, node, size, text)
        row = {"x": _left(plan, node) + BAR, "top": node.top + node.amount / 2, "says": says}
        base = alt.Chart(parts.data([row])).encode(x="x:Q", y="top:Q", text="says:N")
        look: Row = {
            "align": "left",
            "dx": 5,
            "dy": -says.count(parts.BREAK) * (points + 2) / 2,
            "baseline": "middle",
            "lineBreak": parts.BREAK,
            "lineHeight": points + 2,
            "fontSize": points,
        }
        charts.append(base.mark_text(**look, color=INK))
    return charts


def _room(plan: Plan, size: Size) -> float:
    return (size.width - 16) / len(plan.columns)


def _points(plan: Plan, size: Size) -> float:
    """The names' size in pixels."""
    return (13.0 if size.wide else 12.0) if _room(plan, size) > 80 else 10.0


def _says(plan: Plan, node: Node, size: Size, text: Callable[[float], str]) -> str:
    letters = max(int((_room(plan, size) - 20) / (_points(plan, size) * 0.51)), 7)
    return parts.broken(f"{node.name} {_amounts(plan, node, text)}", letters)


def _with_room_for_names(plan: Plan, size: Size, text: Callable[[float], str]) -> int:
    """Nodes of a column are moved so far apart that no two names touch; the height in pixels that this takes."""
    tall, line = _tall(plan, size), _points(plan, size) + 2
    unit = plan.height / tall
    ends: list[float] = []
    for column in plan.columns:
        needs = [(_says(plan, node, size, text).count(parts.BREAK) + 2) * line * unit for node in column]
        for at in range(1, len(column)):
            above, node = column[at - 1], column[at]
            least = above.top + above.amount / 2 + (needs[at - 1] + needs[at] - node.amount) / 2
            node.top = max(node.top, above.top + above.amount + plan.gap, least)
        ends.append(column[-1].top + column[-1].amount)
    plan.height = max(plan.height, *ends)
    return round(plan.height / unit)


def _amounts(plan: Plan, node: Node, text: Callable[[float], str]) -> str:
    """What passes through a node; what goes in and what comes out where the two are not the same."""
    out = sum(flow.value for flow in plan.flows if flow.source == node.name)
    into = sum(flow.value for flow in plan.flows if flow.target == node.name)
    if out and into and text(out) != text(into):
        return f"{text(into)} in, {text(out)} out"
    return text(node.amount)


def _tall(plan: Plan, size: Size) -> int:
    most = max(len(column) for column in plan.columns)
    return max(260 if size.wide else 300, most * (52 if size.wide else 64)) + 30
