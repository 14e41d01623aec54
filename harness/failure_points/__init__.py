"""One module per failure point, found by place. The name is the path: `data/uw_cache_stale`."""
