"""What others get: the link, its QR code, what it holds and for how long."""
