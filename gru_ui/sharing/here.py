"""Under which address others reach the page that is being drawn."""

import os

import streamlit as st
from streamlit import net_util

from gru_ui.sharing.address import EVERYWHERE, URL_VARIABLE, Address, address_of


def here(page: str) -> Address:
    """The address to hand out; `page` as it is named in the address, "" for the first."""
    listens = str(st.get_option("server.address") or "")
    network = net_util.get_internal_ip() if listens in EVERYWHERE else None
    said = os.environ.get(URL_VARIABLE, "")
    return address_of(st.context.url or "", page, said=said, listens=listens, network=network)
