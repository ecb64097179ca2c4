"""The hook order-sign: orders are about to be signed."""
