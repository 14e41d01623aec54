"""The equities desk: option flow to clusters, clusters to scores, scores to orders."""
