"""`python -m gru_ui.serve`: the app at http://localhost:8501, warmed before it answers."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
import uvicorn
from streamlit import net_util

from gru_ui.serve.application import SCRIPT, create_app
from gru_ui.serve.sockets import CannotListenError, listen

EVERYWHERE = frozenset({"0.0.0.0", "::"})
HERE = frozenset({*EVERYWHERE, "127.0.0.1", "::1"})
MEGABYTE = 1024 * 1024


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line as typed values."""
    parser = argparse.ArgumentParser(prog="python -m gru_ui.serve", description="Serve GateScope.")
    parser.add_argument("--port", type=int, default=8501, help="where to answer (default: %(default)s)")
    parser.add_argument(
        "--address",
        default="localhost",
        help="which of this machine's addresses to answer on; 0.0.0.0 lets other machines in "
        "(default: %(default)s, this machine alone)",
    )
    parser.add_argument(
        "--base-path", default="", help="the path the app lives under behind a proxy, such as /gates"
    )
    parser.add_argument(
        "--trust-proxy",
        metavar="ADDRESSES",
        default="127.0.0.1,::1",
        help="believe X-Forwarded-For and -Proto from these addresses, separated by commas "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--script", type=Path, default=SCRIPT, help="serve another Streamlit script in the same way"
    )
    parser.add_argument("--public-metrics", action="store_true", help="let anyone read /_stcore/metrics")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    return parser.parse_args(arguments)


def home(address: str, port: int, base_path: str = "") -> str:
    """The address to type into a browser on this machine."""
    host = "localhost" if address in HERE else f"[{address}]" if ":" in address else address
    path = base_path.strip("/")
    return f"http://{host}:{port}" + (f"/{path}" if path else "")


def announcement(address: str, port: int, base_path: str = "") -> str:
    """The lines that say where the app is."""
    lines = ["", f"  GateScope is ready: {home(address, port, base_path)}"]
    network = net_util.get_internal_ip() if address in EVERYWHERE else None
    if network:
        lines.append(f"  from other machines: {home(network, port, base_path)}")
    return "\n".join([*lines, "  Stop it with Ctrl+C.", ""])


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; return the exit code."""
    options = parse(arguments)
    try:
        sockets = listen(options.address, options.port)
    except CannotListenError as error:
        print(error, file=sys.stderr)
        return 2
    print("GateScope is warming up (the very first time, for up to a minute) ...", flush=True)
    # Streamlit reads its options from here when it is served as an application.
    os.environ["STREAMLIT_SERVER_PORT"] = str(options.port)
    os.environ["STREAMLIT_SERVER_ADDRESS"] = options.address
    os.environ["STREAMLIT_SERVER_BASE_URL_PATH"] = options.base_path.strip("/")

    def announce() -> None:
        print(announcement(options.address, options.port, options.base_path), flush=True)
        if not options.no_browser and not st.get_option("server.headless"):
            webbrowser.open(home(options.address, options.port, options.base_path))

    app = create_app(
        script=options.script.resolve(),
        public_metrics=options.public_metrics,
        base_path=options.base_path,
        announce=announce,
    )
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=st.get_option("server.maxMessageSize") * MEGABYTE,
        # The bytes of the heatmaps do not shrink much, and packing them would hold everybody up.
        ws_per_message_deflate=False,
        ws_ping_interval=30.0,
        ws_ping_timeout=30.0,
        forwarded_allow_ips=options.trust_proxy,
        server_header=False,
        access_log=False,
        # What the server says of itself would bury the one line that matters.
        log_level="warning",
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    # Ctrl+C comes through here once everything has ended in good order.
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=sockets)
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
