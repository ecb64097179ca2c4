"""What is served where. Each module adds its routes to the app; what they need is handed to them."""
