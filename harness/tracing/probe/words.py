"""What the source says in words: labels, action names, whether a returned constant is a yes or a no."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

_LOG_NAMES = frozenset(
    "log logger logging print debug info warning warn error exception critical record inc increment observe metric "
    "notify alert audit note trace dump sleep append_log write_log time monotonic now perf_counter".split()
)
_QUIET = frozenset(
    "get list fetch is has can should check validate verify cancel close log count load save read find query compute "
    "calc calculate estimate build make_id format parse open_orders max min mark note can_trade update reset".split()
)
_VERBS = frozenset("submit place buy sell execute transmit fire short long".split())
_NOUNS = frozenset("order orders trade trades position entry market limit bracket".split())
_DOING = frozenset("create send open enter new post route put add do make market limit bracket take go".split())
_EXACT = frozenset("order trade enter enter_position".split())
_DATABASE = frozenset("cursor cur conn connection db session engine".split())
_REFUSED = frozenset(
    "rejected rejects skipped skips blocked dropped denied failed failures reasons reason errors ignored filtered "
    "discarded logs notes history audit warnings problems excluded seen".split()
)
_COLLECT = frozenset("append add put appendleft put_nowait insert extend".split())
_NAMES = (ast.Name, ast.Attribute)
_WHERE = frozenset("url path endpoint".split())
_LINEAGE = frozenset(
    "score qty quantity size price amount notional contracts shares units leverage weight confidence conviction".split()
)
ORDERS: set[str] = set()
"""Functions and methods that send an order by whatever name, as the owner of this bot says."""


def tokens(name: str) -> list[str]:
    """The lower-case words of a snake_case or camelCase name."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)]


def call_name(node: ast.Call) -> str:
    """The last name of the called expression, or an empty string."""
    func = node.func
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def receiver(node: ast.Call) -> str:
    """The last name of the object whose method is called, or an empty string."""
    func = node.func
    if not isinstance(func, ast.Attribute):
        return ""
    base = func.value
    if isinstance(base, ast.Attribute):
        return base.attr
    return base.id if isinstance(base, ast.Name) else ""


def is_log(node: ast.Call) -> bool:
    """Whether a call only tells somebody something."""
    name = call_name(node)
    return name in _LOG_NAMES or receiver(node) in _LOG_NAMES or name.startswith(("log_", "_log"))


def _texty(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr | ast.Constant):
        return True
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add) and _texty(node.left)


def rank(node: ast.Call) -> int:
    """How much a call looks like the end of a signal's path: 3 an order, 2 put aside for later, 1 anything, 0 a log."""
    name = call_name(node)
    if name in ORDERS:
        return 3
    if is_log(node) or not name:
        return 0
    if name in _COLLECT and isinstance(node.func, ast.Attribute):
        refused = not _REFUSED.isdisjoint(tokens(receiver(node)))
        return 2 if node.args and not refused and not _texty(node.args[-1]) else 0
    words = tokens(name)
    if _posts_order(node, words):
        return 3
    if not words or words[0] in _QUIET or receiver(node) in _DATABASE:
        return 1
    many = len(node.args) + len(node.keywords) > 1
    if not _VERBS.isdisjoint(words) or (name in _EXACT and many) or _does(words, node):
        return 3
    return 1


def _does(words: list[str], node: ast.Call) -> bool:
    """`send_order`, `limit_order`: a word for doing, and after it one for what is done. `rate_limit` does nothing."""
    if len(words) == 1:
        # `bracket(...)` makes a ticket, `broker.bracket(...)` may well send one
        return words[0] in _NOUNS & _DOING and isinstance(node.func, ast.Attribute)
    done = [number for number, word in enumerate(words) if word in _NOUNS]
    doing = next((number for number, word in enumerate(words) if word in _DOING), len(words))
    asked = words[0] in ("open", "new") and words[-1] in ("orders", "trades")  # `open_orders()` lists them
    return bool(done) and doing < done[-1] and not asked


def _posts_order(node: ast.Call, words: list[str]) -> bool:
    """Whether a bot speaks to its venue itself: a POST to something that its own source calls orders."""
    given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg in _WHERE)]
    plain = [part.value for part in given if isinstance(part, ast.Constant)]
    if "post" not in words and "POST" not in plain and "post" not in plain:
        return False
    return any(not {"order", "orders"}.isdisjoint(_said_in(part)) for part in given[:3])


def _said_in(node: ast.expr) -> list[str]:
    """The words of an address: of its texts, and of the names that hold the rest of it."""
    if isinstance(node, ast.Dict | ast.List | ast.Tuple):
        return []
    parts = list(ast.walk(node))
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    names = [part.id if isinstance(part, ast.Name) else part.attr for part in parts if isinstance(part, _NAMES)]
    return [word for text in (*texts, *names) for word in tokens(text)]


def constant_text(node: ast.expr | None) -> str:
    """The constant words of a string expression: a literal, an f-string's constant parts, the left side of `%`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = " ".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.BinOp):
        return constant_text(node.left)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return constant_text(node.func.value)
    else:
        return ""
    text = re.sub(r"%(\(\w+\))?[-+ #0]*[\d.*]*[sdrfgxi]|\{[^{}]*\}", " ", text)
    return " ".join(text.split()).strip(" :=-,(")[:120]


def first_text(given: Iterable[ast.expr]) -> str:
    """The first constant words among some expressions."""
    return next((text for text in map(constant_text, given) if text), "")


def polarity(node: ast.expr | None) -> int:
    """What a returned expression says: -1 a no (None, False, empty, (False, ...)), 1 a yes, 0 not known yet."""
    if node is None:
        return -1
    if isinstance(node, ast.Constant):
        return 1 if node.value else -1
    if isinstance(node, ast.List | ast.Dict | ast.Set) and not (node.keys if isinstance(node, ast.Dict) else node.elts):
        return -1
    if isinstance(node, ast.Tuple):
        if not node.elts:
            return -1
        return polarity(node.elts[0]) if isinstance(node.elts[0], ast.Constant) else 0
    return 0


def text_of(node: ast.AST, size: int = 160) -> str:
    """Normalised source text, shortened."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= size else text[: size - 3] + "..."


def is_lineage_word(name: str) -> bool:
    """Whether a keyword or a dict key looks like one of the values that owners ask about."""
    return not _LINEAGE.isdisjoint(tokens(name))
