"""The poison cabinet: real faults that lift themselves, and the wire that only a real socket can break."""
