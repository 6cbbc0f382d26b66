"""Where files of strangers are read: in a process of their own, with bounded memory and time.

    room = ReadingRoom()
    inspection, models = room.load_models({"model.pt": data})

A file that crashes its reader, keeps it busy without end or fills its memory costs one child of that
process, and its owner one sentence.

    room.py     what the server holds: the line of those who wait, and the errors in words
    reader.py   the process: it forks for every file and puts limits on the child
    work.py     what is done in there: a file is read
    search.py   the other thing: readings are searched for
    plain.py    what comes back: JSON and arrays
    held.py     how much memory that takes for as long as it is kept
"""

from gru_core.reading_room.held import held_bytes
from gru_core.reading_room.room import ReadingRoom

__all__ = ["ReadingRoom", "held_bytes"]
