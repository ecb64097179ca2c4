"""An OpenAPI 3.1 document as HTML: every operation with its parameters, examples and answers, and every schema with its members."""

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

Json = Mapping[str, Any]

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
_REFERENCE = "#/components/schemas/"


class Operation(NamedTuple):
    """One method at one address."""

    method: str
    path: str
    told: Json

    @property
    def anchor(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", f"{self.method} {self.path}".lower()).strip("-")


def operations(document: Json) -> dict[str, list[Operation]]:
    """By tag, in the document's order."""
    tagged: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method, told in item.items():
            tagged.setdefault(told["tags"][0], []).append(Operation(method, path, told))
    return tagged


def contents(document: Json) -> str:
    """The list of links to every operation."""
    return "\n".join(
        f"<h3>{_title(tag)}</h3>\n<ul>{''.join(_link(each) for each in found)}</ul>" for tag, found in operations(document).items()
    )


def described(document: Json) -> str:
    """The operations themselves."""
    return "\n".join(
        f"<section><h2>{_title(tag)}</h2>\n{''.join(_operation(each) for each in found)}</section>"
        for tag, found in operations(document).items()
    )


def schemas(document: Json) -> str:
    return "\n".join(_schema(name, schema) for name, schema in sorted(document["components"]["schemas"].items()))


def inline(text: str) -> str:
    """Markdown of one paragraph, raw HTML escaped."""
    rendered: str = _MARKDOWN.renderInline(text)
    return rendered


def _title(tag: str) -> str:
    return escape(tag[:1].upper() + tag[1:])


def _link(operation: Operation) -> str:
    return f'<li><a href="#{operation.anchor}">{_signature(operation)}</a></li>'


def _signature(operation: Operation) -> str:
    return f'<b class="method {operation.method}">{operation.method.upper()}</b> <code>{escape(operation.path)}</code>'


def _operation(operation: Operation) -> str:
    told = operation.told
    parts = [
        f'<article id="{operation.anchor}"><h3>{_signature(operation)}</h3>',
        f"<p>{inline(told.get('description') or told.get('summary', ''))}</p>",
        _parameters(told.get("parameters", ())),
        *(_body(media, content) for media, content in told.get("requestBody", {}).get("content", {}).items()),
        _answers(told["responses"]),
        "</article>\n",
    ]
    return "\n".join(part for part in parts if part)


def _parameters(parameters: Any) -> str:
    rows = [(each["name"], each["in"], _kind(each["schema"]), inline(each.get("description", ""))) for each in parameters]
    return (
        _table("Parameters", ("Name", "In", "Type", "Meaning"), ((f"<code>{escape(name)}</code>", *rest) for name, *rest in rows))
        if rows
        else ""
    )


def _body(media: str, content: Json) -> str:
    examples = "".join(_example(each) for each in content.get("examples", {}).values())
    return f"<h4>Body: <code>{escape(media)}</code>, {_kind(content.get('schema', {}))}</h4>\n{examples}"


def _example(example: Json) -> str:
    value = escape(json.dumps(example["value"], indent=2, ensure_ascii=False))
    title = escape(example["summary"])
    return f'<details><summary>Example: {title}</summary><pre tabindex="0" role="region" aria-label="{title}">{value}</pre></details>\n'


def _answers(responses: Json) -> str:
    rows = (
        (f"<code>{escape(status)}</code>", _given(answer), inline(answer["description"])) for status, answer in sorted(responses.items())
    )
    return _table("Answers", ("Status", "Body", "Meaning"), rows)


def _given(answer: Json) -> str:
    return "<br>".join(
        f"<code>{escape(media)}</code> {_kind(content.get('schema', {}))}" for media, content in answer.get("content", {}).items()
    )


def _schema(name: str, schema: Json) -> str:
    wanted = schema.get("required", ())
    rows = (
        (f"<code>{escape(member)}</code>", _kind(told), "yes" if member in wanted else "no", inline(told.get("description", "")))
        for member, told in schema.get("properties", {}).items()
    )
    body = _table("Members", ("Name", "Type", "Required", "Meaning"), rows) if "properties" in schema else f"<p>{_kind(schema)}</p>"
    about = f"<p>{inline(schema['description'])}</p>" if "description" in schema else ""
    return f'<article id="schema-{escape(name)}"><h3>{escape(name)}</h3>\n{about}\n{body}</article>'


def _table(title: str, head: tuple[str, ...], rows: Iterator[Any]) -> str:
    """`rows` are of HTML."""
    heads = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    table = f"<table><caption>{title}</caption><thead><tr>{heads}</tr></thead>\n<tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">{table}</div>'


def _kind(schema: Json) -> str:
    """A schema in a few words, another by its name."""
    if "$ref" in schema:
        name = escape(schema["$ref"].removeprefix(_REFERENCE))
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(each) for each in schema["anyOf"] if each.get("type") != "null"))
    if "enum" in schema or "const" in schema:
        return ", ".join(f"<code>{escape(str(value))}</code>" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"array of {_kind(schema.get('items', {}))}"
    return escape(schema.get("format") or schema.get("type", "anything"))
