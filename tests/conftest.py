"""One broker of a kind for the whole session, whatever suite asks for it."""

from tests.services.fixtures import broker, reaper

__all__ = ["broker", "reaper"]
