"""Which ways lead from a page to us, and the answers for pages that cannot have a socket of the server's."""

import json
import logging
from collections.abc import Callable

from hmr_middleware.core.messages import MessageError
from hmr_middleware.core.polls import Poll, decode_poll
from hmr_middleware.core.transports import ALL, AUTO, Transport, order_for, why_used
from hmr_middleware.endpoints import answer_json, answer_text, asked_way
from hmr_middleware.http import Request, Response
from hmr_middleware.hub import Hub
from hmr_middleware.native import new_lock
from hmr_middleware.poll_sessions import Polls
from hmr_middleware.side_port import HOST, SidePort

logger = logging.getLogger("hmr_middleware")

SIDE_PORTS = f"ws://{HOST}:*"  # for a policy: which port it is becomes known later, and changes with a restart


class Transports:
    """See the module. *setting* is "auto" or a Transport; *open_side_port* is called once a page needs it."""

    def __init__(self, setting: str, hub: Hub, open_side_port: Callable[[], SidePort]) -> None:
        self.polls = Polls(hub)
        self._setting = setting
        self._open_side_port = open_side_port
        self._side_port: SidePort | None = None
        self._lock = new_lock()
        self._said: set[Transport] = set()

    def order(self, request: Request) -> tuple[Transport, ...]:
        """Return the ways that the page of *request* is to try, best first."""
        return order_for(self._setting, request.why_no_socket)

    def mark(self, request: Request) -> str:
        """Return what the tag tells of them: "" where a page is to do as always."""
        order = self.order(request)
        return "" if order == ALL else " ".join(order)

    def sources(self, request: Request) -> tuple[str, ...]:
        """Return what a page's policy has to let through besides: nothing where the server gives its sockets."""
        return (SIDE_PORTS,) if self.order(request)[0] is Transport.SIDE_PORT else ()

    def answer(self, request: Request, body: bytes | None) -> Response:
        """Return the answer to a page that has been admitted; *body* is None where it was too large."""
        way = asked_way(request)
        if self._setting not in (AUTO, way):
            return answer_text(request, 404, f"switched off: transport is set to {self._setting!r}")
        if body is None:
            return answer_text(request, 413, "too large")
        try:
            poll = decode_poll(body)
        except MessageError as error:
            return answer_text(request, 400, str(error))
        answer = self._poll if way is Transport.POLLING else self._lead_to_side_port
        return answer_json(answer(request, poll))

    def _poll(self, request: Request, poll: Poll) -> str:
        if not poll.session:
            self._say(Transport.POLLING, logging.INFO, "open pages poll", request, poll)
        return self.polls.answer(poll, request.origin)

    def _lead_to_side_port(self, request: Request, poll: Poll) -> str:
        try:
            with self._lock:
                self._side_port = self._side_port or self._open_side_port()
        except OSError as error:
            self._say(Transport.SIDE_PORT, logging.WARNING, f"no side port: {error}", request, poll)
            return json.dumps({"port": 0})
        place = f"{HOST}:{self._side_port.port}"
        self._say(Transport.SIDE_PORT, logging.INFO, f"side port {place} for open pages", request, poll)
        return json.dumps({"port": self._side_port.port, "ticket": self._side_port.ticket_for(request)})

    def _say(self, way: Transport, level: int, what: str, request: Request, poll: Poll) -> None:
        """Say once what is used, and why: nobody should have to guess why pages follow more slowly."""
        if way not in self._said:
            self._said.add(way)
            logger.log(level, "%s (%s)", what, why_used(self._setting, request.why_no_socket, poll.tried))
