"""The way back from a message: signed addresses of pixel, links and unsubscribe page, and who followed them."""
