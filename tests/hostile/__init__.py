"""Input made to break: bodies, requests, addresses, texts. `make hostile` runs all of it and prints the counts."""
