"""The pages: each parses, calls a use case, renders its released answer. Loopback only, one browser a link."""

from __future__ import annotations

import socket
import webbrowser
from importlib.resources import files
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from headwater.app import booking, choosing, counting, evaluating, governing, leaving, planning, reading, run
from headwater.app.version import code_version
from headwater.domain.errors import HeadwaterError
from headwater.domain.release import Drawn, Sentence
from headwater.report import css, font_file, fragment
from headwater.web import views
from headwater.web.jobs import Jobs
from headwater.web.security import HEADERS, Gate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from headwater.app.place import Place

PAGES = (("/", "Start"), ("/data", "Data"), ("/partners", "Partners"), ("/plan", "Plan"), ("/results", "Results"),
         ("/ledger", "Ledger"), ("/risks", "Risks and gates"), ("/reports", "Reports and audit"))  # fmt: skip
LARGEST_UPLOAD = 200 * 1024 * 1024
ENDINGS = (".csv", ".gz", ".tsv", ".txt", ".parquet", ".xlsx")


def serve(place: Place, *, port: int = 0, open_browser: bool = True) -> None:
    """Serve until the process is stopped. The link with its token is printed, and opened in a browser where asked."""
    import uvicorn

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", port))
        port = listening.getsockname()[1]
    pages = Pages(place)
    link = f"http://127.0.0.1:{port}/enter?token={pages.gate.token}"
    print(f"Open this link; it works once:\n  {link}\nStop with Ctrl+C.", flush=True)
    if open_browser:
        webbrowser.open(link)
    uvicorn.run(pages.application(), host="127.0.0.1", port=port, log_level="warning", server_header=False)


