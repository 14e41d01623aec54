"""Toxiproxy in a Docker container, for a machine that has an engine and no other way; the door to the docker SDK here.

Host networking, since the venues listen on the host's loopback; so the server stands outside a network namespace of
ours. Every container of ours carries LABEL. `python -m chaos.wire.container FILE` makes an image from a static
executable alone (FROM scratch), for an engine that cannot pull. Source: docker SDK for Python 7.2.
"""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path
from typing import Any

from chaos.waiting import wait_until
from chaos.wire.build import CannotBuild
from chaos.wire.release import BUILT_IMAGE, PUBLISHED_IMAGE

LABEL = "signal-to-order.toxiproxy"
_ANSWERS_WITHIN_S = 10
_BUILT_WITHIN_S = 120


class EngineFailed(OSError):
    """The Docker engine did not do what it was asked."""


def engine(*, timeout_s: int = _ANSWERS_WITHIN_S) -> Any:
    """A client of an engine that answers. Raises CannotBuild, with a clause that says what is missing."""
    try:
        import docker  # only some installs have it, and it takes a while to load
    except ImportError as error:
        raise CannotBuild("the docker SDK is not installed") from error
    try:
        client = docker.from_env(timeout=timeout_s)
        client.ping()
    except Exception as error:  # the SDK lets through whatever requests and urllib3 raise
        raise CannotBuild(f"no Docker engine answers ({_short(error)})") from error
    return client


def image() -> str:
    """The name of an image of Toxiproxy that the engine has, made here or published; nothing is pulled.

    Raises CannotBuild.
    """
    tags: set[str] = {tag for known in engine().images.list() for tag in known.tags}
    fit = [tag for tag in sorted(tags) if tag == BUILT_IMAGE or f"/{tag}".endswith(f"/{PUBLISHED_IMAGE}")]
    if not fit:
        raise CannotBuild(f"the Docker engine has neither {BUILT_IMAGE} nor {PUBLISHED_IMAGE}")
    return fit[0]


def build_image(executable: Path) -> str:
    """Make an image that holds the static executable and nothing else; returns its name. Raises CannotBuild."""
    recipe = b'FROM scratch\nCOPY toxiproxy /toxiproxy\nENTRYPOINT ["/toxiproxy"]\n'
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        for name, content, mode in (("Dockerfile", recipe, 0o644), ("toxiproxy", executable.read_bytes(), 0o755)):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    context.seek(0)
    try:
        engine(timeout_s=_BUILT_WITHIN_S).images.build(
            fileobj=context, custom_context=True, tag=BUILT_IMAGE, rm=True, labels={LABEL: "image"}
        )
    except CannotBuild:
        raise
    except Exception as error:  # as in engine()
        raise CannotBuild(f"the Docker engine cannot build {BUILT_IMAGE} ({_short(error)})") from error
    return BUILT_IMAGE


def start(image_name: str, port: int, *, name: str) -> None:
    """Run the image, as a container of that name, with its API on a loopback port. Raises EngineFailed."""
    try:
        engine().containers.run(
            image_name,
            ["-host=127.0.0.1", f"-port={port}"],
            name=name,
            detach=True,
            auto_remove=True,
            network_mode="host",
            labels={LABEL: "server"},
        )
    except Exception as error:  # as in engine()
        raise EngineFailed(f"the Docker engine cannot start {image_name} ({_short(error)})") from error


def remove(name: str) -> None:
    """Kill and remove a container; one that is gone already is no error. Raises EngineFailed."""
    why = "it is still listed"
    try:
        client = engine()
        for found in _named(client, name):
            try:
                found.remove(force=True)
            except Exception as error:  # noqa: BLE001  most often it is being removed already; the list below decides
                why = _short(error)
        gone = wait_until(lambda: not _named(client, name), within_s=_ANSWERS_WITHIN_S)
    except Exception as error:  # as in engine()
        raise EngineFailed(f"the Docker engine cannot remove container {name} ({_short(error)})") from error
    if not gone:
        raise EngineFailed(f"the Docker engine cannot remove container {name} ({why})")


def _named(client: Any, name: str) -> list[Any]:
    return list(client.containers.list(all=True, filters={"name": f"^/{name}$", "label": LABEL}))


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]


def main(argv: list[str]) -> int:
    """Make the image from an executable; 0 and the image's name, or 1 and one sentence."""
    if len(argv) != 1:
        print("usage: python -m chaos.wire.container PATH-OF-TOXIPROXY-SERVER", file=sys.stderr)
        return 2
    try:
        print(build_image(Path(argv[0])))
    except (CannotBuild, OSError) as error:
        print(f"no image was made: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
