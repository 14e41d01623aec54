"""The poison cabinet, proven on real sockets, real processes and real files."""
