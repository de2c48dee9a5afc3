"""Real services for tests: brokers, the commands as processes, topics written and read."""
