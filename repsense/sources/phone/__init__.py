"""Phones as sensors: what their apps and their browser send, read into samples."""
