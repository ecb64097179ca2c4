"""What is installed: what it is, on what terms, and whether anything bad is known of it."""
