"""Functions that nobody wrote: generated with the knowledge of what drops each signal, and traced as strangers are.

Nothing here but `test_*` modules knows the probe, so that the oracle cannot agree with it by construction; the whole
package but those is standard library only, and runs on every Python that the probe runs on.
"""
