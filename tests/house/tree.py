"""The tree as the house rules see it: which files there are, what is written in them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "cards", "clinical", "fhir_mapping", "guidelines", "hooks")
PYTHON_FOLDERS = (*ROOMS, "bench", "tests")

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, part of the repository; paths from its root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    paths = (Path(name) for name in sorted(set(listed.stdout.split("\0"))) if name)
    return tuple(path for path in paths if (ROOT / path).is_file())


def files_in(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> list[Path]:
    return [path for path in files() if path.parts[0] in folders and path.suffix in suffixes]


@cache
def text_of(path: Path) -> str:
    """The file's text, or nothing where it is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def syntax_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path), filename=str(path))


def nodes(*folders: str) -> Iterator[tuple[Path, ast.AST]]:
    for path in files_in(*folders):
        for node in ast.walk(syntax_of(path)):
            yield path, node


def where(path: Path, node: ast.AST) -> str:
    return f"{path}:{getattr(node, 'lineno', 1)}"


def docstrings(module: ast.Module) -> set[int]:
    """Ids of the constant nodes that are docstrings or bare explanatory strings."""
    return {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
