"""What those who run the service see and need: logs, metrics, traces, readiness, limits, stopping.

Nothing here may tell anything about people: no addresses as they were asked, no query, no header,
no body, no client. A route's template stands for an address.
"""
