"""The whole system on one machine, with made-up traffic."""
