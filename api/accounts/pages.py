"""Every route of accounts, in one place."""

from fastapi import FastAPI

from api.accounts import account_pages, invitation_pages, people_pages, sign_in_pages


def install(app: FastAPI) -> None:
    """Give an app the pages and addresses of accounts."""
    app.include_router(account_pages.api_router)
    for module in (sign_in_pages, invitation_pages, account_pages, people_pages):
        app.include_router(module.router)
