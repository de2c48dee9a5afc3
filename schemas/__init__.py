"""The contracts: what comes in, what goes out, what is persisted. No I/O, no parsing."""
