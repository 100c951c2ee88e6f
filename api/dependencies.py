"""What routes ask for: the service, and that no unknown parameter was sent."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict

from api.holder import Holder
from api.service import Service
from exclusion_map.errors import InvalidRequestError
from exclusion_map.settings import ServiceSettings


class Params(BaseModel):
    """Query parameters of a route: a name it does not declare is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def service_of(request: Request) -> Service:
    """Return the open service, and note on the request that it is the one that answers.

    Raises:
        ExclusionMapError: none is open.
    """
    holder: Holder = request.app.state.holder
    service = holder.require()
    request.state.service = service
    return service


def settings_of(request: Request) -> ServiceSettings:
    """Return the settings the app was made with."""
    settings: ServiceSettings = request.app.state.settings
    return settings


def no_parameters(request: Request) -> None:
    """Refuse query parameters on a route that has none.

    Raises:
        InvalidRequestError: one was sent.
    """
    if request.query_params:
        raise InvalidRequestError(
            "parameters",
            found=", ".join(request.query_params),
            expected="none at this address",
        )


OpenService = Annotated[Service, Depends(service_of)]
Settings = Annotated[ServiceSettings, Depends(settings_of)]
NoParameters = Depends(no_parameters)
