"""Scoring the engine against labels, and searching its parameters."""
