"""Sources to notebooks: what an author writes once, and what is built from it."""
