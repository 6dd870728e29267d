"""All that runs in one process for one app: engine, hub, watcher. It starts with the first request that needs it."""

import base64
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path

from hmr_middleware import status_page
from hmr_middleware.config import Config
from hmr_middleware.core.access import host_allowed, is_of_another_site, is_same_origin, why_refused
from hmr_middleware.core.csp import nonce_of
from hmr_middleware.core.globs import Glob
from hmr_middleware.core.journal import Topic
from hmr_middleware.core.messages import SUBPROTOCOL, TOKEN_HEADER, TOKEN_PREFIX
from hmr_middleware.core.mounts import Mounts
from hmr_middleware.core.names import bases
from hmr_middleware.core.reasons import (
    NO_SOCKET,
    NO_URL,
    NOT_LOADED,
    NOTHING_TO_WATCH,
    READ_ELSEWHERE,
    Reason,
    host_not_allowed,
)
from hmr_middleware.core.settling import Unsettled
from hmr_middleware.core.transports import AUTO
from hmr_middleware.discovery import Found
from hmr_middleware.documents import Documents
from hmr_middleware.endpoints import PREFIX, client_folder, is_ours, refuse, respond, takes_body
from hmr_middleware.engine import Engine
from hmr_middleware.exchange import Exchange, Kind, kind_of
from hmr_middleware.files import Disk
from hmr_middleware.hooks import hmr
from hmr_middleware.http import Request, Response
from hmr_middleware.hub import Hub
from hmr_middleware.native import new_rlock
from hmr_middleware.reporting import Reporter
from hmr_middleware.session import Session, current_session
from hmr_middleware.side_port import SIDE_PORT, SidePort
from hmr_middleware.status import Status
from hmr_middleware.templates import Templates
from hmr_middleware.tokens import project_token
from hmr_middleware.transports import Transports
from hmr_middleware.watcher import Watcher
from hmr_middleware.websocket import Loop

logger = logging.getLogger("hmr_middleware")

LAG = 20_000  # microseconds by which a file system's clock may be behind
_PERHAPS_PAGES = (Kind.DOCUMENT, Kind.UNKNOWN)
FEW = 50  # of the files of one batch: a storm shall not be looked through twice


class Service:
    """See the module. *discover* looks the app over; it is called once, in the process that serves."""

    def __init__(self, config: Config, discover: Callable[[], Found]) -> None:
        self._config = config
        self._discover = discover
        self._lock = threading.Lock()  # gevent's, where that is about: the app is looked at meanwhile
        self._running: Running | None = None

    def ready(self) -> "Running | None":
        """Return what runs in this process, or None where nothing does yet."""
        running = self._running
        return running if running is not None and running.pid == os.getpid() else None

    def running(self) -> "Running":
        """Return what runs in this process; after a fork that is a new one, for threads do not survive a fork."""
        if (running := self.ready()) is not None:
            return running
        with self._lock:
            self._running = self.ready() or Running(self._config, self._discover().with_config(self._config))
            return self._running


