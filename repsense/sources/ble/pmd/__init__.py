"""Polar Measurement Data: the service by which Polar's sensors stream acceleration."""
