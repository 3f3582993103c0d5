"""From a sheet to a page: the templates' environment, what every page bears, and errors as pages."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

from headwater.app.version import code_version
from headwater.domain.errors import HeadwaterError
from headwater.domain.release import Drawn
from headwater.report import verdicts
from headwater.report.content import pieces
from headwater.web import words
from headwater.web.asking import Missing, Refused, Sheet

if TYPE_CHECKING:
    from headwater.domain.release import FigureData, Released
    from headwater.report import Gallery
    from headwater.report.content import Piece
    from headwater.web.access import Visitor
    from headwater.web.asking import House

PAGES = (
    ("/", "Start"),
    ("/data", "Data"),
    ("/partners", "Partners"),
    ("/plan", "Plan"),
    ("/results", "Results"),
    ("/ledger", "Ledger"),
    ("/risks", "Risks and gates"),
    ("/reports", "Reports and audit"),
)
SAID = {
    "uploaded": "The file is in data/. Say below what its columns are.",
    "mapped": "The mapping is saved. Load the files next.",
    "settings": "headwater.toml is saved.",
    "saved": "The protocol is saved.",
    "new": "The protocol is made from its template. Change what is not yours.",
    "locked": "The protocol is locked.",
    "amended": "The amendment is on record.",
    "claimed": "The claim is booked.",
    "moved": "The claim has moved on.",
    "reversed": "The claim is reversed. Its entry stays in the ledger.",
    "decided": "The decision is on record.",
    "evidence": "The site's file is kept.",
    "register": "The risk register is saved.",
    "done": "Done.",
}
"""What a page says after a form was taken; addresses carry the name alone, so that nobody can put words on our page."""


SCALED = "The records hold part of the place's people"
"""How the line begins that a page says beside the table that it explains."""


@cache
def environment() -> Environment:
    ours = PackageLoader("headwater.web")
    theirs = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    made = Environment(loader=ChoiceLoader([ours, theirs]), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.tests["scaled"] = lambda line: line.startswith(SCALED)
    made.filters.update(words.FILTERS, svg=_svg, picture=_picture)
    made.globals.update(
        PAGES=PAGES,
        SAID=SAID,
        VERDICTS=verdicts.EFFECTS,
        MONEY=verdicts.MONEY,
        STRENGTHS=verdicts.STRENGTHS,
        ROLES=verdicts.ROLES,
        STANDINGS=words.STANDINGS,
        STATES=words.STATES,
        STYLES=words.STYLES,
        WORTHS=words.WORTHS,
        CODE=code_version(),
    )
    return made


def prepare() -> None:
    """Read every template, and the libraries of the steps that pages look into."""
    from headwater.app import looks  # noqa: F401

    for name in environment().list_templates(filter_func=lambda name: "/" not in name):
        environment().get_template(name)


def page(sheet: Sheet, visitor: Visitor | None, here: str, token: str, house: House, said: str = "") -> str:
    """The whole page. here: the address, by which the navigation knows where it is."""
    area = "/" + here.strip("/").split("/")[0]
    job = house.jobs.now if visitor else None
    running = job is not None and not job.ended
    _GALLERY.set(house.shelf.gallery)
    return (
        environment()
        .get_template(sheet.template)
        .render(
            **sheet.context(),
            title=sheet.title,
            area=area,
            here=here,
            token=token,
            said=SAID.get(said, ""),
            may={role.value.split()[0]: visitor is not None and role in visitor.roles for role in words_of_roles()},
            visitor=visitor.name if visitor else "",
            known=visitor is not None,
            job_words=job.words if running and job else "",
        )
    )


def words_of_roles() -> tuple[Any, ...]:
    from headwater.web.access import Role

    return tuple(Role)


def problem(error: HeadwaterError) -> Sheet:
    """An error as a page: what happened, what was given, what is allowed, what next."""
    status = 404 if isinstance(error, Missing) else 403 if isinstance(error, Refused) else 400
    told = {
        "what": words.once(error.what),
        "given": error.given,
        "allowed": error.allowed,
        "next_step": error.next_step,
    }
    return Sheet("problem.html.j2", "There is a problem", words=told, status=status)


def unknown_problem(error: Exception) -> Sheet:
    """An error nobody foresaw. Its kind only: its text could hold values of people."""
    told = {
        "what": "Something went wrong that we did not foresee",
        "given": type(error).__name__,
        "allowed": "",
        "next_step": (
            "go back and try again; type headwater doctor on the command line to see what is wrong with the workspace"
        ),
    }
    return Sheet("problem.html.j2", "There is a problem", words=told, status=500)


_GALLERY: ContextVar[Gallery] = ContextVar("gallery")
"""Of the house that a page is rendered for: macros are shared by all houses."""


def _svg(data: FigureData, size: str) -> Markup:
    return Markup(_GALLERY.get().draw(data, size))


def _picture(figure: Released[FigureData]) -> Piece:
    """A released figure with the table beside it."""
    return pieces((Drawn(figure.content),))[0]
