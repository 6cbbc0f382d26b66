"""The errors that GateScope shows to people.

    GateScopeError
    +-- InputError        a sequence or a value that was given cannot be used
    |   +-- ShapeError    an array has the wrong shape, or sizes do not fit together
    +-- ModelFileError    a model file cannot be read, or holds no GRU
    +-- OverrideError     a gate setting that makes no sense
    +-- LimitError        more than the stated size; checked before memory is spent
    +-- LinkError         a link with a value that is not known here

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
