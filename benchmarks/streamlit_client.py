"""A visitor without a screen: speaks Streamlit's websocket protocol and does what the front end does.

    async with visit("http://localhost:8501") as visitor:
        await visitor.run()                                  # the page as it opens
        answer = await visitor.choose("gates", "rnn")        # a click on a segmented control
        answer.seconds, answer.received_bytes

Messages are protobuf: the client sends `BackMsg`, the server a stream of `ForwardMsg` that ends with one that
says `script_finished`. A widget is known by an identifier that ends in the key its page gave it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

LARGEST_MESSAGE: Final = 64 * 1024 * 1024


class ScriptFailedError(RuntimeError):
    """The page showed an exception or did not finish."""


@dataclass(frozen=True)
class Answer:
    """What one run of the script took, from sending the click to the last message, and what it showed."""

    seconds: float
    received_bytes: int
    alerts: tuple[str, ...]


@dataclass
class Visitor:
    """One browser tab. `elements` holds what is on the page, by the element's place."""

    socket: ClientConnection
    query: str = ""
    opens: str = ""
    elements: dict[tuple[int, ...], Element] = field(default_factory=dict)
    fragments: dict[tuple[int, ...], str] = field(default_factory=dict)
    page: str = ""
    states: dict[str, WidgetState] = field(default_factory=dict)

    async def run(self, fragment: str = "") -> Answer:
        """Ask for a run of the script, or of one fragment of it, with the widgets as they are.

        Raises:
            ScriptFailedError: it raised.
        """
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash = self.page
        if not self.page:
            state.page_name = self.opens
        state.fragment_id = fragment
        state.widget_states.widgets.extend(self.states.values())
        started = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        for place in [place for place in self.elements if fragment in ("", self.fragments.get(place))]:
            del self.elements[place]
            self.fragments.pop(place, None)
        received = await self._until_finished()
        seconds = time.perf_counter() - started
        kinds = [element.WhichOneof("type") for element in self.elements.values()]
        if "exception" in kinds:
            raise ScriptFailedError("the page shows an exception")
        alerts = tuple(element.alert.body for element in self.elements.values() if element.HasField("alert"))
        return Answer(seconds, received, alerts)

    async def choose(self, key: str, option: int) -> Answer:
        """Click option number `option` of the segmented control with this key."""
        place, element = self._widget(key)
        group = element.button_group
        state = WidgetState(id=group.id)
        state.string_array_value.data.append(group.options[option].content)
        self.states[group.id] = state
        return await self.run(self.fragments.get(place, ""))

    async def press(self, key: str) -> Answer:
        """Press the button with this key; like the front end, forget the press afterwards."""
        place, element = self._widget(key)
        self.states[element.button.id] = WidgetState(id=element.button.id, trigger_value=True)
        try:
            return await self.run(self.fragments.get(place, ""))
        finally:
            del self.states[element.button.id]

    async def look_again(self, key: str) -> Answer:
        """What a fragment that runs by itself does: run the one that holds the widget with this key.

        Raises:
            KeyError: no such widget is on the page.
        """
        place, _ = self._widget(key)
        return await self.run(self.fragments.get(place, ""))

    def has(self, key: str) -> bool:
        """Whether the page has a widget with this key."""
        return any(identifier.endswith(f"-{key}") for identifier in map(_identifier, self.elements.values()))

    def _widget(self, key: str) -> tuple[tuple[int, ...], Element]:
        for place, element in self.elements.items():
            if _identifier(element).endswith(f"-{key}"):
                return place, element
        raise KeyError(f"the page has no widget with the key {key!r}")

    async def _until_finished(self) -> int:
        """Take in messages until the run has finished; return how many bytes they were."""
        received = 0
        while True:
            data = await self.socket.recv(decode=False)
            received += len(data)
            message = ForwardMsg()
            message.ParseFromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.page = message.new_session.page_script_hash
            elif kind == "navigation":
                # A page opened by its name is known by its hash only from here on.
                self.page = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                # The address that the script wrote is the one that a browser would send from now on.
                self.query = message.page_info_changed.query_string
            elif kind == "delta":
                self._take_in(message)
            elif kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise ScriptFailedError("the script does not compile")
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return received

    def _take_in(self, message: ForwardMsg) -> None:
        place = tuple(message.metadata.delta_path)
        if message.delta.HasField("new_element"):
            self.elements[place] = message.delta.new_element
            if message.delta.fragment_id:
                self.fragments[place] = message.delta.fragment_id


def _identifier(element: Element) -> str:
    kind = element.WhichOneof("type")
    return getattr(getattr(element, kind), "id", "") if kind else ""


@asynccontextmanager
async def visit(url: str, query: str = "", page: str = "") -> AsyncIterator[Visitor]:
    """A visitor at a page of `url` (the first one unless named), connected until the block ends."""
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    async with connect(address, max_size=LARGEST_MESSAGE, subprotocols=None, compression=None) as socket:
        yield Visitor(socket, query, page)
