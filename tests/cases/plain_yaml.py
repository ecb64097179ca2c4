"""YAML as a clinician reads it: `on`, `yes` and `2008-11-22` are words, not a truth value or a date."""

import re
from pathlib import Path
from typing import Any

import yaml


class PlainLoader(yaml.SafeLoader):
    """SafeLoader with YAML 1.2 booleans and without dates. A key given twice is an error."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the shape that yaml reads
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, f"a key stands twice among {keys}", node.start_mark)
        return super().construct_mapping(node, deep)


PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|false"), list("tf"))


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=PlainLoader)  # noqa: S506 - a SafeLoader
