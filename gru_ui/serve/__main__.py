"""`python -m gru_ui.serve`: the app at http://localhost:8501, warmed before it answers."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import Sequence

from streamlit import net_util
from streamlit.config import get_option

from gru_ui.serve.application import SCRIPT, create_app

EVERYWHERE = frozenset({"0.0.0.0", "::"})


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line as typed values."""
    parser = argparse.ArgumentParser(prog="python -m gru_ui.serve", description="Serve GateScope.")
    parser.add_argument("--port", type=int, default=8501, help="where to answer (default: %(default)s)")
    parser.add_argument(
        "--address",
        default="127.0.0.1",
        help="which of this machine's addresses to answer on; 0.0.0.0 lets other machines in "
        "(default: %(default)s, this machine alone)",
    )
    parser.add_argument(
        "--base-path", default="", help="the path the app lives under behind a proxy, such as /gates"
    )
    parser.add_argument(
        "--trust-proxy",
        metavar="ADDRESSES",
        help="believe X-Forwarded-For and -Proto from these addresses, separated by commas "
        "(default: only from this machine)",
    )
    parser.add_argument("--public-metrics", action="store_true", help="let anyone read /_stcore/metrics")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    return parser.parse_args(arguments)


def port_problem(address: str, port: int) -> str | None:
    """Why the server could not answer on `port`, as a sentence, or None where it can."""
    if not 0 < port < 65536:
        return f"A port is a number from 1 to 65535, got {port}: choose another with --port."
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            return (
                f"Port {port} on {address} cannot be used ({reason}): end the program that uses it, or "
                f"choose another port, such as `make run PORT={port + 1}` or --port {port + 1}."
            )
    return None


def announcement(address: str, port: int, base_path: str = "") -> str:
    """The lines that say where the app is."""
    path = f"/{base_path.strip('/')}" if base_path.strip("/") else ""
    here = "localhost" if address in EVERYWHERE or address == "127.0.0.1" else address
    lines = ["", f"  GateScope is ready: http://{here}:{port}{path}"]
    network = net_util.get_internal_ip() if address in EVERYWHERE else None
    if network:
        lines.append(f"  from other machines: http://{network}:{port}{path}")
    return "\n".join([*lines, "  Stop it with Ctrl+C.", ""])


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; return the exit code."""
    options = parse(arguments)
    problem = port_problem(options.address, options.port)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    print("GateScope is warming up ...", flush=True)
    if options.trust_proxy:
        os.environ["FORWARDED_ALLOW_IPS"] = options.trust_proxy

    def announce() -> None:
        print(announcement(options.address, options.port, options.base_path), flush=True)
        if not options.no_browser and not get_option("server.headless"):
            webbrowser.open(f"http://localhost:{options.port}/{options.base_path.strip('/')}")

    # The server's own notes on starting would bury the one line that matters.
    logging.getLogger("uvicorn.error").addFilter(lambda record: record.levelno > logging.INFO)
    app = create_app(public_metrics=options.public_metrics, base_path=options.base_path, announce=announce)
    # Streamlit looks for .streamlit/config.toml beside the script that was started.
    sys.argv = [str(SCRIPT)]
    app.run(
        config={
            "server.port": options.port,
            "server.address": options.address,
            "server.baseUrlPath": options.base_path,
            "logger.hideWelcomeMessage": True,
        }
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
