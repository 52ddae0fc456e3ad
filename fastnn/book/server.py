"""`fastnn learn`: the table of contents and the live chapters, served on this machine.

marimo brings the web server's parts (Starlette, uvicorn). Nothing is loaded from
elsewhere, and only this machine can connect.
"""

import html
import os
import socket
import threading
import webbrowser
from pathlib import Path
from string import Template

from . import practice, progress
from .contents import CHAPTERS
from .showing import marimo


def address(one=None):
    """The path of a chapter on the server, its code shown; of the contents for None."""
    return "/" if one is None else f"/{one.name}/?show-code=true"


def application():
    """The ASGI application: the contents at /, a chapter at /ch04/."""
    mo = marimo()
    from starlette.applications import Starlette
    from starlette.responses import HTMLResponse
    from starlette.routing import Mount, Route

    os.environ["FASTNN_BOOK"] = "served"
    builder = mo.create_asgi_app(include_code=True, quiet=True)
    for one in CHAPTERS:
        builder = builder.with_app(path=f"/{one.name}", root=str(one.path))
    return Starlette(
        routes=[
            Route("/", lambda request: HTMLResponse(contents_page())),
            Mount("/", _Opened(builder.build())),
        ]
    )


class _Opened:
    """Notes which chapter is opened, and passes everything on."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        path = scope.get("path", "").strip("/")
        for one in CHAPTERS:
            if scope["type"] == "http" and path == one.name:
                progress.opened(one.number)
        await self.app(scope, receive, send)


def contents_page():
    """The table of contents as a page, with what the reader has done so far."""
    kept = progress.load()
    template = Path(__file__).with_name("contents.html").read_text(encoding="utf-8")
    chapters = "\n".join(_card(one, kept) for one in CHAPTERS)
    return Template(template).substitute(chapters=chapters, done=_all_done(kept))


def _solved(one, kept):
    """(exercises solved, exercises there are) of a chapter."""
    numbers = [exercise.number for exercise in practice.exercises(one.number)]
    return sum(number in kept["solved"] for number in numbers), len(numbers)


def _all_done(kept):
    counts = [_solved(one, kept) for one in CHAPTERS]
    solved, there = (sum(column) for column in zip(*counts, strict=True))
    return f"{solved} of {there} exercises solved"


def _card(one, kept):
    solved, there = _solved(one, kept)
    words = [f"{solved} of {there} exercises"]
    if one.number in kept["quiz"]:
        words.append(f"quiz {kept['quiz'][one.number]} of 10")
    if one.number in kept["opened"]:
        words.append("opened")
    parts = " · ".join(html.escape(part) for part in one.parts)
    return f"""<li><a href="{address(one)}">
<span class="number">{one.number}</span>
<span class="words"><strong>{html.escape(one.title)}</strong>
<span class="summary">{html.escape(one.summary)}</span>
<span class="parts">{parts}</span>
<span class="done"><progress max="{there}" value="{solved}"
 aria-label="exercises solved in chapter {one.number}"></progress>
{" · ".join(words)}</span></span></a></li>"""


def free_port(wanted):
    """A socket that listens at the wanted port, or at any free one for 0.

    Raises OSError, in words, where the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", wanted))
    except OSError as error:
        listener.close()
        raise OSError(
            f"port {wanted} is taken or not allowed ({error.strerror}); "
            "give another one with --port, or none for any that is free"
        ) from error
    return listener


def serve(one=None, port=0, browser=True, say=print):
    """Serve the book until Ctrl-C; a browser opens at the contents or a chapter."""
    application_ = application()
    import uvicorn

    with free_port(port) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{address(one)}"
        say(f"The book is at {url}")
        say("Ctrl-C closes it; what you solved is kept.")
        if browser:
            threading.Timer(0.5, webbrowser.open, [url]).start()
        settings = uvicorn.Config(application_, log_level="error")
        uvicorn.Server(settings).run(sockets=[listener])
