"""Hosts are rewritten at the client library, and the bot keeps its own view of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.tracing.host import Call, CanaryHost, HostFailed, RawRun
from harness.tracing.probe import redirect
from tests.tracing_host.bots import Echo, hosted, http_echo, plan_of, ws_echo

BOT = """
    import asyncio, http.client, ssl, urllib.request, json
    import httpx, httpx2, requests, urllib3, websockets
    import websockets.sync.client
    from websockets.asyncio.client import connect as connect_asyncio
    from websockets.legacy import client as legacy

    URL = "https://paper-api.alpaca.markets/v2/clock?x=1"
    WS = "wss://paper-api.alpaca.markets/stream"
    pool = urllib3.PoolManager()
    session = requests.Session()

    def by_requests():
        answer = session.get(URL)
        assert session.get(URL).ok
        return answer.url, answer.request.url, answer.json()["path"], answer.json()["host"]

    def by_urllib3():
        answer = pool.request("GET", URL)
        return answer.geturl(), json.loads(answer.data)["path"]

    def by_httpx():
        with httpx.Client() as client:
            answer = client.get(URL)
        return str(answer.url), str(answer.request.url), answer.request.headers["host"], *answer.json().values()

    def by_httpx2():
        answer = httpx2.get(URL)
        return str(answer.url), str(answer.request.url), answer.request.headers["host"], *answer.json().values()

    async def by_async_httpx():
        async with httpx.AsyncClient() as client:
            answer = await client.get(URL)
        return str(answer.url), answer.json()["path"]

    async def by_async_httpx2():
        async with httpx2.AsyncClient() as client:
            answer = await client.get(URL)
        return str(answer.url), answer.json()["path"]

    def by_urllib():
        with urllib.request.urlopen(URL) as answer:
            return answer.geturl(), *json.load(answer).values()

    def by_http_client():
        connection = http.client.HTTPSConnection("paper-api.alpaca.markets", timeout=5)
        paths = []
        for _ in range(2):
            connection.request("GET", "/v2/clock")
            paths.append(json.load(connection.getresponse())["path"])
        return connection.host, *paths

    async def by_ws_asyncio():
        async with connect_asyncio(WS, ssl=ssl.create_default_context()) as ws:
            await ws.send("x")
            return await ws.recv()

    async def by_ws_legacy():
        ws = await legacy.connect(WS, ping_interval=10)
        await ws.send("x")
        try:
            return await ws.recv()
        finally:
            await ws.close()

    def by_ws_sync():
        with websockets.sync.client.connect(WS, ssl=ssl.create_default_context()) as ws:
            ws.send("x")
            return ws.recv()

    def elsewhere():
        return requests.get("https://api.alpaca.markets/v2/orders")

    def by_path():
        return [requests.get("https://data.alpaca.markets" + path).json()["path"] for path in ("/v2/x", "/v2b", "/v1")]
"""


@pytest.fixture(scope="module")
def http() -> Iterator[Echo]:
    with http_echo() as echo:
        yield echo


@pytest.fixture(scope="module")
def ws() -> Iterator[Echo]:
    with ws_echo() as echo:
        yield echo


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, http: Echo, ws: Echo) -> Iterator[CanaryHost]:
    redirects = {
        "https://paper-api.alpaca.markets": http.url,
        "wss://paper-api.alpaca.markets": ws.url,
        "https://data.alpaca.markets": f"{http.url}/all",
        "https://data.alpaca.markets/v2": f"{http.url}/two",
    }
    with hosted(tmp_path_factory.mktemp("redirect"), BOT, redirects=redirects) as host:
        yield host


def run(host: CanaryHost, name: str) -> RawRun:
    return host.run(Call(target=f"trader:{name}", scope="c17"), deadline_s=10.0)


URL, SCOPED = "https://paper-api.alpaca.markets/v2/clock?x=1", "/@c17/v2/clock?x=1"
NAME = "paper-api.alpaca.markets"


def test_requests_keeps_its_url(host: CanaryHost, http: Echo) -> None:
    """requests goes to loopback with the scope in front, and its answer shows the real host."""
    expected = (URL, URL, SCOPED, http.url.removeprefix("http://"))

    assert run(host, "by_requests").returned == repr(expected)


def test_urllib3_keeps_its_url(host: CanaryHost) -> None:
    """A pool of urllib3 goes to loopback, and its answer's URL is as it would be in the field."""
    answer = run(host, "by_urllib3")

    assert answer.outcome == "returned", answer.detail
    assert "127.0.0.1" not in answer.returned
    assert SCOPED in answer.returned


@pytest.mark.parametrize("name", ["by_httpx", "by_httpx2"])
def test_httpx_keeps_its_url(host: CanaryHost, http: Echo, name: str) -> None:
    """httpx and its successor keep URL and Host header of the request, and send those of loopback."""
    expected = (URL, URL, NAME, SCOPED, http.url.removeprefix("http://"))

    assert run(host, name).returned == repr(expected)


@pytest.mark.parametrize("name", ["by_async_httpx", "by_async_httpx2"])
def test_async_httpx_keeps_its_url(host: CanaryHost, name: str) -> None:
    """The async clients of httpx and its successor do the same."""
    assert run(host, name).returned == repr((URL, SCOPED))


