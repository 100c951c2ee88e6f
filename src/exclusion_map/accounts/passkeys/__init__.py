"""Security keys and passkeys (WebAuthn): a second factor that no other site can ask for."""
