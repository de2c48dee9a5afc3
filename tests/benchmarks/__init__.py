"""The reference load, and how fast the worker takes it beside what it is compared with."""