class Running:
    """A started service."""

    def __init__(self, config: Config, found: Found) -> None:
        _show_log()
        self.pid = os.getpid()
        self._began = _now() - LAG
        session = current_session()
        self.session = replace(session, token=project_token() or session.token)
        self.found = found
        self._overlay = _overlay_attributes(config)
        self.documents = Documents()
        self.reporter = Reporter(now=_now)
        roots = found.roots(config)
        self.engine = _engine(config, found, self.session)
        self.watcher = Watcher(roots, self._report, self.engine.stale, ignore=config.ignore, poll=config.poll)
        self.hub = Hub(self.engine, str(self.session.since), self.watcher.hurry, hmr, self.reporter)
        self.status = self._status(roots)
        self._side_port = SIDE_PORT if config.side_port is None else config.side_port
        self.transports = Transports(config.transport or AUTO, self.hub, self._open_side_port)
        self._loop: Loop | None = None
        self._lock = threading.Lock()
        self.engine.on_file = self.watcher.attend
        self.watcher.start()
        self._say_what_was_found(roots)

    def _report(self, paths: Iterable[Path], impatient: Mapping[Path, Unsettled]) -> Mapping[Path, Unsettled]:
        paths = tuple(paths)
        change = self.engine.change(paths, impatient=impatient)
        for path in paths[:FEW]:
            saved = self.engine.saved_in_vain(path)
            if saved > self._began:  # else it is only mentioned: a folder was looked through
                self._note_in_vain(path, saved)
        return change.unsettled

    def _note_in_vain(self, path: Path, saved: int) -> None:
        urls = self.engine.urls_of(path)
        subject, reason = (urls[0], NOT_LOADED) if urls else (self.status.name(path), NO_URL)
        self.reporter.left_out(Topic.FILE, subject, reason, at=saved)

    def _say_what_was_found(self, roots: tuple[Path, ...]) -> None:
        for mount in self.found.mounts:
            logger.info("static %s -> %s", mount.prefix, mount.root)
        if self.found.templates:
            logger.info("templates %s", ", ".join(map(str, self.found.templates)))
        if roots:
            logger.info("watching %s", ", ".join(map(str, roots)))
        else:
            self.reporter.left_out(Topic.SETUP, "the app", NOTHING_TO_WATCH)
        logger.info("status at %s", PREFIX)

    # Requests

    def handle(self, request: Request) -> Response | Exchange | None:
        """Return our own answer to *request*, how it goes through the app, or None where it is the app's alone."""
        try:
            return self._handle(request)
        except Exception:
            logger.exception("left %s to the app: a fault of ours", request.path)
            return None

    def _handle(self, request: Request) -> Response | Exchange | None:
        welcome = host_allowed(request.host, self.found.allowed_hosts)
        if is_ours(request):
            return self._answer(request, welcome)
        if not welcome and kind_of(request) not in _PERHAPS_PAGES:
            return None
        tag = _why_no_client(request, welcome) or partial(self._tag, request)
        left_out, sources = self.reporter.left_out, self.transports.sources(request)
        exchange = Exchange(request, self.engine, tag, self.documents.keep, self.hub.later, left_out, sources)
        if exchange.is_refresh:
            hmr.compare(exchange)
        return exchange

    def _answer(self, request: Request, welcome: bool) -> Response:
        """Return our answer to a request for something of ours."""
        if not welcome:
            return refuse(request, "this Host is not allowed; list it in allowed_hosts")
        if is_of_another_site(request.headers.get("sec-fetch-site", ""), request.headers.get("sec-fetch-dest", "")):
            return refuse(request, "only for pages of this origin")
        return respond(request, self._answer_status, self.documents.get)

    def takes_body(self, request: Request) -> bool:
        """Return whether *request* goes to `answer`, with its body."""
        return takes_body(request)

    def answer(self, request: Request, body: bytes | None) -> Response:
        """Return our answer to what a page has sent; *body* is None where it was larger than MAX_BODY."""
        if self.why_refused(request):
            return Response(403, [("Content-Length", "0")])
        return self.transports.answer(request, body)

    def _tag(self, request: Request, policy: str, marks: Mapping[str, str]) -> bytes:
        nonce = nonce_of(policy) if policy else None
        attributes = f'src="{escape(request.root)}/__hmr/client.js" data-hmr="{_now()}.{self.session.token}"'
        attributes += f' data-client="{client_folder()}"'
        attributes += "".join(f' {name}="{escape(value)}"' for name, value in marks.items())
        attributes += (' data-csp="hash"' if "'sha" in policy else " data-csp") if policy else ""
        transports = self.transports.mark(request)
        attributes += f' data-transport="{transports}"' if transports else ""
        attributes += self._overlay
        attributes += f' nonce="{escape(nonce)}"' if nonce else ""
        return f"<script {attributes}></script>".encode()

    # Status

    def _status(self, watched: tuple[Path, ...]) -> Status:
        return Status(
            pid=self.pid,
            since=self.session.since,
            static=tuple((mount.prefix, mount.root) for mount in self.found.mounts),
            templates=self.found.templates,
            watched=watched,
            watched_by=lambda: "polling" if self.watcher.why_polling else "events",
            hub=self.hub,
            engine=self.engine,
            journal=self.reporter.journal,
            bases=_bases(),
        )

    def _answer_status(self, request: Request) -> Response:
        self.transports.polls.expire()
        return status_page.respond(request, self.status.facts)

    # Sockets

    def loop(self) -> Loop:
        """Return the event loop of the sockets that are ours, running in a thread of its own."""
        with self._lock:
            self._loop = self._loop or Loop()
            return self._loop

    def _open_side_port(self) -> SidePort:
        return SidePort(self.loop(), self.hub, self._side_port, why_not=_why_no_handshake, ticket_of=_token)

    def why_refused(self, request: Request) -> Reason | None:
        """Return why the WebSocket handshake *request* is refused, or None where it is welcome."""
        reason = why_refused(
            host=request.host,
            origin=request.headers.get("origin"),
            scheme=request.scheme,
            token=_token(request),
            expected=self.session.token,
            allowed=self.found.allowed_hosts,
        )
        if reason:
            self.reporter.left_out(Topic.SOCKET, f"from {request.headers.get('origin', 'no origin')}", reason)
        return reason

    def has_no_socket(self, request: Request) -> None:
        """Take notice that the server has no socket to take over for the welcome handshake *request*."""
        self.reporter.left_out(Topic.SOCKET, f"from {request.headers.get('origin', 'no origin')}", NO_SOCKET)


