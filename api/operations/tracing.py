"""Traces by OpenTelemetry, where a setting names a collector: a span a request.

Off by default, and not even imported then. A span tells method, route template, status and the id
of the request; never an address, a query, a header or a client.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from exclusion_map import __version__
from exclusion_map.errors import SettingsError

if TYPE_CHECKING:
    from opentelemetry.trace import Span, SpanContext

NAME: Final = "exclusion-map"
_FAILED: Final = 500


class Tracing:
    """Sends spans to a collector.

    Args:
        address: of a collector that takes OTLP over HTTP, such as
            ``http://127.0.0.1:4318/v1/traces``.

    Raises:
        SettingsError: the packages of the extra ``tracing`` are not installed.
    """

    def __init__(self, address: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError:
            raise SettingsError(
                "EXCLUSION_MAP_TRACES_TO",
                found="an address, but not the packages that send traces",
                expected="no address, or the packages",
                mend="Install exclusion-map[tracing], or leave the setting empty.",
            ) from None
        resource = Resource({"service.name": NAME, "service.version": __version__})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))
        self._tracer = self._provider.get_tracer("api")

    def begin(self, headers: Mapping[bytes, bytes], *, believed: bool) -> "Span":
        """Return the span of a request, begun now.

        Args:
            headers: of the request.
            believed: whether it comes from a proxy of ours: then its ``traceparent`` is gone on
                with.
        """
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        context = None
        if believed and (parent := headers.get(b"traceparent")):
            carrier = {"traceparent": parent.decode("latin-1")}
            context = TraceContextTextMapPropagator().extract(carrier)
        return self._tracer.start_span("request", context=context, kind=SpanKind.SERVER)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def finish(span: "Span", *, method: str, route: str, status: int, request: str) -> None:
    """End the span of a request."""
    from opentelemetry.trace import StatusCode

    span.update_name(f"{method} {route}")
    span.set_attributes(
        {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            "exclusion_map.request_id": request,
        }
    )
    if status >= _FAILED:
        span.set_status(StatusCode.ERROR)
    span.end()


def trace_id(span: "Span") -> str:
    """Return the id of a span's trace, as logs tell it."""
    context: SpanContext = span.get_span_context()
    return f"{context.trace_id:032x}"
