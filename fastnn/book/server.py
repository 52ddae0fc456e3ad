"""`fastnn learn`: the table of contents and the live chapters, served on this machine.

marimo brings the web server's parts (Starlette, uvicorn). Nothing is loaded from
elsewhere, and only this machine can connect.
"""

import contextlib
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
    chapters = builder.build()
    return Starlette(
        routes=[
            Route("/", lambda request: HTMLResponse(contents_page())),
            Mount("/", _Pages(chapters)),
        ],
        lifespan=lambda app: _closing(chapters),
    )


@contextlib.asynccontextmanager
async def _closing(chapters):
    """At the end the open chapters are closed: their threads would outlive Ctrl-C.

    Each is an application of its own with a manager of its sessions, which a server
    around them does not tell of its end.
    """
    yield
    for route in chapters.routes:
        state = getattr(getattr(route, "app", None), "state", None)
        manager = getattr(state, "session_manager", None)
        if manager is not None:
            await manager.shutdown()


OF_THE_BODY = (b"content-length", b"etag")


class _Pages:
    """Notes which chapter is opened, and adds the way to the others to its page."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        path = scope.get("path", "").strip("/")
        found = [one for one in CHAPTERS if path == one.name]
        if scope["type"] != "http" or not found:
            return await self.app(scope, receive, send)
        progress.opened(found[0].number)
        scope["headers"] = [h for h in scope["headers"] if h[0] != b"accept-encoding"]
        start, body = None, b""

        async def collect(message):
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            whole = body.replace(b"</body>", _ways(found[0]).encode() + b"</body>")
            kept = [h for h in start["headers"] if h[0].lower() not in OF_THE_BODY]
            start["headers"] = [*kept, (b"content-length", str(len(whole)).encode())]
            await send(start)
            await send({"type": "http.response.body", "body": whole})

        return await self.app(scope, receive, collect)


def _ways(one):
    """The links to the chapter before, to the contents, and to the next chapter."""
    links = [f'<a href="{address()}">Contents</a>']
    place = CHAPTERS.index(one)
    for before in CHAPTERS[:place][-1:]:
        links.insert(0, _way(before, "← back"))
    for after in CHAPTERS[place + 1 :][:1]:
        links.append(_way(after, "next →"))
    ways = f'<nav id="book-ways" aria-label="chapters">{" ".join(links)}</nav>'
    return f"{ways}{STYLE}{KEYS}"


def _way(one, word):
    title = html.escape(f"{one.number} {one.title}")
    return f'<a href="{address(one)}" title="{title}">{word}</a>'


STYLE = """<style>
#book-ways { position: fixed; left: .6rem; bottom: .6rem; z-index: 50; display: flex;
  gap: .9rem; padding: .35rem .8rem; border: 1px solid #8886; border-radius: .5rem;
  background: #fffd; font: .85rem system-ui, sans-serif; }
#book-ways a { color: #005a8c; text-decoration: none; }
#book-ways a:hover, #book-ways a:focus-visible { text-decoration: underline; }
.dark #book-ways { background: #1d2329dd; }
.dark #book-ways a { color: #8ccbf2; }
</style>"""


# The arrows among the options of a question. marimo's own walk gets lost, because from
# outside its shadow root every option looks like the same focused element.
KEYS = """<script>
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const option = event.composedPath()[0];
  if (!step || option.getAttribute?.("role") !== "radio") return;
  const group = option.closest("[role=radiogroup]");
  const options = [...group.querySelectorAll("[role=radio]")];
  const next = options.at((options.indexOf(option) + step) % options.length);
  next.focus();
  next.click();
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
</script>"""


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
    parts = "&nbsp;· ".join(html.escape(part) for part in one.parts)
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
        # An open page keeps its connection: it is not waited for. Nor is it asked for
        # a sign of life, which a busy machine gives too late: its cells would stop.
        settings = uvicorn.Config(
            application_,
            log_level="critical",
            timeout_graceful_shutdown=1,
            ws_ping_interval=None,
        )
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listener])
