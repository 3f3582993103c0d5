"""Who may look: a link that works once, a cookie for this browser alone, a token in every form, and headers that forbid the rest."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

COOKIE = "headwater"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Gate:
    """One session a server: the link's token is good once, then only the cookie is."""

    def __init__(self) -> None:
        self.token: str | None = secrets.token_urlsafe(24)
        self.session = secrets.token_urlsafe(32)
        self._key = secrets.token_bytes(32)

    def enter(self, token: str) -> bool:
        """Whether the token opens; it never opens again."""
        if self.token is None or not hmac.compare_digest(token.encode(), self.token.encode()):
            return False
        self.token = None
        return True

    def knows(self, request: Request) -> bool:
        return hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), self.session.encode())

    def form_token(self) -> str:
        return hmac.new(self._key, self.session.encode(), "sha256").hexdigest()

    def form_is_ours(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.form_token().encode())

    def keep(self, response: Response) -> Response:
        response.set_cookie(COOKIE, self.session, httponly=True, samesite="strict", path="/")
        return response
