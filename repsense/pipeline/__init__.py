"""From samples to events: pure, causal, bounded; no clock, no I/O, no asyncio."""
