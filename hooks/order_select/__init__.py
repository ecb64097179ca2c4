"""The hook order-select: one or more orders have just been chosen, before they are complete."""
