"""What the local mail catcher took."""
