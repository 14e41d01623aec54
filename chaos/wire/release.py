"""Which Toxiproxy this project speaks to."""

from __future__ import annotations

VERSION = "2.12.0"
MODULE = f"github.com/Shopify/toxiproxy/v2/cmd/server@v{VERSION}"
STAMP = f"-X github.com/Shopify/toxiproxy/v2.Version={VERSION}"  # else the binary calls itself "git"
OLDEST = (2, 6)  # the first release whose API knows PATCH
PUBLISHED_IMAGE = f"shopify/toxiproxy:{VERSION}"  # behind whatever host it was pulled from
BUILT_IMAGE = f"signal-to-order/toxiproxy:{VERSION}"
EXECUTABLE = "toxiproxy-server"