def _engine(config: Config, found: Found, session: Session) -> Engine:
    disk = Disk()
    served = tuple(mount.root for mount in found.mounts)
    templates = Templates(
        disk,
        (*found.templates, *config.watch),
        served=served,
        globs=tuple(Glob(folder, pattern) for folder, pattern in config.watch_patterns),
        ignore=config.ignore,
        now=_now,
    )
    engine = Engine(
        disk,
        Mounts(found.mounts),
        since=session.since,
        began=_now() if session.is_shared else session.since,
        now=_now,
        env=dict(config.env),
        templates=templates,
    )
    engine.refreshers = found.refreshers
    return engine


def _why_no_client(request: Request, welcome: bool) -> Reason | None:
    if not welcome:
        return host_not_allowed(request.host)
    return READ_ELSEWHERE if _is_read_elsewhere(request) else None


def _is_read_elsewhere(request: Request) -> bool:
    """Return whether a script of another origin may read the answer, if the app lets it: the token is not for that.

    Where the browser says what it asks for, that decides; a document carries an Origin only where a form was sent.
    """
    origin = request.headers.get("origin")
    says_what_for = "sec-fetch-dest" in request.headers
    return origin is not None and not says_what_for and not is_same_origin(origin, request.host, request.scheme)


def wants_socket(request: Request) -> bool:
    """Return whether *request* is a WebSocket upgrade that offers our subprotocol; any other is the app's."""
    headers = request.headers
    if request.method != "GET" or headers.get("upgrade", "").lower() != "websocket":
        return False
    return SUBPROTOCOL in offered_protocols(request)


def offered_protocols(request: Request) -> list[str]:
    """Return the subprotocols that a handshake offers; of an endless list only its beginning."""
    return [item.strip() for item in request.headers.get("sec-websocket-protocol", "")[:256].split(",")]


def _token(request: Request) -> str:
    """Return the token that *request* carries: a handshake among its subprotocols, for URLs are logged."""
    if request.method == "POST":
        return request.headers.get(TOKEN_HEADER, "")
    found = (item for item in offered_protocols(request) if item.startswith(TOKEN_PREFIX))
    return next(found, "").removeprefix(TOKEN_PREFIX)


def valid_handshake(request: Request) -> bool:
    """Return whether *request* may be answered with 101 (RFC 6455, 4.2.1)."""
    headers = request.headers
    upgrades = "upgrade" in (item.strip().lower() for item in headers.get("connection", "").split(","))
    try:
        key = base64.b64decode(headers.get("sec-websocket-key", ""), validate=True)
    except ValueError:
        return False
    return upgrades and len(key) == 16 and headers.get("sec-websocket-version") == "13"


def _bases() -> tuple[tuple[Path, str], ...]:
    """Return what paths are shown relative to; a process may have no home, and its folder may be gone."""
    try:
        return bases(Path.cwd(), Path.home())
    except (OSError, RuntimeError):
        return ()


def _why_no_handshake(request: Request) -> int:
    """Return the status that refuses a request at the side port, or 0 for a handshake of ours."""
    if request.method != "GET":
        return 405
    if not wants_socket(request):
        return 426
    return 0 if valid_handshake(request) else 400


def _overlay_attributes(config: Config) -> str:
    """Return what the tag says of the overlay."""
    switched_off = "" if config.overlay else ' data-overlay="0"'
    patterns = escape(json.dumps(config.ignored_errors)) if config.ignored_errors else ""
    return switched_off + (f' data-ignore="{patterns}"' if patterns else "")


def _now() -> int:
    return time.time_ns() // 1000


def _show_log() -> None:
    """Let our one-liners be read on the terminal, unless the user has taken the logger in hand."""
    if logger.handlers or logger.level != logging.NOTSET:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.lock = new_rlock()
    handler.setFormatter(logging.Formatter("[hmr] %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
