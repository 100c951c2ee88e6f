"""Do the steps of the Dockerfile where there is no container engine, and try what comes out.

    sudo python3 -m scripts.container_steps

Each stage is a layer over the file system of this machine (overlayfs, in a mount namespace of its
own), so that steps find real paths and change nothing here. Python, Node and apt are this
machine's, not the base image's; all else is as in the image: what is copied, what is run, the
user, the volumes, the read-only root, the health check. Steps load packages from their index.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.container_file import Stage, Step, fill, ignore_lines, read_stages, sent

REPOSITORY = Path(__file__).resolve().parents[1]
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    "HOME": "/tmp/home",  # noqa: S108
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}
_SETTLE_S = 60.0


@dataclass
class Built:
    """A stage that was done, or is being done.

    Attributes:
        root: where its file system is.
        environment: what its commands see.
        folder: where they run.
    """

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(_ENVIRONMENT))
    folder: str = "/"

    def inside(self, path: str) -> Path:
        """Return where a path of the stage is on this machine."""
        return self.root / (Path(self.folder) / path).as_posix().lstrip("/")

    def run(self, command: Sequence[str], *, user: str = "", quiet: bool = False) -> bytes:
        """Run a command in the stage to its end; return what it printed, if quiet."""
        taken = subprocess.PIPE if quiet else None
        within = self.command(command, user)
        done = subprocess.run(within, env=self.environment, check=True, stdout=taken, stderr=taken)
        return done.stdout or b""

    def command(self, command: Sequence[str], user: str = "") -> list[str]:
        """Return what runs a command in the stage, as a user by number without any right."""
        drop = []
        if user:
            uid, _, gid = user.partition(":")
            drop = ["setpriv", f"--reuid={uid}", f"--regid={gid or uid}", "--clear-groups"]
            drop += ["--no-new-privs", "--bounding-set=-all"]
        go = 'cd "$0" && exec "$@"'
        return ["chroot", str(self.root), "/bin/sh", "-c", go, self.folder, *drop, *command]


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


def _layer(work: Path, name: str) -> Built:
    """Return a layer over this machine, with an empty /tmp and without this checkout."""
    upper, inner, root = (work / name / part for part in ("upper", "work", "root"))
    for folder in (upper, inner, root):
        folder.mkdir(parents=True)
    _mount("-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={inner}", root)
    for system in ("proc", "dev", "sys"):
        _mount("--rbind", f"/{system}", root / system)
    for hidden in (root / "tmp", root / REPOSITORY.relative_to("/")):
        _mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", hidden)
    (root / "tmp/home").mkdir()
    python = root / "usr/local/bin/python"
    if not python.is_symlink():
        python.symlink_to("/usr/bin/python3")
    return Built(root)


def _copy(step: Step, stage: Built, done: dict[str, Built], let_in: set[Path]) -> None:
    """Copy from the checkout what .dockerignore lets through, or from another stage."""
    words = step.words()
    origin = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else ""
    *sources, wanted = words
    target = stage.inside(wanted)
    for source in sources:
        if origin:
            path = done[origin].inside(source)
            _place(path, target / path.name if path.is_file() else target)
            continue
        found = [path for path in let_in if path.is_relative_to(source)]
        if not found:
            raise SystemExit(f"Dockerfile:{step.line}: COPY {source}: nothing of it is sent")
        for path in found:
            inner = path.name if path == Path(source) else path.relative_to(source)
            _place(REPOSITORY / path, target / inner)


def _place(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, target, symlinks=True, dirs_exist_ok=True)
    else:
        shutil.copy2(path, target)


def _do(step: Step, stage: Built, done: dict[str, Built], let_in: set[Path]) -> None:
    if step.name == "RUN":
        print(f"Dockerfile:{step.line}: RUN {step.text[:100]}", flush=True)
        stage.run(["/bin/sh", "-c", step.text])
    elif step.name == "COPY":
        _copy(step, stage, done, let_in)
    elif step.name == "WORKDIR":
        stage.folder = step.text
        stage.inside("").mkdir(parents=True, exist_ok=True)
    elif step.name == "ENV":
        for word in step.words():
            key, _, value = word.partition("=")
            stage.environment[key] = fill(value, stage.environment)
    elif step.name not in {"LABEL", "USER", "EXPOSE", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"}:
        raise SystemExit(f"Dockerfile:{step.line}: {step.name} is not known here")


def build(stages: Sequence[Stage], work: Path) -> Built:
    """Do every stage; return the last."""
    ignore = ignore_lines((REPOSITORY / ".dockerignore").read_text(encoding="utf-8"))
    let_in = set(sent(REPOSITORY, ignore))
    done: dict[str, Built] = {}
    for stage in stages:
        print(f"FROM {stage.image} (this machine instead): {stage.name}", flush=True)
        done[stage.name] = _layer(work, stage.name)
        for step in stage.steps:
            _do(step, done[stage.name], done, let_in)
    return done[stages[-1].name]


def try_out(stage: Stage, image: Built, work: Path) -> None:
    """Build Sampleshire and serve it as compose does: read-only, by number, without rights."""
    user = stage.last("USER").text
    entry = stage.last("ENTRYPOINT").words()
    for volume in stage.last("VOLUME").words():
        kept = work / "volumes" / volume.lstrip("/")
        kept.mkdir(parents=True)
        # A new volume takes its owner from the image.
        made = image.inside(volume).stat()
        os.chown(kept, made.st_uid, made.st_gid)
        _mount("--bind", kept, image.inside(volume))
    _mount("-o", "remount,ro", image.root)
    _lacks(image, ("pip", "hatchling", "setuptools", "numba", "pytest"))
    processed = Path(image.environment["EXCLUSION_MAP_PROCESSED_DIR"])
    os.chown(image.inside(str(processed)), 1000, 1000)
    image.run([*entry, "build", "--synthetic"], user="1000")
    _mount("-o", "remount,bind,ro", image.inside(str(processed)))
    image.environment["EXCLUSION_MAP_PORT"] = str(_free_port())
    serve = image.command([*entry, *stage.last("CMD").words()], user)
    service = subprocess.Popen(serve, env=image.environment)
    try:
        _ask(stage, image, user)
    finally:
        service.terminate()
        service.wait(30)
    _told(image, work)


def _lacks(image: Built, modules: Sequence[str]) -> None:
    names = ", ".join(repr(name) for name in modules)
    look = f"import importlib.util as u; print([n for n in ({names}) if u.find_spec(n)])"
    found = image.run(["python", "-c", look], quiet=True).decode().strip()
    if found != "[]":
        raise SystemExit(f"What serves holds what builds or tests: {found}")


def _ask(stage: Stage, image: Built, user: str) -> None:
    check = Step(0, "CMD", stage.last("HEALTHCHECK").text.partition("CMD ")[2]).words()
    _until(lambda: image.run(check, user=user, quiet=True))
    base = f"http://127.0.0.1:{image.environment['EXCLUSION_MAP_PORT']}"
    ask = (
        "import re, sys, urllib.request as u\n"
        "read = lambda path: u.urlopen(sys.argv[1] + path, timeout=60).read()\n"
        "page = read('/').decode()\n"
        'linked = re.findall(r\'(?:href|src)="(/static/[^"]+)"\', page)\n'
        "assert any(name.endswith('.css') for name in linked), 'no styles'\n"
        "sizes = {path: len(read(path)) for path in (*linked, '/about', '/sheet')}\n"
        "pdf = read('/api/v1/reports.pdf?codes=E02900001')\n"
        "assert pdf.startswith(b'%PDF'), pdf[:200]\n"
        "print('answers:', sizes | {'a report as PDF': len(pdf)})\n"
    )
    image.run(["python", "-c", ask, base], user=user)


def _until(met: Callable[[], object]) -> None:
    end = time.monotonic() + _SETTLE_S
    while True:
        try:
            met()
        except subprocess.CalledProcessError:
            if time.monotonic() > end:
                raise SystemExit(f"not healthy after {_SETTLE_S:.0f} s") from None
            time.sleep(1)
        else:
            return


def _told(image: Built, work: Path) -> None:
    size = sum(path.lstat().st_size for path in image.inside("/opt/venv").rglob("*"))
    print(f"/opt/venv: {size / 1e6:.0f} MB")
    written = [*(work / "volumes/data/directory").rglob("*"), *image.inside("/tmp").rglob("*")]  # noqa: S108
    print("written while it served:", *(path.name for path in written if path.is_file()))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Do the steps and try the result, in a process with mounts of its own; return its status."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--within", type=Path, help=argparse.SUPPRESS)
    within: Path | None = options.parse_args().within
    if within:
        stages = read_stages((REPOSITORY / "Dockerfile").read_text(encoding="utf-8"))
        try_out(stages[-1], build(stages, within), within)
        return 0
    if os.geteuid() != 0:
        raise SystemExit("Layers need root: sudo python3 -m scripts.container_steps")
    # Mounts are seen by the process apart alone: what is removed here can be nothing but layers.
    with tempfile.TemporaryDirectory(prefix="container-steps-", dir="/var/tmp") as work:
        apart = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m"]
        command = [*apart, "scripts.container_steps", "--within", work]
        return subprocess.run(command, cwd=REPOSITORY, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
