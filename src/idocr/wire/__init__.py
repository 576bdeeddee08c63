"""One module a vendor's format: Reading -> that vendor's answer."""
