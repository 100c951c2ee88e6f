"""A second factor: one-time codes of an app (TOTP, RFC 6238), and recovery codes beside them."""
