"""The language in which growth teams say what counts: model, loading, checking."""

from streams.definitions.conditions import canonical, describe
from streams.definitions.editors import json_schema
from streams.definitions.fingerprints import (
    fingerprint,
    fingerprints,
    health_fingerprints,
    lead_fingerprints,
    rule_fingerprints,
    score_fingerprints,
)
from streams.definitions.loading import (
    TEST_ENDINGS,
    Outcome,
    check,
    examine,
    examine_tests,
    load,
    loads,
    subject_of,
)
from streams.definitions.model import Definitions
from streams.definitions.model_files import model_schema
from streams.definitions.problems import Problem

__all__ = [
    "TEST_ENDINGS",
    "Definitions",
    "Outcome",
    "Problem",
    "canonical",
    "check",
    "describe",
    "examine",
    "examine_tests",
    "fingerprint",
    "fingerprints",
    "health_fingerprints",
    "json_schema",
    "lead_fingerprints",
    "load",
    "loads",
    "model_schema",
    "rule_fingerprints",
    "score_fingerprints",
    "subject_of",
]
