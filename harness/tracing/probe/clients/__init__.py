"""One module per client library: where in it a request's destination can be changed without the bot seeing it.

Each has `MODULES`: the library's module names, and the patch for each, called as `patch(module, route)` where
`route(scheme, host, port, path)` answers with the real host, port and path, or None. The libraries are read by
attribute, never imported: a bot has its own versions of them, or none.
"""
