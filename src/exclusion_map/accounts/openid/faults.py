"""What goes wrong with a provider: it does not answer, or what it says cannot be believed."""

from exclusion_map.errors import BusyError, NotSignedInError

AGAIN_S = 30.0


class ProviderAwayError(BusyError):
    """The provider does not answer, or not as OpenID Connect asks."""


class RefusedByProviderError(NotSignedInError):
    """What came back from the provider does not sign anybody in."""


def away(found: str) -> ProviderAwayError:
    """Return the error of a provider that cannot be used now."""
    return ProviderAwayError(
        "the provider of sign-in",
        found=found,
        expected="a valid OpenID Connect response",
        mend="Try again later.",
        wait_s=AGAIN_S,
    )


def refused(found: str, mend: str = "Sign in again.") -> RefusedByProviderError:
    """Return the error of an answer that does not sign anybody in."""
    return RefusedByProviderError(
        "sign-in", found=found, expected="a response to the request that was sent", mend=mend
    )
