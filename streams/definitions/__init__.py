"""The language in which growth teams say what counts: model, loading, checking."""

from streams.definitions.conditions import canonical, describe
from streams.definitions.editors import json_schema
from streams.definitions.fingerprints import fingerprint, fingerprints
from streams.definitions.loading import Outcome, check, examine, load, loads
from streams.definitions.model import Definitions
from streams.definitions.problems import Problem

__all__ = [
    "Definitions",
    "Outcome",
    "Problem",
    "canonical",
    "check",
    "describe",
    "examine",
    "fingerprint",
    "fingerprints",
    "json_schema",
    "load",
    "loads",
]
