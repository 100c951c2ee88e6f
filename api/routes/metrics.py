"""What Prometheus reads. Not there unless a secret for it is set, and told to who knows it only."""

import hmac

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.errors import plain_problem, respond
from api.operations.checks import checks_of
from api.operations.gauges import set_gauges
from api.operations.observe import Observing

router = APIRouter(tags=["health"])


@router.get("/metrics", summary="Metrics for Prometheus")
async def metrics(request: Request) -> Response:
    """Answer with the figures of all processes of this service."""
    observing: Observing = request.app.state.observing
    if observing.metrics is None:
        return respond(request, plain_problem(404, "There is nothing at this address.", "/metrics"))
    wanted = f"Bearer {observing.settings.metrics_token.get_secret_value()}"
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        problem = plain_problem(401, "The secret of the metrics is needed.", "/metrics")
        return respond(request, problem, {"WWW-Authenticate": 'Bearer realm="metrics"'})
    await checks_of(request.app.state).ask_database()
    set_gauges(request.app.state)
    body, media = observing.metrics.page()
    return Response(body, headers={"Cache-Control": "no-store"}, media_type=media)
