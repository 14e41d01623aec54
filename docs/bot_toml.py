"""The page about `bot.toml`, told from the types that read it."""

from __future__ import annotations

import ast
import enum
import inspect
import textwrap
import typing

from pydantic import BaseModel

from docs.markdown import said_of_fields, table
from harness.deployment.schema import BotToml
from harness.vocabulary.roles import File, Limit, Service, Upstream

HEAD = """# bot.toml

Everything that the harness knows about a bot stands in its `bot.toml`: how to start it, its ways in, and which of its
services, files, upstreams and limits play which role. A role that is absent makes the points that need it NOT
APPLICABLE. Unknown keys are refused, so a misspelt one is never a silent default. `bot/bot.toml` is a whole example.

Types that are not TOML's own: a `RelativePath` starts at the bot's folder, a `Target` is `module:name`, an `Origin` is
`https://host[:port]`, a `Variable` is the name of an environment variable, a `Symbol` has no spaces.

This page is generated from `harness/deployment/schema.py`.
"""
TOP = "The top level"
ROLES: dict[str, type[enum.StrEnum]] = {
    "services.*": Service,
    "files.*": File,
    "upstreams.*": Upstream,
    "limits": Limit,
}


def bot_toml_page() -> str:
    """One section for each table of `bot.toml`, in the order in which the types reach them, and the roles."""
    sections = [_section(paths, model) for model, paths in _tables().items()]
    return "\n".join([HEAD, *sections, *(_roles(place, role) for place, role in ROLES.items())])


def _tables() -> dict[type[BaseModel], list[str]]:
    """Each type of table with the places it stands at (`services.*` where the name is a role's), breadth first."""
    found: dict[type[BaseModel], list[str]] = {BotToml: [""]}
    ahead: list[type[BaseModel]] = [BotToml]
    for model in ahead:  # grows while it is walked
        for name, hint in typing.get_type_hints(model).items():
            star = ".*" if typing.get_origin(hint) is dict else ""
            for inner in _models(hint):
                ahead += [inner] if inner not in found else []
                found.setdefault(inner, []).append(f"{found[model][0]}.{name}{star}".lstrip("."))
    return found


def _roles(place: str, role: type[enum.StrEnum]) -> str:
    """The names that may stand at one place."""
    names = "".join(f"- `{member.value}`\n" for member in role)
    return f"## Roles of `[{place}]`\n\n{inspect.cleandoc(role.__doc__ or '')}\n\n{names}"


def _models(hint: object) -> list[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return [hint]
    return [model for part in typing.get_args(hint) for model in _models(part)]


def _section(paths: list[str], model: type[BaseModel]) -> str:
    said = said_of_fields(model)
    rows = [
        [
            f"`{field.alias or name}`",
            f"`{_annotation(model, name)}`",
            _default(field.is_required(), field.default),
            said.get(name, ""),
        ]
        for name, field in model.model_fields.items()
        if not _is_table(model, name)
    ]
    heading = ", ".join(f"`[{path}]`" for path in paths if path) or TOP
    story = inspect.cleandoc(model.__doc__ or "")
    return f"## {heading}\n\n{story}\n" + (f"\n{table('key|type|default|meaning', rows)}" if rows else "")


def _is_table(model: type[BaseModel], name: str) -> bool:
    """Whether a field is a table of its own, which has its own section."""
    return bool(_models(typing.get_type_hints(model)[name]))


def _annotation(model: type[BaseModel], name: str) -> str:
    """The type of a field as it is written in the source, without what only the reader of the file needs."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for field in statements:
        if isinstance(field, ast.AnnAssign) and ast.unparse(field.target) == name:
            return ast.unparse(_Plain().visit(field.annotation))
    raise LookupError(f"{model.__name__} has no field {name}")


class _Plain(ast.NodeTransformer):
    """Takes the constraints out of an annotation: `Annotated[float, ...]` is `float` to a reader."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node.value) == "Annotated" and isinstance(node.slice, ast.Tuple):
            return node.slice.elts[0]
        return node


def _default(required: bool, default: object) -> str:
    if required:
        return "**required**"
    return f"`{str(default) if isinstance(default, enum.Enum) else default!r}`"
