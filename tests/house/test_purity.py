"""What the rules may not touch, and what nobody may hide."""

import ast
import re

from tests.house.tree import PYTHON_FOLDERS, ROOMS, files, nodes, where

RULES = ("clinical", "guidelines")
BELOW_THE_SHELL = (*RULES, "cards", "fhir_mapping", "hooks")
CLOCK_READS = {"today", "now", "utcnow", "localtime", "gmtime", "monotonic", "perf_counter", "time_ns", "time.time"}
CHANCE = {"random", "secrets", "uuid"}
EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|core|base|managers?|engines?)$", re.IGNORECASE)
EMPTY_CLASS_NAMES = re.compile(r"(Utils?|Helpers?|Managers?|Engines?|Base)$|^Base[A-Z]")


def called_name(node: ast.AST) -> str:
    """`date.today()` is 'date.today'; a bare call is its name; anything else is empty."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name) else ""


def imported_roots(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").partition(".")[0]}
    return set()


def test_only_the_shell_reads_the_clock() -> None:
    """The day of evaluation is an argument: the answer is a function of request, configuration and date."""
    reads = [
        f"{where(path, node)} {name}"
        for path, node in nodes(*BELOW_THE_SHELL)
        if (name := called_name(node)) in CLOCK_READS or ("." in name and name.rpartition(".")[2] in CLOCK_READS)
    ]
    assert reads == []


def test_the_rules_take_no_chances() -> None:
    assert [where(path, node) for path, node in nodes(*RULES) if imported_roots(node) & CHANCE] == []


def test_no_exception_is_swallowed() -> None:
    assert [where(path, node) for path, node in nodes(*PYTHON_FOLDERS) if swallows(node)] == []


def swallows(node: ast.AST) -> bool:
    """A handler that catches everything without passing it on, one that does nothing, or a suppression of everything."""
    if isinstance(node, ast.ExceptHandler):
        idle = all(isinstance(line, ast.Pass | ast.Continue) or is_ellipsis(line) for line in node.body)
        return idle or (catches_everything(node.type) and not any(isinstance(inner, ast.Raise | ast.Call) for inner in ast.walk(node)))
    return called_name(node).endswith("suppress") and any(catches_everything(argument) for argument in getattr(node, "args", []))


def catches_everything(caught: ast.expr | None) -> bool:
    return caught is None or any(isinstance(name, ast.Name) and name.id in {"Exception", "BaseException"} for name in ast.walk(caught))


def is_ellipsis(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def test_swallowing_is_recognised() -> None:
    """The rule above would pass on an empty house; these keep it awake."""
    swallowed = ("try: f()\nexcept ValueError: pass", "try: f()\nexcept Exception: x = 1", "with suppress(Exception): f()")
    handled = ("try: f()\nexcept ValueError: x = None", "try: f()\nexcept Exception: log(); raise", "with suppress(KeyError): f()")
    assert [any(map(swallows, ast.walk(ast.parse(code)))) for code in (*swallowed, *handled)] == [True] * 3 + [False] * 3


def test_no_file_or_class_has_a_name_that_says_nothing() -> None:
    paths = [
        str(path) for path in files() if path.parts[0] in PYTHON_FOLDERS and any(EMPTY_NAMES.search(part) for part in stems(path.parts))
    ]
    classes = [
        f"{where(path, node)} {node.name}"
        for path, node in nodes(*ROOMS)
        if isinstance(node, ast.ClassDef) and EMPTY_CLASS_NAMES.search(node.name)
    ]
    assert paths + classes == []


def stems(parts: tuple[str, ...]) -> list[str]:
    return [part.partition(".")[0] for part in parts]
