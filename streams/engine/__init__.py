"""The engine: pure functions of state and event. No Faust, no clients, no clock, no I/O.

An :class:`Engine` is compiled from definitions once and shared; a :class:`Root` is the state of
one account (or of a user without one), and :meth:`Engine.apply` moves it on by one event.
Worker, replay and everything else that answers a question about a definition call this one.
"""

from streams.engine.engine import Engine, Outcome
from streams.engine.entities import DIRECT, Entity, Root
from streams.engine.occasion import Occasion, Staged

__all__ = ["DIRECT", "Engine", "Entity", "Occasion", "Outcome", "Root", "Staged"]
