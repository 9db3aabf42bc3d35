"""The recording format in both directions, the labels beside a recording, indexes of many."""
