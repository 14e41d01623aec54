"""Points about scores, weights and regimes: between clusters and gates."""
