"""Serves the app as an ASGI application: `python -m gru_ui.serve`.

application.py    puts the pieces together into one `st.App`
warm_up.py        what happens before the first visitor: imports, kernels, the default model
garbage.py        keeps the garbage collector from stopping everybody
static_files.py   Streamlit's scripts and styles, compressed once instead of never
headers.py        what the browser is told to refuse
sockets.py        where the server listens
limits.py         what visitors cannot ask for: the server's metrics, unbounded uploads
script_errors.py  one kind sentence instead of a traceback
"""
