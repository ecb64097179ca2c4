"""What the rules may not touch, and what nobody may hide."""

import ast
import re

import pytest

from tests.house.tree import FUNCTIONS, PYTHON_FOLDERS, ROOMS, files, files_in, nodes, syntax_of, where

RULES = ("clinical", "guidelines")
BELOW_THE_SHELL = (*RULES, "cards", "fhir_mapping", "hooks")
CLOCK_READS = {"today", "now", "utcnow", "localtime", "gmtime", "monotonic", "perf_counter", "time_ns", "time.time"}
CHANGES = {
    "add",
    "append",
    "appendleft",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "popleft",
    "popitem",
    "remove",
    "setdefault",
    "update",
}
KEPT_FROM_CONFIGURATION = {"cards/from_assessment.py _writers", "app/demo/samples.py _yaml"}  # by guideline; by the demo's files
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


def test_no_module_keeps_anything_from_one_call_to_the_next() -> None:
    """What is made when a module is imported is never changed: it would be one patient's, and then the next one's (trust.md 2.6)."""
    kept = [(f"{path} {name}", line) for path in files_in(*ROOMS) for line, name in changed_state(syntax_of(path))]
    assert [found for found in kept if found[0] not in KEPT_FROM_CONFIGURATION] == []
    assert {name for name, _ in kept} >= KEPT_FROM_CONFIGURATION


def changed_state(module: ast.Module) -> list[tuple[int, str]]:
    """Names of the module that a function rebinds, or whose value is changed in place; module-wide caches, which remember arguments."""
    own = {target.id for line in module.body for target in targets_of(line) if isinstance(target, ast.Name)}
    changed = [
        (getattr(node, "lineno", 0), name)
        for node in ast.walk(module)
        for name in changed_by(node)
        if name in own or isinstance(node, ast.Global)
    ]
    caches = [
        (line.lineno, line.name)
        for line in module.body
        if isinstance(line, FUNCTIONS) and line.args.args and any("cache" in ast.unparse(each) for each in line.decorator_list)
    ]
    return changed + caches


def targets_of(line: ast.stmt) -> list[ast.expr]:
    return line.targets if isinstance(line, ast.Assign) else [line.target] if isinstance(line, ast.AnnAssign) else []


def changed_by(node: ast.AST) -> list[str]:
    """`x[0] = 1`, `x.y = 1`, `x += [1]` in a function are told by their targets, `x.append(1)` by its verb, `global x` by itself."""
    if isinstance(node, ast.Global):
        return node.names
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
        return [node.func.value.id] if isinstance(node.func.value, ast.Name) else []
    targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [node.target] if isinstance(node, ast.AugAssign) else []
    inner = [target.value for target in targets if isinstance(target, ast.Subscript | ast.Attribute)]
    return [each.id for each in inner if isinstance(each, ast.Name)]


@pytest.mark.parametrize(
    ("code", "is_state"),
    [
        ("seen = []\ndef f(x): seen.append(x)", True),
        ("seen = {}\ndef f(x): seen[x] = 1", True),
        ("last = None\ndef f(x):\n global last\n last = x", True),
        ("@lru_cache\ndef f(x): return x", True),
        ("seen: set[str] = set()\ndef f(x): seen.add(x)", True),
        ("@cache\ndef f(): return 1", False),
        ("NAMES = {}\ndef f(x): return NAMES.get(x)", False),
        ("def f(x):\n seen = []\n seen.append(x)\n return seen", False),
    ],
)
def test_state_is_recognised(code: str, is_state: bool) -> None:
    assert bool(changed_state(ast.parse(code))) is is_state
