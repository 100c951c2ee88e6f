"""Accounts in the service: who asks, whether they may, and the pages of signing in."""
