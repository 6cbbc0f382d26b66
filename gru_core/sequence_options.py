"""Options of `trace` and `survey`: how gates are set, and how a sequence's file is read."""

import argparse

from gru_core.override_text import SYNTAX


def add_setting_option(parser: argparse.ArgumentParser) -> None:
    """`--set`, as texts that `parse_override` reads, in `settings`."""
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="SETTING",
        action="append",
        default=[],
        help=f"set a gate; may be given several times, applied in order. {SYNTAX}",
    )


def add_sequence_options(parser: argparse.ArgumentParser) -> None:
    """What `read_sequence` and the encoder of a model are told of a table or a text."""
    parser.add_argument(
        "--columns", metavar="A,B", help="the columns of a table that feed the model, in its order"
    )
    parser.add_argument(
        "--missing",
        choices=("refuse", "fill", "drop"),
        default="refuse",
        help="what to do with missing values",
    )
    parser.add_argument("--standardise", action="store_true", help="give each column mean 0 and deviation 1")
    parser.add_argument(
        "--text", choices=("auto", "characters", "words"), default="auto", help="what one step of a text is"
    )
