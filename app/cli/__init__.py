"""`vacds`: what the service says, on the command line, for those who connect it and look into it."""
