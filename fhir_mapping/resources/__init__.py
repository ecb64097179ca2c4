"""One module per resource type: the elements we read, decoded straight from bytes, and the facts they make."""
