"""The service as an importable app, for a server that starts several workers."""

from app.__main__ import settle_memory
from app.main import create_app
from app.settings import read_settings

app = create_app(read_settings())
settle_memory()
