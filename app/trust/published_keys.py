"""Keys whose private half stands in public documents, by RFC 7638 thumbprint: whoever reads those can sign with them."""

from collections.abc import Mapping

PUBLISHED: Mapping[str, str] = {
    "s9fOe-KDYD1myZ8YCzleUqJQgrYZL49kVijBxhnZvZc": "the key of the CDS Hooks Sandbox",
    "-UtOymI2Z0XB5SZogEZu3s5oMyQ4YaewHtR9huroTQs": "the example key of the CDS Hooks specification",
}
