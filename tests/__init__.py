"""Tests of milepost; a package so that suites can share ``tests.services``."""
