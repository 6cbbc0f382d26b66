"""The errors that GateScope shows to people.

    GateScopeError
    +-- InputError        a sequence or a value that was given cannot be used
    |   +-- ShapeError    an array has the wrong shape, or sizes do not fit together
    +-- ModelFileError    a model file cannot be read, or holds no GRU
    +-- OverrideError     a gate setting that makes no sense
    +-- LimitError        more than the stated size; checked before memory is spent
    +-- LinkError         a link with a value that is not known here
    +-- LessonError       a lesson file that cannot be read, with the line
    +-- JobError          work given to a worker did not finish
    |   +-- WorkerLostError   the worker ended; another can take over
    |   +-- JobTimeError      it took longer than allowed
    +-- StoreError        the store of runs cannot be read or written

Each message is one sentence or two that say the rule, the value that broke it, and the remedy.
They are meant for the screen as they are: no paths of this machine, no tracebacks.
"""


class GateScopeError(Exception):
    """Base of everything GateScope raises on purpose."""


class InputError(GateScopeError, ValueError):
    """A sequence, table or value that cannot be used as it is."""


class ShapeError(InputError):
    """An array of the wrong shape or kind."""


class ModelFileError(GateScopeError, ValueError):
    """A model file that cannot be read, is unsafe to read, or holds no GRU."""


class OverrideError(GateScopeError, ValueError):
    """A gate setting outside its rules."""


class LimitError(GateScopeError, ValueError):
    """Something larger than the limit stated for it."""


class LinkError(GateScopeError, ValueError):
    """A link that names something this app does not know."""


class LessonError(GateScopeError, ValueError):
    """A lesson file that breaks a rule of the format; the message begins with the line."""


class JobError(GateScopeError, RuntimeError):
    """Work that a worker was given and did not finish."""


class WorkerLostError(JobError):
    """The worker ended before its work did; the work can be given to another."""


class JobTimeError(JobError):
    """Work that took longer than the time allowed for it."""


class StoreError(GateScopeError, RuntimeError):
    """The store of runs cannot be read or written."""
