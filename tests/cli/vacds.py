"""`vacds` as a person starts it, a process of its own; and the same in this one, where what is asked is only what it says."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import msgspec

from app import reference_patient
from app.cli.__main__ import answered
from tests.service import Json

ROOT = Path(__file__).parents[2]
DAY = reference_patient.DAY.isoformat()


class Done(msgspec.Struct, frozen=True):
    code: int
    out: str
    err: str


def vacds(*arguments: str, stdin: bytes = b"", **variables: str) -> Done:
    """Without any VACDS_ variable of this machine, but with those given."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VACDS_")}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, env=inherited | variables, input=stdin, capture_output=True, check=False
    )
    return Done(done.returncode, done.stdout.decode("ascii"), done.stderr.decode("ascii"))


def said(*arguments: str) -> Done:
    """In this process: with its variables, from its folder."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = answered(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def written(folder: Path, content: Json | bytes, name: str = "bundle.json") -> str:
    """The path of a file with that content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else msgspec.json.encode(content))
    return str(path)


def reference_bundle() -> Json:
    return reference_patient.bundle(reference_patient.prefetch())
