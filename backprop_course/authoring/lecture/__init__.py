"""Lessons for the lecture hall and for paper: decks with speaker notes, and handouts."""