def test_urllib_keeps_its_url(host: CanaryHost, http: Echo) -> None:
    """urllib.request goes to loopback and shows the real URL."""
    expected = (URL, SCOPED, http.url.removeprefix("http://"))

    assert run(host, "by_urllib").returned == repr(expected)


def test_http_client_keeps_its_host(host: CanaryHost) -> None:
    """A bare HTTPS connection goes to loopback in the plain, twice by one connection, and keeps its host."""
    assert run(host, "by_http_client").returned == repr((NAME, "/@c17/v2/clock", "/@c17/v2/clock"))


@pytest.mark.parametrize("name", ["by_ws_asyncio", "by_ws_legacy", "by_ws_sync"])
def test_websockets_go_to_loopback(host: CanaryHost, name: str) -> None:
    """All three clients of websockets go to loopback in the plain, with the scope in front."""
    answer = run(host, name)

    assert (answer.outcome, answer.returned) == ("returned", repr("/@c17/stream")), answer.detail


def test_longest_path_wins(host: CanaryHost) -> None:
    """Of two redirects of one origin the longer path is taken, and only for whole parts of a path."""
    assert run(host, "by_path").returned == repr(["/@c17/two/x", "/@c17/all/v2b", "/@c17/all/v1"])


def test_what_no_redirect_names_is_refused(host: CanaryHost) -> None:
    """The live host is not the paper host: nothing goes there, and the run says so."""
    answer = run(host, "elsewhere")

    assert answer.outcome == "raised"
    assert "egress guard" in answer.detail
    assert answer.notes == [f"egress guard: looking up api.alpaca.markets was refused (at {answer.detail_at})"]


def test_scope_is_of_one_fork(host: CanaryHost) -> None:
    """Without a scope the path stays as it is."""
    answer = host.run(Call(target="trader:by_ws_sync"), deadline_s=10.0)

    assert answer.returned == repr("/stream")


ALPACA = """
    import asyncio
    from alpaca.data.historical import StockHistoricalDataClient
    from alpaca.data.requests import StockLatestTradeRequest
    from alpaca.trading.client import TradingClient
    from alpaca.trading.stream import TradingStream

    client = TradingClient("key", "secret", paper=True)
    data = StockHistoricalDataClient("key", "secret")

    def clock():
        return str(client._base_url.value), "paper" in client._base_url.value, client.get("/clock")["path"]

    def latest():
        return data.get("/stocks/trades/latest", {"symbols": "AAPL"})["path"]

    async def stream():
        stream = TradingStream("key", "secret", paper=True)
        await stream._connect()
        await stream._ws.send("x")
        try:
            return await stream._ws.recv()
        finally:
            await stream._ws.close()  # one that is left open makes its loop wait for the other side's goodbye
"""


def test_alpaca_defaults_are_redirected(tmp_path: Path, http: Echo, ws: Echo) -> None:
    """The vendor's SDK, made at import with its default hosts, trades, reads data and streams on loopback."""
    redirects = {
        "https://paper-api.alpaca.markets": http.url,
        "https://data.alpaca.markets": http.url,
        "wss://paper-api.alpaca.markets": ws.url,
    }
    with hosted(tmp_path, ALPACA, redirects=redirects) as host:
        runs = [run(host, name) for name in ("clock", "latest", "stream")]

    assert [answer.returned for answer in runs] == [
        repr(("https://paper-api.alpaca.markets", True, "/@c17/v2/clock")),
        repr("/@c17/v2/stocks/trades/latest?symbols=AAPL"),
        repr("/@c17/stream"),
    ], [answer.detail for answer in runs]


def test_target_off_loopback_is_refused(tmp_path: Path) -> None:
    """A redirect to anything but plain loopback is no redirect: the host does not start."""
    plan = plan_of(tmp_path, "", redirects={"https://venue.example": "https://198.51.100.7"})

    with pytest.raises(HostFailed, match="plain http or ws on loopback"):
        CanaryHost.start(plan)


@pytest.fixture
def rules() -> Iterator[None]:
    """The redirects of this very process, which patches nothing here: `route` alone is looked at."""
    yield
    redirect._rules.clear()
    redirect.set_scope("")


def test_rewritten_urls(rules: None) -> None:
    """Schemes, default ports, names in any case and queries; a scoped path is never scoped again."""
    redirect.load({"https://Venue.example": "http://127.0.0.1:9001", "http://127.0.0.1:9001": "http://127.0.0.1:9001"})
    redirect.set_scope("c1")
    expected = {
        "https://venue.example:443/v2?a=1": "http://127.0.0.1:9001/@c1/v2?a=1",
        "https://VENUE.example.": "http://127.0.0.1:9001/@c1/",
        "wss://venue.example/stream": "ws://127.0.0.1:9001/@c1/stream",
        "http://127.0.0.1:9001/v2": "http://127.0.0.1:9001/@c1/v2",
        "http://127.0.0.1:9001/@c1/v2": None,
        "https://venue.example:8443/v2": None,
        "http://venue.example/v2": None,
        "https://venue.example.evil/v2": None,
        "ftp://venue.example/": None,
    }

    assert {url: redirect.rewritten(url) for url in expected} == expected