class Pages:
    """The workspace behind the pages, its one session and its one worker."""

    def __init__(self, place: Place) -> None:
        self.place, self.gate, self.jobs = place, Gate(), Jobs()
        self.environment = Environment(loader=PackageLoader("headwater.web"), autoescape=True)

    def application(self) -> Starlette:
        shown = {"/": self.start, "/data": self.data, "/partners": self.partners, "/plan": self.plan, "/results": self.results,
                 "/ledger": self.ledger, "/risks": self.risks, "/reports": self.reports, "/explain": self.explain}  # fmt: skip
        acts = {
            "/do": self.do,
            "/stop": self.stop,
            "/upload": self.upload,
            "/protocol": self.protocol,
            "/lock": self.lock,
            "/claim": self.claim,
        }
        routes = [Route(path, self._page(make)) for path, make in shown.items()]
        routes += [Route(path, self._act(make), methods=["POST"]) for path, make in acts.items()]
        routes += [Route("/enter", self.enter), Route("/static/{name}", self.static), Route("/file/{name}", self.file)]
        app = Starlette(routes=routes)
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "testserver"])
        return app

    # Pages

    def start(self, request: Request) -> Response:
        blocks = views.start(self.place.settings.place, self._loaded(), planning.listing(self.place).content)
        forms = [self._form("run", "/do", "Do every step: load, partners, evaluate, count, report", [("what", "run")])]
        return self._show("Start", "/", blocks, forms)

    def data(self, request: Request) -> Response:
        blocks = views.data(reading.check(self.place).content, self._loaded())
        toml = self.place.workspace.settings.read_text(encoding="utf-8")
        forms = [
            {"id": "upload", "action": "/upload", "button": "Add the file to data/", "file": True,
             "fields": [{"name": "file", "label": "A file that an agency gave (CSV, XLSX, Parquet)", "type": "file"}]},
            {"id": "settings", "action": "/protocol", "button": "Save the mapping",
             "fields": [{"name": "text", "label": "headwater.toml", "rows": 16, "value": toml}, {"name": "id", "type": "hidden", "label": "", "value": ""}]},
            self._form("load", "/do", "Load", [("what", "load")]),
        ]  # fmt: skip
        return self._show("Data", "/data", blocks, forms)

    def partners(self, request: Request) -> Response:
        organisation = request.query_params.get("for") or None
        answer = choosing.find(self.place, organisation, request.query_params.get("style") or None)
        links = [(f"/explain?id={one['id']}", f"Why {one['id']}?") for one in answer.content["options"]]
        return self._show("Who should we collaborate with?", "/partners", views.partners(answer), links=links)

    def explain(self, request: Request) -> Response:
        option = request.query_params.get("id", "")
        return self._show(
            f"Why {option}?",
            "/partners",
            views.explain(choosing.explain(self.place, option)),
            links=[("/partners", "All options"), ("/data", "The data behind it")],
        )

    def plan(self, request: Request) -> Response:
        chosen = request.query_params.get("id", "")
        listed = planning.listing(self.place).content["protocols"]
        links = [(f"/plan?id={one['id']}", f"{one['id']} ({one['status']})") for one in listed]
        if not chosen:
            return self._show("Plan", "/plan", [], links=links)
        text = evaluating.protocol_file(self.place, chosen).read_text(encoding="utf-8")
        forms = [
            {"id": "edit", "action": "/protocol", "button": "Save", "fields": [{"name": "text", "label": f"collaborations/{chosen}.toml", "rows": 24, "value": text}, {"name": "id", "type": "hidden", "label": "", "value": chosen}]},
            {"id": "lock", "action": "/lock", "button": "Lock it", "fields": [{"name": "role", "label": "The role that decides"}, {"name": "id", "type": "hidden", "label": "", "value": chosen}]},
        ]  # fmt: skip
        answer = planning.plan(self.place, chosen)
        blocks = [
            *(Sentence(words, {}, "bullet") for words in answer.content["sentences"]),
            *(Drawn(one.content) for one in answer.figures),
        ]
        return self._show(f"Plan of {chosen}", "/plan", blocks, forms, links)

    def results(self, request: Request) -> Response:
        chosen = request.query_params.get("id", "")
        links = [(f"/results?id={one['id']}", one["id"]) for one in planning.listing(self.place).content["protocols"]]
        if not chosen:
            return self._show("Results", "/results", [], links=links)
        answer = evaluating.evaluate(self.place, chosen)
        blocks = views.results(answer, counting.preview(self.place, chosen))
        return self._show(
            f"Results of {chosen}",
            "/results",
            blocks,
            links=[(f"/plan?id={chosen}", "Its protocol"), ("/data", "The files behind it"), *links],
        )

    def ledger(self, request: Request) -> Response:
        shown = booking.show(self.place)
        lots = [lot["lot"] for lot in shown.content["lots"]]
        fields = [
            {"name": "lot", "label": "Lot", "options": lots},
            *(
                {"name": name, "label": label}
                for name, label in (
                    ("bearer", "Whose budget"),
                    ("contacts", "Averted contacts"),
                    ("year", "Financial year, as 2023-24"),
                    ("reason", "Why"),
                )
            ),
        ]
        forms = [{"id": "claim", "action": "/claim", "button": "Claim", "fields": fields}] if lots else []
        return self._show("Ledger", "/ledger", views.ledger(shown, booking.check(self.place)), forms)

    def risks(self, request: Request) -> Response:
        named = [one["id"] for one in planning.listing(self.place).content["protocols"]]
        gates = [(name, governing.gates(self.place, name).content) for name in named]
        return self._show("Risks and gates", "/risks", views.risks(governing.warnings(self.place).content, gates))

    def reports(self, request: Request) -> Response:
        folder = self.place.workspace.releases
        names = sorted(file.name for file in folder.iterdir() if file.suffix != ".jsonl") if folder.exists() else []
        forms = [self._form("report", "/do", "Make the reports", [("what", "report")])]
        links = [(f"/file/{name}", name) for name in names if not name.endswith(".json")]
        return self._show(
            "Reports and audit", "/reports", views.audit(governing.audit(self.place, 50).content, names), forms, links
        )

    # Acts

    async def do(self, form: Any) -> str:
        steps: dict[str, Callable[[Any], Any]] = {
            "run": lambda told: run.run(self.place, ("html",), told), "load": lambda told: reading.load(self.place, told),
            "report": lambda told: leaving.report(self.place, ("html", "pdf", "docx", "xlsx", "ods"), told),
        }  # fmt: skip
        what = str(form.get("what"))
        self.jobs.start(what, steps[what]) if what in steps else None
        return {"run": "/", "load": "/data"}.get(what, "/reports")

    async def stop(self, form: Any) -> str:
        if self.jobs.now:
            self.jobs.now.stop = True
        return "/"

    async def upload(self, form: Any) -> str:
        """A file into data/, under its bare name; nothing that exists is overwritten, nothing outside data/ is reached."""
        given = form["file"]
        name = PurePath(str(given.filename).replace("\\", "/")).name
        if not name.lower().endswith(ENDINGS) or name.startswith("."):
            raise HeadwaterError("this is no file that can be read", given=repr(name), allowed=", ".join(ENDINGS))
        target = self.place.workspace.data / name
        if target.exists():
            raise HeadwaterError(
                "a file of this name is there already", given=name, next_step="rename it and add it again"
            )
        target.parent.mkdir(exist_ok=True)
        content = await given.read(LARGEST_UPLOAD + 1)
        if len(content) > LARGEST_UPLOAD:
            raise HeadwaterError(
                "the file is too large for a browser", allowed="200 MB", next_step="copy it into data/ yourself"
            )
        target.write_bytes(content)
        return "/data"

    async def protocol(self, form: Any) -> str:
        """The text of a protocol, or of headwater.toml where no id is given; a text that does not read is not written."""
        chosen, text = str(form.get("id") or ""), str(form.get("text")).replace("\r\n", "\n")
        planning.save_text(self.place, chosen, text)
        return f"/plan?id={chosen}" if chosen else "/data"

    async def lock(self, form: Any) -> str:
        chosen = str(form.get("id"))
        planning.lock(self.place, chosen, str(form.get("role")), "locked on the page")
        return f"/plan?id={chosen}"

    async def claim(self, form: Any) -> str:
        given = {name: str(form.get(name) or "") for name in ("lot", "bearer", "contacts", "year", "reason")}
        try:
            number = float(given["contacts"].replace(",", ""))
        except ValueError as problem:
            raise HeadwaterError("the number of contacts is no number", given=repr(given["contacts"])) from problem
        booking.claim(self.place, given["lot"], given["bearer"], number, given["year"], given["reason"])
        return "/ledger"

    # Frame

    def enter(self, request: Request) -> Response:
        if not self.gate.enter(request.query_params.get("token", "")):
            return PlainTextResponse(
                "This link was used already, or is not the one that was printed. Start headwater serve again.",
                403,
                HEADERS,
            )
        return self.gate.keep(RedirectResponse("/", 303, HEADERS))

    def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "report.css":
            return Response(css("/static/words.woff"), media_type="text/css", headers=HEADERS)
        if name == "words.woff":
            return Response(font_file(), media_type="font/woff", headers=HEADERS)
        if name == "pages.css":
            return Response(
                files("headwater.web").joinpath("static/pages.css").read_text(), media_type="text/css", headers=HEADERS
            )
        return PlainTextResponse("There is no such file.", 404, HEADERS)

    def file(self, request: Request) -> Response:
        """A report, as a download. Only names that are in releases/ are served."""
        if not self.gate.knows(request):
            return PlainTextResponse("Open the link that headwater serve printed.", 403, HEADERS)
        folder: Path = self.place.workspace.releases
        names = {file.name: file for file in folder.iterdir()} if folder.exists() else {}
        found = names.get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("There is no such report.", 404, HEADERS)
        return FileResponse(found, filename=found.name, headers=HEADERS)

    def _page(self, make: Callable[[Request], Response]) -> Callable[[Request], Response]:
        """A page behind the gate; an error of a use case is a page that says what next."""

        def page(request: Request) -> Response:
            if not self.gate.knows(request):
                return PlainTextResponse("Open the link that headwater serve printed.", 403, HEADERS)
            try:
                return make(request)
            except HeadwaterError as problem:
                return self._show("That did not work", request.url.path, [], problem=str(problem), status=400)

        return page

    def _act(self, make: Callable[[Any], Awaitable[str]]) -> Callable[[Request], Awaitable[Response]]:
        """An act behind the gate and the form's own token."""

        async def act(request: Request) -> Response:
            if not self.gate.knows(request):
                return PlainTextResponse("Open the link that headwater serve printed.", 403, HEADERS)
            async with request.form(max_files=1, max_fields=20) as form:
                if not self.gate.form_is_ours(str(form.get("token") or "")):
                    return PlainTextResponse(
                        "This form is not ours, or too old. Go back and reload the page.", 403, HEADERS
                    )
                try:
                    return RedirectResponse(await make(form), 303, HEADERS)
                except HeadwaterError as problem:
                    return self._show("That did not work", request.url.path, [], problem=str(problem), status=400)

        return act

    def _show(
        self, title: str, here: str, blocks: list[Any], forms: Any = (), links: Any = (), *, problem: str = "", status: int = 200
    ) -> Response:  # fmt: skip
        job = self.jobs.now if self.jobs.now and not self.jobs.now.ended else None
        ended = self.jobs.now.ended if self.jobs.now and self.jobs.now.ended not in {"", "Done."} else ""
        page = self.environment.get_template("page.html.j2").render(
            title=title, here=here, pages=PAGES, place=self.place.workspace.root.name, blocks=Markup(fragment(tuple(blocks))), forms=forms, links=links,
            job=job, refresh=bool(job), problem=problem or ended, token=self.gate.form_token(), code=code_version(), policy=self.place.settings.disclosure.rule,
        )  # fmt: skip
        return HTMLResponse(page, status, HEADERS)

    def _form(self, name: str, action: str, button: str, hidden: list[tuple[str, str]]) -> dict[str, Any]:
        return {
            "id": name,
            "action": action,
            "button": button,
            "fields": [{"name": key, "type": "hidden", "label": "", "value": value} for key, value in hidden],
        }

    def _loaded(self) -> dict[str, Any] | None:
        return reading.loaded(self.place).content
