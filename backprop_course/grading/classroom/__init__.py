"""Grade a class: many submissions, in several processes or on a cluster, losing nothing."""
