"""Counting for more wearers than one machine carries: workers that share the topics of samples."""
