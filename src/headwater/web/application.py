"""The application: every way behind its door, its role and its form's token; every error a page."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from headwater.domain.errors import HeadwaterError
from headwater.report import font_file, font_licence
from headwater.web import frame
from headwater.web.access import OwnComputer, same
from headwater.web.asking import Ask, Go, House, Missing, Refused, Sent, Sheet, Typed
from headwater.web.guard import Guard, TooLarge, TooSlow
from headwater.web.ways import UPLOAD, WAYS, Way

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from headwater.web.access import Door, Visitor
    from headwater.web.asking import Reply

MOST_FIELDS = 600
"""A protocol's form has some 120 fields."""
STATIC = {
    "govuk.css": "text/css",
    "pages.css": "text/css",
    "LICENCE-govuk-frontend.txt": "text/plain",
    "MANIFEST.json": "application/json",
}


def application(house: House, door: Door, extra_hosts: tuple[str, ...] = ()) -> Guard:
    """The pages of one workspace behind one door."""
    routes = [Route(path, _way(house, door, ways), methods=sorted(ways)) for path, ways in _by_path().items()]
    routes += [Route("/static/{name}", _static), Route("/enter", _enter(house, door))]
    told = {HTTPException: _no_way(house, door), TooLarge: _too_large, TooSlow: _too_slow}
    app = Starlette(routes=routes, exception_handlers=told)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*door.hosts, *extra_hosts], www_redirect=False)
    return Guard(app, UPLOAD)


def _by_path() -> dict[str, dict[str, Way]]:
    found: dict[str, dict[str, Way]] = {}
    for way in WAYS:
        found.setdefault(way.path, {})[way.method] = way
    return found


def _way(house: House, door: Door, ways: dict[str, Way]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        visitor = door.who(request)
        if visitor is None:
            return _render(house, door, None, request, _stranger(door))
        way = ways["POST" if request.method == "POST" else "GET"]
        if not visitor.may(way.roles):
            return _render(house, door, visitor, request, frame.problem(_refused(way, visitor)))
        if request.method != "POST":
            return await run_in_threadpool(
                _answer, house, door, visitor, request, way, dict(request.query_params), None
            )
        return await _posted(house, door, visitor, request, way)

    return answer


async def _posted(house: House, door: Door, visitor: Visitor, request: Request, way: Way) -> Response:
    """A form: read, its token compared, then taken."""
    try:
        async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=1024 * 1024) as form:
            given = {name: value for name, value in form.items() if isinstance(value, str)}
            if not same(given.pop("token", ""), door.form_token(visitor)):
                return _render(house, door, visitor, request, frame.problem(_old_form()))
            file = next((value for value in form.values() if not isinstance(value, str)), None)
            return await run_in_threadpool(_answer, house, door, visitor, request, way, given, file)
    except HTTPException:
        broken = HeadwaterError(
            "this form could not be read", allowed="a form of these pages", next_step="go back and send it again"
        )
        return _render(house, door, visitor, request, frame.problem(broken))


def _answer(
    house: House, door: Door, visitor: Visitor, request: Request, way: Way, given: dict[str, str], file: Any
) -> Response:
    """The page, or the error as a page. Nothing of an unknown failure is shown but its kind."""
    try:
        ask = Ask(house, visitor, request.path_params, given, file)
        reply: Reply = way.act(ask)
        if way.asks and isinstance(reply, Sheet | Typed):
            ask.note_look(way.asks.format(**ask.path))
        return _render(house, door, visitor, request, reply)
    except HeadwaterError as error:
        return _render(house, door, visitor, request, frame.problem(error))
    except Exception as error:
        return _render(house, door, visitor, request, frame.unknown_problem(error))


def _render(house: House, door: Door, visitor: Visitor | None, request: Request, reply: Reply) -> Response:
    if isinstance(reply, Go):
        said = f"{'&' if '?' in reply.to else '?'}said={reply.said}" if reply.said else ""
        return RedirectResponse(reply.to + said, 303)
    if isinstance(reply, Sent):
        return FileResponse(reply.file, filename=reply.file.name, headers={"Content-Security-Policy": "sandbox"})
    if isinstance(reply, Typed):
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", reply.name)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": "sandbox"}
        return Response("\ufeff" + reply.text, media_type="text/csv; charset=utf-8", headers=headers)
    token = door.form_token(visitor) if visitor else ""
    said = request.query_params.get("said", "")
    headers = {"Refresh": str(reply.refresh)} if reply.refresh else {}
    return HTMLResponse(frame.page(reply, visitor, request.url.path, token, house, said), reply.status, headers)


def _stranger(door: Door) -> Sheet:
    how = (
        "open the link that headwater serve printed; it works once, in one browser"
        if isinstance(door, OwnComputer)
        else "sign in through your organisation's own address of Headwater; whoever keeps it can put you on its list"
    )
    told = {"what": "We do not know you", "given": "", "allowed": "", "next_step": how}
    return Sheet("problem.html.j2", "You cannot come in here", words=told, status=403)


def _refused(way: Way, visitor: Visitor) -> Refused:
    return Refused(
        "your role may not do this",
        given=", ".join(sorted(visitor.roles)),
        allowed=", ".join(sorted(way.roles)),
        next_step="ask somebody with that role, or whoever keeps the list of people",
    )


def _old_form() -> Refused:
    return Refused(
        "this form is not ours, or is from before the server was started again",
        allowed="a form of a page that is open now",
        next_step="go back, reload the page and fill it in again",
    )


def _enter(house: House, door: Door) -> Callable[[Request], Response]:
    def enter(request: Request) -> Response:
        if not isinstance(door, OwnComputer) or not door.enter(request.query_params.get("token", "")):
            told = {
                "what": "This link was used already, or is not the one that was printed",
                "given": "",
                "allowed": "a link works once",
                "next_step": "stop headwater serve and start it again; it prints a new link",
            }
            sheet = Sheet("problem.html.j2", "You cannot come in here", words=told, status=403)
            return HTMLResponse(frame.page(sheet, None, "/enter", "", house), 403)
        response = RedirectResponse("/", 303)
        response.set_cookie(door.cookie, door.session, httponly=True, samesite="strict", path="/")
        return response

    return enter


def _static(request: Request) -> Response:
    """Bundled files: named one by one, so that nothing else of the disk can be asked for."""
    name = request.path_params["name"]
    if name == "words.woff":
        return Response(font_file(), media_type="font/woff", headers=_long())
    if name == "LICENCE-words.txt":
        return Response(font_licence(), media_type="text/plain", headers=_long())
    if name not in STATIC:
        return Response("There is no such file.", 404, media_type="text/plain")
    return Response(_bytes(name), media_type=STATIC[name], headers=_long())


def _too_large(request: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), 413)


def _too_slow(request: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), 408, {"Connection": "close"})


def _long() -> dict[str, str]:
    return {"Cache-Control": "public, max-age=3600"}


@cache
def _bytes(name: str) -> bytes:
    return files("headwater.web").joinpath("static", name).read_bytes()


def _no_way(house: House, door: Door) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        visitor = door.who(request)
        what = "there is no such page" if status == 404 else "this page cannot be asked for in that way"
        missing = Missing(
            what,
            given=quote(request.url.path)[:200],
            allowed="the pages named above",
            next_step="choose one of them, or go back",
        )
        sheet = frame.problem(missing) if visitor else _stranger(door)
        made = _render(house, door, visitor, request, sheet)
        made.status_code = status if visitor else 403
        return made

    return answer
