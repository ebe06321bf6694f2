"""Judge answers, name mistakes, and tell the learner."""
