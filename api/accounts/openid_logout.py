"""The provider says that somebody signed out there: back-channel logout, program to program.

No browser, no cookie and no mark of a form: what the provider signed is the guard.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from api.accounts.guard import request_id_of, require_accounts
from api.accounts.limits import limited
from api.accounts.openids import openid_of
from exclusion_map.accounts.openid import RefusedByProviderError, SignedOut
from exclusion_map.errors import NotFoundError

router = APIRouter(include_in_schema=False)
NOT_KEPT = {"Cache-Control": "no-store"}


async def signed_out(
    request: Request, logout_token: Annotated[str, Form(max_length=64_000)] = ""
) -> SignedOut | RefusedByProviderError:
    """Return who signed out, as the provider signed it, or why that is not believed.

    Raises:
        NotFoundError: this service has no provider.
        ProviderAwayError: its keys cannot be read now.
    """
    require_accounts(request.app.state)
    openid = openid_of(request.app.state)
    if openid is None:
        raise NotFoundError(
            "sign-in", found="no sign-in provider", expected="one that reports who signed out"
        )
    try:
        return await run_in_threadpool(openid.signed_out, logout_token)
    except RefusedByProviderError as error:
        return error


@router.post(
    "/sign-in/openid/signed-out",
    dependencies=[Depends(limited("words of the provider", per_client=600, window_s=300))],
)
def end_sessions(
    request: Request, gone: Annotated[SignedOut | RefusedByProviderError, Depends(signed_out)]
) -> Response:
    """End the sessions of somebody who signed out at the provider."""
    identities = require_accounts(request.app.state).identities
    try:
        if isinstance(gone, RefusedByProviderError):
            raise gone
        identities.end_sessions(gone, request_id_of(request))
    except RefusedByProviderError as error:
        # As the standard wants it (section 2.8); the provider alone reads this.
        told = {"error": "invalid_request", "error_description": error.found}
        return JSONResponse(told, 400, NOT_KEPT)
    return Response(status_code=200, headers=NOT_KEPT)
