"""The engine: pure functions of state and event. No Faust, no clients, no clock, no I/O."""
