"""How this installation was built."""

from importlib.util import find_spec


def is_compiled() -> bool:
    """Whether the hot path is machine code here (``make compile``): the same sources, faster."""
    spec = find_spec("streams.evaluator")
    return spec is not None and spec.origin is not None and not spec.origin.endswith(".py")
