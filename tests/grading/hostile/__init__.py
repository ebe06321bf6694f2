"""Attacks on class grading, each on the back of an answer that is wrong.

``python -m tests.grading.hostile`` runs the whole cross product of attacks, users and layers.
"""
