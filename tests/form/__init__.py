"""The assessment form: its answers as facts, the page that asks for them, and what the demo keeps."""
