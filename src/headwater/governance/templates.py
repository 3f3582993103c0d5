"""Protocol templates for the shipped cases."""

from __future__ import annotations

from importlib.resources import files

from headwater.domain.errors import one_of


def templates() -> tuple[str, ...]:
    return tuple(
        sorted(
            one.name.removesuffix(".toml")
            for one in files("headwater.governance").joinpath("templates").iterdir()
            if one.name.endswith(".toml")
        )
    )


def template(name: str) -> str:
    """The text of a template. Raises Usage for an unknown one, with the known ones."""
    if name not in templates():
        raise one_of("no such template", name, templates(), "headwater protocol new ID --template NAME")
    return files("headwater.governance").joinpath("templates", f"{name}.toml").read_text(encoding="utf-8")
