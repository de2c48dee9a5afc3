"""The contracts: what comes in, what goes out, what is persisted. Types only, no I/O, no parsing."""
